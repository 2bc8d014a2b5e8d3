"""Scores of changed inputs, batch by batch; a predictor that fails loses nothing done before."""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError, OutputError, PellucidError, PredictorError
from .batching import out_of_memory
from .call import Call
from .inputs import Inputs
from .progress import Event

Rows = Callable[[slice], tuple[Inputs, Tensor]]
"""`rows(slice)` gives a batch of changed inputs, and of which sample each row was made."""

Take = Callable[[slice, Tensor], None]
"""`take(slice, scores)` keeps the scores `(rows, K)` of the targets, in single precision."""


class Evaluation:
    """A budget of `total` changed inputs; `partial()` is the attribution so far, or None.

    It can be spent in several runs, so that a method may look at what it has and stop early.
    """

    def __init__(
        self, call: Call, total: int, task: str, partial: Callable[[], Any] | None = None
    ) -> None:
        self.call, self.total, self.task, self.partial = call, total, task, partial
        self.done, self._started = 0, time.perf_counter()
        clean(call)
        self._model, self._batches = call.fast(), call.batches()
        call.progress.report(self._event(None))

    @property
    def seconds(self) -> float:
        """Time since the beginning."""
        return time.perf_counter() - self._started

    def run(self, count: int, rows: Rows, take: Take) -> None:
        """Evaluate `count` more inputs; slices count from 0 within this run.

        Raises `PredictorError` with the batch at fault, and with what was computed before it.
        """
        try:
            for part in self._batches.split(count, lambda part: self._work(part, rows, take)):
                self.done += part.stop - part.start
                self.call.progress.report(self._event(self.partial))
        except PredictorError as error:
            error.partial = self.call.progress.result_so_far(self._event(self.partial))
            raise

    def _work(self, part: slice, rows: Rows, take: Take) -> None:
        batch, samples = rows(part)
        place = f"{self.task}, inputs {self.done} to {self.done + len(samples) - 1} of {self.total}"
        take(part, _scores(self.call, batch, samples, self._model, place))

    def _event(self, partial: Callable[[], Any] | None) -> Event:
        return Event(self.task, self.done, self.total, self.seconds, partial)


def clean(call: Call) -> Tensor:
    """The targets' scores `(N, K)` on the unchanged inputs."""
    if call.clean_scores is None:
        with _reported("the unchanged inputs"):
            call.clean()
    return call.clean().detach().float().cpu()


def _scores(call: Call, batch: Inputs, samples: Tensor, model: Any, place: str) -> Tensor:
    with _reported(place):
        found = call.scores(call.forward(batch, model), samples).detach().float().cpu()
    broken = (~torch.isfinite(found).all(1)).nonzero().flatten().tolist()
    if broken:
        raise PredictorError(
            f"The model gave NaN or infinite scores ({place}; {len(broken)} rows, first of sample "
            f"{int(samples[broken[0]])}).",
            "Make it answer with finite numbers also where evidence is missing, or choose another "
            "baseline.",
        )
    return found


class _reported:  # noqa: N801 - reads as a sentence
    """Turns whatever a predictor raises into one error that names the batch."""

    def __init__(self, place: str) -> None:
        self.place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if not isinstance(error, Exception) or out_of_memory(error):
            return
        if isinstance(error, PellucidError) and not isinstance(error, InputError | OutputError):
            return
        said = error.cause if isinstance(error, PellucidError) else f"{error}"
        kind_of = "" if isinstance(error, PellucidError) else f"{type(error).__name__}: "
        raise PredictorError(
            f"The model failed on {self.place}: {kind_of}{said.rstrip('.')}.",
            "What was computed before is in the error's `partial`; mend the model and run again.",
        ) from error
