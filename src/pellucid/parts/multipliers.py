"""DeepLIFT's Rescale rule through two recordings of one network.

A multiplier m says what a difference Δ of a value from its baseline adds to the target: C = m Δ.
Every operation hands multipliers down so that Σ m Δ is the same before and after it
(summation-to-delta).
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..core.graph.difference import Difference
from ..core.graph.families import Family, family_of, refused, single_root
from ..core.graph.linear import gain_and_shift, linear_map
from ..core.graph.node import Graph, Node, pull_back
from ..core.graph.normalised import normalised

Given = Sequence[Tensor | None]
Multipliers = dict[int, Tensor]
"""By the number of the value that they belong to."""

NEAR = 1e-6
"""Differences below this, relative to the values, are rounding: the derivative is taken instead."""

COPIES = frozenset(["clone", "detach", "alias", "lift_fresh", "_to_copy", "contiguous"])


def rescale(pair: Difference, slopes: Multipliers) -> dict[str, Tensor]:
    """The multipliers of the inputs by name, from those of the outputs by value number.

    Shrikumar et al. 2017, sec. 3.5.1. Raises `NotApplicable` with every operation that has no rule.
    """
    nodes = pair.graph.between(slopes)
    refused(nodes, "DeepLIFT")
    have = dict(slopes)
    for node in nodes:
        given = [None if i is None else have.pop(i, None) for i in node.outputs]
        if all(m is None for m in given):
            continue
        for i, m in handed(pair, node, given).items():
            have[i] = have[i] + m if i in have else m
    return {
        name: have[i] if i in have else torch.zeros_like(pair.graph.values[i])
        for name, i in pair.graph.sources.items()
    }


def handed(pair: Difference, node: Node, given: Given) -> Multipliers:
    """The multipliers of a node's inputs from those of its outputs."""
    family = family_of(node)
    assert family is not None
    return _HANDED[family](pair, node, given)


def linear(pair: Difference, node: Node, given: Given) -> Multipliers:
    """A linear operation: m Jᵀ, wherever it is taken."""
    if node.name in COPIES:
        (m,) = given
        assert m is not None
        return {node.inputs[0]: m.to(pair.graph.values[node.inputs[0]].dtype)}
    return pull_back(node, pair.graph.values.__getitem__, given)


def weighted(pair: Difference, node: Node, given: Given) -> Multipliers:
    """A layer with weights: m wᵀ."""
    layer = linear_map(pair.graph, node)
    (m,) = given
    assert m is not None
    return {node.inputs[0]: layer.back(m, layer.weight)}


def batch_norm(pair: Difference, node: Node, given: Given) -> Multipliers:
    """Batch normalisation in eval mode: m γ/√(σ²+ε)."""
    m = given[0]
    assert m is not None
    gain = gain_and_shift(node)[0].reshape(1, -1, *(1,) * (m.ndim - 2))
    return {node.inputs[0]: m * gain}


def pointwise(pair: Difference, node: Node, given: Given) -> Multipliers:
    """A function of one value: m Δy/Δx, its derivative where the two are too close to tell."""
    m = next(m for m in given if m is not None)
    return {node.inputs[0]: m * _slope(pair, node, node.inputs[0])}


def winner(pair: Difference, node: Node, given: Given) -> Multipliers:
    """A maximum that rises is the doing of the input's greatest value; one that falls, of the
    baseline's."""
    rise, fall = [], []
    for i, m in zip(node.outputs, given, strict=True):
        change = None if i is None or m is None else m * pair.delta(i)
        sign = None if i is None else pair.delta(i) > 0
        rise.append(None if change is None else torch.where(sign, change, 0))  # type: ignore[arg-type]
        fall.append(None if change is None else torch.where(sign, 0, change))  # type: ignore[arg-type]
    up = pull_back(node, pair.graph.values.__getitem__, rise)
    down = pull_back(node, pair.base.values.__getitem__, fall)
    found = {}
    for i in up:
        delta, share = pair.delta(i), up[i] + down[i]
        none = delta == 0
        found[i] = torch.where(none, 0, share / torch.where(none, 1, delta))
    return found


def product(pair: Difference, node: Node, given: Given) -> Multipliers:
    """Half of each way round; one value times a function of it is a function of that value."""
    root = single_root(pair.graph, node) if node.name == "mul" else None
    if root is None:
        return pull_back(node, {i: pair.at(0.5, i) for i in node.inputs}.__getitem__, given)
    (m,) = given
    assert m is not None
    return {root: m * _slope(pair, node, root)}


def quotient(pair: Difference, node: Node, given: Given) -> Multipliers:
    """a/b as a · (1/b): the product of a value and Rescale of the other."""
    (m,), (a, b) = given, (ref.index for ref in node.args[:2])
    assert m is not None
    root = single_root(pair.graph, node)
    if root is not None:
        return {root: m * _slope(pair, node, root)}
    over, before = pair.graph.values[b], pair.base.values[b]
    above = m * (1 / over + 1 / before) / 2
    below = -m * pair.at(0.5, a) / (over * before)
    shapes = pair.graph.values[a].shape, over.shape
    return {a: above.sum_to_size(shapes[0]), b: below.sum_to_size(shapes[1])}


def norm(pair: Difference, node: Node, given: Given) -> Multipliers:
    """c / σ with c = x − μ and 1/σ = (mean c² + ε)^(−½): a product, and Rescale of its parts."""
    m, i = given[0], node.inputs[0]
    assert m is not None
    here, there = (normalised(node, g.values.__getitem__) for g in (pair.graph, pair.base))
    g = m if here.weight is None else m * here.weight
    c = here.centred(pair.graph.values[i]) + there.centred(pair.base.values[i])
    s, s0 = here.scale, there.scale
    by_scale = here.mean(g * c / 2)  # times the number of values that are normalised together,
    by_square = -by_scale * (s * s0).square() / (s + s0)  # which the mean of squares divides by
    back = g * (s + s0) / 2 + by_square * c
    return {i: here.centred(back)}


def softmax(pair: Difference, node: Node, given: Given) -> Multipliers:
    """e / Σ e with e = exp x: a quotient, a sum, and Rescale of the exponential."""
    (m,), i, axis = given, node.inputs[0], node.args[1]
    assert m is not None
    x, base = pair.graph.values[i], pair.base.values[i]
    top = torch.maximum(x, base).amax(axis, keepdim=True)
    e, e0 = (x - top).exp(), (base - top).exp()
    total, total0 = e.sum(axis, keepdim=True), e0.sum(axis, keepdim=True)
    if node.name == "_log_softmax":
        ratio = total / total0
        near = (ratio - 1).abs() < 1e-4
        log = torch.where(near, 2 / (total + total0), ratio.log() / (total - total0))
        by_e, direct = -m.sum(axis, keepdim=True) * log, m
    else:
        by_total = -(m * (e + e0) / 2).sum(axis, keepdim=True) / (total * total0)
        by_e, direct = m * (1 / total + 1 / total0) / 2 + by_total, torch.zeros_like(m)
    delta = x - base
    near = ~(delta.abs() > 1e-4)  # also where both are −∞
    slope = torch.where(near, (e + e0) / 2, (e - e0) / torch.where(near, 1, delta))
    return {i: direct + by_e * slope}


_HANDED: dict[Family, Callable[[Difference, Node, Given], Multipliers]] = {
    "movement": linear,
    "scale": linear,
    "shift": linear,
    "sum": linear,
    "weighted": weighted,
    "batch_norm": batch_norm,
    "activation": pointwise,
    "winner": winner,
    "softmax": softmax,
    "norm": norm,
    "product": product,
    "quotient": quotient,
}


def _slope(pair: Difference, node: Node, root: int) -> Tensor:
    """Δy/Δx of a function y of the value x at every place; its derivative where Δx is rounding."""
    output = next(i for i in node.outputs if i is not None)
    x, base = pair.graph.values[root], pair.base.values[root]
    delta = x - base
    near = delta.abs() <= NEAR * (x.abs() + base.abs()) + 1e-12
    if not near.any():
        return pair.delta(output) / delta
    found = pair.delta(output) / torch.where(near, 1, delta)
    return torch.where(near, _derivative(pair.graph, node, output, root), found)


def _derivative(graph: Graph, node: Node, output: int, root: int) -> Tensor:
    """dy/dx place by place, through the operations between the two."""
    have = {output: torch.ones_like(graph.values[output])}
    position = graph.nodes.index(node)
    for between in graph.nodes[position::-1]:
        given = [None if i is None else have.pop(i, None) for i in between.outputs]
        if any(g is not None for g in given):
            for i, g in pull_back(between, graph.values.__getitem__, given).items():
                have[i] = have[i] + g if i in have else g
        if set(have) == {root}:
            break
    return have[root]
