"""How a picture is written while it is optimised; from 0 to 1 whatever the parameters."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from ..ops.fourier import correlated, decorrelated, from_spectrum, spectrum_scale, to_spectrum
from ..ops.noise import gaussian

Kind = Literal["fourier", "pixels"]

MARGIN = 1e-3
"""From 0 and from 1, where a sigmoid has no slope to leave by."""


class Parametrisation(ABC):
    """Parameters `(number, …)` and the pictures `(number, channel, *space)` that they mean."""

    @abstractmethod
    def start(self, seed: int, draws: Sequence[int]) -> Tensor:
        """Parameters to begin with; number i depends on the seed and `draws[i]` alone."""

    @abstractmethod
    def of(self, pictures: Tensor) -> Tensor:
        """Parameters that mean these pictures, up to `MARGIN`."""

    @abstractmethod
    def pictures(self, parameters: Tensor) -> Tensor:
        """The pictures; gradients pass."""


class Fourier(Parametrisation):
    """The spectrum of decorrelated colours, its amplitudes falling with frequency, then a sigmoid
    (Olah, Mordvintsev & Schubert 2017)."""

    def __init__(self, channels: int, space: Sequence[int], spread: float, device: torch.device):
        self.channels, self.space, self.spread, self.device = channels, tuple(space), spread, device
        self.scale = spectrum_scale(self.space).to(device)

    def start(self, seed: int, draws: Sequence[int]) -> Tensor:
        """Complex noise of standard deviation `spread`."""
        shape = (self.channels, *self.scale.shape, 2)
        return self.spread * gaussian(shape, seed, draws).to(self.device)

    def of(self, pictures: Tensor) -> Tensor:
        """Picture to spectrum."""
        return to_spectrum(decorrelated(pictures.logit(MARGIN)), self.scale)

    def pictures(self, parameters: Tensor) -> Tensor:
        """Spectrum to picture."""
        return correlated(from_spectrum(parameters, self.scale, self.space)).sigmoid()


class Pixels(Parametrisation):
    """Every value by itself, then a sigmoid."""

    def __init__(self, channels: int, space: Sequence[int], spread: float, device: torch.device):
        self.shape, self.spread, self.device = (channels, *space), spread, device

    def start(self, seed: int, draws: Sequence[int]) -> Tensor:
        """Noise of standard deviation `spread`."""
        return self.spread * gaussian(self.shape, seed, draws).to(self.device)

    def of(self, pictures: Tensor) -> Tensor:
        """Logits."""
        return pictures.logit(MARGIN)

    def pictures(self, parameters: Tensor) -> Tensor:
        """Values between 0 and 1."""
        return parameters.sigmoid()


def parametrisation(
    kind: Kind, channels: int, space: Sequence[int], spread: float, device: torch.device
) -> Parametrisation:
    """The parametrisation of a name; what has no space has no spectrum either."""
    made = Fourier if kind == "fourier" and space and max(space) > 1 else Pixels
    return made(channels, space, spread, device)
