"""Texts: every word in the colour of its evidence, as a figure, as HTML and for the terminal."""

import re
from html import escape
from typing import Any
from unicodedata import east_asian_width

import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from rich.style import Style as TerminalStyle
from rich.text import Text

from ..core.explanation import Explanation
from .glyphs import MONOSPACED, drawable, harmless
from .palette import SIGNED, WARM, colour
from .panels import INK, RULE, bar, heading, subtitle
from .photo import shown
from .pictures import Style
from .reading import Reading, read
from .scale import Scale, number, scale_of
from .words import title_of

COLUMNS = 88
"""Letters in a line of a figure."""

_LINE, _FOOT = 0.26, 1.5
UNREAD = -2
"""The number of what was cut off before the model."""

_CUT = "cut off, not read by the model"
Piece = tuple[str, int]
"""A piece of a text, and the number of its word; −1 for what lies between words."""


def pieces_of(e: Explanation, sample: int) -> list[Piece]:
    """The text of a sample in pieces, words and what lies between them, in their order.

    Token ids have no words; they are shown by their place. What the model did not read has the
    number `UNREAD`.
    """
    source = e.sample_of([sample])[0]
    known = e.record.get("words")
    if known is None:
        count = e.values.shape[1]
        return [piece for i in range(count) for piece in ((str(i), i), (" ", -1))][:-1]
    words, seen = list(known[source]), shown(e, sample)
    text = str(seen) if seen is not None and seen.ndim == 0 else " ".join(words)
    spans, read_to = e.record.get("spans"), e.record.get("read_to")
    places = spans[source] if spans is not None else _places(text, words)
    last = None if read_to is None else read_to[source]
    found: list[Piece] = []
    end = 0
    for i, (word, span) in enumerate(zip(words, places, strict=True)):
        if span is not None and last is not None and span[0] >= last:
            break
        if span is None or span[1] <= end:  # stands for nothing in the text, or shares its letters
            sign = [(word, i), (" ", -1)] if span is None else [("·", i)]
            found += sign if word else []
            continue
        low = max(span[0], end)
        found += [(text[end:low], -1), (text[low : span[1]], i)]
        end = span[1]
    rest = text[end:]
    if found and found[-1] == (" ", -1) and not rest.strip():
        found.pop()
    return [piece for piece in [*found, (rest, -1 if last is None else UNREAD)] if piece[0]]


def _places(text: str, words: list[str]) -> list[tuple[int, int] | None]:
    """Where the words stand in the text, in their order."""
    found: list[tuple[int, int] | None] = []
    end = 0
    for word in words:
        low = text.find(word, end)
        low = end if low < 0 else low
        end = low + len(word)
        found.append((low, end))
    return found


def words_html(e: Explanation, sample: int = 0, scale: Scale | None = None) -> str:
    """The text with a background behind every word; all of it is escaped, in its own direction."""
    reading = read(e, sample)
    colours, _ = _colours(reading, scale)
    spans = []
    for text, word in pieces_of(e, sample):
        safe = escape(harmless(text)).replace("\n", "<br>")
        if word == UNREAD:
            spans.append(f'<s title="{_CUT}" style="opacity:.5">{safe}</s>')
            continue
        if word < 0:
            spans.append(safe)
            continue
        r, g, b = colours[word]
        title = number(float(reading.values[word]))
        spans.append(
            f'<span title="{title}" style="background:#{r:02x}{g:02x}{b:02x};color:{_ink(r, g, b)};'
            f'border-radius:3px;padding:1px 2px">{safe}</span>'
        )
    return f'<div dir="auto" style="line-height:2;overflow-wrap:anywhere">{"".join(spans)}</div>'


def words_text(e: Explanation, sample: int = 0) -> Text:
    """The text for a terminal, with the same backgrounds."""
    colours, _ = _colours(read(e, sample), None)
    made = Text()
    for text, word in pieces_of(e, sample):
        text = harmless(text)
        if word < 0:
            made.append(text, "dim strike" if word == UNREAD else None)
        else:
            r, g, b = (int(part) for part in colours[word])
            style = TerminalStyle.parse(f"{_ink(r, g, b)} on #{r:02x}{g:02x}{b:02x}")
            made.append(text, style)
    return made


def words_size(e: Explanation, sample: int) -> tuple[float, float]:
    """Inches of a text's figure."""
    lines = 1 + max((row for _, row, _, _ in _placed(pieces_of(e, sample))), default=0)
    return 8.0, _FOOT + _LINE * lines


def draw_words(
    figure: Any, e: Explanation, sample: int, reading: Reading, scale: Scale, style: Style
) -> None:
    """The words line by line, each on the colour of its evidence."""
    colours, cmap = _colours(reading, scale, style.cmap)
    placed = _placed(pieces_of(e, sample))
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(0, COLUMNS)
    axes.set_ylim(1 + max((row for _, row, _, _ in placed), default=0), 0)
    for text, row, column, word in placed:
        ink = RULE if word == UNREAD else INK
        if word >= 0:
            shade = colours[word]
            ink = _ink(*shade)
            box = (column - 0.1, row + 0.08), _wide(text) + 0.2, 0.84
            axes.add_patch(Rectangle(*box, facecolor=shade / 255, linewidth=0))
        axes.text(
            column, row + 0.55, drawable(text, MONOSPACED), color=ink, family=MONOSPACED,
            fontsize=9.9, va="center", ha="left", parse_math=False,
        )  # fmt: skip
    cut = f" · grey: {_CUT}" if any(word == UNREAD for _, _, _, word in placed) else ""
    heading(figure, title_of(e), subtitle(e, sample) + cut, reading.note)
    bar(figure, [axes], e, sample, scale, cmap)


def _colours(
    reading: Reading, scale: Scale | None, cmap: str | None = None
) -> tuple[NDArray[np.uint8], str]:
    """RGB of every word, and the colour map."""
    used = scale or scale_of([reading.values], reading.signed)
    name = cmap or (SIGNED if used.signed else WARM)
    return colour(used.apply(np.nan_to_num(reading.values)), name, used.signed), name


def _ink(red: Any, green: Any, blue: Any) -> str:
    """Black or white, whichever is read better on a colour."""
    r, g, b = float(red), float(green), float(blue)
    return "#1b1d21" if 0.299 * r + 0.587 * g + 0.114 * b > 140 else "#ffffff"


def _placed(pieces: list[Piece]) -> list[tuple[str, int, float, int]]:
    """Every piece with its line and column; words that do not fit begin a new line."""
    found, row, column = [], 0, 0
    for raw, word in _wrapping(pieces):
        for i, part in enumerate(harmless(raw).split("\n")):
            if i:
                row, column = row + 1, 0
            if column and column + _wide(part) > COLUMNS:
                row, column, part = row + 1, 0, part.lstrip()
            for start in range(0, len(part), COLUMNS // 2) if part else ():
                bit = part[start : start + COLUMNS // 2]
                if column and column + _wide(bit) > COLUMNS:
                    row, column = row + 1, 0
                found.append((bit, row, float(column), word))
                column += _wide(bit)
    return found


def _wrapping(pieces: list[Piece]) -> list[Piece]:
    """The pieces, with what lies between words parted where a line may end."""
    parted = re.compile(r"\s+|\S+")
    return [
        (part, word)
        for text, word in pieces
        for part in (parted.findall(text) if word < 0 else [text])
    ]


def _wide(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
