"""DeepLIFT's RevealCancel rule: differences that raise and that lower a value, kept apart.

Every difference is Δ = Δ⁺ + Δ⁻ with a multiplier for each part, so that causes that cancel each
other before a nonlinearity are seen (Shrikumar et al. 2017, sec. 3.5.2).
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..core.graph.difference import Difference
from ..core.graph.families import family_of, refused, summand_factor
from ..core.graph.linear import gain_and_shift, linear_map
from ..core.graph.node import Node, Ref, pull_back
from .multipliers import COPIES, Multipliers, handed

Two = tuple[Tensor, Tensor]
"""Multipliers of Δ⁺ and of Δ⁻, or those differences."""


def reveal_cancel(pair: Difference, slopes: Multipliers) -> dict[str, Tensor]:
    """The multipliers of the inputs by name, from those of the outputs by value number.

    Raises `NotApplicable` with every operation that has no rule.
    """
    nodes = pair.graph.between(slopes)
    refused(nodes, "DeepLIFT")
    split = _Split(pair)
    for node in reversed(nodes):
        split.tell_apart(node)
    have: dict[int, Two] = {i: (m, m) for i, m in slopes.items()}
    for node in nodes:
        given = [None if i is None else have.pop(i, None) for i in node.outputs]
        if all(m is None for m in given):
            continue
        for i, (up, down) in split.hand_down(node, given).items():
            before = have.get(i)
            have[i] = (up, down) if before is None else (before[0] + up, before[1] + down)
    found = {}
    for name, i in pair.graph.sources.items():
        zero = torch.zeros_like(pair.graph.values[i])
        found[name] = _by_sign(pair.delta(i), *have.get(i, (zero, zero)))
    return found


@dataclass
class _Split:
    """Δ⁺ of every value; Δ⁻ is the rest of Δ."""

    pair: Difference
    up: dict[int, Tensor] = field(default_factory=dict)

    def parts(self, index: int) -> Two:
        """Δ⁺ and Δ⁻; by the sign of Δ where nothing is known of its causes."""
        delta = self.pair.delta(index)
        up = self.up.get(index)
        return (delta.clamp(min=0), delta.clamp(max=0)) if up is None else (up, delta - up)

    def tell_apart(self, node: Node) -> None:
        """Δ⁺ of what the node gives."""
        match family_of(node):
            case "weighted":
                self._set(node, _layer_parts(self.pair, node))
            case "movement":
                self._move(node)
            case "scale" | "batch_norm":
                up, down = self.parts(node.inputs[0])
                gain = _gain(self.pair, node)
                self._set(node, gain.clamp(min=0) * up + gain.clamp(max=0) * down)
            case "shift" | "sum" if node.name in ("add", "sub", "rsub"):
                self._add(node)
            case "activation":
                up, _ = self._responses(node)
                self._set(node, up)

    def hand_down(self, node: Node, given: list[Two | None]) -> dict[int, Two]:
        """The multipliers of the node's inputs."""
        family = family_of(node)
        first = next(m for m in given if m is not None)
        if family == "weighted":
            return {node.inputs[0]: _layer_multipliers(self.pair, node, first)}
        if family == "movement" or (family in ("shift", "sum") and node.name == "add"):
            return self._each(node, given)
        if family in ("shift", "sum") and node.name in ("sub", "rsub"):
            return self._turned(node, first)
        if family in ("scale", "batch_norm"):
            gain = _gain(self.pair, node)
            x = self.pair.graph.values[node.inputs[0]]
            plus, minus = gain.clamp(min=0), gain.clamp(max=0)
            up, down = first
            back = plus * up + minus * down, plus * down + minus * up
            return {node.inputs[0]: (back[0].sum_to_size(x.shape), back[1].sum_to_size(x.shape))}
        if family == "activation":
            return {node.inputs[0]: self._through(node, first)}
        if family == "sum":
            value = self.pair.graph.values.__getitem__
            raised, lowered = (pull_back(node, value, [m]) for m in first)
            return {
                i: _twice(_by_sign(self.pair.delta(i), m, lowered[i])) for i, m in raised.items()
            }
        one = [
            None if m is None or i is None else _by_sign(self.pair.delta(i), *m)
            for i, m in zip(node.outputs, given, strict=True)
        ]
        return {i: _twice(m) for i, m in handed(self.pair, node, one).items()}

    def _set(self, node: Node, up: Tensor) -> None:
        assert node.outputs[0] is not None
        self.up[node.outputs[0]] = up

    def _move(self, node: Node) -> None:
        """A movement moves Δ⁺ alike; constants have none."""
        known = {i: self.parts(i)[0] for i in node.inputs}
        moved = node.run(known.__getitem__)
        still = node.run(lambda i: torch.zeros_like(known[i]))
        moved, still = ([t] if isinstance(t, Tensor) else t for t in (moved, still))
        for i, y, constant in zip(node.outputs, moved, still, strict=True):
            if i is not None:
                self.up[i] = y - constant

    def _add(self, node: Node) -> None:
        """What raises a summand raises the sum; what is subtracted, the other way round."""
        assert node.outputs[0] is not None
        found = torch.zeros_like(self.pair.delta(node.outputs[0]))
        for position, argument in enumerate(node.args[:2]):
            if isinstance(argument, Ref):
                factor = summand_factor(node, position)
                up, down = self.parts(argument.index)
                found = found + factor * (up if factor > 0 else down)
        self._set(node, found)

    def _responses(self, node: Node) -> Two:
        """What f answers to Δ⁺ and to Δ⁻, each before and after the other, averaged."""
        i, base = node.inputs[0], self.pair.base.values[node.inputs[0]]
        up, down = self.parts(i)

        def f(x: Tensor) -> Tensor:
            y = node.run(lambda _: x)
            first: Tensor = y if isinstance(y, Tensor) else y[0]
            return first

        none, both = f(base), f(base + up + down)
        rise, fall = f(base + up), f(base + down)
        return (rise - none + both - fall) / 2, (fall - none + both - rise) / 2

    def _through(self, node: Node, given: Two) -> Two:
        answers, causes = self._responses(node), self.parts(node.inputs[0])
        found = []
        for m, dy, dx in zip(given, answers, causes, strict=True):
            none = dx == 0
            found.append(m * torch.where(none, 0, dy / torch.where(none, 1, dx)))
        return found[0], found[1]

    def _each(self, node: Node, given: list[Two | None]) -> dict[int, Two]:
        """The same way back for both parts."""
        if node.name in COPIES:
            first = next(m for m in given if m is not None)
            return {node.inputs[0]: first}
        value = self.pair.graph.values.__getitem__
        up = pull_back(node, value, [None if m is None else m[0] for m in given])
        down = pull_back(node, value, [None if m is None else m[1] for m in given])
        return {i: (up[i], down[i]) for i in up}

    def _turned(self, node: Node, given: Two) -> dict[int, Two]:
        found: dict[int, Two] = {}
        for position, argument in enumerate(node.args[:2]):
            if not isinstance(argument, Ref):
                continue
            factor, shape = (
                summand_factor(node, position),
                self.pair.graph.values[argument.index].shape,
            )
            up, down = given if factor > 0 else given[::-1]
            new = (factor * up).sum_to_size(shape), (factor * down).sum_to_size(shape)
            old = found.get(argument.index)
            found[argument.index] = new if old is None else (old[0] + new[0], old[1] + new[1])
        return found


def _layer_parts(pair: Difference, node: Node) -> Tensor:
    """Δ⁺ of a layer: what its inputs' differences raise, w⁺Δ for Δ > 0 and w⁻Δ for Δ < 0."""
    layer = linear_map(pair.graph, node)
    delta = pair.delta(node.inputs[0])
    plus, minus = layer.weight.clamp(min=0), layer.weight.clamp(max=0)
    return layer.times(delta.clamp(min=0), plus) + layer.times(delta.clamp(max=0), minus)


def _layer_multipliers(pair: Difference, node: Node, given: Two) -> Two:
    layer = linear_map(pair.graph, node)
    plus, minus = layer.weight.clamp(min=0), layer.weight.clamp(max=0)
    up, down = given
    raising = layer.back(up, plus) + layer.back(down, minus)
    lowering = layer.back(up, minus) + layer.back(down, plus)
    return _twice(_by_sign(pair.delta(node.inputs[0]), raising, lowering))


def _gain(pair: Difference, node: Node) -> Tensor:
    """The constant that a value is multiplied by."""
    x = pair.graph.values[node.inputs[0]]
    if family_of(node) == "batch_norm":
        return gain_and_shift(node)[0].reshape(1, -1, *(1,) * (x.ndim - 2))
    if node.name == "neg":
        return x.new_tensor(-1.0)
    left, right = node.args[:2]
    constant = torch.as_tensor(right if isinstance(left, Ref) else left, dtype=x.dtype)
    return 1 / constant if node.name == "div" else constant.to(x.device)


def _by_sign(delta: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """One multiplier for a difference that is whole: that of its sign, the mean where it is 0."""
    return torch.where(delta > 0, up, torch.where(delta < 0, down, (up + down) / 2))


def _twice(m: Tensor) -> Two:
    return m, m
