"""The process of one job: loads the model, waits for what to do, does it, ends.

    python -m pellucid.studio.worker

It is started before it is needed, so that a job finds the model loaded.
"""

import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter

from ..core.batching import out_of_memory
from ..core.event_log import EventLog
from ..core.progress import Event, Progress
from ..errors import Cancelled, PellucidError
from . import limits
from .pipes import Pipes
from .requests import Asked
from .work import doer
from .work.context import Context, Library
from .work.description import described

_RARELY = 0.2
"""Seconds between two events of progress."""

_LESS = (
    "Choose a method that costs less, a smaller input or an earlier layer; a studio that is "
    "started with --job-memory gives its jobs more."
)


def main() -> None:
    """Be told the plan, then one job."""
    pipes = Pipes()
    plan = pipes.read()
    _limit(plan["memory"])
    live = pipes.read_bytes(plan["live"]) if plan["live"] else None
    sys.path[1:1] = [path for path in plan["paths"] if path not in sys.path]
    try:
        library = Library.of(plan["models"], live)
        pipes.say("ready", **(described(library) if plan.get("describe") else {}))
    except Exception as error:  # noqa: BLE001 - a model's own code may raise anything
        traceback.print_exc()
        pipes.say("broken", **_words(error))
        return
    message = pipes.read()
    telling = _Telling(pipes, Path(message["folder"]))
    pipes.watch(telling.progress.cancel)
    _work(telling, library, message)


def _limit(memory: int | None) -> None:
    limits.go_first()
    if not torch.cuda.is_available():  # a CUDA driver maps far more than it uses
        limits.bound(memory)


def _work(telling: "_Telling", library: Library, message: dict[str, Any]) -> None:
    try:
        asked: Any = TypeAdapter(Asked).validate_python(message["asked"])
        context = Context(library, Path(message["folder"]), message["sources"], telling)
        doer(asked.kind)(context, asked)
    except Cancelled as error:
        telling.say("cancelled", cause=error.cause)
    except Exception as error:  # noqa: BLE001 - so may a plug-in's method
        if not isinstance(error, PellucidError):
            traceback.print_exc()
        telling.say("failed", **_words(error))
    else:
        telling.say("done")


def _words(error: Exception) -> dict[str, str]:
    if isinstance(error, PellucidError):
        return {"cause": error.cause, "remedy": error.remedy}
    if out_of_memory(error):
        return {"cause": "The memory ran out.", "remedy": _LESS}
    return {
        "cause": f"{type(error).__name__}: {error}",
        "remedy": "The job's log has the details.",
    }


class _Telling:
    """Events of a job, to the server and to a file of its own."""

    def __init__(self, pipes: Pipes, folder: Path) -> None:
        self._pipes = pipes
        self._log = EventLog(folder / "events.jsonl")
        self._last = self._last_partial = 0.0
        self.progress = Progress(self._progress)
        self.show: Callable[[Any], None] | None = None
        """Called now and then with the result so far."""
        self.pace = 1.0
        """Seconds between two results so far."""

    def say(self, event: str, **facts: Any) -> None:
        """An event, in the file with its time."""
        self._log.write(event, **facts)
        self._pipes.say(event, **facts)

    def _progress(self, event: Event) -> None:
        now = time.monotonic()
        if now - self._last >= _RARELY or event.done >= event.total:
            self._last = now
            self.say("progress", **event.as_dict())
        unfinished = event.partial is not None and event.done < event.total
        if self.show and unfinished and now - self._last_partial >= self.pace:
            found = self.progress.result_so_far(event)
            if found is not None:
                self.show(found)
            self._last_partial = time.monotonic()


if __name__ == "__main__":
    main()
