"""Where words, sentences and the pieces of a tokenizer stand in a text."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Literal

from ..errors import ParameterError

Unit = Literal["word", "sentence", "token"] | Callable[[str], Sequence[str]]
Span = tuple[int, int]

_ENDS = frozenset(".!?…。！？")


def spans_of(text: str, unit: Unit) -> list[Span]:
    """Where the tokens of a text begin and end."""
    if unit == "word":
        return _words(text)
    if unit == "sentence":
        return _sentences(text)
    if not callable(unit):
        raise ParameterError(
            f"There is no unit {unit!r}.", "Give 'word', 'sentence', or a function to pieces."
        )
    pieces = unit(text)
    if not isinstance(pieces, list | tuple) or not all(isinstance(p, str) for p in pieces):
        raise ParameterError(
            f"The tokenizer gave a {type(pieces).__name__}.", "Let it return a list of texts."
        )
    spans, end = [], 0
    for piece in pieces:
        low = text.find(piece, end)
        if low < 0:
            raise ParameterError(
                f"The tokenizer's piece {piece!r} does not occur in the text after place {end}.",
                "Let it return pieces of the text as they stand there, in order.",
            )
        end = low + len(piece)
        if piece.strip():
            spans.append((low, end))
    return spans


def _words(text: str) -> list[Span]:
    """Runs of letters, digits and the marks on them, with apostrophes inside; an ideograph and a
    run of symbols are words of their own. Punctuation and space lie between words."""
    kinds = [_kind(text, place) for place in range(len(text))]
    spans: list[Span] = []
    for place, kind in enumerate(kinds):
        joined = place > 0 and kinds[place - 1] == kind and kind != "ideograph"
        if not kind:
            continue
        if joined and spans:
            spans[-1] = spans[-1][0], place + 1
        else:
            spans.append((place, place + 1))
    return spans


def _kind(text: str, place: int) -> str:
    letter = text[place]
    category = unicodedata.category(letter)
    if letter.isalnum() or letter == "_":
        wide = unicodedata.east_asian_width(letter) in "WF" and category == "Lo"
        return "ideograph" if wide else "word"
    if category[0] == "M" or letter == "\u200d":  # marks and joiners go with what they stand on
        return _kind(text, place - 1) if place else "word"
    inner = 0 < place < len(text) - 1 and text[place - 1].isalnum() and text[place + 1].isalnum()
    if letter in "'’" and inner:
        return "word"
    return "symbol" if category in ("So", "Sk", "Sc") else ""


def _sentences(text: str) -> list[Span]:
    spans, start = [], 0
    for place, letter in enumerate(text):
        last = place + 1 == len(text)
        ends = letter in _ENDS and (last or text[place + 1].isspace() or letter in "。！？")
        if ends or last or letter == "\n":
            piece = text[start : place + 1]
            low = start + len(piece) - len(piece.lstrip())
            if piece.strip():
                spans.append((low, low + len(piece.strip())))
            start = place + 1
    return spans


def words_of(text: str, spans: Sequence[Span | None]) -> tuple[int, ...]:
    """For every token the number of the word that it is a part of; −1 where it stands alone."""
    words = _words(text)
    owner = {place: i for i, (low, high) in enumerate(words) for place in range(low, high)}
    starts = [span[0] + _blank(text, span) if span else -1 for span in spans]
    return tuple(owner.get(start, -1) for start in starts)


def _blank(text: str, span: Span) -> int:
    """Spaces at the begin of a token, which some tokenizers count in."""
    piece = text[span[0] : span[1]]
    return len(piece) - len(piece.lstrip())
