"""Scores of changed inputs, batch by batch; a predictor that fails loses nothing done before."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError, OutputError, PellucidError, PredictorError
from .batching import out_of_memory
from .call import Call
from .checks import Check
from .inputs import Inputs
from .model import Model
from .prepared import in_full_precision
from .progress import Event
from .structure import map_leaves

_HALF = (torch.float16, torch.bfloat16)

Rows = Callable[[slice], tuple[Inputs, Tensor]]
"""`rows(slice)` gives a batch of changed inputs, and of which sample each row was made."""

Take = Callable[[slice, Tensor], None]
"""`take(slice, scores)` keeps the scores `(rows, K)` of the targets, in single precision."""

See = Callable[[slice, Any], None]
"""`see(slice, raw)` may look at what the model returned."""


class Evaluation:
    """A budget of `total` changed inputs; `partial()` is the attribution so far, or None.

    It can be spent in several runs, so that a method may look at what it has and stop early.
    """

    def __init__(
        self, call: Call, total: int, task: str, partial: Callable[[], Any] | None = None
    ) -> None:
        self.call, self.total, self.task, self.partial = call, total, task, partial
        self.done, self._started = 0, time.perf_counter()
        self.incoming: Sequence[Tensor] = ()
        """Of a round under way, every sample's first scores, where a method asks round by round."""
        clean(call)
        self.model = call.precise[0] if call.precise else call.fast()
        self._batches = call.batches()
        call.progress.report(self._event(None))

    @property
    def seconds(self) -> float:
        """Time since the beginning."""
        return time.perf_counter() - self._started

    def run(self, count: int, rows: Rows, take: Take, see: See | None = None) -> None:
        """Evaluate `count` more inputs; slices count from 0 within this run.

        Raises `PredictorError` with the batch at fault, and with what was computed before it.
        """

        def work(part: slice) -> None:
            batch, samples = rows(part)

            def ask() -> Any:
                raw = self.call.forward(fitting(batch, self.model), self.model)
                if see is not None:
                    see(part, raw)
                return raw

            take(part, self.scores(samples, ask))

        for part in self._batches.split(count, work):
            self.count(part.stop - part.start)

    def scores(self, samples: Tensor, ask: Callable[[], Any]) -> Tensor:
        """The scores in what `ask()` answers, one row for each of `samples`; refuses NaN."""
        last = self.done + len(samples) - 1
        try:
            return _scores(self.call, samples, ask, f"{self.task}, inputs {self.done} to {last}")
        except PredictorError as error:
            error.partial = self.call.progress.result_so_far(self._event(self.partial))
            if error.partial is not None:
                error.remedy += " What was computed before is in the error's `partial`."
                error.args = (f"{error.cause} {error.remedy}",)
            raise

    def count(self, rows: int) -> None:
        """Report that so many more inputs are done."""
        self.done += rows
        self.call.progress.report(self._event(self.partial))

    def _event(self, partial: Callable[[], Any] | None) -> Event:
        return Event(self.task, self.done, self.total, self.seconds, partial)


def clean(call: Call) -> Tensor:
    """The targets' scores `(N, K)` on the unchanged inputs, in single precision: those that others
    are compared with.

    A network in half precision is copied, for differences of its scores would be rounding.
    """
    if call.clean_scores is None:
        with _reported("the unchanged inputs"):
            call.clean()
    if call.model.dtype in _HALF and call.precise is None:
        inputs = replace(call.inputs, value=map_leaves(_single, call.inputs.value))
        model = in_full_precision(call.model, inputs)
        if model is None:
            text = "The network computes in half precision, which rounds differences of its scores."
            call.checks.append(Check("precision", None, "poor", text))
            call.precise = call.model, call.clean()
        else:
            raw = call.forward(inputs, model)
            call.precise = model, call.scores(raw).detach()
    scores = call.precise[1] if call.precise else call.clean()
    return scores.detach().float().cpu()


def fitting(batch: Inputs, model: Model) -> Inputs:
    """The batch in the floating type of a model in single precision."""
    single = model.dtype is torch.float32
    return replace(batch, value=map_leaves(_single, batch.value)) if single else batch


def _single(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.dtype in _HALF else tensor


def _scores(call: Call, samples: Tensor, ask: Callable[[], Any], place: str) -> Tensor:
    with _reported(place):
        found = call.scores(ask(), samples).detach().float().cpu()
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
            "Make it answer a batch of this size with finite scores, and run again.",
        ) from error
