"""Events as lines of JSON in a file, for whoever watches the work from outside."""

import json
import os
import time
from pathlib import Path
from typing import Any

from ..errors import FileError
from .progress import Event

VARIABLE = "PELLUCID_EVENTS"
"""Of the environment: a file for the events of every bar of progress."""

RARELY = 0.2
"""Seconds between two events of one task, but for its last."""


class EventLog:
    """Listens to events and adds each as a line `{"event": "progress", "time": …, …}` to a file.

    `explain(…, progress=pl.EventLog("events.jsonl"))`; with the variable `PELLUCID_EVENTS` every
    bar of progress in the shell or a notebook does so too; the studio keeps one for every job. The
    fields are those of `Event.as_dict`, and `time` in seconds since 1970. A line is whole or, where
    the process ended in the middle of it, the last. Raises `FileError` where the file cannot be
    written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        target = Path(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._file = target.open("a", encoding="utf-8")
        except OSError as error:
            raise FileError(
                f"{target} cannot be written: {(error.strerror or '').lower()}.",
                "Choose another place for it.",
            ) from None
        self._last = 0.0

    def __call__(self, event: Event) -> None:
        now = time.monotonic()
        if now - self._last >= RARELY or event.done >= event.total:
            self._last = now
            self.write("progress", **event.as_dict())

    def write(self, event: str, **facts: Any) -> None:
        """A line of another kind of event."""
        line = {"event": event, "time": time.time(), **facts}
        self._file.write(json.dumps(line, allow_nan=False) + "\n")
        self._file.flush()
