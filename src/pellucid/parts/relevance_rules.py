"""The rules of layer-wise relevance propagation: what a layer z = x w + b hands down.

Every rule has the shape R_i = Σ_k (share of i in the denominator of k) R_k; what the denominator
holds beyond those shares, the bias and ε, keeps its part of the relevance, and is counted.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from ..core.graph.linear import LinearMap
from ..errors import ParameterError

STABILISER = 1e-6
"""What keeps a denominator of the rules other than ε from being zero."""


@dataclass(frozen=True)
class Passed:
    """The relevance of the layer's input, and the sums that its bias and ε kept."""

    relevance: Tensor
    bias: Tensor
    epsilon: Tensor


class Rule(ABC):
    """A rule; frozen, and prints itself as one writes it in a composite."""

    @abstractmethod
    def __call__(self, layer: LinearMap, r: Tensor) -> Passed:
        """Relevance `r` of the layer's output, shaped like `z`, handed to its input."""


@final
@dataclass(frozen=True)
class Epsilon(Rule):
    """R = x · (R / (z + ε sign z)) wᵀ. With ε = 0, LRP-0.

    Bach et al. 2015, eq. 58. With `relative`, ε is in units of the root mean square of each
    sample's z (Montavon et al. 2019).
    """

    epsilon: float = STABILISER
    relative: bool = False

    def __call__(self, layer: LinearMap, r: Tensor) -> Passed:
        size: float | Tensor = self.epsilon
        if self.relative:
            axes = tuple(range(1, layer.z.ndim))
            size = size * layer.z.square().mean(axes, keepdim=True).sqrt()
        s, kept = divided(r, layer.z, size)
        return Passed(layer.x * layer.back(s, layer.weight), _of_bias(s, layer.bias), kept)


@final
@dataclass(frozen=True)
class Gamma(Rule):
    """As LRP-0 with w + γ w⁺ for w: what supports the output counts 1 + γ times.

    Montavon et al. 2019, sec. 10.2.3; where inputs or outputs are negative, what supports them is
    what has their sign (Andéol et al. 2021).
    """

    gamma: float = 0.25

    def __call__(self, layer: LinearMap, r: Tensor) -> Passed:
        up, down = layer.weight.clamp(min=0), layer.weight.clamp(max=0)
        more = layer.weight + self.gamma * up, layer.weight + self.gamma * down
        found, bias, kept = torch.zeros_like(layer.x), r.new_zeros(()), r.new_zeros(())
        for sign in (1, -1):
            here = torch.where(layer.z * sign > 0, r, 0)
            if not here.any():
                continue
            part = layer.supporting if sign > 0 else layer.opposing
            s, lost = divided(here, layer.z + self.gamma * part, STABILISER)
            first, second = more if sign > 0 else more[::-1]
            found += _signed(layer, s, first, second)
            if layer.bias is not None:
                limits = (0, None) if sign > 0 else (None, 0)
                own = layer.bias + self.gamma * layer.bias.clamp(*limits)
                bias = bias + _of_bias(s, own)
            kept = kept + lost
        silent = torch.where(layer.z == 0, r, 0).sum()
        return Passed(found, bias, kept + silent)


@final
@dataclass(frozen=True)
class AlphaBeta(Rule):
    """R = α · (x w)⁺ R / Σ (x w)⁺ − β · (x w)⁻ R / Σ (x w)⁻, with α − β = 1.

    Bach et al. 2015, eq. 60. With α = 1 and β = 0 it is z⁺ (Montavon et al. 2017).
    """

    alpha: float = 2.0
    beta: float = 1.0

    def __call__(self, layer: LinearMap, r: Tensor) -> Passed:
        up, down = layer.weight.clamp(min=0), layer.weight.clamp(max=0)
        s, kept = divided(self.alpha * r, layer.supporting, STABILISER)
        found = _signed(layer, s, up, down)
        bias = _of_bias(s, None if layer.bias is None else layer.bias.clamp(min=0))
        if self.beta:
            s, lost = divided(-self.beta * r, layer.opposing, STABILISER)
            found += _signed(layer, s, down, up)
            bias = bias + _of_bias(s, None if layer.bias is None else layer.bias.clamp(max=0))
            kept = kept + lost
        return Passed(found, bias, kept)


@final
@dataclass(frozen=True)
class WSquare(Rule):
    """R = w² R / Σ w²: the input itself plays no part (Montavon et al. 2017, eq. 12)."""

    def __call__(self, layer: LinearMap, r: Tensor) -> Passed:
        return _without_input(layer, r, layer.weight.square(), layer.bias)


@final
@dataclass(frozen=True)
class Flat(Rule):
    """Every input of a place gets the same share (Lapuschkin et al. 2019)."""

    def __call__(self, layer: LinearMap, r: Tensor) -> Passed:
        return _without_input(layer, r, torch.ones_like(layer.weight), None)


@final
@dataclass(frozen=True)
class Pass(Rule):
    """Relevance stays where it is: for layers of one input to each output."""

    def __call__(self, layer: LinearMap, r: Tensor) -> Passed:
        if layer.x.shape != layer.z.shape or layer.weight.shape[0] != 1:
            raise ParameterError(
                "The LRP rule 'pass' is for layers that keep every value at its place.",
                "Use it for 'norm'; 'zero' is the plain rule of layers that mix values.",
            )
        return Passed(r, r.new_zeros(()), r.new_zeros(()))


@final
@dataclass(frozen=True)
class Box(Rule):
    """z^B, for pixels between `low` and `high`: x w − l w⁺ − h w⁻ (Montavon et al. 2017, eq. 15).

    Bounds broadcast to the input; left out, they are the smallest and the greatest value of each
    channel of each sample.
    """

    low: Tensor | float | None = None
    high: Tensor | float | None = None

    def __call__(self, layer: LinearMap, r: Tensor) -> Passed:
        x, places = layer.x, tuple(range(2, layer.x.ndim)) or (1,)
        low = x.amin(places, keepdim=True) if self.low is None else self._bound(self.low, x)
        high = x.amax(places, keepdim=True) if self.high is None else self._bound(self.high, x)
        low, high = low.expand_as(x), high.expand_as(x)
        up, down = layer.weight.clamp(min=0), layer.weight.clamp(max=0)
        z = layer.times(x, layer.weight) - layer.times(low, up) - layer.times(high, down)
        s, kept = divided(r, z, STABILISER)
        found = x * layer.back(s, layer.weight)
        found = found - low * layer.back(s, up) - high * layer.back(s, down)
        return Passed(found, r.new_zeros(()), kept)

    def _bound(self, given: Tensor | float, x: Tensor) -> Tensor:
        return torch.as_tensor(given, dtype=x.dtype, device=x.device)


def divided(r: Tensor, z: Tensor, epsilon: float | Tensor) -> tuple[Tensor, Tensor]:
    """`s = r / (z + ε sign z)` with sign 0 = 1, and Σ s ε sign z, what ε keeps.

    A z of −0 is a sum of zeros alone, so that its sign is of no account.

    With ε = 0, relevance of an output that is zero has nowhere to go and is kept too.
    """
    if isinstance(epsilon, float | int) and epsilon == 0:
        none = z == 0
        s = torch.where(none, 0, r / torch.where(none, 1, z))
        return s, torch.where(none, r, 0).sum()
    signed = torch.copysign(torch.as_tensor(epsilon, dtype=z.dtype, device=z.device), z)
    bottom = z + signed
    s = torch.div(r, bottom, out=bottom)
    return s, signed.mul_(s).sum()


def _of_bias(s: Tensor, bias: Tensor | None) -> Tensor:
    """Σ s b."""
    if bias is None:
        return s.new_zeros(())
    return (s.sum_to_size(bias.shape) * bias).sum()


def _signed(layer: LinearMap, s: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """x⁺ · s firstᵀ + x⁻ · s secondᵀ."""
    found = layer.x.clamp(min=0) * layer.back(s, first)
    if not layer.nonnegative:
        found = found + layer.x.clamp(max=0) * layer.back(s, second)
    return found


def _without_input(layer: LinearMap, r: Tensor, weight: Tensor, bias: Tensor | None) -> Passed:
    """Shares in proportion to `weight` alone."""
    z = layer.times(torch.ones_like(layer.x), weight)
    bias = None if bias is None else bias.square()
    s, kept = divided(r, z if bias is None else z + bias, STABILISER)
    return Passed(layer.back(s, weight), _of_bias(s, bias), kept)
