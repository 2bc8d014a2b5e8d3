"""Texts in colours: every word once, in its order, safe whatever it holds."""

import re
from html import unescape

import numpy as np
import pytest

import pellucid as pl
from pellucid.render.tokens import pieces_of, words_html, words_text
from pellucid.report.page import report

TEXT = "Vis<b>it my channel! ;)\nשלום 我爱 & नमस्ते"


def spam(texts: list[str]) -> np.ndarray:
    score = np.array([0.1 + 0.8 * ("channel" in t) - 0.05 * ("my" in t) for t in texts])
    return np.stack([1 - score, score], 1)


@pytest.fixture(scope="module")
def e() -> pl.Explanation:
    found: pl.Explanation = pl.explain(spam, [TEXT, "my day"], "occlusion", target=1)
    return found


def test_the_pieces_are_the_text(e: pl.Explanation) -> None:
    for sample, text in enumerate((TEXT, "my day")):
        pieces = pieces_of(e, sample)
        assert "".join(piece for piece, _ in pieces) == text
        words = [piece for piece, word in pieces if word >= 0]
        assert words == e.record["words"][sample]


def test_html_is_the_text_escaped_with_a_background_for_every_word(e: pl.Explanation) -> None:
    html = words_html(e, 0)
    assert "<b>" not in html
    bare = unescape(re.sub(r"<(?!br)[^>]*>", "", html)).replace("<br>", "\n")
    assert bare == TEXT
    assert html.count("background:#") == len(e.record["words"][0])
    assert 'dir="auto"' in html


def test_stronger_words_have_stronger_colours(e: pl.Explanation) -> None:
    colours = re.findall(r"background:#(\w\w)(\w\w)(\w\w)[^>]*>([^<]*)<", words_html(e, 0))
    shade = {word: (int(r, 16), int(g, 16), int(b, 16)) for r, g, b, word in colours}
    assert shade["channel"] == (0x8F, 0x1D, 0x0A)  # the end of the colours
    assert shade["my"][2] > shade["my"][0]  # against: blue
    assert shade["it"] == shade["b"]  # nothing


def test_the_terminal_shows_the_same_text(e: pl.Explanation) -> None:
    text = words_text(e, 0)
    assert text.plain == TEXT
    assert len(text.spans) == len(e.record["words"][0])


def test_figure_notebook_and_report(e: pl.Explanation) -> None:
    figure = e.plot(sample=None)
    drawn = " ".join(text.get_text() for sub in figure.subfigs for s in sub.subfigs
                     for axes in s.axes for text in axes.texts)  # fmt: skip
    assert "channel" in drawn
    assert words_html(e, 0) in e._repr_html_()
    assert 'title="0.8"' in report(e)


def test_long_texts_are_wrapped(e: pl.Explanation) -> None:
    long = pl.explain(spam, "word " * 60 + "x" * 200, "occlusion", target=1)
    assert long.plot().get_size_inches()[1] > e.plot().get_size_inches()[1]


def test_token_ids_are_shown_by_their_place() -> None:
    import torch

    from pellucid.testing.nets import built
    from pellucid.testing.recurrent import EmbedLSTM

    ids = pl.explain(built(EmbedLSTM), torch.randint(0, 20, (1, 5)), "occlusion")
    assert [piece for piece, word in pieces_of(ids, 0) if word >= 0] == list("01234")
    assert ids.plot().axes is not None
