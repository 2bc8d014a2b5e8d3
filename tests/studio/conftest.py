"""Studios that run while the tests do."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra studio is not installed")
pytest.importorskip("httpx", reason="httpx is not installed")

from pellucid.studio.plan import Limits
from pellucid.studio.server import Server
from studio.door import MODEL, Door, options, pictures
from studio.walking import Walk, walking


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studio")
    (folder / "tiny.py").write_text(MODEL)
    pictures(folder / "photos")
    (folder / "secret.png").write_bytes((folder / "photos" / "cat" / "1.png").read_bytes())
    return folder


@pytest.fixture(scope="session", autouse=True)
def page_is_built() -> None:
    from pellucid.studio.routes import page

    if not (page.STATIC / "index.html").is_file():
        pytest.skip("the page is not built: make web")


@pytest.fixture(scope="session")
def opened(place: Path) -> Iterator[Callable[..., Door]]:
    """Starts studios and ends them all."""
    doors: list[tuple[Door, Any]] = []

    def start(
        factory: str = "build", work: Path | None = None, *data: Path, limits: Limits | None = None
    ) -> Door:
        folder = work or place / f"work-{len(doors)}"
        server = Server(options(place, factory, folder, *data, limits=limits))
        thread = server.run_aside()
        doors.append((Door(server), thread))
        return doors[-1][0]

    yield start
    for door, thread in doors:
        door.server.stop()
        thread.join(10)


@pytest.fixture(scope="session")
def door(opened: Callable[..., Door]) -> Door:
    """The studio that most tests share."""
    return opened()


@pytest.fixture
def walk(browser: Any, door: Door) -> Iterator[Walk]:
    """A walk through the studio that most tests share."""
    with walking(browser, door) as found:
        yield found
