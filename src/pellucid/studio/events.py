"""What happens, told to every open page; a page that lost the connection is told what it missed."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

KEPT = 4000
"""Events that can be told again."""

MOST_LISTENERS = 32


@dataclass(frozen=True)
class Told:
    """One event with its number; numbers only grow, also over restarts."""

    number: int
    name: str
    data: dict[str, Any]


class Hub:
    """Takes events from any thread and hands them to every listener."""

    def __init__(self, first: int = 1) -> None:
        self._next = first
        self._kept: deque[Told] = deque(maxlen=KEPT)
        self._listeners: dict[asyncio.Queue[Told | None], asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()
        self._closed = False

    @property
    def full(self) -> bool:
        """Whether no more pages may listen."""
        return len(self._listeners) >= MOST_LISTENERS

    @property
    def last(self) -> int:
        """The number of the newest event."""
        return self._next - 1

    def tell(self, name: str, data: dict[str, Any]) -> None:
        """Number an event, keep it, and pass it on."""
        with self._lock:
            event = Told(self._next, name, data)
            self._next += 1
            self._kept.append(event)
            listeners = list(self._listeners.items())
        for queue, loop in listeners:
            _hand(loop, queue, event)

    def close(self) -> None:
        """End every stream."""
        with self._lock:
            self._closed = True
            listeners = list(self._listeners.items())
        for queue, loop in listeners:
            _hand(loop, queue, None)

    async def listen(self, after: int | None) -> AsyncIterator[Told]:
        """Events beyond number `after`, then whatever comes.

        Where some between are no longer kept, the first event is `reset`: fetch everything again.
        """
        queue: asyncio.Queue[Told | None] = asyncio.Queue(KEPT)
        with self._lock:
            kept = list(self._kept)
            oldest = kept[0].number if kept else self._next
            missed = [] if after is None else [event for event in kept if event.number > after]
            lost = after is not None and (after + 1 < oldest or after >= self._next)
            newest = self._next - 1
            self._listeners[queue] = asyncio.get_running_loop()
            closed = self._closed
        try:
            if lost:
                yield Told(newest, "reset", {})
            else:
                for event in missed:
                    yield event
            while not closed:
                next_event = await queue.get()
                if next_event is None:
                    return
                yield next_event
        finally:
            with self._lock:
                self._listeners.pop(queue, None)


def _hand(loop: asyncio.AbstractEventLoop, queue: Any, event: Told | None) -> None:
    try:
        loop.call_soon_threadsafe(_put, queue, event)
    except RuntimeError:
        # The loop has ended, and with it the page's connection.
        return


def _put(queue: "asyncio.Queue[Told | None]", event: Told | None) -> None:
    if queue.full():
        # The page does not read. Its stream ends here; when it listens again, it is told them.
        while not queue.empty():
            queue.get_nowait()
        event = None
    queue.put_nowait(event)
