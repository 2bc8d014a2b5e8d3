"""A worker process and its pipes: one line of JSON a message, both ways."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol

Message = dict[str, Any]

TOKEN = "PELLUCID_STUDIO_TOKEN"
"""The variable of the environment that a token may be given in; no child is told."""


class Child(Protocol):
    """A process that was started, as `Popen` tells of it."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """What it reads."""

    @property
    def stdout(self) -> IO[bytes] | None:
        """What it says."""

    def kill(self) -> None:
        """End it at once."""

    def wait(self) -> int:
        """How it ended: its exit code, or the signal's number below zero."""


def spawned(module: str, log: Path) -> Child:
    """A new Python that runs a module of ours."""
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(),
            start_new_session=True,
        )


class Process:
    """A child that speaks in lines and dies with this process.

    `hear(message)` is called from a thread for every line; `gone(code)` once, when it has ended.
    """

    def __init__(
        self, child: Child, hear: Callable[[Message], None], gone: Callable[[int], None]
    ) -> None:
        self._child, self._hear, self._gone = child, hear, gone
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True, name="pipe")
        self._reader.start()

    def send(self, message: Message, after: bytes = b"") -> None:
        """A message, and raw bytes behind it; nothing where the child has ended."""
        assert self._child.stdin is not None
        with self._lock:
            try:
                self._child.stdin.write(json.dumps(message).encode() + b"\n" + after)
                self._child.stdin.flush()
            except (BrokenPipeError, ValueError, OSError):
                # It has ended; `gone` says so.
                return

    def kill(self) -> None:
        """End it at once."""
        self._child.kill()

    def wait(self, seconds: float | None = None) -> None:
        """Until it has ended and `gone` was called."""
        self._reader.join(seconds)

    def _read(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            self._hear(message)
        code = self._child.wait()
        if self._child.stdin is not None:
            self._close()
        self._gone(code)

    def _close(self) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.close()
        except OSError:
            # What was not sent has nobody to go to.
            return


def environment() -> dict[str, str]:
    """That of every child: this very package first, and no token."""
    kept = {name: value for name, value in os.environ.items() if name != TOKEN}
    return {**kept, "PYTHONPATH": os.pathsep.join(_package_first())}


def _package_first() -> list[str]:
    """The folder of this very package before the user's own paths."""
    own = str(Path(__file__).parents[2])
    rest = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    return list(dict.fromkeys([own, *rest]))
