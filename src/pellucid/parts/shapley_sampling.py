"""Evaluating a plan of coalitions round by round, until the Shapley values are sure enough."""

from collections.abc import Sequence
from copy import copy

import torch
from torch import Tensor

from ..core.checks import Check, Verdict, check_each, grade
from ..core.method import Attribution
from ..ops.paired_regression import Drawn, Estimator, estimate, estimators
from ..ops.shapley import values_of_pairs
from .coalition_game import Game

UNSURE = 0.1
"""Largest standard error, relative to the range of the values, up to which they are to be relied
on."""

GROWTH = 1.5
"""Pairs after a round relative to those before it."""


class Sampling:
    """The scores of every sample's pairs of coalitions so far, and the values that they give.

    Samples with as many features have the same plan, and look at their errors after the same
    numbers of pairs: what a sample gets depends neither on the others nor on the batch size.
    """

    def __init__(
        self, game: Game, plans: Sequence[Drawn], tolerance: float | None, task: str
    ) -> None:
        self.game, self.plans, self.tolerance, self.task = game, plans, tolerance, task
        targets = game.whole.shape[1]
        self.scores = [torch.zeros(0, 2, targets, dtype=torch.float64) for _ in plans]
        self.sure = [False] * len(plans)
        self._fits: dict[tuple[int, int], list[Estimator]] = {}

    def spend(self) -> None:
        """Evaluate until every sample is sure enough or at the end of its plan."""
        total = sum(2 * len(plan.pairs) for plan in self.plans)
        self.game.open(total, self.task, self._so_far)
        while True:
            coalitions = [self._next(sample) for sample in range(len(self.plans))]
            if not any(len(own) for own in coalitions):
                return
            for sample, found in enumerate(self.game.scores(coalitions)):
                pairs = found.view(-1, 2, found.shape[1])
                self.scores[sample] = torch.cat([self.scores[sample], pairs])
            if self.tolerance is not None:
                self._judge(self.tolerance)

    def attribution(self) -> Attribution:
        """The values so far."""
        values, errors = self.estimates()
        found = self.game.attribution(values, errors)
        if not all(self._whole(sample) for sample in range(len(self.plans))):
            found.checks.append(_standard_error(values, errors))
        found.checks += self._ends()
        found.notes["coalitions"] = [2 * len(own) for own in self.scores]
        return found

    def estimates(self) -> tuple[list[Tensor], list[Tensor]]:
        """Values and standard errors `(players, K)` of every sample; those that share a plan and
        are equally far come from one factorisation."""
        groups: dict[tuple[int, int], list[int]] = {}
        for sample, plan in enumerate(self.plans):
            groups.setdefault((plan.pairs.shape[1], len(self.scores[sample])), []).append(sample)
        values: dict[int, Tensor] = {}
        errors: dict[int, Tensor] = {}
        for samples in groups.values():
            found = self._of_group(samples)
            for sample, own, error in zip(samples, *found, strict=True):
                values[sample], errors[sample] = own, error
        order = range(len(self.plans))
        return [values[s] for s in order], [errors[s] for s in order]

    def _of_group(self, samples: list[int]) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        """Values and standard errors `(players, K)` of samples with the same coalitions."""
        scores = torch.cat([self.scores[s] for s in samples], 2)
        empty = torch.cat([self.game.empty[s] for s in samples])
        change = torch.cat([self.game.change[s] for s in samples])
        drawn = self.plans[samples[0]].first(scores.shape[0])
        features = drawn.pairs.shape[1]
        if drawn.whole:
            values = values_of_pairs(drawn.pairs, scores, empty, empty + change)
            errors = torch.zeros_like(values)
        else:
            key = (features, len(drawn.pairs))
            if key not in self._fits:
                self._fits = {k: v for k, v in self._fits.items() if k[0] != features}
                self._fits[key] = estimators(drawn)
            deviations, errors = estimate(self._fits[key], drawn.responses(scores, change), drawn)
            values = change / features + deviations
        return values.chunk(len(samples), 1), errors.chunk(len(samples), 1)

    def _next(self, sample: int) -> Tensor:
        """The coalitions that a sample needs in the next round."""
        plan, done = self.plans[sample], len(self.scores[sample])
        total, features = plan.pairs.shape
        if self.tolerance is None:
            return plan.coalitions(done, total)
        more = done if self.sure[sample] else max(2 * features, int(done * GROWTH))
        return plan.coalitions(done, min(more, total))

    def _judge(self, tolerance: float) -> None:
        """Note which samples are sure enough; where all coalitions can be evaluated they are."""
        values, errors = self.estimates()
        for sample, plan in enumerate(self.plans):
            if not plan.whole:
                self.sure[sample] = bool(
                    (relative(values[sample], errors[sample]) <= tolerance).all()
                )

    def _so_far(self) -> Attribution | None:
        if not torch.isfinite(self.game.empty).all():  # not yet evaluated
            return None
        seen = copy(self)
        seen.scores, seen._fits = self._with_incoming(), {}
        enough = all(
            len(own) >= min(plan.pairs.shape[1], len(plan.pairs))
            for own, plan in zip(seen.scores, self.plans, strict=True)
        )
        return seen.attribution() if enough else None

    def _with_incoming(self) -> list[Tensor]:
        """The scores of every sample's pairs, those of the round under way as well."""
        incoming = self.game.run.incoming if self.game.run is not None else ()
        pairs = [own[: len(own) // 2 * 2].view(len(own) // 2, 2, own.shape[1]) for own in incoming]
        if not pairs:
            return self.scores
        return [torch.cat(both) for both in zip(self.scores, pairs, strict=True)]

    def _ends(self) -> list[Check]:
        """Why the sampling ended, for the samples of which it is true."""
        texts = {
            "exact": "Every coalition of the features that matter was evaluated: values are exact.",
            "tolerance": "Coalitions evaluated until the standard errors were within tolerance.",
            "budget": "Coalitions evaluated until the budget was spent.",
        }
        targets = self.game.whole.shape[1]
        ends = [self._end(sample) for sample in range(len(self.plans))]
        counts = [float(2 * len(own) + 2) for own in self.scores]
        found = []
        for end, text in texts.items():
            about: list[Verdict | None] = ["ok" if own == end else None for own in ends]
            if any(about):
                rows = [about[s] for s in range(len(ends)) for _ in range(targets)]
                values = [count for count in counts for _ in range(targets)]
                found.append(check_each("sampling", values, rows, text))
        return found

    def _whole(self, sample: int) -> bool:
        """Whether every coalition of a sample was evaluated, so that its values are exact."""
        return self.plans[sample].first(len(self.scores[sample])).whole

    def _end(self, sample: int) -> str:
        if self._whole(sample):
            return "exact"
        return "tolerance" if self.sure[sample] else "budget"


def relative(values: Tensor, errors: Tensor) -> Tensor:
    """The largest standard error relative to the range of the values, `(K,)`, 0 where there is no
    error (Covert & Lee 2021)."""
    if not len(values):
        return values.new_zeros(values.shape[1])
    most, spread = errors.amax(0), values.amax(0) - values.amin(0)
    return torch.where(most > 0, most / spread.clamp_min(1e-300), 0.0)


def _standard_error(values: Sequence[Tensor], errors: Sequence[Tensor]) -> Check:
    found = torch.cat([relative(v, e) for v, e in zip(values, errors, strict=True)]).tolist()
    verdicts = [grade(ratio, ok=UNSURE, poor=float("inf")) for ratio in found]
    text = "Largest standard error relative to the range of the values; more samples lower it."
    return check_each("standard error", found, verdicts, text)
