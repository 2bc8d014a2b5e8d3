"""Layer-wise relevance propagation: the score handed down from layer to layer to the input."""

from collections.abc import Iterable
from typing import Annotated, Any, final

import numpy as np
import pydantic
import torch
from torch import Tensor

from ..core.axes import CHANNEL
from ..core.call import Call
from ..core.checks import Check, Verdict, check_each, grade
from ..core.graph.exits import slopes
from ..core.graph.request import Recordings
from ..core.inputs import Inputs
from ..core.method import ArrayLike, Attribution, Card, Method, method
from ..core.pixels import input_maps
from ..ops.colour import Reduction
from ..parts.composites import Composite, Settings
from ..parts.relevance import Balance, Pooling, Propagation


@method(
    Card(
        name="lrp",
        title="Layer-wise relevance propagation",
        paper="Bach et al. 2015, doi:10.1371/journal.pone.0130140",
        modalities=("image", "volume", "series", "table", "text"),
        promises=("linear_exact",),
        many_targets=True,
    )
)
@final
class LRP(Method):
    """R_i = Σ_k (share of i in what makes k) · R_k, from the score down to the input.

    The operations are those that ran, so that functions, reused layers and sums are seen; batch
    normalisation is folded. One that no rule is known for is refused by name. How much of the
    relevance arrives, and how much biases and ε keep, is in the checks; layer by layer, in the
    record.

    **Units:** those of the target. **Source:** Bach et al. 2015; composites as in Montavon et al.
    2019; attention as in Achtibat et al. 2024 (AttnLRP).
    """

    composite: Annotated[Any, pydantic.WithJsonSchema({"type": "string"})] = "epsilon_plus"
    """Rules by layer: `epsilon_plus`, `epsilon_plus_flat`, `epsilon_alpha2_beta1`,
    `epsilon_alpha2_beta1_flat`, `epsilon_gamma_box`, `zero`, `epsilon`, `gamma`, `z_plus`, or your
    own pairs, `[("first", "flat"), ("features.*", "gamma(0.5)"), ("Linear", "epsilon")]`."""
    epsilon: Annotated[float, pydantic.Field(ge=0)] = 1e-6
    """Added to the denominators of ε rules."""
    relative: bool = False
    """ε in units of the root mean square of each layer's output."""
    gamma: Annotated[float, pydantic.Field(ge=0)] = 0.25
    """How much more positive weights count in γ rules."""
    low: ArrayLike = None
    """Smallest pixel value for the rule `box`; left out, read from the preprocessing, or else from
    each channel of the input."""
    high: ArrayLike = None
    """Greatest pixel value, likewise."""
    pooling: Pooling = "winner"
    """Max-pooling: the greatest value takes all, or every value its share (`proportional`)."""
    zero_bias: bool = False
    """Leave biases out of the denominators, so that they keep no relevance."""
    reduce: Reduction | None = None
    """One value per place from its colours: `sum`, `sum_abs` or `max_abs`; left out, none."""

    def attribute(self, call: Call) -> Attribution:
        """One map for every target."""
        low, high = _bounds(call, self.low, self.high)
        settings = Settings(self.epsilon, self.relative, self.gamma, low, high)
        work = _Work(call, self, Composite(self.composite, settings))
        work.recordings.each("relevance propagation", work.add)
        found = {name: torch.cat(parts).flatten(0, 1) for name, parts in work.values.items()}
        attribution = input_maps(call, found, self.reduce)
        attribution.checks = _checks(
            torch.cat(work.given).flatten(), found.values(), work.ledger.values()
        )
        attribution.notes = {"relevance_by_layer": [dict(vars(b)) for b in work.ledger.values()]}
        return attribution


class _Work:
    """The maps `(rows, K, …)` of every batch by input name, and the ledger added up over them."""

    def __init__(self, call: Call, settings: LRP, composite: Composite) -> None:
        self.call, self.settings, self.composite = call, settings, composite
        self.recordings = Recordings(call, 3)
        self.values: dict[str, list[Tensor]] = {}
        self.given: list[Tensor] = []
        self.ledger: dict[tuple[int, str], Balance] = {}

    def add(self, samples: Tensor, inputs: Inputs) -> None:
        """Relevance of one batch, for every target from one forward pass."""
        graph = self.recordings.graph(inputs)
        scores, by_target = slopes(self.call, graph, samples)
        ends = {index for slope in by_target for index in slope}
        rules = Propagation(
            graph, ends, self.composite, self.settings.pooling, self.settings.zero_bias
        )
        maps: dict[str, list[Tensor]] = {name: [] for name in graph.sources}
        given = []
        for slope, score in zip(by_target, scores.unbind(1), strict=True):
            relevance = {i: graph.values[i] * gradient for i, gradient in slope.items()}
            found, balances = rules.propagate(relevance)
            for name, tensor in found.items():
                maps[name].append(tensor)
            whole = all(len(r) == len(samples) for r in relevance.values())
            given.append(_per_sample(relevance.values(), len(samples)) if whole else score.cpu())
            self._enter(balances)
        self.call.cost.backwards += len(samples) * len(by_target)
        for name, tensors in maps.items():
            self.values.setdefault(name, []).append(torch.stack(tensors, 1))
        self.given.append(torch.stack(given, 1))

    def _enter(self, balances: list[Balance]) -> None:
        for i, new in enumerate(balances):
            old = self.ledger.get((i, new.layer))
            self.ledger[i, new.layer] = new if old is None else old.with_other(new)


def _bounds(call: Call, low: Any, high: Any) -> tuple[Any, Any]:
    """The pixel bounds, to broadcast to the input; the preprocessing's where none are given."""
    known = call.model.preprocess
    if low is None and high is None and hasattr(known, "mean") and hasattr(known, "std"):
        mean, std = (np.asarray(getattr(known, name), dtype=float) for name in ("mean", "std"))
        low, high = -mean / std, (getattr(known, "top", 1.0) - mean) / std
    axes = call.inputs.axes()

    def wide(bound: Any) -> Any:
        if bound is None:
            return None
        given = torch.as_tensor(np.asarray(bound, dtype=np.float32))
        if given.ndim == 1 and CHANNEL in axes and len(given) > 1:
            shape = [-1 if axis == CHANNEL else 1 for axis in axes]
            return given.reshape(shape)
        return given

    return wide(low), wide(high)


def _per_sample(values: Iterable[Tensor], n: int) -> Tensor:
    return sum((v.reshape(n, -1).double().sum(1) for v in values), torch.zeros(1)).cpu()


def _checks(given: Tensor, maps: Iterable[Tensor], ledger: Iterable[Balance]) -> list[Check]:
    ledger = list(ledger)
    arrived = _per_sample(maps, len(given))
    shares = (arrived / torch.where(given == 0, 1, given)).tolist()
    total = sum(abs(b.relevance) for b in ledger[:1])
    bias, epsilon, rest = (sum(getattr(b, f) for b in ledger) for f in ("bias", "epsilon", "rest"))
    worst = max((b.imbalance for b in ledger), default=0.0)
    kept = ", ".join(
        f"{what} {amount / total:+.1%}"
        for what, amount in (
            ("biases", bias),
            ("ε and outputs that nothing supports", epsilon),
            ("the softmax", rest),
        )
        if total and (what != "the softmax" or rest)
    )
    text = f"Share of the score that arrives at the input; kept on the way: {kept}."
    if any(abs(share - 1) > 0.5 for share in shares):
        text += " Read the map as a pattern; its values are not shares of the score."
    verdicts: list[Verdict | None] = [
        grade(abs(share - 1), ok=0.5, poor=float("inf")) for share in shares
    ]
    return [
        check_each("relevance that arrives", shares, verdicts, text),
        Check(
            "layer balance",
            worst,
            grade(worst, ok=1e-4, poor=1e-2),
            "The largest share of a layer's relevance that is neither passed on nor accounted for "
            "by biases and ε: rounding.",
        ),
    ]
