"""Gradient methods on ids: from the vectors that the network looks up, summed to the ids."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.testing.recurrent import EmbedLSTM


class Bag(nn.Module):
    """The mean vector of all tokens through one linear layer: every value is known by hand."""

    def __init__(self, functional: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.bag = nn.EmbeddingBag(30, 8, mode="mean", padding_idx=0)
        self.fc = nn.Linear(8, 3)
        self.functional = functional

    def forward(self, ids: Tensor) -> Tensor:
        if not self.functional:
            return self.fc(self.bag(ids))
        vectors, counted = self.bag.weight[ids.T].transpose(0, 1), (ids != 0).float()[..., None]
        return self.fc((vectors * counted).sum(1) / counted.sum(1))


def by_hand(net: Bag, ids: Tensor, target: int) -> np.ndarray:
    """w · e(token) / number of tokens; zero for padding."""
    counted = (ids != 0).float()
    shares = net.bag.weight[ids] @ net.fc.weight[target] * counted / counted.sum(1, keepdim=True)
    return shares.detach().numpy()


IDS = torch.tensor([[3, 7, 7, 12, 29], [5, 1, 9, 0, 0]])


@pytest.mark.parametrize("functional", [False, True], ids=["bag", "weight[ids.T]"])
@pytest.mark.parametrize("method", ["input_x_gradient", "integrated_gradients"])
def test_values_of_a_linear_bag_are_known_by_hand(method: str, functional: bool) -> None:
    net = Bag(functional)
    e = pl.explain(net, IDS, method, target=1)
    assert e.axes == ("sample", "token")
    np.testing.assert_allclose(e.values, by_hand(net, IDS, 1), atol=1e-6)


def test_a_gradient_is_the_size_of_its_vector() -> None:
    net = Bag()
    e = pl.explain(net, IDS, "gradient", target=2)
    size = float(net.fc.weight[2].detach().abs().sum())
    np.testing.assert_allclose(e.values[0], size / 5, rtol=1e-5)
    np.testing.assert_allclose(e.values[1], [size / 3] * 3 + [0, 0], rtol=1e-5)


@pytest.mark.parametrize("baseline", ["zero", "pad", 4, torch.tensor([4, 4, 8, 8, 8])], ids=str)
def test_integrated_gradients_add_up_to_the_change_from_the_baseline(baseline: Any) -> None:
    net = Bag()
    e = pl.explain(net, IDS[:1], "integrated_gradients", target=0, baseline=baseline)
    ids = torch.as_tensor({"zero": 0, "pad": 0}.get(str(baseline), baseline)).expand(1, 5)
    vectors = net.bag.weight[ids] * (0 if isinstance(baseline, str) else 1)
    at_baseline = net.fc(vectors.mean(1))[0, 0]
    assert e.sum().values[0] == pytest.approx(float(e.score[0] - at_baseline.detach()), abs=1e-5)


@pytest.mark.parametrize("method", ["expected_gradients", "deeplift"])
def test_rows_of_ids_are_a_background(method: str) -> None:
    net, background = Bag(), torch.randint(1, 30, (4, 5))
    e = pl.explain(net, IDS[:1], method, target=0, background=background)
    change = net(IDS[:1])[0, 0] - net(background)[:, 0].mean()
    assert e.sum().values[0] == pytest.approx(float(change.detach()), abs=1e-4)
    for wrong, words in (
        (background[:, :3], r"shape \(4, 3\)"),
        (background + 0.5, "whole numbers"),
    ):
        with pytest.raises(pl.ParameterError, match=words):
            pl.explain(net, IDS[:1], method, target=0, background=wrong)


@pytest.mark.parametrize("method", ["expected_gradients", "deeplift"])
def test_a_background_of_one_of_several_inputs_is_refused(method: str) -> None:
    net, codes = Columns(one_input=False), torch.tensor([[0, 6], [4, 2], [1, 1]])
    given = torch.randn(3, 2)
    with pytest.raises(pl.ParameterError, match=r"no rows for input '1'.* each of 0, 1"):
        pl.explain(net, (given, codes), method, target=1, background=given)
    e = pl.explain(net, (given, codes), method, target=1, background={"0": given, "1": codes})
    assert [e[name].values.shape for name in ("0", "1")] == [(3, 2), (3, 2)]


def bert(**more: Any) -> nn.Module:
    transformers = pytest.importorskip("transformers", reason="writes the networks")
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=16, initializer_range=0.5, **more,
    )  # fmt: skip
    return transformers.BertForSequenceClassification(config)


def distilbert() -> nn.Module:
    transformers = pytest.importorskip("transformers", reason="writes the networks")
    torch.manual_seed(0)
    config = transformers.DistilBertConfig(
        vocab_size=40, dim=16, n_layers=1, n_heads=2, hidden_dim=32, max_position_embeddings=16,
        initializer_range=0.5,
    )  # fmt: skip
    return transformers.DistilBertForSequenceClassification(config)


def bart() -> nn.Module:
    """Its decoder looks up the same ids again, shifted by one."""
    transformers = pytest.importorskip("transformers", reason="writes the networks")
    torch.manual_seed(0)
    config = transformers.BartConfig(
        vocab_size=40, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16,
        max_position_embeddings=16, init_std=0.5,
    )  # fmt: skip
    return transformers.BartForSequenceClassification(config)


TEXT = {
    "input_ids": torch.tensor([[5, 9, 30, 31, 8, 12, 2], [7, 7, 21, 2, 0, 0, 0]]),
    "attention_mask": torch.tensor([[1] * 7, [1, 1, 1, 1, 0, 0, 0]]),
}


@pytest.mark.parametrize("net", [bert, distilbert])
@pytest.mark.parametrize("method", ["gradient", "integrated_gradients"])
def test_padded_equals_unpadded_and_padding_gets_zero(net: Any, method: str) -> None:
    model = net()
    padded = pl.explain(model, TEXT, method, target=1)[1].values[0]
    alone = {name: tensor[1:, :4] for name, tensor in TEXT.items()}
    unpadded = pl.explain(model, alone, method, target=1)
    np.testing.assert_array_equal(padded[4:], 0)
    np.testing.assert_allclose(padded[:4], unpadded.values[0], atol=2e-5 * np.abs(padded).max())


def test_a_mask_of_floats_is_a_mask_too() -> None:
    model, whole = bert(), pl.explain(bert(), TEXT, "integrated_gradients", target=0)
    mask = {**TEXT, "attention_mask": TEXT["attention_mask"].float()}
    e = pl.explain(model, mask, "integrated_gradients", target=0)
    assert not e.parts
    np.testing.assert_allclose(e.values, whole.values, atol=1e-6)


@pytest.mark.parametrize("baseline", ["zero", "pad"])
@pytest.mark.parametrize("net", [bert, distilbert, bart])
def test_completeness_on_encoders(net: Any, baseline: str) -> None:
    given = {"input_ids": TEXT["input_ids"][:1]}
    e = pl.explain(net(), given, "integrated_gradients", target=0, baseline=baseline)
    gap = next(check for check in e.checks if check.name == "completeness gap")
    assert gap.verdict == "ok", gap


def test_integrated_gradients_equal_captums_on_the_embedding_layer() -> None:
    captum = pytest.importorskip("captum.attr", reason="captum is an oracle")
    model = bert().eval()
    ids = TEXT["input_ids"][:1]

    def scores(ids: Tensor) -> Tensor:
        return model(input_ids=ids).logits

    found = captum.LayerIntegratedGradients(scores, model.bert.embeddings.word_embeddings)
    wanted = found.attribute(ids, baselines=torch.zeros_like(ids), target=1, n_steps=100).sum(-1)
    e = pl.explain(model, {"input_ids": ids}, "integrated_gradients", target=1, baseline=0,
                   n_steps=64, tolerance=1e-3)  # fmt: skip
    size = wanted.abs().max()
    np.testing.assert_allclose(e.values / size, wanted.detach().numpy() / size, atol=2e-3)


def test_special_tokens_stay_in_a_baseline_of_pads() -> None:
    model = bert(cls_token_id=5, sep_token_id=2)
    given = {"input_ids": TEXT["input_ids"][:1]}
    e = pl.explain(model, given, "integrated_gradients", target=1, baseline="pad")
    assert e.values[0, 0] == e.values[0, -1] == 0
    assert np.abs(e.values[0, 1:-1]).min() > 0


def test_padding_that_the_network_sees_is_told() -> None:
    class Seen(EmbedLSTM):
        def forward(self, ids: Tensor, attention_mask: Tensor) -> Tensor:
            return super().forward(ids)

    torch.manual_seed(0)
    given = (TEXT["input_ids"] % 20, TEXT["attention_mask"])
    e = pl.explain(Seen(), given, "integrated_gradients", baseline="zero", target=0)
    np.testing.assert_array_equal(e.values[1, 4:], 0)
    told = pl.explain(Seen(), given, "input_x_gradient", target=0).checks
    padding = next(check for check in told if check.name == "padding")
    assert padding.verdicts == ("ok", "poor")


class Columns(nn.Module):
    """Numbers and categories; every category has a table of its own."""

    def __init__(self, one_input: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.tables = nn.ModuleList([nn.Embedding(5, 3), nn.Embedding(7, 4)])
        self.fc, self.one_input = nn.Linear(9, 2), one_input

    def forward(self, x: Tensor, codes: Tensor | None = None) -> Tensor:
        if self.one_input:
            x, codes = x[:, :2], x[:, 2:].long()
        looked_up = [table(codes[:, i]) for i, table in enumerate(self.tables)]
        return self.fc(torch.cat([x, *looked_up], 1))


def test_categories_get_what_their_vectors_get() -> None:
    x, codes = torch.randn(3, 2), torch.tensor([[0, 6], [4, 2], [1, 1]])
    two, one = Columns(one_input=False), Columns(one_input=True)
    apart = pl.explain(two, (x, codes), "input_x_gradient", target=1)
    joined = pl.explain(one, torch.cat([x, codes.float()], 1), "input_x_gradient", target=1)
    assert apart["1"].axes == joined.axes == ("sample", "feature")
    both = np.concatenate([apart["0"].values, apart["1"].values], 1)
    np.testing.assert_allclose(joined.values, both, atol=1e-6)
    bias = float(two.fc.bias[1].detach())
    np.testing.assert_allclose(joined.values.sum(1) + bias, joined.score, atol=1e-5)


class Hashed(nn.Module):
    """Looks up pairs of ids: no vector belongs to one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.fc = nn.Embedding(400, 4), nn.Linear(4, 2)

    def forward(self, ids: Tensor) -> Tensor:
        return self.fc(self.table(20 * ids[:, 1:] + ids[:, :-1]).mean(1))


def test_pairs_of_ids_are_refused() -> None:
    with pytest.raises(pl.NotApplicable, match="several ids at once"):
        pl.explain(Hashed(), torch.randint(0, 20, (2, 5)), "gradient")


def test_ids_without_a_table_are_refused() -> None:
    class Counts(nn.Module):
        def forward(self, ids: Tensor) -> Tensor:
            return torch.stack([ids.sum(1), -ids.sum(1)], 1).float()

    with pytest.raises(pl.InputError, match="no embedding"):
        pl.explain(Counts(), torch.randint(0, 20, (2, 5)), "gradient")
