"""Texts as presence numbers: one for every word, so that words can be kept or taken away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..core.axes import SAMPLE, TOKEN
from ..core.encoding import Encoding
from ..core.inputs import Inputs
from ..errors import InputError, ParameterError
from .spans import Span, Unit, spans_of
from .tokenizing import TextPreprocess, truncation


@dataclass(frozen=True)
class Text:
    """Texts for black-box methods, with what counts as one feature.

    `unit` is `word`, `sentence`, `token` (of the model's own tokenizer), or a tokenizer: a function
    from a text to pieces of it, in order.
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
    tokenizer = prepare if isinstance(prepare, TextPreprocess) else None
    spans = [_spans(text, given.unit, tokenizer) for text in texts]
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

    checks, read_to = truncation(texts, tokenizer) if tokenizer else ((), ())
    return Inputs(
        {"input": present, "text": torch.arange(len(texts))},
        display=np.array(texts, dtype=np.str_),
        axes_hint=(SAMPLE, TOKEN),
        encoding=Encoding(
            decode,
            words=words,
            spans=tuple(map(tuple, spans)),
            read_to=read_to,
            checks=checks,
        ),
    )


def _spans(text: str, unit: Unit, tokenizer: TextPreprocess | None) -> list[Span]:
    if unit != "token":
        return spans_of(text, unit)
    if tokenizer is None:
        raise ParameterError(
            "unit='token' needs the model's own tokenizer.",
            "Give pl.Model(net, preprocess=pl.TextPreprocess(tokenizer)), or unit=, a function "
            "from a text to pieces of it.",
        )
    found: list[Span] = []
    for span in tokenizer.spans(text):
        if span is not None and (not found or span[0] >= found[-1][1]):
            found.append(span)  # tokens that share a letter come and go together
    return found


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
