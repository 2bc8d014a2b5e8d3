"""The ways to look at a map of an image, as pixels."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from .overlay import SHARE, boundaries, overlay, top_share
from .palette import colour
from .photo import Pixels
from .scale import CLIP, Scale
from .superpixels import outlined, shares

View = Literal["auto", "overlay", "map", "boundaries", "top_share", "segments"]
"""`auto` is the map alone where every input value has its own, else the overlay; `segments` shows
superpixels in green (for) and red (against)."""


@dataclass(frozen=True)
class Style:
    """How evidence is drawn; every kind of picture takes from it what applies."""

    view: View | str = "auto"
    cmap: str | None = None
    alpha: float = 0.6
    uniform: bool = False
    """Whether the colours of an overlay have the same weight everywhere."""
    clip: float | None = CLIP
    """The percentile at which colours end; None for the greatest value."""
    share: float = SHARE
    """The share of the positive evidence that outline and spotlight show."""

    def __post_init__(self) -> None:
        if self.view not in get_args(View):
            raise ParameterError(
                f"There is no view {self.view!r}.", f"Choose among {list(get_args(View))}."
            )


def picture(
    photo: Pixels | None,
    values: NDArray[np.floating],
    scale: Scale,
    style: Style,
    labels: NDArray[np.integer] | None = None,
) -> Pixels:
    """A map `(H, W)` in the chosen view as RGB uint8; never blank where there is a photograph.

    `labels` `(H, W)` are the segments that were judged as a whole; lines are drawn between them.

    Without a photograph every view is the map itself. Outline and spotlight need positive evidence;
    without any they give the overlay.
    """
    if photo is None:
        return colour(scale.apply(values), style.cmap, scale.signed)
    if not np.nan_to_num(values).any():
        return photo
    if style.view == "map":
        return colour(scale.apply(values), style.cmap, scale.signed)
    if style.view == "segments":
        return shares(photo, values, scale, labels)
    if style.view != "overlay" and bool((np.nan_to_num(values) > 0).any()):
        draw = boundaries if style.view == "boundaries" else top_share
        return draw(photo, values, style.share)
    drawn = overlay(photo, values, scale, style.alpha, style.cmap, style.uniform)
    return drawn if labels is None else outlined(drawn, labels)
