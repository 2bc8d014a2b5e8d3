"""Gradient descent of t-SNE: momentum, a gain for every coordinate, steps that are bounded."""

import torch
from torch import Tensor

from .attraction import Attraction
from .repulsion import Repulsion

_FASTER, _SLOWER, _LEAST_GAIN = 0.2, 0.8, 0.01
_LONGEST_STEP = 5.0


class Descent:
    """The points of a map on their way down the KL divergence.

    **Source:** gains by Jacobs 1988 as in van der Maaten & Hinton 2008, section 3.4; the bound of
    the steps as in openTSNE, so that no point flies off.
    """

    def __init__(self, start: Tensor, attraction: Attraction, repulsion: Repulsion) -> None:
        self.points = start
        self.attraction, self.repulsion = attraction, repulsion
        self.z = 1.0
        self.rest()

    def rest(self) -> None:
        """Forget velocity and gains."""
        self._velocity = torch.zeros_like(self.points)
        self._gains = torch.ones_like(self.points)

    def gradient(self, exaggeration: float = 1.0, weigh: bool = True) -> Tensor:
        """∂KL/∂y / 4, with P multiplied by `exaggeration`."""
        if weigh:
            self.attraction.weigh(self.points)
        forces, self.z = self.repulsion(self.points)
        pull = self.attraction(self.points)
        return pull.mul_(exaggeration).sub_(forces, alpha=1 / self.z)

    def step(
        self, rate: float, momentum: float, exaggeration: float = 1.0, weigh: bool = True
    ) -> None:
        """One step; `weigh` takes the weights of the attraction anew."""
        gradient = self.gradient(exaggeration, weigh)
        turned = gradient.sign() == self._velocity.sign()
        self._gains = torch.where(turned, self._gains * _SLOWER, self._gains + _FASTER)
        self._gains.clamp_(min=_LEAST_GAIN)
        self._velocity.mul_(momentum).addcmul_(self._gains, gradient, value=-rate)
        length = torch.linalg.vector_norm(self._velocity, dim=1, keepdim=True)
        self._velocity.mul_((_LONGEST_STEP / length.clamp_min(1e-12)).clamp_(max=1))
        self.points = self.points + self._velocity
        self.points -= self.points.mean(0)

    def divergence(self) -> float:
        """KL with the normaliser of the last step."""
        return self.attraction.divergence(self.points, self.z)
