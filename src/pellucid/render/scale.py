"""From raw values to the range that is drawn; the only place where evidence is normalised."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError

CLIP = 99.5
"""Default percentile of the sizes that are not zero at which the colours end."""

_FEW = 1000


@dataclass(frozen=True)
class Scale:
    """The raw values at the ends of the colours; `low` is 0, or -`high` where signed.

    `clipped` is the percentile at which the colours end, 100 where nothing is cut off.
    """

    low: float
    high: float
    signed: bool
    clipped: float = 100.0

    def apply(self, values: Any) -> NDArray[np.float64]:
        """Display values of the same shape: -1 to 1 where signed, 0 to 1 otherwise; never NaN."""
        raw = np.nan_to_num(np.asarray(values, np.float64))
        if self.high <= 0:
            return np.zeros_like(raw)
        return np.clip(raw / self.high, -1.0 if self.signed else 0.0, 1.0)


def scale_of(maps: Sequence[Any], signed: bool, clip: float | None = CLIP) -> Scale:
    """The scale of one map, or of several that shall be comparable.

    The colours end at the percentile `clip` of the sizes that are drawn and not zero; maps of fewer
    than a thousand values, and `clip=None`, are drawn to their greatest.
    """
    if clip is not None and not 0 < clip <= 100:
        raise ParameterError(f"clip={clip} is not a percentile.", "Give 0 < clip <= 100, or None.")
    sizes = np.concatenate([_sizes(values, signed) for values in maps] or [np.zeros(0)])
    if not len(sizes):
        return Scale(0.0, 0.0, signed)
    cut = clip is not None and clip < 100 and len(sizes) >= _FEW
    high = float(np.percentile(sizes, clip)) if cut and clip else float(sizes.max())
    return Scale(-high if signed else 0.0, high, signed, clip if cut and clip else 100.0)


def number(value: float) -> str:
    """A raw value in three digits, without a sign on zero."""
    return f"{value:.3g}".replace("-", "−") if value else "0"


def _sizes(values: Any, signed: bool) -> NDArray[np.float64]:
    raw = np.nan_to_num(np.asarray(values, np.float64).ravel())
    sizes = np.abs(raw) if signed else raw
    return sizes[sizes > 0]
