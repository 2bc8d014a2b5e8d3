"""Texts as token ids by a tokenizer of transformers, with what every token was in the text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.checks import Check, check_each
from ..core.encoding import Encoding
from ..core.inputs import Inputs
from ..errors import InputError, ParameterError
from .spans import Span, words_of

_MOST = 1_000_000
"""A length from which on a tokenizer means that it knows none."""


@dataclass(frozen=True)
class TextPreprocess:
    """Token ids and their mask from texts, called with a text or a list of them.

    `tokenizer` is one of transformers. Texts of more than `max_length` tokens are cut, which every
    explanation then says; left out, it is the tokenizer's own, or the network's.
    """

    tokenizer: Any
    max_length: int | None = None

    def __post_init__(self) -> None:
        if not is_tokenizer(self.tokenizer):
            raise ParameterError(
                f"{type(self.tokenizer).__name__} is no tokenizer of transformers.",
                "Give pl.Model(net, preprocess=…) a function from a list of texts to its input.",
            )

    def __call__(self, texts: str | Sequence[str]) -> dict[str, Tensor]:
        """What the network takes, padded to the longest text: `(N, T)` each."""
        given = [texts] if isinstance(texts, str) else [str(text) for text in texts]
        limit = self.limit
        asked = {"truncation": limit is not None, "max_length": limit}
        made = self.tokenizer(given, padding=len(given) > 1, return_tensors="pt", **asked)
        return {str(name): tensor for name, tensor in made.items()}

    @property
    def limit(self) -> int | None:
        """The number of tokens from which on a text is cut."""
        if self.max_length is not None:
            return self.max_length
        own = int(getattr(self.tokenizer, "model_max_length", _MOST))
        return own if own < _MOST else None

    def spans(self, text: str, cut: bool = True) -> list[Span | None]:
        """Where every token stands in the text; None for one that stands for nothing there."""
        limit = self.limit if cut else None
        asked = {"truncation": limit is not None, "max_length": limit, "verbose": False}
        try:
            made = self.tokenizer(text, return_offsets_mapping=True, **asked)
        except NotImplementedError:
            return _found(text, self._pieces(self.tokenizer(text, **asked)["input_ids"]))
        offsets = [(int(low), int(high)) for low, high in made["offset_mapping"]]
        return [(low, high) if high > low else None for low, high in offsets]

    def names(self, ids: Sequence[int]) -> list[str]:
        """The tokens as the tokenizer writes them."""
        return [str(token) for token in self.tokenizer.convert_ids_to_tokens(list(ids))]

    def _pieces(self, ids: Sequence[int]) -> list[str]:
        special = set(self.tokenizer.all_special_ids)
        return [
            "" if i in special else name.removeprefix("##").strip("Ġ▁")
            for i, name in zip(ids, self.names(ids), strict=True)
        ]


def is_tokenizer(given: Any) -> bool:
    """Whether something is a tokenizer of transformers."""
    return callable(given) and callable(getattr(given, "convert_ids_to_tokens", None))


def tokenizing(preprocess: Any, net: Any) -> TextPreprocess | None:
    """The preprocessing that turns texts into tokens; None for any other. Where the tokenizer knows
    no greatest length, the network's positions end it."""
    if isinstance(preprocess, TextPreprocess):
        found = preprocess
    elif is_tokenizer(preprocess):
        found = TextPreprocess(preprocess)
    else:
        return None
    positions = getattr(getattr(net, "config", None), "max_position_embeddings", None)
    if isinstance(positions, int) and (found.limit is None or found.limit > positions):
        return replace(found, max_length=positions)
    return found


def read_tokens(texts: list[str], preprocess: TextPreprocess) -> Inputs:
    """Texts as what the network takes, with their tokens' words and places."""
    if not texts or not all(text.strip() for text in texts):
        raise InputError("A text holds no words.", "Give at least one.")
    value = preprocess(texts)
    ids = value["input_ids"]
    mask = value.get("attention_mask", torch.ones_like(ids))
    spans, words = [], []
    for text, own_ids, own_mask in zip(texts, ids.tolist(), mask.tolist(), strict=True):
        found = iter(preprocess.spans(text))
        real = [next(found, None) if there else None for there in own_mask]
        names = preprocess.names(own_ids)
        spans.append(tuple(real))
        words.append(
            tuple(
                "" if not there else name if span is None else text[span[0] : span[1]]
                for there, name, span in zip(own_mask, names, real, strict=True)
            )
        )
    groups = tuple(words_of(text, own) for text, own in zip(texts, spans, strict=True))
    checks, read_to = truncation(texts, preprocess)
    return Inputs(
        value,
        display=np.array(texts, dtype=np.str_),
        encoding=Encoding(
            decode=lambda given: given,
            words=tuple(words),
            spans=tuple(spans),
            groups=groups,
            read_to=read_to,
            checks=checks,
        ),
    )


def truncation(
    texts: list[str], preprocess: TextPreprocess
) -> tuple[tuple[Check, ...], tuple[int | None, ...]]:
    """What the network does not read of the texts: a check, and where its reading ends."""
    if preprocess.limit is None:
        return (), ()
    lost, ends = [], []
    for text in texts:
        whole = preprocess.spans(text, cut=False)
        read = [span for span in preprocess.spans(text) if span is not None]
        lost.append(max(0, sum(s is not None for s in whole) - len(read)))
        ends.append(max((high for _, high in read), default=0) if lost[-1] else None)
    if not any(lost):
        return (), ()
    meaning = (
        f"Tokens cut off: the network reads {preprocess.limit} at most, and what comes after them "
        "has no part in the score."
    )
    verdicts = ["poor" if count else None for count in lost]
    return (check_each("truncated", lost, verdicts, meaning),), tuple(ends)  # type: ignore[arg-type]


def _found(text: str, pieces: list[str]) -> list[Span | None]:
    """Where pieces stand in a text, in order, whatever their case."""
    spans: list[Span | None] = []
    lower, end = text.lower(), 0
    for piece in pieces:
        low = lower.find(piece.lower(), end) if piece else -1
        spans.append(None if low < 0 else (low, low + len(piece)))
        end = end if low < 0 else low + len(piece)
    return spans
