"""One explanation as pixels, ready for a file or a page."""

from typing import Any

from ..core.explanation import Explanation
from .encode import pixels_of
from .figure import own_scale, plot, suited
from .photo import Pixels, photo_of
from .pictures import Style, View, picture
from .reading import read
from .scale import Scale
from .superpixels import labels_at
from .synthesis import is_picture, synthesised


def image(
    e: Explanation,
    sample: int = 0,
    view: View | str = "auto",
    scale: Scale | None = None,
    **how: Any,
) -> Pixels:
    """RGB `(H, W, 3)` of one sample: a map over its photograph, a picture that was made, or a
    figure where it is no image.

    `scale` makes colours comparable between pictures; `how` are the options of `Style`.
    """
    if is_picture(e):
        return synthesised(e, sample)
    reading = read(e, sample, how.pop("channels", "sum"))
    style = Style(view=view, **how)
    if reading.kind != "image":
        return pixels_of(plot(e, sample, view, **how))
    drawn = scale or own_scale(reading, style.clip)
    labels = labels_at(e, sample)
    return picture(photo_of(e, sample), reading.values, drawn, suited(style, e), labels)
