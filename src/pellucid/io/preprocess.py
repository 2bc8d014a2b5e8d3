"""Turns a picture into the network's input, and the input back into the picture."""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ..errors import InputError, ParameterError, suggest
from .images import read_image
from .pixels import fit, full_scale, pixels_of

Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos"]
Resize = Literal["crop", "stretch"]


@dataclass(frozen=True)
class ImagePreprocess:
    """What a network expects of a picture, called with a picture, a path or a pixel array.

    Integer pixels become `top · pixel / full`, where `full` is 255, or 65535 for 16 bits; floats
    stay as they are. Then `(value - mean) / std`, per channel. No statistics are assumed.

    `size` is the network's picture, square or `(height, width)`; None keeps the picture's own.
    `resize="crop"` scales the short side to `size / crop` and cuts out the centre; `"stretch"`
    ignores the proportions. `mode="array"` takes arrays with `channels` channels.
    """

    size: int | tuple[int, int] | None = None
    mean: float | tuple[float, ...] = 0.0
    std: float | tuple[float, ...] = 1.0
    mode: Literal["RGB", "L", "array"] = "RGB"
    top: float = 1.0
    resize: Resize = "crop"
    crop: float = 1.0
    interpolation: Interpolation = "bilinear"
    channels: int | None = None

    def __post_init__(self) -> None:
        fixed = {"RGB": 3, "L": 1}.get(self.mode, self.channels)
        if fixed is None or self.channels not in (None, fixed):
            raise ParameterError(
                f"channels={self.channels} does not fit mode={self.mode!r}.",
                "Give mode='array' and the number of channels.",
            )
        object.__setattr__(self, "channels", fixed)
        self._check_geometry()
        for name in ("mean", "std"):
            value = getattr(self, name)
            if not isinstance(value, int | float) and len(value) not in (1, fixed):
                raise ParameterError(
                    f"{name} has {len(value)} values for {fixed} channels.", "Give one a channel."
                )
        if np.any(np.asarray(self.std) <= 0) or not 0 < self.crop <= 1 or self.top <= 0:
            raise ParameterError(
                f"std={self.std}, crop={self.crop}, top={self.top} are not all usable.",
                "std and top must be positive, crop above 0 and at most 1.",
            )

    def _check_geometry(self) -> None:
        for name, kinds in (("interpolation", Interpolation), ("resize", Resize)):
            value = getattr(self, name)
            if value not in get_args(kinds):
                raise ParameterError(
                    f"{name}={value!r} is unknown.", suggest(value, get_args(kinds))
                )
        if self.size is not None and np.any(np.asarray(self.size) < 1):
            raise ParameterError(
                f"size={self.size} is no size.", "Give a positive number of pixels."
            )

    def __call__(self, picture: Any) -> Tensor:
        """The network's input, float32 `(1, C, H, W)`."""
        if not isinstance(picture, np.ndarray):
            picture = read_image(picture)
        pixels = pixels_of(picture, self.mode, self.channels or 1)
        if pixels.dtype == np.float32 and self.top > 2 and 0 < float(pixels.max()) <= 1:
            raise InputError(
                f"The picture's values end at {pixels.max():.3g}, those of the network at "
                f"{self.top:g}.",
                f"Multiply them by {self.top:g}, or give 8-bit pixels.",
            )
        fitted = fit(pixels, self._size(pixels.shape), self.resize, self.crop, self.interpolation)
        full = full_scale(fitted, self.top)
        values = fitted.astype(np.float32) / np.float32(full / self.top)
        tensor = torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))[None]
        return (tensor - self._column(self.mean)) / self._column(self.std)

    def sized(self, longest: int, like: tuple[int, int] | None = None) -> "ImagePreprocess":
        """The same at another size: square, or whole pictures of the proportions of one of `like`
        `(width, height)`, whose longer side becomes `longest`."""
        if like is None:
            return replace(self, size=longest)
        width, height = (max(1, round(side * longest / max(like))) for side in like)
        return replace(self, size=(height, width), resize="stretch", crop=1.0)

    def display(self, tensor: Tensor) -> NDArray[np.uint8]:
        """What the network saw: `(N, H, W, 3)`, or `(N, H, W)` for any other number of channels.

        The exact inverse of the call for 8-bit pictures. More than three channels show their mean.
        """
        if tensor.ndim != 4 or tensor.shape[1] != self.channels:
            raise InputError(
                f"A batch of shape {tuple(tensor.shape)} is not (N, {self.channels}, H, W).",
                "Give what the preprocessing returned.",
            )
        values = tensor.detach().to("cpu", torch.float32) * self._column(self.std)
        return as_picture((values + self._column(self.mean)) / self.top)

    def _size(self, shape: tuple[int, ...]) -> tuple[int, int]:
        if self.size is None:
            return shape[0], shape[1]
        return (self.size, self.size) if isinstance(self.size, int) else self.size

    def _column(self, value: float | tuple[float, ...]) -> Tensor:
        return torch.as_tensor(value, dtype=torch.float32).reshape(1, -1, 1, 1)


def as_picture(values: Tensor) -> NDArray[np.uint8]:
    """Values from 0 to 1, `(N, C, H, W)`, as uint8 `(N, H, W, 3)` or grey `(N, H, W)`."""
    scaled = (values * 255).round().clamp(0, 255).to(torch.uint8)
    if values.shape[1] == 3:
        return scaled.permute(0, 2, 3, 1).contiguous().numpy()
    if values.shape[1] == 1:
        return scaled[:, 0].contiguous().numpy()
    return (values.mean(1) * 255).round().clamp(0, 255).to(torch.uint8).numpy()


def to_pil(picture: NDArray[np.uint8]) -> Image.Image:
    """One displayed picture as a PIL image."""
    return Image.fromarray(picture)
