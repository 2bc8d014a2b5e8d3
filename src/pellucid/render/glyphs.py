"""Text in a figure's font, with a box for every letter that the font does not have."""

from functools import cache

from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font

SANS, MONOSPACED = "DejaVu Sans", "DejaVu Sans Mono"


def drawable(text: str, font: str = SANS) -> str:
    """The text as a font can draw it: no letter goes missing without a trace."""
    known = _font(font)
    return "".join(c if c.isspace() or known.get_char_index(ord(c)) else "□" for c in text)


def harmless(text: str) -> str:
    """The text with a sign for every letter that would act instead of being read: control codes
    (but for a new line and a tab), turns of the writing direction, and halves of letters."""
    return "".join(_sign(c) for c in text)


def _sign(letter: str) -> str:
    code = ord(letter)
    if letter in "\n\t" or 0x20 <= code < 0x7F:
        return letter
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    acts = 0x80 <= code < 0xA0 or code in _TURNS or 0xD800 <= code < 0xE000
    return "\ufffd" if acts else letter


_TURNS = frozenset([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@cache
def _font(name: str) -> FT2Font:
    return FT2Font(findfont(name))
