"""The child's end of the pipes: speaks in lines, and ends when its parent has ended."""

import json
import os
import sys
import threading
from collections.abc import Callable
from typing import IO, Any


class Pipes:
    """Lines in and lines out. Whatever the process prints otherwise goes to its log."""

    def __init__(self) -> None:
        self._in: IO[bytes] = os.fdopen(os.dup(0), "rb")
        self._out: IO[bytes] = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        sys.stdout = sys.stderr
        self._lock = threading.Lock()

    def read(self) -> dict[str, Any]:
        """The next message; ends the process where there is none any more."""
        line = self._in.readline()
        if not line:
            os._exit(0)
        message: dict[str, Any] = json.loads(line)
        return message

    def read_bytes(self, size: int) -> bytes:
        """Raw bytes behind a message."""
        return self._in.read(size)

    def say(self, event: str, **facts: Any) -> None:
        """One event to the server."""
        line = json.dumps({"event": event, **facts}, allow_nan=False).encode() + b"\n"
        with self._lock:
            self._out.write(line)
            self._out.flush()

    def watch(self, cancel: Callable[[], None]) -> None:
        """From now on: call `cancel` when told so, and end with the parent."""

        def watching() -> None:
            while True:
                if self.read().get("do") == "cancel":
                    cancel()

        threading.Thread(target=watching, daemon=True, name="pipe").start()
