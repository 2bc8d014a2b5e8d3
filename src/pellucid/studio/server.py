"""Starts the studio: the folder, the lock, the port, the address."""

import contextlib
import hashlib
import os
import secrets
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ..core.extras import require
from ..errors import FileError, PellucidError
from . import datasets
from .credentials import Credentials
from .nursery import Nursery
from .plan import Limits, ModelSpec, Plan
from .store import Store

HOST = "127.0.0.1"
PORT = 7391
_WAITING = 128
"""Connections that may wait to be taken."""

_INSTALL = "'pellucid[studio]'"


@dataclass(frozen=True)
class Options:
    """What was said at the start."""

    models: tuple[ModelSpec, ...]
    data: tuple[Path, ...] = ()
    drop: tuple[str, ...] = ()
    series: bool = False
    port: int | None = None
    work: Path | None = None
    limits: Limits = field(default_factory=Limits)
    token: str | None = field(default=None, repr=False)


class Server:
    """A studio that listens."""

    def __init__(self, options: Options, live: "Live | None" = None) -> None:
        require("fastapi", "The studio", _INSTALL)
        require("uvicorn", "The studio", _INSTALL)
        need_page()
        self._socket = _listening(options.port)
        self.port = int(self._socket.getsockname()[1])
        self.credentials = Credentials(options.token)
        folder = options.work or default_folder(options)
        self._lock = _locked(folder)
        plan = Plan(
            options.models,
            folder,
            live.pickled if live else None,
            tuple(sys.path) if live else (),
            options.limits,
        )
        nursery = Nursery(folder / "worker.log")
        nursery.open()  # it imports what workers need while this process imports the server
        try:
            from .studio import Studio

            store = Store(folder)
            catalogue, picture = _catalogue(store, options, live), live.picture if live else None
            self.studio = Studio(
                plan, store, catalogue, nursery, self.credentials, self.port, picture
            )
        except BaseException:
            nursery.close()
            self._lock.close()
            raise
        self._uvicorn: Any = None

    @property
    def address(self) -> str:
        """Where the page is; the token in it works once per browser and until the studio ends."""
        return f"http://{HOST}:{self.port}/?token={self.credentials.token}"

    def open(self) -> None:
        """Show the page in the browser."""
        webbrowser.open(f"http://{HOST}:{self.port}/?token={self.credentials.once()}")

    def run(self) -> None:
        """Serve until it is told to stop."""
        import uvicorn

        from .app import application
        from .patience import Patient

        config = uvicorn.Config(
            application(self.studio),
            http=Patient,
            log_level="warning",
            access_log=False,  # addresses may carry the token
            server_header=False,
            timeout_graceful_shutdown=2,
            timeout_keep_alive=30,
            limit_concurrency=400,
            h11_max_incomplete_event_size=64 * 1024,
        )
        self._uvicorn = uvicorn.Server(config)
        try:
            self._uvicorn.run(sockets=[self._socket])
        finally:
            self._lock.close()

    def stop(self) -> None:
        """End it, from any thread."""
        if self._uvicorn is not None:
            self.studio.hub.close()
            self._uvicorn.should_exit = True

    @property
    def started(self) -> bool:
        """Whether it answers."""
        return self._uvicorn is not None and bool(self._uvicorn.started)

    def run_aside(self) -> threading.Thread:
        """Serve from a thread; returns when it answers."""
        thread = threading.Thread(target=self.run, daemon=True, name="pellucid-studio")
        thread.start()
        end = time.monotonic() + 20
        while not self.started and thread.is_alive() and time.monotonic() < end:
            time.sleep(0.01)
        return thread


@dataclass(frozen=True)
class Live:
    """The model and data of a Python session."""

    pickled: bytes
    names: list[str]
    labels: list[str | None]
    picture: Callable[[int], bytes | None] | None


def default_folder(options: Options) -> Path:
    """Where the jobs of these models and data are kept, the same at every start."""
    if os.environ.get("XDG_STATE_HOME"):
        base = Path(os.environ["XDG_STATE_HOME"])
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", str(Path.home() / "AppData" / "Local")))
    else:
        base = Path.home() / ".local" / "state"
    words = [repr(model) for model in options.models]
    words += [str(path.resolve()) for path in options.data]
    number = hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]
    return base / "pellucid" / "studio" / number


def need_page() -> None:
    """Refuse to start where the page was not built."""
    if not (Path(__file__).parent / "static" / "index.html").is_file():
        raise FileError(
            "The studio's page is not built in this copy of the source.",
            "Say: make web (it needs Node.js 20), or install the wheel.",
        )


def _catalogue(store: Store, options: Options, live: "Live | None") -> datasets.Catalogue:
    key = bytes.fromhex(store.fact("key") or store.fact("key", secrets.token_hex(16)) or "")
    catalogue = datasets.Catalogue(key)
    if live is not None:
        catalogue.add(datasets.live(key, live.names, live.labels))
    for path in options.data:
        catalogue.add(datasets.of_path(key, path, options.drop, options.series))
    if live is None:
        catalogue.add(datasets.bundled(key))
    catalogue.add(datasets.uploads(key, store.folder / "uploads"))
    return catalogue


def _listening(port: int | None) -> socket.socket:
    """A socket on the loopback address alone; the usual port, or any free one."""
    wanted = [port] if port is not None else [PORT, 0]
    for candidate in wanted:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if sys.platform != "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((HOST, candidate))
            sock.listen(_WAITING)  # who comes before the page is ready waits and is not turned away
        except OSError:
            sock.close()
            continue
        return sock
    raise PellucidError(f"Port {port} is taken.", "Say --port with another, or leave it out.")


def _locked(folder: Path) -> IO[str]:
    """Holds the folder as long as it is open. Raises `FileError` where another studio does."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise FileError(
            f"{folder} cannot be used for jobs: {(error.strerror or '').lower()}.",
            "Say --work with a folder of your own.",
        ) from None
    if not _take(lock):
        lock.close()
        raise FileError(
            f"Another studio with this model and data is open (its jobs are in {folder}).",
            "Use that one, or say --work with another folder.",
        )
    return lock


def _take(lock: IO[str]) -> bool:
    with contextlib.suppress(ImportError):
        import fcntl

        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
    import msvcrt

    try:
        msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    return True
