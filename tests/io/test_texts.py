"""Texts as the presence of their words: split anywhere, put together again to the letter."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import pellucid as pl
from pellucid.io.spans import spans_of
from pellucid.io.texts import without


def words(text: str, unit: object = "word") -> list[str]:
    return [text[low:high] for low, high in spans_of(text, unit)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("For Christmas, visit my channel! ;)", ["For", "Christmas", "visit", "my", "channel"]),
        ("don’t stop o'clock 'quoted'", ["don’t", "stop", "o'clock", "quoted"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("e\u0301te\u0301 naïve", ["e\u0301te\u0301", "naïve"]),
        ("我爱你 OK", ["我", "爱", "你", "OK"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("good 👍🏽 day", ["good", "👍🏽", "day"]),
        ("a_b 3.5", ["a_b", "3", "5"]),
    ],
)
def test_words(text: str, wanted: list[str]) -> None:
    assert words(text) == wanted


def test_sentences() -> None:
    text = "It rains. Does it?  Yes!\nNo 3.5 km. 是的。不。"
    assert words(text, "sentence") == [
        "It rains.", "Does it?", "Yes!", "No 3.5 km.", "是的。", "不。"]  # fmt: skip


def test_a_tokenizer_of_the_users() -> None:
    assert words("unbelievable", lambda text: ["un", "believ", "able"]) == ["un", "believ", "able"]
    with pytest.raises(pl.ParameterError, match="'##able' does not occur"):
        words("unbelievable", lambda text: ["un", "believ", "##able"])


@given(st.text(max_size=40))
def test_all_words_present_give_the_text_to_the_letter(text: str) -> None:
    for unit in ("word", "sentence"):
        spans = spans_of(text, unit)  # type: ignore[arg-type]
        assert without(text, spans, [True] * len(spans)) == text
        assert all(low < high for low, high in spans)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_what_is_taken_away_goes_with_the_space_behind_it() -> None:
    text = "a very good film, indeed"
    spans = spans_of(text, "word")
    assert without(text, spans, [True, False, True, True, True]) == "a good film, indeed"
    kept = [False, True, True, False, True]
    assert without(text, spans, kept, "[MASK]") == "[MASK] very good [MASK], indeed"


def spam(texts: list[str]) -> np.ndarray:
    """Spam is what names a channel."""
    score = np.array([0.9 if "channel" in text else 0.1 for text in texts])
    return np.stack([1 - score, score], 1)


@pytest.mark.parametrize("method", ["occlusion", "kernel_shap", "shapley", "lime"])
def test_one_decisive_word_gets_all_the_weight(method: str) -> None:
    model = pl.Model(spam, classes=["legitimate", "spam"])
    e = pl.explain(
        model, ["visit my channel now", "PSY is a good guy indeed"], method, target="spam"
    )
    assert e.axes == ("sample", "token")
    assert e.record["words"][0] == ["visit", "my", "channel", "now"]
    np.testing.assert_allclose(e.values[0], [0, 0, 0.8, 0, 0, 0], atol=1e-5)
    np.testing.assert_allclose(e.values[1], 0, atol=1e-6)


def test_a_text_picked_from_several_keeps_its_own_words() -> None:
    e = pl.explain(spam, ["hello dear old friend", "visit my channel"], "occlusion", target=1)
    assert e[1].record["words"] == [["visit", "my", "channel"]]
    assert len(e[1].record["class_when_occluded"]) == 1
    assert pl.explain(spam, pd.Series(["a", "b c"]), "occlusion").record["words"][1] == ["b", "c"]


def test_one_text_several_texts_and_text_objects_are_read_alike() -> None:
    one = pl.explain(spam, "my channel", "occlusion", target=1)
    several = pl.explain(spam, ["my channel"], "occlusion", target=1)
    given = pl.explain(spam, pl.Text("my channel"), "occlusion", target=1)
    masked = pl.explain(spam, pl.Text("my channel", absent="channel"), "occlusion", target=1)
    assert np.array_equal(one.values, several.values)
    assert np.array_equal(one.values, given.values)
    assert not masked.values.any()


class Bag(nn.Module):
    """Sums embeddings of letters."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Embedding(128, 2)

    def forward(self, ids: Tensor) -> Tensor:
        return self.weight(ids).sum(1)


def test_a_network_with_a_preprocess_for_texts() -> None:
    def prepare(texts: list[str]) -> Tensor:
        return torch.tensor([[ord(c) % 128 for c in text.ljust(8)] for text in texts])

    torch.manual_seed(0)
    model = pl.Model(Bag(), preprocess=prepare)
    e = pl.explain(model, ["ab cd", "x"], "occlusion", target=1, space="logit")
    with torch.no_grad():
        change = model.module(prepare(["ab cd"])) - model.module(prepare(["cd"]))
    np.testing.assert_allclose(e.values[0, 0], change[0, 1], atol=1e-5)
    assert e.values[1, 1] == 0


def test_a_network_without_preprocess_cannot_read_a_text() -> None:
    with pytest.raises(pl.InputError, match="does not say how a text"):
        pl.explain(Bag(), pl.Text("a"), "occlusion")


def test_a_text_without_words_is_refused() -> None:
    with pytest.raises(pl.InputError, match="holds no words"):
        pl.explain(spam, "…!", "occlusion")


def test_means_of_words_have_no_meaning() -> None:
    with pytest.raises(pl.ParameterError, match="no meaning"):
        pl.explain(spam, "my channel", "occlusion", baseline="mean")
