"""Small pictures of items, made in a process of their own and kept while they are wanted."""

import base64
import threading
from collections import OrderedDict
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from pathlib import Path
from typing import Any

from .process import Message, Process, spawned

KEPT = 4000
PATIENCE = 20.0
"""Seconds for one picture."""


_TRIES = 2
_LOST = b"lost"


class Thumbnails:
    """Asks the process, starts it anew when it ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._process: Process | None = None
        self._waiting: dict[int, Future[bytes | None]] = {}
        self._kept: OrderedDict[str, bytes | None] = OrderedDict()
        self._next = 0

    def get(self, item: str, source: dict[str, Any]) -> bytes | None:
        """WebP, or None where no picture can be made of it."""
        with self._lock:
            if item in self._kept:
                self._kept.move_to_end(item)
                return self._kept[item]
        found: bytes | None = _LOST
        for _ in range(_TRIES):
            found = self._asked(source)
            if found is not _LOST:
                break
        made = None if found is _LOST else found
        with self._lock:
            self._kept[item] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def _asked(self, source: dict[str, Any]) -> bytes | None:
        """The picture; `_LOST` where the process ended over this one or one before it."""
        future: Future[bytes | None] = Future()
        with self._lock:
            number = self._next = self._next + 1
            self._waiting[number] = future
            process = self._process = self._process or self._start()
        process.send({"number": number, "source": source})
        try:
            return future.result(PATIENCE)
        except TooSlow:
            process.kill()
            return None
        finally:
            with self._lock:
                self._waiting.pop(number, None)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(5)

    def _start(self) -> Process:
        child = spawned(f"{__package__}.thumbnailer", self._folder / "thumbnailer.log")
        return Process(child, self._heard, self._gone)

    def _heard(self, message: Message) -> None:
        future = self._waiting.get(message["number"])
        if future is not None and not future.done():
            made = message.get("picture")
            future.set_result(None if made is None else base64.b64decode(made))

    def _gone(self, code: int) -> None:
        with self._lock:
            self._process = None
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_result(_LOST)
