"""Metrics beside Quantus and captum, where the definitions agree; where they differ, why."""

import importlib.util
from unittest.mock import patch

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.evaluation.neighbourhood import nudged
from pellucid.evaluation.resuming import resumed
from pellucid.evaluation.subsets import random_halves

captum = pytest.importorskip("captum.metrics", reason="captum is not installed")


@pytest.fixture(scope="module")
def quantus():
    """Quantus imports zennit where it finds it, and that imports torchvision."""
    found = importlib.util.find_spec
    with patch("importlib.util.find_spec", lambda name: None if name == "zennit" else found(name)):
        return pytest.importorskip("quantus", reason="quantus is not installed")


@pytest.fixture(scope="module")
def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(3)),
        *(nn.Flatten(), nn.Linear(36, 3)),
    ).eval()


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    x = torch.rand(4, 1, 12, 12, generator=torch.Generator().manual_seed(1))
    x[:, :, 0, 0] = 0  # black is the least value, which Quantus takes from the pictures
    return x


@pytest.fixture(scope="module")
def e(net, x) -> pl.Explanation:
    return pl.explain(net, x, "gradient", reduce="sum_abs")


@pytest.fixture(scope="module")
def given(net, x, e) -> dict:
    """What Quantus is called with."""
    return {
        "model": net,
        "x_batch": x.numpy(),
        "y_batch": e.outputs.argmax(1),
        "a_batch": np.array(e.values).reshape(4, 1, 12, 12),
    }


PLAIN = {"disable_warnings": True, "normalise": False, "abs": False}


def test_deletion_is_pixel_flipping(quantus, net, e, given) -> None:
    """Quantus' curve begins after the first step, ours before it."""
    theirs = quantus.PixelFlipping(features_in_step=12, perturb_baseline="black", **PLAIN)
    how = {"steps": 12, "baseline": 0.0}
    ours = pl.evaluate(net, e, [pl.Deletion(**how), pl.Insertion(**how)])
    assert np.asarray(theirs(**given)) == pytest.approx(ours["deletion"].curve[:, 1:], abs=1e-5)
    # insertion is the flipping of the least relevant first, read backwards
    turned = np.asarray(theirs(**{**given, "a_batch": given["a_batch"].max() - given["a_batch"]}))
    assert turned == pytest.approx(ours["insertion"].curve[:, ::-1][:, 1:], abs=1e-5)


@pytest.mark.parametrize(
    ("name", "peer"), [("sparseness", "Sparseness"), ("complexity", "Complexity")]
)
def test_complexity_of_maps_without_a_sign(quantus, net, e, given, name, peer) -> None:
    """Of signed maps Quantus' entropy takes the values themselves for shares, also negative ones;
    ours takes their sizes, as the paper does."""
    theirs = getattr(quantus, peer)(**PLAIN)
    found = np.asarray(theirs(**{**given, "a_batch": given["a_batch"].copy()}), float)
    assert found == pytest.approx(pl.evaluate(net, e, name)[name].values, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("pointing_game", "PointingGame"),
        ("relevance_mass_accuracy", "RelevanceMassAccuracy"),
        ("relevance_rank_accuracy", "RelevanceRankAccuracy"),
    ],
)
def test_localisation_of_maps_without_a_sign(quantus, net, e, given, name, peer) -> None:
    """Of signed maps Quantus' mass accuracy divides by the signed sum, which may vanish; ours
    counts positive values, as the paper does. Of ties Quantus' pointing game takes the best, ours
    the share."""
    masks = np.zeros((4, 1, 12, 12), bool)
    masks[:, :, 2:7, 3:9] = True
    theirs = getattr(quantus, peer)(**PLAIN)
    found = np.asarray(theirs(**given, s_batch=masks), float)
    ours = pl.evaluate(net, e, name, masks=masks[:, 0])[name].values
    assert found == pytest.approx(ours, rel=1e-4)


@pytest.fixture(scope="module")
def table() -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 2))
    return net, torch.randn(1, 6)


def test_infidelity_as_in_captum(table) -> None:
    net, row = table
    e = pl.explain(net, row, "input_x_gradient", target=1)
    gone = random_halves(6, 64, 0).float()

    def perturb(inputs, baselines=None):
        return gone, inputs * (1 - gone)

    theirs = captum.infidelity(
        net, perturb, row, torch.tensor(np.array(e.values)), target=1, n_perturb_samples=64
    )
    found = pl.evaluate(net, e, pl.Infidelity(baseline="zero"))["infidelity"].mean
    assert found == pytest.approx(float(theirs), rel=1e-4)


def test_max_sensitivity_as_in_captum(table) -> None:
    net, row = table
    e = pl.explain(net, row, "gradient", target=1)
    subject = resumed(e)
    moved = torch.cat([nudged(subject, 0.02, draw + 1).value for draw in range(8)])

    def gradient(inputs):
        inputs = inputs[0] if isinstance(inputs, tuple) else inputs
        start = inputs.detach().requires_grad_()
        with torch.enable_grad():
            return torch.autograd.grad(net(start)[:, 1].sum(), start)

    theirs = captum.sensitivity_max(
        gradient, row, perturb_func=lambda inputs, radius: (moved,), n_perturb_samples=8
    )
    found = pl.evaluate(net, e, "max_sensitivity")["max_sensitivity"].mean
    assert found == pytest.approx(float(theirs), rel=1e-4)
