"""Text in a figure's font, with a box for every letter that the font does not have."""

from functools import cache

from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font

SANS, MONOSPACED = "DejaVu Sans", "DejaVu Sans Mono"


def drawable(text: str, font: str = SANS) -> str:
    """The text as a font can draw it: no letter goes missing without a trace."""
    known = _font(font)
    return "".join(c if c.isspace() or known.get_char_index(ord(c)) else "□" for c in text)


@cache
def _font(name: str) -> FT2Font:
    return FT2Font(findfont(name))
