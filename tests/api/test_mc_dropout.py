"""Monte-Carlo dropout: variances and bounds by formula, one thinned network a pass."""

import math

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.ops.uncertainty import error_auroc, referral
from pellucid.testing import unchanged


def linear(rate: float, outputs: int = 1) -> nn.Module:
    net = nn.Sequential(nn.Dropout(rate), nn.Linear(6, outputs)).eval()
    torch.manual_seed(0)
    nn.init.normal_(net[1].weight)
    return net


def classifier() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout2d(0.3),
        nn.Flatten(), nn.Dropout(0.4), nn.Linear(4 * 64, 3),
    ).train()  # fmt: skip


X = torch.randn(5, 6, generator=torch.Generator().manual_seed(2))
PICTURES = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("thins", ["dropout", "dropconnect"])
def test_variance_of_a_linear_layer(thins) -> None:
    """Var = p/(1−p) Σ (w_i x_i)², for masks on units and on weights alike; the mean is the output.
    Without the rescaling by 1/(1−p) the mean would be (1−p) of it."""
    p, net = 0.3, linear(0.3)
    u = pl.mc_dropout(net, X, passes=400, rate=p, thins=thins)
    products = net[1].weight * X
    variance = p / (1 - p) * products.square().sum(1)
    np.testing.assert_allclose(u.std[:, 0] ** 2, variance.detach(), rtol=0.35)
    error = variance.sqrt() / 400**0.5
    assert (np.abs(u.mean[:, 0] - net(X)[:, 0].detach().numpy()) < 4 * error.detach().numpy()).all()


def test_dropout_leaves_out_units_and_dropconnect_weights() -> None:
    net = linear(0.5, outputs=2)
    with torch.no_grad():
        net[1].weight[1] = net[1].weight[0]
        net[1].bias.zero_()
    units = pl.mc_dropout(pl.Model(net, output=lambda y: y[:, :2] - 0), X, passes=20)
    assert np.allclose(units.passes[..., 0], units.passes[..., 1], atol=1e-6)
    weights = pl.mc_dropout(net, X, passes=20, rate=0.5, thins="dropconnect")
    assert not np.allclose(weights.passes[..., 0], weights.passes[..., 1], atol=1e-3)


def test_bounds_and_identities() -> None:
    u = pl.mc_dropout(classifier(), PICTURES, passes=40)
    assert u.passes.shape == (40, 4, 3)
    np.testing.assert_allclose(u.passes.sum(2), 1, atol=1e-5)
    assert (u.mutual_information >= 0).all()
    assert (u.mutual_information <= u.entropy + 1e-9).all()
    assert (u.entropy <= math.log(3) + 1e-9).all()
    assert (u.mutual_information > 1e-4).all()
    once = pl.mc_dropout(classifier(), PICTURES, passes=1)
    np.testing.assert_allclose(once.mutual_information, 0, atol=1e-9)


def test_one_output_of_two_classes_is_a_probability_once() -> None:
    """A network that ends in a sigmoid gives probabilities already."""
    logit = linear(0.3)
    share = nn.Sequential(*logit, nn.Sigmoid())
    a, b = (
        pl.mc_dropout(pl.Model(net, classes=["no", "yes"]), X, passes=5) for net in (logit, share)
    )
    assert a.passes.shape == (5, 5, 2)
    np.testing.assert_allclose(a.passes, b.passes, atol=1e-6)


def test_rate_zero_is_the_network_itself() -> None:
    net = classifier()
    u = pl.mc_dropout(net, PICTURES, passes=3, rate=0.0)
    wanted = net.eval()(PICTURES).softmax(1).detach()
    np.testing.assert_allclose(u.passes, wanted.expand(3, -1, -1), atol=1e-6)


def test_nothing_changes_and_batch_normalisation_stays_in_eval(own_random_state) -> None:
    net = classifier()
    with unchanged(net):
        a = pl.mc_dropout(net, PICTURES, passes=5)
    alone = [pl.mc_dropout(net, PICTURES[i : i + 1], passes=5).passes for i in range(4)]
    np.testing.assert_allclose(np.concatenate(alone, 1), a.passes, atol=1e-5)
    again = pl.mc_dropout(net, PICTURES, passes=5, batch_size=3)
    np.testing.assert_allclose(again.passes, a.passes, atol=1e-5)
    assert not np.allclose(pl.mc_dropout(net, PICTURES, passes=5, seed=1).passes, a.passes)


class Functional(nn.Module):
    """A dropout that asks for its own mode, as most hand-written networks do."""

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(6, 3)

    def forward(self, x):
        return self.last(nn.functional.dropout(x, 0.5, training=self.training))


def test_functional_dropout_is_reached() -> None:
    assert pl.mc_dropout(Functional(), X, passes=10).std.min() > 0


METHODS = [pl.Gradient(), pl.GradCAM(), pl.IntegratedGradients(), pl.Occlusion(window=4, stride=4)]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.card.name)
def test_maps_of_every_pass(method) -> None:
    net = classifier()
    u = pl.mc_dropout(net, PICTURES, passes=4, method=method)
    maps = u.maps
    assert maps is not None
    whole = pl.explain(net, PICTURES, method, [pl.Class(int(c)) for c in u.predicted])
    np.testing.assert_array_equal(maps["whole network"].values, whole.values)
    spread = maps["standard deviation"].values
    assert spread.max() > 0
    np.testing.assert_allclose(maps.std_error, spread / 4**0.5, rtol=1e-5)
    assert not any(check.verdict == "failed" for check in maps.checks)


def test_referral_by_hand() -> None:
    """Sorted by confidence: right, wrong, right, wrong; the last is referred first."""
    correct = torch.tensor([True, False, False, True])
    unsure = torch.tensor([0.1, 0.9, 0.2, 0.3])
    assert referral(correct, unsure).tolist() == pytest.approx([1 / 2, 2 / 3, 1 / 2, 1.0])
    assert error_auroc(correct, unsure) == pytest.approx(3 / 4)


def test_referral_helps_on_real_digits_and_can_be_drawn() -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = torch.tensor(digits.data / 16, dtype=torch.float32)
    y = torch.tensor(digits.target)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 10))
    optimiser = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(60):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x[:600]), y[:600]).backward()
        optimiser.step()
    u = pl.mc_dropout(net, x[600:], passes=30)
    curve = u.referral(digits.target[600:])
    kept = len(curve.accuracy) * 7 // 10
    assert curve.accuracy[len(curve.accuracy) - kept] > curve.random + 0.02
    assert curve.auroc > 0.8
    assert len(u.plot(digits.target[600:]).axes) == 6


@pytest.mark.parametrize(
    ("net", "options", "words"),
    [
        (nn.Linear(6, 3), {}, "no dropout"),
        (linear(0.5), {"passes": 0}, "passes=0"),
        (linear(0.5), {"rate": 1.0}, "rate=1.0"),
        (linear(0.5), {"thins": "dropconnect"}, "no rate"),
        (torch.jit.trace(linear(0.5), X), {}, "TorchScript"),
    ],
)
def test_refusals(net, options, words) -> None:
    with pytest.raises(pl.PellucidError, match=words):
        pl.mc_dropout(net, X, **options)


def test_dropout_inside_a_fused_layer_is_said() -> None:
    net = nn.Sequential(nn.Dropout(0.2), nn.TransformerEncoderLayer(6, 2, 12, batch_first=True))
    model = pl.Model(net, output=lambda y: y[:, 0])
    u = pl.mc_dropout(model, torch.randn(3, 4, 6), passes=4)
    assert "self_attn" in u.checks[0].meaning
