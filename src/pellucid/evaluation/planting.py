"""Objects in pictures: what they look like, and where they are put."""

import torch
from torch import Generator, Tensor

SIDE, OBJECT = 32, 8
"""Pixels along a side of a picture, and of an object in it."""

PATTERNS = ("across", "down", "chessboard", "rings")

_CELLS = 3


def patterns() -> Tensor:
    """The `PATTERNS` as patches `(4, 8, 8)` of ±1, the first two of stripes."""
    steps = torch.arange(OBJECT)
    stripes = steps % 2 * 2.0 - 1
    coarse = steps // 2 % 2 * 2.0 - 1
    depth = torch.minimum(steps, OBJECT - 1 - steps)
    rings = torch.minimum(depth[:, None], depth[None]) % 2 * 2.0 - 1
    across = stripes[:, None].expand(OBJECT, OBJECT)
    return torch.stack([across, across.T, coarse[:, None] * coarse[None], rings])


def places(n: int, count: int, generator: Generator) -> Tensor:
    """Upper left corners `(n, count, 2)` of `count` objects that do not overlap: each in another
    cell of a 3 × 3 grid, shifted at random within it."""
    cells = torch.rand(n, _CELLS**2, generator=generator).argsort(1)[:, :count]
    spare = SIDE // _CELLS + 1 - OBJECT
    shift = torch.randint(spare, (n, count, 2), generator=generator)
    corner = torch.stack([cells // _CELLS, cells % _CELLS], -1) * (SIDE // _CELLS + 1)
    return corner + shift


def covered(corners: Tensor, height: int = OBJECT, width: int | None = None) -> Tensor:
    """True within the boxes with these upper left corners, `(n, side, side)` for `(n, 2)`."""
    steps = torch.arange(SIDE)
    rows = steps[None] - corners[:, :1]
    columns = steps[None] - corners[:, 1:]
    wide = height if width is None else width
    inside = ((rows >= 0) & (rows < height))[:, :, None]
    return inside & ((columns >= 0) & (columns < wide))[:, None]


def stamped(objects: Tensor, corners: Tensor) -> Tensor:
    """Objects `(n, 8, 8)` on empty pictures `(n, side, side)`, with these upper left corners."""
    steps = torch.arange(OBJECT)
    rows = (corners[:, 0, None] + steps)[:, :, None]
    columns = (corners[:, 1, None] + steps)[:, None]
    found = torch.zeros(len(objects), SIDE, SIDE)
    found[torch.arange(len(objects))[:, None, None], rows, columns] = objects
    return found


def noise(n: int, channels: int, size: float, generator: Generator) -> Tensor:
    """Pictures `(n, channels, side, side)` of noise."""
    return size * torch.randn(n, channels, SIDE, SIDE, generator=generator)
