"""Layer, group and root-mean-square norms as one thing: y = (x − μ) / σ · γ + β."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from .node import Node


@dataclass(frozen=True)
class Normalised:
    """A norm on the values at hand; everything broadcasts to its input.

    `mean` averages over the values that are normalised together, `scale` is 1/σ.
    """

    weight: Tensor | None
    bias: Tensor | None
    scale: Tensor
    mean: Callable[[Tensor], Tensor]
    shifts: bool

    def centred(self, x: Tensor) -> Tensor:
        """x − μ; x itself where the norm does not centre."""
        return x - self.mean(x) if self.shifts else x


def normalised(node: Node, value: Callable[[int], Tensor]) -> Normalised:
    """The parts of a `norm` node."""
    x, last = value(node.inputs[0]), node.outputs[-1]
    assert last is not None
    if node.name == "native_group_norm":
        return _of_groups(node, x, value(last))
    axes = tuple(range(x.ndim - len(node.args[1]), x.ndim))

    def mean(t: Tensor) -> Tensor:
        return t.mean(axes, keepdim=True)

    if node.name == "_fused_rms_norm":
        return Normalised(_plain(node.args[2]), None, value(last), mean, shifts=False)
    weight, bias = node.args[2:4]
    return Normalised(_plain(weight), _plain(bias), value(last), mean, shifts=True)


def _of_groups(node: Node, x: Tensor, scale: Tensor) -> Normalised:
    groups, channels = node.args[6], (1, -1, *(1,) * (x.ndim - 2))
    size = x[0].numel() // groups

    def wide(t: Tensor) -> Tensor:
        return t.reshape(len(x), groups, 1).expand(-1, -1, size).reshape(x.shape)

    def mean(t: Tensor) -> Tensor:
        return wide(t.expand_as(x).reshape(len(x), groups, -1).mean(2))

    weight, bias = (None if t is None else t.detach().reshape(channels) for t in node.args[1:3])
    return Normalised(weight, bias, wide(scale), mean, shifts=True)


def _plain(weight: Tensor | None) -> Tensor | None:
    return None if weight is None else weight.detach()
