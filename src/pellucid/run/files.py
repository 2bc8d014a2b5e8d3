"""Explains many files, one after the other; a bad one does not stop the rest."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from ..core.progress import Progress
from ..errors import Cancelled, FileError, PellucidError
from ..io.images import SUFFIXES
from ..io.writing import PathLike

Result = TypeVar("Result")


def expand(sources: Iterable[PathLike]) -> list[Path]:
    """The files meant by `sources`: folders give their pictures and arrays, sorted by name.

    Raises `FileError` for a folder without any.
    """
    found: list[Path] = []
    for source in sources:
        path = Path(source)
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES | {".npy"})
        if not inside:
            raise FileError(f"{path} holds no pictures.", f"Known: {', '.join(sorted(SUFFIXES))}.")
        found.extend(inside)
    return list(dict.fromkeys(found))


def each_file(
    paths: Iterable[Path],
    explain: Callable[[Path], Result],
    progress: Progress | None = None,
) -> Iterator[tuple[Path, Result | PellucidError]]:
    """Every path with what `explain` gave for it, or the error that it raised.

    `Cancelled` stops the whole, and so does any error that is not Pellucid's.
    """
    steps: list[Any] = list(paths)
    for path in (progress or Progress()).track(steps, "files"):
        yield path, _attempt(explain, path)


def _attempt(explain: Callable[[Path], Result], path: Path) -> Result | PellucidError:
    try:
        return explain(path)
    except Cancelled:
        raise
    except PellucidError as error:
        return error
