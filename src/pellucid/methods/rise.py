"""RISE: places whose visibility under random soft masks goes with the score."""

from typing import Annotated, Any, Literal, final

import pydantic
import torch
from torch import Tensor

from ..core.axes import CHANNEL
from ..core.call import Call
from ..core.checks import Check, check_each, grade
from ..core.evaluation import Evaluation
from ..core.inputs import Inputs
from ..core.method import Attribution, Card, Method, method
from ..errors import NotApplicable
from ..ops.cross_fit import FOLDS, cross_fitted
from ..parts.baselines import baselines
from ..parts.soft_masks import SoftMasks

FIRST, GROWTH = 128, 1.5
"""Masks before the first look at the standard error, and how many times more before the next."""

CHUNK = 64
"""Masks at full size at once while the map is summed up."""

NOISY, LOST = 0.35, 1.0
"""Standard errors relative to the map's spread: to be read with care, and not to be read."""


@method(
    Card(
        name="rise",
        title="RISE",
        paper="Petsiuk et al. 2018, arXiv:1806.07421",
        access="black_box",
        axes="space",
        space="probability",
        randomised=True,
        many_targets=True,
    )
)
@final
class RISE(Method):
    """S(λ) = Cov(f(x ⊙ M + b ⊙ (1 − M)), M(λ)) / p over random masks M with mean p.

    This is the paper's E[f M(λ)] / p (eq. 4) less E[f], which is the same at every place:
    `estimator="original"` gives the paper's. Positive where showing the place raises the score.

    `centred` is the sample covariance. `adjusted` writes f = g + r with g linear in the means of
    the mask over blocks of places: Cov(g, M(λ)) is known exactly, for random shifts as well, and
    only Cov(r, M(λ)) is estimated. A mask's g is fitted without it (cross-fitting), so that the
    estimate from a given number of masks is unbiased and the estimand unchanged. With p = 0.5
    every mask comes with its complement: what is even in the mask cancels.

    Masks are made batch by batch on the model's device and made again for the final sum. All
    samples see the same masks. A sample is done when the mean standard error of its maps is below
    `tolerance` times their spread, looked at after 128 masks and then every 1.5 times as many.

    Several inputs have independent masks. In tables every feature is a cell, without interpolation.

    **Units:** target. **Source:** Petsiuk et al. 2018, section 3; control variates as in Glasserman
    2003, section 4.1.
    """

    n_masks: Annotated[int, pydantic.Field(ge=32)] = 4000
    """Most evaluations a sample (4000 and 8000 in the paper)."""
    cells: Annotated[int, pydantic.Field(ge=2)] | None = None
    """Cells of the mask along every axis; left out, 7 for a picture as in the paper, 20 for a
    series, 4 for a volume."""
    p: Annotated[float, pydantic.Field(gt=0, lt=1)] = 0.5
    """Probability that a cell is kept."""
    estimator: Literal["adjusted", "centred", "original"] = "adjusted"
    """How the map is estimated from the scores."""
    baseline: Any = "zero"
    """What is seen where the mask is 0: `zero` as in the paper, `mean`, `blur`, `noise`, a number
    or an array like the input."""
    tolerance: Annotated[float, pydantic.Field(ge=0)] = 0.1
    """Mean standard error, relative to the spread of the map over the places, at which to stop
    before `n_masks`; 0 spends them all."""
    shift: bool = True
    """Shift every mask at random by up to a cell, so that the grid does not show."""

    def attribute(self, call: Call) -> Attribution:
        inputs = call.inputs
        if not inputs.paths:
            raise NotApplicable(
                "RISE shows an input through soft masks, which token ids do not allow.",
                "Use occlusion, lime or kernel_shap, which take tokens away as a whole.",
            )
        masks = SoftMasks(inputs, self.cells, self.p, self.shift, call.seed)
        return _Run(call, self, masks).attribution()


class _Run:
    """The scores of the masks seen so far, and the maps of the samples that are done."""

    def __init__(self, call: Call, rise: RISE, masks: SoftMasks) -> None:
        self.call, self.rise, self.masks = call, rise, masks
        self.paired = rise.estimator == "adjusted" and rise.p == 0.5
        self.budget = rise.n_masks // 2 * 2 if self.paired else rise.n_masks
        self.off = baselines(call.inputs, rise.baseline, call.seed)[0][1]
        self.active, self.seen, self.pending = torch.arange(call.n), 0, 0
        self.maps: dict[int, dict[str, tuple[Tensor, Tensor]]] = {}
        self.spent: dict[int, int] = {}
        total = self.budget * call.n
        self.run = Evaluation(call, total, "RISE", self._partial)
        self.scores = torch.zeros(0, call.n, len(call.targets[0]))

    def attribution(self) -> Attribution:
        """Evaluate until every sample is done."""
        for stop in self._checkpoints():
            more = stop - self.seen
            self.scores = torch.cat(
                [self.scores, self.scores.new_zeros(more, *self.scores.shape[1:])]
            )
            self.run.run(more * len(self.active), self._rows, self._take)
            self.seen, self.pending = stop, 0
            self._finish(last=stop == self.budget)
            if not len(self.active):
                break
        return self._attribution(self.maps, self.spent)

    def _checkpoints(self) -> list[int]:
        found, at = [], FIRST
        while at < self.budget and self.rise.tolerance > 0:
            found.append(at)
            at = int(at * GROWTH) // 2 * 2
        return [*found, self.budget]

    # Evaluating

    def _rows(self, part: slice) -> tuple[Inputs, Tensor]:
        index = torch.arange(part.start, part.stop)
        draws = self.seen + index // len(self.active)
        samples = self.active[index % len(self.active)]
        batch = self.call.inputs.take(samples)
        seen = batch.explained.items()
        changed = {name: self._masked(name, x, draws, samples) for name, x in seen}
        return batch.replaced(changed), samples

    def _masked(self, name: str, x: Tensor, draws: Tensor, samples: Tensor) -> Tensor:
        first, last = int(draws[0]), int(draws[-1])
        step = 2 if self.paired else 1
        made = self.masks.centred(name, first // step, last // step + 1, x.device)
        chosen = made[(draws // step - first // step).to(x.device)]
        if self.paired:
            sign = (1 - 2 * (draws % 2)).to(chosen)
            chosen = chosen * sign.reshape(-1, *(1,) * (chosen.ndim - 1))
        kept = self._over(name, (chosen + self.rise.p).clamp(0, 1)).to(x)
        return torch.lerp(self.off[name][samples.to(x.device)].to(x), x, kept)

    def _over(self, name: str, masks: Tensor) -> Tensor:
        axes = self.call.inputs.axes(name)
        return masks.unsqueeze(axes.index(CHANNEL)) if CHANNEL in axes else masks

    def _take(self, part: slice, scores: Tensor) -> None:
        index = torch.arange(part.start, part.stop)
        draws = self.seen + index // len(self.active)
        self.scores[draws, self.active[index % len(self.active)]] = scores
        self.pending = part.stop // len(self.active)

    # Estimating

    def _finish(self, last: bool) -> None:
        """Keep the maps of the samples that need no more masks."""
        made = self._maps(self.active, self.seen)
        keep = []
        for sample, maps in zip(self.active.tolist(), made, strict=True):
            if last or max(_relative(maps)) <= self.rise.tolerance:
                self.maps[sample], self.spent[sample] = maps, self.seen
            else:
                keep.append(sample)
        self.active = torch.tensor(keep, dtype=torch.long)

    def _maps(self, samples: Tensor, count: int) -> list[dict[str, tuple[Tensor, Tensor]]]:
        """Of every sample by input: maps `(K, *space)` and their standard errors, from the first
        `count` masks."""
        targets = self.scores.shape[2]
        scores = self.scores[:count, samples].flatten(1).double()
        weights, exact, rows = self._weights(scores, count)
        found: list[dict[str, tuple[Tensor, Tensor]]] = [{} for _ in range(len(samples))]
        for name in self.masks.grids:
            mean, error = self._average(name, weights, rows)
            if exact is not None:
                mean = mean + self.masks.covariance(name, exact).to(mean)
            for i, one in enumerate(found):
                own = slice(i * targets, (i + 1) * targets)
                one[name] = mean[own] / self.rise.p, error[own] / self.rise.p
        return found

    def _weights(self, scores: Tensor, count: int) -> tuple[Tensor, Tensor | None, int]:
        """What every mask is multiplied with `(rows, targets)`, the coefficients of g, and how many
        rows there are: masks, or pairs of them."""
        if self.rise.estimator == "original":
            return scores, None, count
        if self.rise.estimator == "centred":
            return (scores - scores.mean(0)) * (count / (count - 1)), None, count
        rows = count // 2 if self.paired else count
        y = (scores[0::2] - scores[1::2]) / 2 if self.paired else scores
        residuals, exact = cross_fitted(self.masks.features(0, rows), y, centre=not self.paired)
        return residuals, exact, rows

    def _average(self, name: str, weights: Tensor, rows: int) -> tuple[Tensor, Tensor]:
        """The mean of weight × mask `(targets, *space)`, and its standard error."""
        device = self.call.inputs.explained[name].device
        shape = (weights.shape[1], *self.masks.shape(name))
        total = torch.zeros(shape, device=device).flatten(1)
        square = torch.zeros_like(total)
        for start in range(0, rows, CHUNK):
            stop = min(start + CHUNK, rows)
            masks = self.masks.centred(name, start, stop, device).flatten(1)
            if self.rise.estimator == "original":
                masks = masks + self.rise.p
            own = weights[start:stop].T.float().to(device)
            total += own @ masks
            square += own.square() @ masks.square()
        mean = total / rows
        variance = (square / rows - mean.square()).clamp_min(0) / (rows - 1)
        return mean.reshape(shape).cpu(), variance.sqrt().reshape(shape).cpu()

    # Reporting

    def _partial(self) -> Attribution | None:
        count = self.seen + self.pending
        count -= count % 2
        maps, spent = dict(self.maps), dict(self.spent)
        if len(self.active):
            if count < 2 * FOLDS:
                return None
            made = self._maps(self.active, count)
            for sample, one in zip(self.active.tolist(), made, strict=True):
                maps[sample], spent[sample] = one, count
        return self._attribution(maps, spent)

    def _attribution(
        self, maps: dict[int, dict[str, tuple[Tensor, Tensor]]], spent: dict[int, int]
    ) -> Attribution:
        order, names = range(self.call.n), list(self.masks.grids)
        relative = [value for sample in order for value in _relative(maps[sample])]
        counts = [spent[sample] for sample in order]
        return Attribution(
            values={n: torch.cat([maps[s][n][0] for s in order]) for n in names},
            axes={n: self.masks.axes[n] for n in names},
            std_error={n: torch.cat([maps[s][n][1] for s in order]) for n in names},
            checks=[_standard_error(relative), self._sampling(counts)],
            notes={
                "masks": counts,
                "cells": {n: list(g.cells) for n, g in self.masks.grids.items()},
            },
        )

    def _sampling(self, counts: list[int]) -> Check:
        """Whether the tolerance or the budget ended the sampling; a number for every row."""
        each = [count for count in counts for _ in range(self.scores.shape[2])]
        text = (
            f"Masks seen: up to {self.budget}, fewer where the mean standard error fell to "
            f"{self.rise.tolerance:g} times the map's spread."
        )
        return check_each("sampling", each, ["ok"] * len(each), text)


def _relative(maps: dict[str, tuple[Tensor, Tensor]]) -> list[float]:
    """Mean standard error relative to the spread over the places of all inputs, per target."""
    values = torch.cat([value.flatten(1) for value, _ in maps.values()], 1)
    error = torch.cat([error.flatten(1) for _, error in maps.values()], 1).mean(1)
    spread = values.std(1, correction=0) if values.shape[1] > 1 else values[:, 0].abs()
    return torch.where(error > 0, error / spread, torch.zeros_like(error)).tolist()


def _standard_error(relative: list[float]) -> Check:
    verdicts = [grade(value, ok=NOISY, poor=LOST) for value in relative]
    text = "Mean standard error relative to the spread of the map; more masks lower it."
    return check_each("standard error", relative, verdicts, text)
