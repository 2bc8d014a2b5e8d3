"""Pictures as spectra with decorrelated colours: the parametrisation of feature visualisation."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
"""Square root of the covariance of red, green and blue in ImageNet: rows are colours, columns the
decorrelated directions (brightness, red against blue, green against both)."""


def frequencies(space: Sequence[int]) -> Float[Tensor, "*half"]:
    """|f| in cycles per place for every coefficient of a real transform over `space`."""
    axes = [torch.fft.fftfreq(size) for size in space[:-1]] + [torch.fft.rfftfreq(space[-1])]
    grids = torch.meshgrid(*axes, indexing="ij")
    found: Tensor = torch.stack([grid.square() for grid in grids]).sum(0).sqrt()
    return found


def spectrum_scale(space: Sequence[int], decay: float = 1.0) -> Float[Tensor, "*half"]:
    """Amplitudes like those of natural pictures: 1 / max(|f|, 1 / size)^decay, with unit mean
    square over the picture (Olah, Mordvintsev & Schubert 2017)."""
    found = frequencies(space).clamp_min(1 / max(space)).pow(-decay)
    mirrored = torch.fft.irfftn(found.square().to(torch.complex64), s=tuple(space), norm="backward")
    power = mirrored.flatten()[0]  # the mean of the squared amplitudes over all frequencies
    scale: Tensor = found / power.clamp_min(1e-12).sqrt()
    return scale


def from_spectrum(
    spectrum: Float[Tensor, "sample channel *half two"],
    scale: Float[Tensor, "*half"],
    space: Sequence[int],
) -> Float[Tensor, "sample channel *space"]:
    """The pictures whose real and imaginary coefficients, divided by `scale`, are `spectrum`."""
    coefficients = torch.view_as_complex(spectrum.contiguous()) * scale
    axes = tuple(range(2, 2 + len(space)))
    pictures: Tensor = torch.fft.irfftn(coefficients, s=tuple(space), dim=axes, norm="ortho")
    return pictures


def to_spectrum(
    pictures: Float[Tensor, "sample channel *space"], scale: Float[Tensor, "*half"]
) -> Float[Tensor, "sample channel *half two"]:
    """What `from_spectrum` turns into these pictures."""
    axes = tuple(range(2, pictures.ndim))
    return torch.view_as_real(torch.fft.rfftn(pictures, dim=axes, norm="ortho") / scale)


def correlated(
    pictures: Float[Tensor, "sample channel *space"],
) -> Float[Tensor, "sample channel *space"]:
    """Colours from decorrelated directions; other numbers of channels stay as they are."""
    return _mixed(pictures, inverse=False)


def decorrelated(
    pictures: Float[Tensor, "sample channel *space"],
) -> Float[Tensor, "sample channel *space"]:
    """What `correlated` turns into these colours."""
    return _mixed(pictures, inverse=True)


def _mixed(pictures: Tensor, inverse: bool) -> Tensor:
    if pictures.shape[1] != 3:
        return pictures
    matrix = torch.tensor(COLOURS, dtype=pictures.dtype, device=pictures.device)
    matrix = matrix / matrix.norm(dim=0).max()
    matrix = torch.linalg.inv(matrix) if inverse else matrix
    return torch.einsum("rc,nc...->nr...", matrix, pictures)
