"""Layer-wise relevance propagation: golden numbers, every rule by the book, and its balance."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import pellucid as pl
from pellucid.io.samples import sample
from pellucid.parts.composites import COMPOSITES
from pellucid.testing.convnets import ResNetLike
from pellucid.testing.nets import Functional, Plain, Reuse, built, one_conv, two_relu_toy
from pellucid.testing.transformers import ViT

X = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def relevance(net: nn.Module, x: Tensor, target: Any = 0, **parameters: Any) -> np.ndarray:
    return np.asarray(pl.explain(net, x, pl.LRP(**parameters), target=target))


def check(e: pl.Explanation, name: str) -> Any:
    return next(c for c in e.checks if c.name == name)


def without_biases(net: nn.Module) -> nn.Module:
    for name, tensor in net.state_dict().items():
        if name.endswith(("bias", "running_mean")):
            tensor.zero_()
    return net


# Golden numbers


def test_two_linear_layers() -> None:
    """Linear(3, 3, all 2), ReLU, Linear(3, 1, all 3) on (1, 2, 3) gives (18, 36, 54)."""
    net = nn.Sequential(nn.Linear(3, 3, bias=False), nn.ReLU(), nn.Linear(3, 1, bias=False))
    nn.init.constant_(net[0].weight, 2.0)
    nn.init.constant_(net[2].weight, 3.0)
    found = relevance(net, torch.tensor([[1.0, 2, 3]]), pl.Value())
    np.testing.assert_allclose(found, [[18, 36, 54]], rtol=1e-5)


def test_one_convolution() -> None:
    found = relevance(one_conv(), torch.arange(16.0).reshape(1, 1, 4, 4), None, composite="zero")
    expected = [[0, 1, 2, 3], [0, 5, 6, 7], [0, 9, 10, 11], [0, 0, 0, 0]]
    np.testing.assert_allclose(found[0, 0], expected, atol=1e-4)


def test_a_bias_keeps_its_share() -> None:
    """ReLU(ReLU(x1 − 1) − ReLU(x2)) at (3, 1): (3, −1), and the −1 takes the rest of the score."""
    e = pl.explain(two_relu_toy(), torch.tensor([[3.0, 1.0]]), pl.LRP(composite="zero"))
    np.testing.assert_allclose(np.asarray(e), [[3, -1]], atol=1e-5)
    assert check(e, "relevance that arrives").value == pytest.approx((2.0,))
    ledger = e.record["relevance_by_layer"]
    assert sum(entry["bias"] for entry in ledger) == pytest.approx(-1, abs=1e-5)


def test_biases_of_merged_normalisation_keep_the_score_of_a_deep_network() -> None:
    """As docs/relevance.md says."""
    pytest.importorskip("efficientnet_lite_pytorch", reason="the extra demo is not installed")
    e = pl.explain(pl.load_model("efficientnet_lite0"), str(sample("coffee")), "lrp")
    assert abs(check(e, "relevance that arrives").value[0]) < 0.001
    kept = sum(entry["bias"] for entry in e.record["relevance_by_layer"])
    assert kept == pytest.approx(float(e.score[0]), rel=0.05)


# Every rule by the book, on the layer's own matrix


def stable(z: Tensor) -> Tensor:
    return z + torch.where(z < 0, -1e-6, 1e-6)


def by_the_book(rule: str, x: Tensor, w: Tensor, b: Tensor, r: Tensor) -> Tensor:
    """R_i = Σ_k share_ik R_k with all shares written out; w is (inputs, outputs)."""
    terms = x[:, None] * w
    if rule == "epsilon(0.5)":
        z = terms.sum(0) + b
        return (terms * r / (z + 0.5 * z.sign())).sum(1)
    if rule == "epsilon(0.5, relative)":
        z = terms.sum(0) + b
        return (terms * r / (z + 0.5 * z.square().mean().sqrt() * z.sign())).sum(1)
    if rule == "flat":
        links = (w != 0).double()
        return (links * r / stable(links.sum(0))).sum(1)
    if rule == "w_square":
        return (w.square() * r / stable(w.square().sum(0) + b.square())).sum(1)
    if rule == "box(-3, 3)":
        box = terms + 3 * w.clamp(min=0) - 3 * w.clamp(max=0)
        return (box * r / stable(box.sum(0))).sum(1)
    up, down = terms.clamp(min=0), terms.clamp(max=0)
    supports, opposes = up.sum(0) + b.clamp(min=0), down.sum(0) + b.clamp(max=0)
    if rule == "z_plus":
        return (up * r / stable(supports)).sum(1)
    if rule == "alpha_beta(2, 1)":
        return (2 * up * r / stable(supports) - down * r / stable(opposes)).sum(1)
    assert rule == "gamma(0.5)"
    z = terms.sum(0) + b
    rise = (terms + 0.5 * up) / stable(z + 0.5 * supports)
    fall = (terms + 0.5 * down) / stable(z + 0.5 * opposes)
    return (torch.where(z > 0, rise, fall) * r).sum(1)


RULES = ("epsilon(0.5)", "epsilon(0.5, relative)", "flat", "w_square", "box(-3, 3)", "z_plus",
         "alpha_beta(2, 1)", "gamma(0.5)")  # fmt: skip
LAYERS = {
    "linear": (nn.Linear(6, 4), (6,)),
    "conv1d": (nn.Conv1d(2, 3, 3, padding=1), (2, 5)),
    "conv2d": (nn.Conv2d(2, 4, 3, stride=2, groups=2), (2, 5, 5)),
    "conv3d": (nn.Conv3d(1, 2, 2), (1, 3, 3, 3)),
    "transposed": (nn.ConvTranspose2d(2, 3, 2, stride=2), (2, 2, 3)),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("sign", [1, 0], ids=["nonnegative", "signed"])
def test_rule_by_the_book(name: str, rule: str, sign: int) -> None:
    """A layer, and a sum of everything it gives with weights, whose relevance is known."""
    layer, shape = LAYERS[name]
    generator = torch.Generator().manual_seed(3)
    layer = layer.double()
    for parameter in layer.parameters():
        nn.init.normal_(parameter, generator=generator)
    x = torch.randn(1, *shape, generator=generator, dtype=torch.float64)
    x = x.abs() if sign else x
    z = layer(x).detach()
    weight = torch.randn(z.numel(), generator=generator, dtype=torch.float64)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Tensor) -> Tensor:
            return (self.layer(x).flatten(1) * weight).sum(1, keepdim=True)

    found = relevance(Net(), x, pl.Value(), composite=[("layer", rule)], epsilon=0.0)
    matrix = torch.autograd.functional.jacobian(lambda t: layer(t).flatten(), x)
    w = matrix.reshape(z.numel(), -1).T
    b = z.flatten() - x.flatten() @ w
    if rule == "flat" and name != "linear":
        w = torch.where(w != 0, w, 0)
    expected = by_the_book(rule, x.flatten(), w, b, z.flatten() * weight)
    size = expected.abs().max().item()
    np.testing.assert_allclose(found.flatten() / size, expected.numpy() / size, atol=2e-5)


# Laws


@pytest.mark.parametrize("make", [Plain, Reuse, Functional, ResNetLike])
def test_zero_rule_is_gradient_times_input_on_relu_networks(make: Any) -> None:
    net = built(make)
    found = relevance(net, X, composite="zero")
    expected = np.asarray(pl.explain(net, X, "input_x_gradient", target=0))
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("composite", COMPOSITES)
def test_every_layer_is_balanced(composite: str) -> None:
    """What a layer does not pass on is what its bias and ε kept, and that adds up to the score."""
    e = pl.explain(built(ResNetLike), X, pl.LRP(composite=composite), target=1)
    ledger = e.record["relevance_by_layer"]
    assert max(entry["imbalance"] for entry in ledger) < 1e-5
    kept = sum(entry["bias"] + entry["epsilon"] for entry in ledger)
    assert e.score.sum() - np.asarray(e).sum() == pytest.approx(kept, abs=1e-4)
    assert any(abs(entry["bias"]) > 1e-3 for entry in ledger) or composite == "zero"


@pytest.mark.parametrize(
    ("composite", "make"),
    [
        *((name, Plain) for name in COMPOSITES if "alpha" not in name),
        *((name, ResNetLike) for name in ("zero", "epsilon", "gamma")),
    ],
)
def test_relevance_is_conserved_without_biases(composite: str, make: Any) -> None:
    """Left out: α-β, which makes relevance where nothing opposes an output, and z⁺ after a layer
    without a ReLU, where it keeps that of outputs that nothing supports."""
    e = pl.explain(without_biases(built(make)), X, pl.LRP(composite=composite), target=1)
    np.testing.assert_allclose(check(e, "relevance that arrives").value, 1, atol=2e-3)


def test_biases_can_be_left_out() -> None:
    net = built(lambda: nn.Linear(3, 2))
    e = pl.explain(net, torch.tensor([[1.0, 2.0, 3.0]]), pl.LRP(zero_bias=True), target=1)
    np.testing.assert_allclose(check(e, "relevance that arrives").value, 1, atol=1e-5)
    assert not any(entry["bias"] for entry in e.record["relevance_by_layer"])


def test_proportional_pooling_shares_out_and_conserves() -> None:
    pool = nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1, 1, bias=False))
    nn.init.constant_(pool[2].weight, 0.5)
    x = torch.tensor([[[[1.0, 3.0], [0.0, 4.0]]]])
    score = pool(x).item()
    winner, shares = (
        relevance(pool, x, pl.Value(), pooling=p, epsilon=0)[0, 0]
        for p in ("winner", "proportional")
    )
    np.testing.assert_allclose(winner, [[0, 0], [0, score]], atol=1e-6)
    np.testing.assert_allclose(shares, np.array([[1, 3], [0, 4]]) / 8 * score, atol=1e-6)


# Transformers


class OneSoftmax(nn.Module):
    """Σ_i c_i softmax(x)_i."""

    def forward(self, x: Tensor) -> Tensor:
        return (x.softmax(1) * torch.tensor([1.0, -2.0, 3.0])).sum(1, keepdim=True)


def test_softmax_is_gradient_times_input() -> None:
    x = torch.tensor([[0.5, -1.0, 2.0]])
    s, c = x.softmax(1), torch.tensor([[1.0, -2.0, 3.0]])
    expected = x * s * (c - (s * c).sum())
    found = relevance(OneSoftmax(), x, pl.Value(), composite="zero")
    np.testing.assert_allclose(found, expected, atol=1e-5)


class Bilinear(nn.Module):
    """The sum of a product of two matrices that both depend on the input."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return (a @ b).sum((1, 2))[:, None]


def test_a_product_is_shared_evenly() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.rand(1, 2, 2, generator=generator) for _ in range(2))
    e = pl.explain(Bilinear(), (a, b), "lrp", target=pl.Value())
    half = float((a @ b).sum()) / 2
    for part in e.parts.values():
        assert np.asarray(part).sum() == pytest.approx(half, rel=1e-4)


class Gated(nn.Module):
    """x · sigmoid(y)."""

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return (x * torch.sigmoid(y)).sum(1, keepdim=True)


class Swish(nn.Module):
    """x · sigmoid(x), spelled out, or as one function."""

    def __init__(self, whole: bool) -> None:
        super().__init__()
        self.whole = whole

    def forward(self, x: Tensor) -> Tensor:
        return (F.silu(x) if self.whole else x * torch.sigmoid(1.0 * x)).sum(1, keepdim=True)


def test_a_gate_takes_no_relevance() -> None:
    x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.3, -0.2]])
    e = pl.explain(Gated(), (x, y), "lrp", target=pl.Value())
    signal, gate = e.parts.values()
    np.testing.assert_allclose(np.asarray(signal), x * y.sigmoid(), rtol=1e-5)
    assert not np.asarray(gate).any()


def test_a_function_spelled_out_is_the_function() -> None:
    x = torch.tensor([[1.0, -2.0, 0.5]])
    one, other = (relevance(Swish(whole), x, pl.Value()) for whole in (True, False))
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_attention_says_what_its_softmax_keeps() -> None:
    e = pl.explain(built(lambda: ViT(1)), X, "lrp", target=1)
    rules = {entry["rule"] for entry in e.record["relevance_by_layer"]}
    assert {"softmax", "product", "norm", "sum", "epsilon"} <= rules
    assert "softmax" in check(e, "relevance that arrives").meaning


# Use


def test_several_targets_share_the_forward_pass() -> None:
    net = built(Plain)
    e = pl.explain(net, X, "lrp", target=pl.Class([0, 2]))
    assert e.cost["forwards"] == 2
    for target, rows in ((0, [0, 2]), (2, [1, 3])):
        np.testing.assert_allclose(np.asarray(e)[rows], relevance(net, X, target), atol=1e-6)


def test_batches_give_what_the_whole_gives() -> None:
    net = built(Plain)
    x = torch.cat([X, X + 1, X - 1])
    parts = pl.explain(net, x, "lrp", target=1, batch_size=2)
    np.testing.assert_allclose(np.asarray(parts), relevance(net, x, 1), atol=1e-6)


class Strange(nn.Module):
    """Two operations that no rule is known for."""

    def forward(self, x: Tensor) -> Tensor:
        first = torch.cumprod(x, 1)
        return torch.lgamma(first.abs() + 1)


@pytest.mark.parametrize("name", ["lrp", "deeplift"])
def test_operations_without_a_rule_are_listed_with_their_lines(name: str) -> None:
    with pytest.raises(pl.NotApplicable, match=r"cumprod .*test_lrp.py:\d+.*; lgamma .*lgamma\("):
        pl.explain(Strange(), torch.ones(1, 3), name, target=0)


def test_a_value_that_leaves_the_graph_is_refused() -> None:
    class Leaves(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * float(x.mean())

    with pytest.raises(pl.NotApplicable, match=r"leaves the graph.*float\(x\.mean"):
        pl.explain(Leaves(), torch.ones(1, 3), "lrp", target=0)


def test_a_composite_of_ones_own() -> None:
    """By place, by class, by pattern; the first that fits holds."""
    net = built(Plain)
    pairs = [("first", "flat"), ("conv*", "gamma(0.5)"), ("Linear", "epsilon(0.1)")]
    e = pl.explain(net, X, pl.LRP(composite=pairs), target=0)
    rules = {entry["layer"]: entry["rule"] for entry in e.record["relevance_by_layer"]}
    assert (rules["conv1"], rules["conv2"], rules["fc"]) == ("Flat", "Gamma", "epsilon")


@pytest.mark.parametrize(
    ("composite", "said"),
    [
        ("epsilon_plush", "epsilon_plus"),
        ([("convv*", "flat")], "no layer with weights is called so"),
        ([("conv", "gama")], "gamma"),
        ([("conv", "alpha_beta(2, 3)")], "α − β has to be 1"),
        ([("conv", "pass")], "keep every value at its place"),
        ("Epsilon Plus!", "no composite"),
        ([], "list of pairs"),
    ],
)
def test_a_wrong_composite_is_refused_with_a_way_out(composite: Any, said: str) -> None:
    with pytest.raises(pl.ParameterError, match=said):
        relevance(built(Plain), X, composite=composite)


def test_pixel_bounds_come_from_the_preprocessing() -> None:
    known = pl.ImagePreprocess(size=16, mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4))
    net = built(Plain)
    x = X.clamp(-1, 1)
    with_model = pl.explain(pl.Model(net, preprocess=known), x, pl.LRP(
        composite="epsilon_gamma_box"), target=0)  # fmt: skip
    mean, std = np.array(known.mean), np.array(known.std)
    given = relevance(net, x, composite="epsilon_gamma_box", low=-mean / std, high=(1 - mean) / std)
    np.testing.assert_allclose(np.asarray(with_model), given, rtol=1e-5, atol=1e-7)
    assert not np.allclose(given, relevance(net, x, composite="epsilon_gamma_box"))
