"""A worker process and its pipes: one line of JSON a message, both ways."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Message = dict[str, Any]

TOKEN = "PELLUCID_STUDIO_TOKEN"
"""The variable of the environment that a token may be given in; no child is told."""


class Process:
    """A child that runs a module of ours, speaks in lines, and dies with this process.

    `hear(message)` is called from a thread for every line; `gone(code)` once, when it has ended.
    """

    def __init__(
        self,
        module: str,
        log: Path,
        hear: Callable[[Message], None],
        gone: Callable[[int], None],
    ) -> None:
        self._hear, self._gone = hear, gone
        self._lock = threading.Lock()
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with log.open("ab") as errors:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(),
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read, daemon=True, name=f"{module}-pipe")
        self._reader.start()

    @property
    def number(self) -> int:
        """The process's number."""
        return self._child.pid

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


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != TOKEN}
    return {**kept, "PYTHONPATH": os.pathsep.join(_package_first())}


def _package_first() -> list[str]:
    """The folder of this very package before the user's own paths."""
    own = str(Path(__file__).parents[2])
    rest = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    return list(dict.fromkeys([own, *rest]))
