"""How operations without learnt weights hand down relevance: sums, poolings, attention, gates."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..core.graph.families import Family, is_gate, single_root, summand_factor
from ..core.graph.node import Graph, Node, Ref, pull_back
from ..core.graph.normalised import normalised
from ..errors import NotApplicable
from .relevance_rules import STABILISER, Epsilon, divided

_POOLS = {"max_pool2d_with_indices": F.avg_pool2d, "max_pool3d_with_indices": F.avg_pool3d}
_COPIES = frozenset(["clone", "detach", "alias", "lift_fresh", "_to_copy", "contiguous"])


@dataclass
class Handed:
    """What one operation handed down, by value number. `rule` is empty where nothing can be lost;
    `bias` and `epsilon` are None where the rule keeps no account of them."""

    given: dict[int, Tensor]
    rule: str = ""
    bias: Tensor | None = None
    epsilon: Tensor | None = None


@dataclass(frozen=True)
class Values:
    """What the operations' rules read: the recorded values and the composite's settings."""

    graph: Graph
    sums: Epsilon
    pooling: str
    zero_bias: bool

    def __call__(self, index: int) -> Tensor:
        return self.graph.values[index]

    def output(self, node: Node) -> Tensor:
        """The first output of a node."""
        assert node.outputs[0] is not None
        return self.graph.values[node.outputs[0]]


Given = list[Tensor | None]


def movement(values: Values, node: Node, given: Given) -> Handed:
    """Relevance goes where the value came from; none comes from constants."""
    if node.name in _COPIES:
        assert given[0] is not None
        return Handed({node.inputs[0]: given[0].to(values(node.inputs[0]).dtype)})
    return Handed(pull_back(node, values, given))


def winner(values: Values, node: Node, given: Given) -> Handed:
    """The greatest value takes all; with proportional pooling, every value its share."""
    (r, *_), x = given, values(node.inputs[0])
    if r is not None and values.pooling == "proportional" and node.name in _POOLS:
        return _proportional(values, node, r)
    if r is not None and node.name == "max_pool2d_with_indices":
        settings = _pool_settings(node)
        back = torch.ops.aten.max_pool2d_with_indices_backward.default
        return Handed({node.inputs[0]: back(r, x, *settings, node.rest[0])})
    return Handed(pull_back(node, values, given))


def activation(values: Values, node: Node, given: Given) -> Handed:
    """A function of one value hands all down to it."""
    del values
    r = next(r for r in given if r is not None)
    return Handed({node.inputs[0]: r})


def scale(values: Values, node: Node, given: Given) -> Handed:
    """A multiple of a value likewise; where it is multiplied by zero, nothing."""
    (r,), x = given, values(node.inputs[0])
    assert r is not None
    constants = [a for a in node.args[:2] if isinstance(a, Tensor)]
    if constants and node.name == "mul":
        r = r * (constants[0] != 0)
    return Handed({node.inputs[0]: r.sum_to_size(x.shape)})


def shift(values: Values, node: Node, given: Given) -> Handed:
    """z = ±x + c: the constant takes its share as a bias does."""
    (r,), z = given, values.output(node)
    assert r is not None
    if values.zero_bias:
        return Handed({node.inputs[0]: r.sum_to_size(values(node.inputs[0]).shape)})
    s, kept = divided(r, z, values.sums.epsilon)
    factor = summand_factor(node, 0 if isinstance(node.args[0], Ref) else 1)
    moved = factor * values(node.inputs[0]).expand_as(z)
    constant = torch.where(torch.isfinite(z), z - moved, 0)
    given_x = (moved * s).sum_to_size(values(node.inputs[0]).shape)
    return Handed({node.inputs[0]: given_x}, "sum", (s * constant).sum(), kept)


def total(values: Values, node: Node, given: Given) -> Handed:
    """A sum hands down in proportion to its summands: R_i = x_i Σ_k J_ki R_k / (z_k + ε)."""
    (r,), z = given, values.output(node)
    assert r is not None
    s, kept = divided(r, z, values.sums.epsilon)
    back = pull_back(node, values, [s])
    shares = {i: values(i) * g for i, g in back.items()}
    return Handed(shares, "sum", r.new_zeros(()), kept)


def product(values: Values, node: Node, given: Given) -> Handed:
    """Half for each factor (AttnLRP, prop. 3.3); none for one that is a gate (Arras et al. 2017);
    all for the one value of which both are functions."""
    (r,) = given
    assert r is not None
    if node.name != "mul":
        s, kept = divided(r / 2, values.output(node), STABILISER)
        back = pull_back(node, values, [s])
        shares = {i: values(i) * g for i, g in back.items()}
        return Handed(shares, "product", r.new_zeros(()), 2 * kept)
    root = single_root(values.graph, node)
    if root is not None:
        return Handed({root: r})
    gates = [i for i in node.inputs if is_gate(values.graph, i)]
    passing = [i for i in node.inputs if i not in gates] or list(node.inputs)
    part = r / len(passing)
    return Handed({i: part.sum_to_size(values(i).shape) for i in passing})


def quotient(values: Values, node: Node, given: Given) -> Handed:
    """The numerator takes all: the denominator only scales it."""
    (r,), numerator = given, node.args[0]
    assert r is not None
    root = single_root(values.graph, node)
    to = root if root is not None else numerator.index
    return Handed({to: r.sum_to_size(values(to).shape)})


def norm(values: Values, node: Node, given: Given) -> Handed:
    """(x − μ) / σ · γ + β with σ a constant: the division hands all down, the rest is linear.

    Ali et al. 2022; AttnLRP, prop. 3.4.
    """
    r, x = given[0], values(node.inputs[0])
    assert r is not None
    y, parts = values.output(node), normalised(node, values)
    bias = None if values.zero_bias else parts.bias
    s, kept = divided(
        r, y if parts.bias is None or bias is not None else y - parts.bias, STABILISER
    )
    spread = s * parts.scale if parts.weight is None else s * parts.weight * parts.scale
    lost = r.new_zeros(()) if bias is None else (s * bias).sum()
    return Handed({node.inputs[0]: x * parts.centred(spread)}, "norm", lost, kept)


def softmax(values: Values, node: Node, given: Given) -> Handed:
    """R_i = x_i (R_i − s_i Σ_j R_j): gradient × input (AttnLRP, prop. 3.1)."""
    (r,), x, y = given, values(node.inputs[0]), values.output(node)
    assert r is not None
    axis = node.args[1]
    if node.name == "_log_softmax":
        s, _ = divided(r, y, STABILISER)
        back = s - y.exp() * s.sum(axis, keepdim=True)
    else:
        back = r - y * r.sum(axis, keepdim=True)
    return Handed({node.inputs[0]: torch.where(torch.isfinite(x), x * back, 0)}, "softmax")


HANDED: dict[Family, Callable[[Values, Node, Given], Handed]] = {
    "movement": movement,
    "winner": winner,
    "activation": activation,
    "scale": scale,
    "shift": shift,
    "sum": total,
    "product": product,
    "quotient": quotient,
    "norm": norm,
    "softmax": softmax,
}
"""The rule of every family of operations but those with learnt weights."""


def _pool_settings(node: Node) -> list[Any]:
    """Window, stride, padding, dilation and ceil mode of a max-pooling."""
    size = list(node.args[1])
    more = [list(a) if isinstance(a, list | tuple) else a for a in node.args[2:]]
    default: list[Any] = [size, [0] * len(size), [1] * len(size), False]
    filled = [*more, *default[len(more) :]]
    return [size, filled[0] or size, *filled[1:]]


def _proportional(values: Values, node: Node, r: Tensor) -> Handed:
    size, stride, padding, dilation, ceil = _pool_settings(node)
    if any(d != 1 for d in dilation):
        raise NotApplicable(
            f"{node.place} pools with gaps, and has no proportional rule.", "Use pooling='winner'."
        )
    x = values(node.inputs[0]).detach().requires_grad_()
    with torch.enable_grad():
        z: Tensor = _POOLS[node.name](x, size, stride, padding, ceil)
        s, kept = divided(r, z.detach(), STABILISER)
        (back,) = torch.autograd.grad(z, [x], [s])
    return Handed({node.inputs[0]: x.detach() * back}, "pool", r.new_zeros(()), kept)
