"""A surrogate around every sample, with samples drawn until the order of its weights is stable."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial

import torch
from torch import Tensor

from ..core.call import Call
from ..core.evaluation import Evaluation, clean
from ..core.method import Attribution
from .corrected_surrogate import affordable, corrected
from .designs import Design
from .feature_maps import feature_maps
from .neighbourhoods import Neighbourhood
from .ranking import Stop, order_holds
from .surrogate_checks import checks_of
from .surrogates import Around, Fit, Surrogate

GROWTH = 1.5
"""How many times as many rows there are at the next look."""

FIRST = 64
"""Rows at the first look, at least."""

LISTED = 8
"""Features up to which all rows are evaluated rather than drawn."""

MOST_LISTED = 16
"""The same where the budget is fixed: drawing as many with repeats would tell less."""


@dataclass
class _Local:
    """What was seen around one sample so far."""

    design: Design
    listed: bool
    z: Tensor
    scores: Tensor
    ended: str = ""
    fit: Fit | None = None
    holds: list[float] = field(default_factory=list)

    @property
    def drawn(self) -> int:
        return len(self.z) - 1

    def next_look(self, stop: Stop) -> int:
        """How many rows there are when the sample is looked at next: a matter of its number of
        features and the budget alone."""
        features = self.design.features
        if self.listed:
            return int(2**features) - 1
        blocks = -(-max(FIRST, 4 * (features + 1)) // self.design.block)
        wanted = blocks * self.design.block if self.drawn == 0 else int(self.drawn * GROWTH)
        return min(wanted + wanted % 2, stop.budget)


class LocalSurrogates:
    """The fits of all samples; `spend` draws and evaluates, `attribution` says what came out."""

    def __init__(
        self, call: Call, around: Neighbourhood, designs: list[Design], surrogate: Surrogate,
        stop: Stop, *, interactions: bool = False,
    ) -> None:  # fmt: skip
        self.call, self.around, self.surrogate, self.stop = call, around, surrogate, stop
        self.interactions = interactions
        scores = clean(call).double()
        self.locals: list[_Local] = []
        self._asked: list[Tensor] = []
        for sample, design in enumerate(designs):
            listed = _lists(around, sample, design, stop)
            z = around.origin(sample)[None]
            self.locals.append(_Local(design, listed, z, scores[sample : sample + 1]))

    def spend(self) -> None:
        """Draw rows around every sample until it is done."""
        total = sum(
            2**own.design.features - 1 if own.listed else self.stop.budget for own in self.locals
        )
        run = Evaluation(self.call, total, "LIME", lambda: self._partial(run.incoming))
        while not all(own.ended for own in self.locals):
            drawn = [self._drawn(sample) for sample in range(self.call.n)]
            self._asked = [z for z, _ in drawn]
            scores = self.around.ask(run, [asked for _, asked in drawn])
            for sample, ((z, _), found) in enumerate(zip(drawn, scores, strict=True)):
                own = self.locals[sample]
                if len(found):
                    own.z, own.scores = torch.cat([own.z, z]), torch.cat([own.scores, found])
                    self._look(sample)

    def _drawn(self, sample: int) -> tuple[Tensor, Tensor]:
        own = self.locals[sample]
        if own.ended:
            return self.around.draw(sample, own.design, 0, 0)
        if own.listed:
            everything = self.around.all_of(sample)
            assert everything is not None
            return everything
        return self.around.draw(sample, own.design, own.drawn, own.next_look(self.stop))

    def _look(self, sample: int) -> None:
        """Decide whether a sample is done."""
        own = self.locals[sample]
        if own.listed:
            own.ended = "all rows"
        elif own.drawn >= self.stop.budget:
            own.ended = "budget"
        own.fit = None
        if self.stop.confidence is None or own.listed:
            return
        fit = self._fit(sample)
        if fit.freedom >= 1 and min(own.holds) >= self.stop.confidence:
            own.ended = "stable order"

    def _fit(self, sample: int) -> Fit:
        own = self.locals[sample]
        if own.fit is None:
            index = torch.arange(len(own.z))
            clusters = (index + 1) // 2 if own.design.paired and not own.listed else index
            weights = self.around.nearness(sample, own.z)
            blocks = (index + own.design.dependent - 1) // own.design.dependent
            seen = Around(own.z, weights, own.scores, clusters, own.listed, blocks)
            own.fit = self.surrogate.fit(seen)
            if self._corrects(own.fit, seen):
                near, alpha = partial(self.around.nearness, sample), self.surrogate.penalty
                own.fit = corrected(seen, own.fit, near, alpha)
            targets = range(own.scores.shape[1])
            own.holds = [order_holds(own.fit, k, self.stop) for k in targets]
        return own.fit

    def _corrects(self, fit: Fit, seen: Around) -> bool:
        whole = self.surrogate.is_linear(seen.z.shape[1])
        return self.interactions and whole and not seen.exact and affordable(fit, seen)

    def _partial(self, incoming: Sequence[Tensor]) -> Attribution | None:
        """What is known while the scores of a round still come in."""
        seen = copy(self)
        if incoming:
            rounds = zip(self.locals, self._asked, incoming, strict=True)
            seen.locals = [_longer(own, z, scores) for own, z, scores in rounds]
        enough = all(len(own.z) > own.design.features + 1 for own in seen.locals)
        return seen.attribution() if enough else None

    def attribution(self) -> Attribution:
        """The weights painted on the inputs, and what was measured of them."""
        fits = [self._fit(sample) for sample in range(self.call.n)]
        features = self.around.features
        known = [fit.freedom >= 1 or own.listed for fit, own in zip(fits, self.locals, strict=True)]
        weights = torch.stack([_padded(fit.weights, features.most) for fit in fits])
        errors = torch.stack([_padded(fit.errors(), features.most) for fit in fits])
        made = feature_maps(self.call, features, weights, errors if all(known) else None)
        holds = [own.holds for own in self.locals]
        looks = [own.drawn for own in self.locals]
        seen = [own.z for own in self.locals]
        made.checks += checks_of(fits, seen, holds, self.surrogate, self.stop, known)
        made.notes.update(
            evaluations=looks,
            ended=[own.ended or "unfinished" for own in self.locals],
            design=self.locals[0].design.kind,
            complements=[own.design.paired for own in self.locals],
            standard_error=self.surrogate.error,
            interactions_modelled=[
                bool(value)
                for fit, own in zip(fits, self.locals, strict=True)
                for value in _corrected(fit, own)
            ],
            r_squared=[value for fit in fits for value in fit.r_squared.tolist()],
            intercept=[value for fit in fits for value in fit.intercept.tolist()],
            local_prediction=[value for fit in fits for value in fit.local.tolist()],
        )
        return made


def _lists(around: Neighbourhood, sample: int, design: Design, stop: Stop) -> bool:
    """Whether all rows are evaluated: few features or a budget to be spent in any case, a design of
    ours, and a budget that allows it."""
    few = design.features <= (LISTED if stop.confidence is not None else MOST_LISTED)
    few = few and 2**design.features - 1 <= stop.budget
    return few and design.kind in ("hadamard", "paired") and around.all_of(sample) is not None


def _longer(own: _Local, z: Tensor, scores: Tensor) -> _Local:
    """With the first scores of a round."""
    if not len(scores):
        return own
    z, scores = torch.cat([own.z, z[: len(scores)]]), torch.cat([own.scores, scores])
    return replace(own, z=z, scores=scores, listed=False, fit=None)


def _corrected(fit: Fit, own: _Local) -> list[bool]:
    return [False] * own.scores.shape[1] if fit.corrected is None else fit.corrected.tolist()


def _padded(weights: Tensor, most: int) -> Tensor:
    return torch.nn.functional.pad(weights, (0, most - weights.shape[1]))
