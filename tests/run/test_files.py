"""One bad file does not stop the others."""

from pathlib import Path

import pytest

from pellucid.core.progress import Event, Progress
from pellucid.errors import Cancelled, FileError
from pellucid.run.files import each_file, expand


def test_folders_give_their_pictures_sorted(tmp_path) -> None:
    for name in ("b.PNG", "a.jpg", "c.npy", "notes.txt"):
        (tmp_path / name).touch()
    assert [p.name for p in expand([tmp_path, tmp_path / "a.jpg"])] == ["a.jpg", "b.PNG", "c.npy"]


def test_folder_without_pictures(tmp_path) -> None:
    with pytest.raises(FileError, match="holds no pictures"):
        expand([tmp_path])


def explain(path: Path) -> str:
    if "bad" in path.name:
        raise FileError(f"{path} is damaged.", "Copy it again.")
    return path.stem


def test_errors_are_results() -> None:
    events: list[Event] = []
    steps = each_file([Path("a"), Path("bad"), Path("c")], explain, Progress(events.append))
    found = dict(steps)
    assert found[Path("a")] == "a"
    assert isinstance(found[Path("bad")], FileError)
    assert found[Path("c")] == "c"
    assert [(e.done, e.total) for e in events] == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_cancelling_stops_between_files() -> None:
    progress = Progress()
    steps = each_file([Path("a"), Path("b"), Path("c")], explain, progress)
    assert next(steps) == (Path("a"), "a")
    progress.cancel()
    with pytest.raises(Cancelled):
        next(steps)


def test_foreign_errors_pass() -> None:
    def broken(path: Path) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(each_file([Path("a")], broken))
