"""Tokens put together to the words that they are parts of."""

from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InputError
from .axes import SAMPLE, TOKEN
from .explanation import Explanation


def by_word(e: Explanation) -> Explanation:
    """The explanation with one value per word, the sum of its tokens'; standard errors are at most
    the sum of theirs. Tokens that are no part of a word stay as they are.

    Raises `InputError` where the tokens' words are not known.
    """
    owners = e.record.get("word_of_token")
    if e.axes != (SAMPLE, TOKEN) or owners is None:
        raise InputError(
            "The words of these tokens are not known.",
            "Explain texts, with pl.Model(net, preprocess=pl.TextPreprocess(tokenizer)).",
        )
    record = dict(e.record)
    groups = [
        [group for group in _groups(own) if any(words[i] for i in group)]
        for own, words in zip(owners, record["words"], strict=True)
    ]
    for name, join in (("words", "".join), ("spans", _joined)):
        record[name] = [
            [join([own[i] for i in group]) for group in groups_of]
            for own, groups_of in zip(record[name], groups, strict=True)
        ]
    record["words"] = [
        [_surface(e, row, span, word) for span, word in zip(spans, words, strict=True)]
        for row, (spans, words) in enumerate(zip(record["spans"], record["words"], strict=True))
    ]
    record.pop("word_of_token")
    sources = e.sample_of(list(range(len(e))))
    most = max(map(len, groups))

    def summed(values: Any) -> Any:
        made = np.zeros((len(values), most), np.float32)
        for row, source in enumerate(sources):
            for k, group in enumerate(groups[source]):
                made[row, k] = values[row, group].sum()
        return made

    error = None if e.std_error is None else summed(e.std_error)
    return replace(e, values=summed(e.values), std_error=error, segments=None, record=record)


def _groups(owners: list[int]) -> list[list[int]]:
    """Neighbouring tokens of one word together."""
    found: list[list[int]] = []
    for i, owner in enumerate(owners):
        if found and owner >= 0 and owners[found[-1][-1]] == owner:
            found[-1].append(i)
        else:
            found.append([i])
    return found


def _joined(spans: list[Any]) -> Any:
    known = [span for span in spans if span is not None]
    return [known[0][0], max(span[1] for span in known)] if known else None


def _surface(e: Explanation, row: int, span: Any, word: str) -> str:
    """The word as it stands in the text."""
    if span is None or e.display is None:
        return word
    return str(np.asarray(e.display)[row])[span[0] : span[1]]
