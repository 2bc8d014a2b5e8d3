"""Progress and cancellation: one small protocol for the shell, a notebook and a browser."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ..errors import Cancelled

T = TypeVar("T")


@dataclass(frozen=True)
class Event:
    """One step of long work: `done` of `total`; `partial()` gives the result so far, or None where
    there is none yet."""

    task: str
    done: int
    total: int
    seconds: float
    partial: Callable[[], Any] | None = None

    @property
    def seconds_left(self) -> float | None:
        """Linear estimate; None before the first step."""
        return self.seconds * (self.total - self.done) / self.done if self.done else None

    def as_dict(self) -> dict[str, Any]:
        """The event in the words in which the shell, a notebook, the studio and files tell it."""
        return {
            "task": self.task,
            "done": self.done,
            "total": self.total,
            "seconds": self.seconds,
            "seconds_left": self.seconds_left,
        }


class Progress:
    """Tells a listener how far the work is, and lets any thread cancel it.

    `listener` is any callable that takes an `Event`. `cancel()` may be called from anywhere; the
    work then stops at its next step with `Cancelled`, which carries the partial result.
    """

    def __init__(self, listener: Callable[[Event], None] | None = None) -> None:
        self._listener = listener
        self._cancelled = threading.Event()
        self._finish: Callable[[Any, Event], Any] | None = None

    def finishing(self, finish: Callable[[Any, Event], Any]) -> "Progress":
        """This progress, with `finish(partial, event)` in place of each partial result."""
        other = Progress(self._listener)
        other._cancelled, other._finish = self._cancelled, finish
        return other

    def cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()

    def report(self, event: Event) -> None:
        """Pass `event` on; raises `Cancelled` if asked to stop."""
        event = self._finished(event)
        if self._listener is not None:
            self._listener(event)
        if self.cancelled:
            raise Cancelled(
                f"Cancelled: {event.task} after {event.done} of {event.total} steps.",
                partial=event.partial() if event.partial is not None else None,
            )

    def result_so_far(self, event: Event) -> Any:
        """The partial result of `event`, finished; None where there is none."""
        partial = self._finished(event).partial
        return None if partial is None else partial()

    def _finished(self, event: Event) -> Event:
        finish, partial = self._finish, event.partial
        if finish is None or partial is None:
            return event

        def finished() -> Any:
            found = partial()
            return None if found is None else finish(found, event)

        return replace(event, partial=finished)

    def track(
        self,
        steps: Iterable[T],
        task: str,
        total: int | None = None,
        partial: Callable[[], Any] | None = None,
        size: Callable[[T], int] = lambda step: 1,
    ) -> Iterator[T]:
        """Iterate over `steps`, reporting before the first and after each."""
        if total is None:
            total = len(steps) if isinstance(steps, Sized) else 0
        start, done = time.perf_counter(), 0
        self.report(Event(task, 0, total, 0.0))
        for step in steps:
            yield step
            done += size(step)
            self.report(Event(task, done, total, time.perf_counter() - start, partial))
