"""DeepLIFT: the score's difference from a baseline, shared out by differences of activations."""

from collections.abc import Mapping
from typing import Literal, final

import torch
from torch import Tensor

from ..core.call import Call
from ..core.checks import Check, check_each, grade
from ..core.completeness import completeness
from ..core.graph.difference import Difference
from ..core.graph.exits import Slopes, slopes
from ..core.graph.node import Graph
from ..core.graph.request import Recordings
from ..core.inputs import Inputs
from ..core.method import ArrayLike, Attribution, Card, Method, method
from ..core.pixels import input_maps
from ..errors import NotApplicable
from ..ops.colour import Reduction
from ..ops.quadrature import gauss_legendre
from ..parts.backgrounds import backgrounds
from ..parts.baselines import baselines
from ..parts.multipliers import rescale
from ..parts.reveal_cancel import reveal_cancel

TOLERANCE = 1e-4
"""Gap of summation-to-delta, relative to the score's change, that is rounding."""

ROUNDING = 1e-6
"""The same relative to Σ |C|, in single precision."""

CANCELLING = 1e4
"""Σ |C| relative to the score's change beyond which a map shows little but what cancels."""

POINTS = 16
"""Points of the integral over a target that is not linear in the outputs, such as a probability."""


@method(
    Card(
        name="deeplift",
        title="DeepLIFT",
        paper="Shrikumar et al. 2017, arXiv:1704.02685",
        modalities=("image", "volume", "series", "table", "text"),
        promises=("completeness", "linear_exact"),
        many_targets=True,
    )
)
@final
class DeepLIFT(Method):
    """C_i = m_i (x_i − x'_i) with multipliers m = Δy/Δx handed down; Σ C is the score's change.

    The operations are those that ran, so that functions, reused layers and neighbouring
    nonlinearities are seen. Products, attention, gates and norms take the average derivative
    between baseline and input (Aumann–Shapley), which is Rescale where there is one input. What no
    rule is known for is refused, with its line. Several baselines are averaged.

    **Units:** those of the target. **Source:** Shrikumar et al. 2017, sec. 3.
    """

    baseline: ArrayLike = "zero"
    """`zero`, `mean`, `blur`, `noise`, a number, an array, or a list of these to average over."""
    background: ArrayLike = None
    """Rows of your data `(B, …)` to average over instead of a baseline (ids for ids)."""
    rule: Literal["rescale", "reveal_cancel"] = "rescale"
    """Rescale, or RevealCancel, which keeps causes apart that cancel each other."""
    mean_normalised: bool = False
    """Explain the score less the mean of all scores: what helps every class alike counts nothing,
    as for a softmax."""
    reduce: Reduction | None = None
    """One value per place from its colours: `sum`, `sum_abs` or `max_abs`; left out, none."""

    def attribute(self, call: Call) -> Attribution:
        """One map for every target."""
        work = _Work(call, self)
        work.recordings.each("DeepLIFT", work.add)
        found = {name: torch.cat(parts).flatten(0, 1) for name, parts in work.values.items()}
        attribution = input_maps(call, found, self.reduce)
        change, score = (torch.cat(parts).flatten() for parts in (work.changes, work.scores))
        attribution.checks = [
            *completeness(found, change, score, TOLERANCE, ROUNDING),
            *_cancelling(found, change),
        ]
        attribution.notes = {"baseline": work.names}
        return attribution


class _Work:
    """The maps `(rows, K, …)` of every batch by input name, with the changes of the scores."""

    def __init__(self, call: Call, settings: DeepLIFT) -> None:
        self.call, self.settings = call, settings
        self.recordings = Recordings(call, 4)
        self.values: dict[str, list[Tensor]] = {}
        self.changes: list[Tensor] = []
        self.scores: list[Tensor] = []
        self.names: list[str] = []

    def add(self, samples: Tensor, inputs: Inputs) -> None:
        """The mean over the baselines, for every target of one batch."""
        graph = self.recordings.graph(inputs)
        scores, _ = slopes(self.call, graph, samples)
        stands = self._baselines(inputs)
        maps: dict[str, Tensor] = {}
        change = torch.zeros_like(scores)
        for base in stands:
            found, moved = self._against(graph, inputs, base, samples)
            change += moved / len(stands)
            for name, values in found.items():
                maps[name] = maps.get(name, torch.zeros_like(values)) + values / len(stands)
        for name, values in maps.items():
            self.values.setdefault(name, []).append(values)
        self.changes.append(change)
        self.scores.append(scores)

    def _against(
        self, graph: Graph, inputs: Inputs, base: dict[str, Tensor], samples: Tensor
    ) -> tuple[dict[str, Tensor], Tensor]:
        """Contributions `(rows, K, …)` by input name, and the changes of the scores `(rows, K)`."""
        pair = Difference(graph, self.recordings.graph(inputs, base))
        share = rescale if self.settings.rule == "rescale" else reveal_cancel
        by_target, changes = self._slopes(pair, samples)
        maps: dict[str, list[Tensor]] = {name: [] for name in graph.sources}
        for slope in by_target:
            for name, m in share(pair, slope).items():
                maps[name].append(m * pair.delta(graph.sources[name]))
        self.call.cost.backwards += len(samples) * len(by_target)
        return {name: torch.stack(m, 1) for name, m in maps.items()}, changes

    def _slopes(self, pair: Difference, samples: Tensor) -> tuple[list[Slopes], Tensor]:
        """The multipliers of the outputs, the average derivative of the score over them, for each
        target; and the changes of the scores `(rows, K)`."""
        start, first = self._at(pair, samples, 0.0)
        end, last = self._at(pair, samples, 1.0)
        found = last
        if not all(_equal(a, b) for a, b in zip(first, last, strict=True)):
            found = [{} for _ in last]
            for place, weight in zip(*(t.tolist() for t in gauss_legendre(POINTS)), strict=True):
                _, here = self._at(pair, samples, place)
                for sums, slope in zip(found, here, strict=True):
                    for i, m in slope.items():
                        sums[i] = sums.get(i, torch.zeros_like(m)) + weight * m
        if self.settings.mean_normalised:
            found = [self._less_mean(slope) for slope in found]
            moved = [sum((m * pair.delta(i)).sum(1) for i, m in s.items()) for s in found]
            return found, torch.stack(moved, 1)  # type: ignore[arg-type]
        return found, end - start

    def _at(self, pair: Difference, samples: Tensor, place: float) -> tuple[Tensor, list[Slopes]]:
        """Scores and derivatives of outputs a part of the way from the baseline to the input."""
        values = {i: pair.at(place, i) for i in pair.graph.exits.values()}
        return slopes(self.call, pair.graph, samples, values)

    def _less_mean(self, slope: Slopes) -> Slopes:
        """The multipliers of the score less the mean score of all classes."""
        if len(slope) != 1 or next(iter(slope.values())).ndim != 2:
            raise NotApplicable(
                "mean_normalised needs a target among scores (N, K) of one output.",
                "Explain a class of a classifier, or leave mean_normalised out.",
            )
        return {i: m - m.mean(1, keepdim=True) for i, m in slope.items()}

    def _baselines(self, inputs: Inputs) -> list[dict[str, Tensor]]:
        settings, seed = self.settings, self.call.seed
        if settings.background is not None:
            rows = backgrounds(inputs, None, settings.background, seed)
            self.names = [f"background ({len(rows)} rows)"]
            return [
                {name: row[name].expand_as(x).clone() for name, x in inputs.explained.items()}
                for row in rows
            ]
        chosen = baselines(inputs, settings.baseline, seed)
        self.names = [name for name, _ in chosen]
        return [{name: tensors[name].clone() for name in inputs.explained} for _, tensors in chosen]


def _cancelling(values: Mapping[str, Tensor], change: Tensor) -> list[Check]:
    """A check where contributions are huge beside the score's change that they add up to."""
    sizes = [v.flatten(1).abs().double().sum(1).cpu() for v in values.values()]
    ratio = (torch.stack(sizes).sum(0) / change.abs().double().cpu().clamp_min(1e-12)).tolist()
    verdicts = [grade(r, ok=CANCELLING, poor=float("inf")) for r in ratio]
    if set(verdicts) == {"ok"}:
        return []
    text = (
        "Σ |C| relative to the score's change: contributions cancel each other, as where a norm "
        "divides by nearly zero on the baseline. Choose another baseline (mean, blur, your data)."
    )
    return [check_each("cancellation", ratio, verdicts, text)]


def _equal(a: Slopes, b: Slopes) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[i], b[i]) for i in a)
