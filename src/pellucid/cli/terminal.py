"""Results to standard output, messages and progress to standard error."""

import sys
import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ..core.progress import Event

_EVERY = 5.0
"""Seconds between two lines of progress where standard error is no terminal."""


def say(message: str) -> None:
    """A message to standard error, as it is."""
    Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(message)


def answer(text: str) -> None:
    """A result to standard output, as it is."""
    sys.stdout.write(text + "\n")


def show(renderable: Any) -> None:
    """A rich renderable to standard output; full width where it is not a terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=200)
    console.print(renderable)


class ProgressLine:
    """Listens to events: a bar with the time left on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f} of {task.total:.0f}"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._last = time.monotonic()

    def __enter__(self) -> "ProgressLine":
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._bars.stop()

    def __call__(self, event: Event) -> None:
        if self._console.is_terminal:
            self._draw(event)
        elif event.done < event.total and time.monotonic() - self._last > _EVERY:
            self._last = time.monotonic()
            left = event.seconds_left
            about = "" if left is None else f", about {left:.0f} s left"
            say(f"{event.task}: {event.done} of {event.total}{about}")

    def _draw(self, event: Event) -> None:
        if event.task not in self._tasks:
            self._tasks[event.task] = self._bars.add_task(event.task, total=event.total)
        task = self._tasks[event.task]
        finished = event.total > 0 and event.done >= event.total
        self._bars.update(
            task, completed=event.done, total=max(event.total, 1), visible=not finished
        )
