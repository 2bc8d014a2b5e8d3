"""Colour maps: one for evidence with a sign, one for evidence without, any other on request."""

from functools import cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib.colors import Colormap, LinearSegmentedColormap
from numpy.typing import NDArray

from ..errors import ParameterError, suggest

POSITIVE = "inferno"
"""The map for evidence without a sign: even in lightness, readable in grey print."""

SIGNED = "pellucid"
"""The map for signed evidence: blue against, orange to red for; safe for colour-blind readers."""

WARM = "pellucid_warm"
"""The upper half of the signed map, for evidence without a sign on white paper."""

SHARES = "pellucid_shares"
"""Red against, green for: the usual look of superpixels, hard to tell for colour-blind readers."""

_STOPS = (
    "#0a3a82",
    "#1f6fc5",
    "#6fb0e6",
    "#f4f2ee",
    "#f5a55c",
    "#dd5a1b",
    "#8f1d0a",
)
_SHARES = ("#d62728", "#f0eee9", "#009e47")


def palette(name: str | None = None, signed: bool = False) -> Colormap:
    """The colour map called `name`, or the one that fits; `ParameterError` for an unknown name."""
    chosen = name or (SIGNED if signed else POSITIVE)
    if chosen in (SIGNED, WARM, SHARES):
        return _own(chosen)
    if chosen not in matplotlib.colormaps:
        known = [SIGNED, WARM, SHARES, *matplotlib.colormaps]
        raise ParameterError(f"There is no colour map {chosen!r}.", suggest(chosen, known))
    return matplotlib.colormaps[chosen]


def colour(values: Any, name: str | None = None, signed: bool = False) -> NDArray[np.uint8]:
    """RGB `(…, 3)` uint8 of display values: -1 to 1 where signed, 0 to 1 otherwise.

    Values beyond are drawn as the ends, NaN as zero.
    """
    plain = np.nan_to_num(np.asarray(values, np.float64), nan=0.0, posinf=1.0, neginf=-1.0)
    place = (plain + 1) / 2 if signed else plain
    table = _table(name, signed)
    return table[np.rint(np.clip(place, 0, 1) * (len(table) - 1)).astype(np.intp)]


def gradient(name: str | None = None, signed: bool = False, steps: int = 13) -> list[str]:
    """The colours from the lowest to the highest value as `#rrggbb`, evenly spaced."""
    ends = np.linspace(-1 if signed else 0, 1, steps)
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in colour(ends, name, signed)]


@cache
def _table(name: str | None, signed: bool) -> NDArray[np.uint8]:
    # an odd number of entries, so that zero lies exactly on the neutral colour
    places = np.linspace(0, 1, 511)
    rgba = palette(name, signed)(places)
    table: NDArray[np.uint8] = np.rint(np.asarray(rgba)[:, :3] * 255).astype(np.uint8)
    return table


@cache
def _own(name: str) -> Colormap:
    stops = {SIGNED: _STOPS, WARM: _STOPS[len(_STOPS) // 2 :], SHARES: _SHARES}[name]
    return LinearSegmentedColormap.from_list(name, stops, N=511)
