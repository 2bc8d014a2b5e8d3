"""Linear interpolation in NumPy: places are centres of cells (align_corners=False)."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def upsample_1d(values: Array, size: int) -> Array:
    """`(T,)` to `(size,)`; beyond the first and last centre the value is constant."""
    length = len(values)
    out = np.zeros(size)
    for i in range(size):
        position = (i + 0.5) * length / size - 0.5
        position = min(max(position, 0.0), length - 1.0)
        left = int(np.floor(position))
        right = min(left + 1, length - 1)
        share = position - left
        out[i] = (1 - share) * values[left] + share * values[right]
    return out


def upsample_2d(values: Array, size: tuple[int, int]) -> Array:
    """`(H, W)` to `size`: every row, then every column."""
    rows = np.stack([upsample_1d(row, size[1]) for row in values])
    return np.stack([upsample_1d(column, size[0]) for column in rows.T], axis=1)


def upsample(values: Array, size: tuple[int, ...]) -> Array:
    """`(T,)` or `(H, W)` to `size`."""
    return upsample_1d(values, size[0]) if values.ndim == 1 else upsample_2d(values, size)
