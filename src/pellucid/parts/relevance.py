"""Layer-wise relevance propagation through a recorded graph, node by node, from the last to the
first."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from ..core.graph.families import family_of, refused
from ..core.graph.node import Graph, Node
from ..core.graph.weighted import Layer, weighted_layers
from .composites import Composite
from .relevance_operations import HANDED, Handed, Values
from .relevance_rules import Epsilon, Passed

Pooling = Literal["winner", "proportional"]


@dataclass(frozen=True)
class Balance:
    """What became of the relevance of one operation: sums over the batch, in the target's units."""

    layer: str
    rule: str
    relevance: float
    passed: float
    bias: float
    epsilon: float
    rest: float
    """What a rule without a bias or ε of its own did not pass: the remainder of a Taylor form."""
    imbalance: float
    """|relevance − passed − bias − ε − rest| relative to Σ |R|: the rounding error."""

    def with_other(self, other: "Balance") -> "Balance":
        """The same operation over another batch or target as well."""
        sums = ("relevance", "passed", "bias", "epsilon", "rest")
        added = {name: getattr(self, name) + getattr(other, name) for name in sums}
        return replace(self, **added, imbalance=max(self.imbalance, other.imbalance))


class Propagation:
    """The rules of one recorded graph, with what its targets share.

    Raises `NotApplicable` with every operation that has no rule, before anything is propagated, and
    `ParameterError` where the composite names a layer that is not there.
    """

    def __init__(
        self,
        graph: Graph,
        ends: Iterable[int],
        composite: Composite,
        pooling: Pooling = "winner",
        zero_bias: bool = False,
    ) -> None:
        self.graph, self.composite, self.pooling = graph, composite, pooling
        self.nodes = graph.between(ends)
        refused(self.nodes, "LRP")
        self.layers, inside = weighted_layers(graph, self.nodes, zero_bias)
        self.nodes = [node for node in self.nodes if node not in inside]
        composite.need_known((x.node, x.kind, x.first) for x in self.layers.values())
        self.values = Values(graph, composite.sums(), pooling, zero_bias)

    def propagate(self, relevance: dict[int, Tensor]) -> tuple[dict[str, Tensor], list[Balance]]:
        """The relevance of the inputs by name from that of the outputs by value number, and the
        balance of every operation that mixes values."""
        have = dict(relevance)
        ledger: list[tuple[str, str, Tensor]] = []
        for node in self.nodes:
            given = [None if i is None else have.pop(i, None) for i in node.outputs]
            if all(r is None for r in given):
                continue
            handed, place = self._hand(node, given)
            for i, r in handed.given.items():
                have[i] = have[i] + r if i in have else r
            if handed.rule:
                ledger.append((place, handed.rule, _entry(given, handed)))
        sources = self.graph.sources.items()
        values = self.graph.values
        found = {name: have[i] if i in have else torch.zeros_like(values[i]) for name, i in sources}
        return found, _balances(ledger)

    def _hand(self, node: Node, given: list[Tensor | None]) -> tuple[Handed, str]:
        layer = self.layers.get(node)
        if layer is not None:
            assert given[0] is not None
            return self._layer(layer, given[0]), layer.node.layer or layer.node.name
        family = family_of(node)
        assert family is not None
        return HANDED[family](self.values, node, given), node.place

    def _layer(self, layer: Layer, r: Tensor) -> Handed:
        rule = self.composite.rule(layer.node, layer.kind, layer.first)
        passed: Passed = rule(layer.map, r)
        name = "epsilon" if isinstance(rule, Epsilon) else type(rule).__name__
        return Handed({layer.source: passed.relevance}, name, passed.bias, passed.epsilon)


def _entry(given: list[Tensor | None], handed: Handed) -> Tensor:
    """Σ R before and after, what bias and ε kept, and Σ |R|, as one tensor `(5,)`."""
    before = [r for r in given if r is not None]
    zero = before[0].new_zeros(())
    unknown = zero + float("nan")
    return torch.stack(
        [
            sum((r.sum() for r in before), zero),
            sum((r.sum() for r in handed.given.values()), zero),
            unknown if handed.bias is None else handed.bias,
            unknown if handed.epsilon is None else handed.epsilon,
            sum((r.abs().sum() for r in before), zero),
        ]
    ).double()


def _balances(ledger: list[tuple[str, str, Tensor]]) -> list[Balance]:
    if not ledger:
        return []
    rows = torch.stack([entry for _, _, entry in ledger]).cpu().tolist()
    found = []
    for (place, rule, _), (before, after, bias, epsilon, size) in zip(ledger, rows, strict=True):
        open_ended = bias != bias  # NaN: the rule keeps no account of its own
        kept = 0.0 if open_ended else bias + epsilon
        gap = before - after - kept
        found.append(
            Balance(
                layer=place,
                rule=rule,
                relevance=before,
                passed=after,
                bias=0.0 if open_ended else bias,
                epsilon=0.0 if open_ended else epsilon,
                rest=gap if open_ended else 0.0,
                imbalance=0.0 if open_ended else abs(gap) / max(size, 1e-30),
            )
        )
    return found
