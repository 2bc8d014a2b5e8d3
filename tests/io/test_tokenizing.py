"""Texts through a tokenizer of transformers: every token, what was cut off, whole words."""

import re
from html import unescape
from typing import Any

import numpy as np
import pytest
import torch

import pellucid as pl
from pellucid.render.tokens import pieces_of, words_html, words_text

transformers = pytest.importorskip("transformers", reason="writes networks and tokenizers")
tokenizers = pytest.importorskip("tokenizers", reason="comes with transformers")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "bad", "good", "film", "un", "##use",
         "##ful", "##ly", "!", "<", ">", "b", "&", "é", "שלום", "visit"]  # fmt: skip


def tokenizer(**more: Any) -> Any:
    vocabulary = {word: i for i, word in enumerate(WORDS)}
    made = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]", **more,
    )  # fmt: skip


def net(positions: int = 16) -> Any:
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=8, max_position_embeddings=positions, initializer_range=0.5,
        cls_token_id=2, sep_token_id=3, mask_token_id=4,
    )  # fmt: skip
    return transformers.BertForSequenceClassification(config)


MODEL = pl.Model(net(), preprocess=pl.TextPreprocess(tokenizer()), classes=["bad", "good"])
TEXTS = ["a usefully unuseful film!", "good film"]


@pytest.fixture(scope="module")
def e() -> pl.Explanation:
    found: pl.Explanation = pl.explain(MODEL, TEXTS, "integrated_gradients", target="good")
    return found


def test_every_token_has_its_letters(e: pl.Explanation) -> None:
    words = ["[CLS]", "a", "usefully", "un", "use", "ful", "film", "!", "[SEP]"]
    assert e.record["words"][0] == words
    assert e.record["words"][1] == ["[CLS]", "good", "film", "[SEP]", *[""] * 5]
    assert e.record["word_of_token"][0] == [-1, 0, 1, 2, 2, 2, 3, -1, -1]
    np.testing.assert_array_equal(e.values[1, 4:], 0)
    assert e.verdict == "ok"


def test_a_text_in_a_batch_is_as_alone(e: pl.Explanation) -> None:
    alone = pl.explain(MODEL, TEXTS[1], "integrated_gradients", target="good")
    np.testing.assert_allclose(e.values[1, :4], alone.values[0], atol=1e-5)


def test_sub_words_are_added_up_on_request(e: pl.Explanation) -> None:
    merged = e.by_word()
    assert merged.record["words"][0] == ["[CLS]", "a", "usefully", "unuseful", "film", "!", "[SEP]"]
    assert merged.values[0, 3] == pytest.approx(e.values[0, 3:6].sum(), abs=1e-6)
    np.testing.assert_allclose(merged.values.sum(1), e.values.sum(1), atol=1e-6)
    assert merged[1].record["words"] == [["[CLS]", "good", "film", "[SEP]"]]
    pieces = [piece for piece, word in pieces_of(merged, 0) if word >= 0]
    assert "unuseful" in pieces


def test_the_picture_is_the_text_and_its_special_tokens(e: pl.Explanation, tmp_path: Any) -> None:
    whole = "".join(piece for piece, _ in pieces_of(e, 0))
    assert whole == "[CLS] a usefully unuseful film![SEP]"
    path = e.save(tmp_path / "e.npz")
    assert pieces_of(pl.Explanation.load(path), 0) == pieces_of(e, 0)
    assert e.plot(sample=None).axes is not None


@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
@pytest.mark.parametrize("how", ["max_length", "model_max_length", "positions"])
def test_truncation_is_said_and_shown(method: str, how: str) -> None:
    text = "good " * 3 + "film bad bad"
    own = tokenizer(model_max_length=6) if how == "model_max_length" else tokenizer()
    preprocess = pl.TextPreprocess(own, max_length=6 if how == "max_length" else None)
    model = pl.Model(net(6 if how == "positions" else 16), preprocess=preprocess)
    found = pl.explain(model, [text, "good"], method, target=1)
    check = next(check for check in found.checks if check.name == "truncated")
    assert check.value == (2.0, 0.0)
    assert check.verdicts == ("poor", None)
    assert "bad bad" in "".join(piece for piece, word in pieces_of(found, 0) if word == -2)
    assert "<s title" in words_html(found, 0)
    assert "<s title" not in words_html(found, 1)
    assert found.plot().axes is not None


def test_baselines_of_mask_and_pad_keep_the_special_tokens() -> None:
    for baseline in ("pad", "mask"):
        found = pl.explain(MODEL, TEXTS[1], "integrated_gradients", baseline=baseline, target=0)
        assert found.values[0, 0] == found.values[0, -1] == 0
        assert found.values[0, 1] != 0


def test_occlusion_and_lime_by_token() -> None:
    text = pl.Text("a unuseful film", unit="token")
    found = pl.explain(MODEL, text, "occlusion", target="good")
    assert found.record["words"] == [["a", "un", "use", "ful", "film"]]
    assert pl.explain(MODEL, text, "lime", n_samples=60).values.shape == (1, 5)
    with pytest.raises(pl.ParameterError, match="own tokenizer"):
        pl.explain(lambda texts: [0.0] * len(texts), text, "occlusion")


def test_a_bare_tokenizer_will_do() -> None:
    found = pl.explain(pl.Model(net(), preprocess=tokenizer()), TEXTS[1], "input_x_gradient")
    assert found.record["words"][0] == ["[CLS]", "good", "film", "[SEP]"]


WILD = "<b>visit & é e\u0301 שלום 👩‍👩‍👧 \x1b[31m \u202e \ud800 \x00 a"


def test_any_unicode_is_shown_and_nothing_acts() -> None:
    def words(texts: list[str]) -> Any:
        return np.array([0.1 + 0.8 * ("visit" in text) for text in texts])

    found = pl.explain(words, WILD, "occlusion")
    html = words_html(found, 0)
    assert "<b>" not in html
    plain = words_text(found, 0).plain
    bare = unescape(re.sub(r"<[^>]*>", "", html))
    for shown in (plain, bare):
        assert not set(shown) & set("\x1b\u202e\ud800\x00")
        for kept in ("visit", "é", "e\u0301", "שלום", "👩‍👩‍👧", "␛[31m"):
            assert kept in shown
    html.encode("utf-8")
    plain.encode("utf-8")
    assert found.plot().axes is not None
