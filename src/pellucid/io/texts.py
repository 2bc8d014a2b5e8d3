"""Texts as presence numbers: one for every word, so that words can be kept or taken away."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from ..core.axes import SAMPLE, TOKEN
from ..core.encoding import Encoding
from ..core.inputs import Inputs
from ..errors import InputError, ParameterError

Unit = Literal["word", "sentence"] | Callable[[str], Sequence[str]]
Span = tuple[int, int]

_ENDS = frozenset(".!?…。！？")


@dataclass(frozen=True)
class Text:
    """Texts for black-box methods, with what counts as one feature.

    `unit` is `word`, `sentence`, or a tokenizer: a function from a text to pieces of it, in order.
    What is taken away becomes `absent`: nothing, or for example `[MASK]`. Plain strings mean
    `Text(strings)`.
    """

    texts: str | Sequence[str]
    unit: Unit = "word"
    absent: str = ""

    @property
    def several(self) -> list[str]:
        """The texts as a list."""
        return [self.texts] if isinstance(self.texts, str) else [str(text) for text in self.texts]


def read_texts(given: Text, prepare: Callable[[list[str]], Any] | None) -> Inputs:
    """The texts as inputs; `prepare` turns texts into what the model takes, if it takes no texts.

    `input` `(N, most tokens)` is 1 where a token is present; beyond a text's last token it is 0.
    """
    texts = given.several
    spans = [spans_of(text, given.unit) for text in texts]
    if not texts or not all(spans):
        raise InputError("A text holds no words.", "Give at least one, or another unit.")
    words = tuple(
        tuple(text[low:high] for low, high in own) for text, own in zip(texts, spans, strict=True)
    )
    most = max(map(len, words))
    present = torch.zeros(len(texts), most)
    for row, own in enumerate(words):
        present[row, : len(own)] = 1

    def decode(value: Any) -> Any:
        rows = zip(value["text"].tolist(), (value["input"] > 0.5).tolist(), strict=True)
        found = [without(texts[i], spans[i], kept, given.absent) for i, kept in rows]
        return found if prepare is None else prepare(found)

    return Inputs(
        {"input": present, "text": torch.arange(len(texts))},
        display=np.array(texts, dtype=np.str_),
        axes_hint=(SAMPLE, TOKEN),
        encoding=Encoding(decode, words=words),
    )


def without(text: str, spans: Sequence[Span], kept: Sequence[bool], absent: str = "") -> str:
    """The text with the spans that are not kept replaced; where they become nothing, the space
    behind them goes too."""
    found, end = [], 0
    for (low, high), keep in zip(spans, kept, strict=False):
        found.append(text[end:low])
        end = high
        if keep:
            found.append(text[low:high])
        elif absent:
            found.append(absent)
        else:
            while end < len(text) and text[end].isspace():
                end += 1
    return "".join([*found, text[end:]])


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
