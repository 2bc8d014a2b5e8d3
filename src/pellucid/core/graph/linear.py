"""A layer of the graph as what it is to the rules: z = x w + b."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from .node import Graph, Node, Ref

_convolve = torch.ops.aten.convolution.default
_convolved = torch.ops.aten.convolution_backward.default


@dataclass(frozen=True)
class LinearMap:
    """`z = times(x, weight) + bias`; `back(s, weight)` is the transposed map, s Jᵀ.

    `x` is the layer's input, `z` its output; `bias` broadcasts to `z` or is None.
    """

    x: Tensor
    weight: Tensor
    bias: Tensor | None
    z: Tensor
    times: Callable[[Tensor, Tensor], Tensor]
    back: Callable[[Tensor, Tensor], Tensor]

    @cached_property
    def nonnegative(self) -> bool:
        """Whether no input is negative, as after a ReLU: half of every signed rule is zero."""
        return bool(self.x.amin() >= 0)

    @cached_property
    def supporting(self) -> Tensor:
        """Σ (x w)⁺ + b⁺, the part of z that is positive."""
        return self._part(self.weight.clamp(min=0), self.weight.clamp(max=0), 0, None)

    @cached_property
    def opposing(self) -> Tensor:
        """Σ (x w)⁻ + b⁻, the part of z that is negative."""
        return self._part(self.weight.clamp(max=0), self.weight.clamp(min=0), None, 0)

    def _part(self, first: Tensor, second: Tensor, low: float | None, high: float | None) -> Tensor:
        z = self.times(self.x if self.nonnegative else self.x.clamp(min=0), first)
        if not self.nonnegative:
            z = z + self.times(self.x.clamp(max=0), second)
        return z if self.bias is None else z + self.bias.clamp(low, high)


def linear_map(graph: Graph, node: Node) -> LinearMap:
    """The map of a `weighted` node."""
    value, z = graph.values.__getitem__, graph.values[_output(node)]
    if "conv" in node.name:
        return _convolution(node, value(node.inputs[0]), z)
    left, right = node.args[1:3] if node.name not in ("mm", "bmm", "mv") else node.args[:2]
    alpha = node.kwargs.get("alpha", 1)
    bias = None
    if node.name not in ("mm", "bmm", "mv"):
        bias = node.args[0] * node.kwargs.get("beta", 1)
    if isinstance(left, Ref):
        x, weight = value(left.index), right
        times: Callable[[Tensor, Tensor], Tensor] = torch.matmul
        back = _back_to_rows if weight.ndim > 1 else torch.outer
    else:
        x, weight = value(right.index), left
        times, back = _from_left, _back_to_columns
    return LinearMap(x, weight if alpha == 1 else weight * alpha, bias, z, times, back)


def folded(graph: Graph, norm: Node) -> tuple[Node, LinearMap] | None:
    """A batch normalisation and the layer whose output it alone takes, as one map: w γ/√(σ²+ε)."""
    before = graph.maker.get(norm.inputs[0])
    if before is None or graph.uses[norm.inputs[0]] > 1 or not _foldable(before):
        return None
    layer = linear_map(graph, before)
    gain, shift = gain_and_shift(norm)
    transposed = "conv" in before.name and before.args[6]
    if transposed and before.args[8] != 1:
        return None
    axis = 1 if transposed or "conv" not in before.name else 0
    shape = [-1 if i == axis else 1 for i in range(layer.weight.ndim)]
    places = (1, -1, *(1,) * (layer.z.ndim - 2))
    bias = shift.reshape(places)
    if layer.bias is not None:
        bias = bias + layer.bias * gain.reshape(places)
    weight = layer.weight * gain.reshape(shape)
    z = graph.values[_output(norm)]
    return before, LinearMap(layer.x, weight, bias, z, layer.times, layer.back)


def gain_and_shift(norm: Node) -> tuple[Tensor, Tensor]:
    """Batch normalisation per channel: gain = γ/√(σ²+ε), shift = β − μ gain."""
    _, weight, bias, mean, variance = norm.args[:5]
    gain = (variance + norm.args[-1]).rsqrt()
    gain = gain if weight is None else gain * weight
    shift = -mean * gain
    return gain.detach(), (shift if bias is None else shift + bias).detach()


def _foldable(node: Node) -> bool:
    if "conv" in node.name:
        return isinstance(node.args[0], Ref) and not isinstance(node.args[1], Ref)
    return (
        node.name in ("addmm", "mm")
        and len(node.inputs) == 1
        and isinstance(node.args[1 if node.name == "addmm" else 0], Ref)
    )


def _convolution(node: Node, x: Tensor, z: Tensor) -> LinearMap:
    settings = node.args[3:9]
    weight, bias = node.args[1].detach(), node.args[2]
    if bias is not None:
        bias = bias.detach().reshape(-1, *(1,) * (weight.ndim - 2))

    def times(x: Tensor, weight: Tensor) -> Tensor:
        found: Tensor = _convolve(x, weight, None, *settings)
        return found

    def back(s: Tensor, weight: Tensor) -> Tensor:
        found: Tensor = _convolved(s, x, weight, None, *settings, [True, False, False])[0]
        return found

    return LinearMap(x, weight, bias, z, times, back)


def _output(node: Node) -> int:
    first = node.outputs[0]
    assert first is not None
    return first


def _back_to_rows(s: Tensor, weight: Tensor) -> Tensor:
    return s @ weight.mT


def _from_left(x: Tensor, weight: Tensor) -> Tensor:
    return weight @ x


def _back_to_columns(s: Tensor, weight: Tensor) -> Tensor:
    return weight.mT @ s
