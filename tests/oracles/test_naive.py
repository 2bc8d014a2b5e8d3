"""Every method against the loops in `tests/reference`, which share nothing with the package."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.testing.nets import built
from reference import cams, gradients, stack
from reference.upsampling import upsample

LAYER = "3"


def small() -> nn.Sequential:
    """conv, ReLU, conv, ReLU, global mean, linear, on 8×8 pictures; double precision."""
    return built(
        lambda: nn.Sequential(
            *(nn.Conv2d(2, 5, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(5, 6, 3, stride=2, padding=1), nn.ReLU()),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3)),
        )
    ).double()


NET = small()
X = torch.randn(2, 2, 8, 8, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
INDEX = 1


def features(x: Tensor) -> Tensor:
    return NET[:4](x.double())


def head(maps: Tensor) -> Tensor:
    return NET[4:](maps.double())


def score(x: np.ndarray) -> float:
    with torch.no_grad():
        return float(NET(torch.tensor(x)[None])[0, INDEX])


def slope(x: np.ndarray) -> np.ndarray:
    leaf = torch.tensor(x)[None].requires_grad_()
    return torch.autograd.grad(NET(leaf)[0, INDEX], leaf)[0][0].numpy()


def layers() -> list[stack.Layer]:
    """`NET` as the reference's own stack."""
    arrays = [p.detach().numpy() for p in NET.parameters()]
    first, second = stack.Conv(arrays[0], arrays[1], 1, 1), stack.Conv(arrays[2], arrays[3], 2, 1)
    linear = stack.Linear(arrays[4], arrays[5])
    return [first, stack.ReLU(), second, stack.ReLU(), stack.GlobalMean(), linear]


WEIGHT = NET[6].weight.detach().numpy()
CAMS: dict[str, Callable[[], np.ndarray]] = {
    "cam": lambda: cams.cam(features, X, WEIGHT, INDEX),
    "grad_cam": lambda: cams.grad_cam(features, head, X, INDEX),
    "grad_cam_plus_plus": lambda: cams.grad_cam_plus_plus(features, head, X, INDEX),
    "layer_cam": lambda: cams.layer_cam(features, head, X, INDEX),
    "score_cam": lambda: cams.score_cam(features, head, X, INDEX),
    "ablation_cam": lambda: cams.ablation_cam(features, head, X, INDEX),
    "eigen_cam": lambda: cams.eigen_cam(features, X),
}


@pytest.mark.parametrize("name", CAMS)
def test_cams(name: str) -> None:
    expected = CAMS[name]()
    ours = pl.explain(NET, X, name, target=INDEX)
    assert ours.record["layer"] == LAYER
    np.testing.assert_allclose(ours.coarse, expected, rtol=1e-4, atol=1e-6)
    grown = np.stack([upsample(one, (8, 8)) for one in expected])
    np.testing.assert_allclose(ours.values, grown, rtol=1e-4, atol=1e-5)


def test_gradient_by_finite_differences() -> None:
    expected = np.stack([gradients.gradient(score, x) for x in X.numpy()])
    ours = pl.explain(NET, X, "gradient", target=INDEX)
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-6)
    product = pl.explain(NET, X, "input_x_gradient", target=INDEX)
    np.testing.assert_allclose(product, expected * X.numpy(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["guided_backprop", "deconvnet"])
def test_rectified_by_the_stack(name: str) -> None:
    naive = getattr(stack, name)
    expected = np.stack([naive(layers(), x, INDEX) for x in X.numpy()])
    ours = pl.explain(NET, X, name, target=INDEX)
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-6)


def test_guided_grad_cam_by_its_parts() -> None:
    fine = np.stack([stack.guided_backprop(layers(), x, INDEX) for x in X.numpy()])
    coarse = np.maximum(cams.grad_cam(features, head, X, INDEX), 0)
    grown = np.stack([upsample(one, (8, 8)) for one in coarse])
    ours = pl.explain(NET, X, "guided_grad_cam", target=INDEX)
    np.testing.assert_allclose(ours, fine * grown[:, None], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("rule", ["adaptive", "midpoint", "gauss_legendre"])
def test_integrated_gradients_by_many_steps(rule: str) -> None:
    """16 to 900 steps of ours against 2000 of the loop, at the kinks of ReLUs."""
    baseline = np.full(X.shape[1:], 0.25)
    expected = [gradients.integrated_gradients(slope, x, baseline) for x in X.numpy()]
    method = pl.IntegratedGradients(baseline=0.25, max_steps=900, tolerance=1e-4, rule=rule)
    ours = pl.explain(NET, X, method, target=INDEX)
    size = np.abs(expected).max()
    np.testing.assert_allclose(ours.values / size, np.stack(expected) / size, atol=5e-3)


@pytest.mark.parametrize("kind", ["mean", "squared", "variance"])
def test_smooth_grad_within_its_standard_error(kind: str) -> None:
    sample, rng = X[0].numpy(), np.random.default_rng(7)
    sigma = 0.2 * (sample.max() - sample.min())
    noise = sigma * rng.standard_normal((1500, *sample.shape))
    expected = gradients.smooth_grad(slope, sample, noise, kind)
    ours = pl.explain(NET, X[:1], pl.SmoothGrad(n_samples=1500, noise=0.2, kind=kind), INDEX)
    if kind == "mean":
        z = (ours.values[0] - expected) / (np.sqrt(2) * ours.std_error[0])
        assert 0.7 < np.std(z) < 1.3
        assert np.abs(z).max() < 5.5
    else:
        assert abs(ours.values.mean() / expected.mean() - 1) < 0.05
        assert np.corrcoef(ours.values.ravel(), expected.ravel())[0, 1] > 0.98


def test_expected_gradients_within_their_standard_error() -> None:
    generator = torch.Generator().manual_seed(4)
    background = torch.randn(3, 2, 8, 8, generator=generator, dtype=torch.float64)
    limit = gradients.expected_gradients_limit(slope, X[0].numpy(), background.numpy(), 300)
    method = pl.ExpectedGradients(background=background, n_samples=600)
    ours = pl.explain(NET, X[:1], method, target=INDEX)
    z = (ours.values[0] - limit) / np.maximum(ours.std_error[0], 1e-9)
    # Stratified draws err less than their standard error, which takes them as independent.
    assert np.std(z) < 1.1
    assert np.abs(z).max() < 5
