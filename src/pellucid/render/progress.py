"""A progress bar for the shell and for notebooks; lines of text where neither is there."""

import os
import time
from importlib.util import find_spec

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ..core.event_log import VARIABLE, EventLog
from ..core.progress import Event

EVERY = 5.0
"""Seconds between two lines of text."""


class ProgressBar:
    """Listens to events and draws a bar for each task with the time left, on standard error.

    Used as a context: `with ProgressBar() as bar: explain(…, progress=bar)`. Where the variable
    `PELLUCID_EVENTS` names a file, every event is added to it (`EventLog`).
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._live = _can_draw(self._console)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f} of {task.total:.0f}"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        log = os.environ.get(VARIABLE)
        self._log = EventLog(log) if log else None
        self._last = time.monotonic()

    def __enter__(self) -> "ProgressBar":
        if self._live:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._bars.stop()

    def __call__(self, event: Event) -> None:
        if self._log is not None:
            self._log(event)
        if self._live:
            self._draw(event)
        elif event.done < event.total and time.monotonic() - self._last > EVERY:
            self._last = time.monotonic()
            self._console.out(_line(event), highlight=False)

    def _draw(self, event: Event) -> None:
        if event.task not in self._tasks:
            self._tasks[event.task] = self._bars.add_task(event.task, total=event.total)
        task = self._tasks[event.task]
        finished = event.total > 0 and event.done >= event.total
        self._bars.update(
            task, completed=event.done, total=max(event.total, 1), visible=not finished
        )


def _can_draw(console: Console) -> bool:
    """Whether lines can be drawn anew; in a notebook it is widgets that do so."""
    return console.is_terminal or (console.is_jupyter and find_spec("ipywidgets") is not None)


def _line(event: Event) -> str:
    left = event.seconds_left
    about = "" if left is None else f", about {left:.0f} s left"
    return f"{event.task}: {event.done} of {event.total}{about}"
