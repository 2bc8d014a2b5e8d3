"""Laws that the methods obey by their definition, and slips that the laws would catch."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import pellucid as pl

CONV = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
POOL = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}


def gap_net(rank: int, seed: int = 0) -> nn.Sequential:
    """Convolution, ReLU, global average pooling, linear: the architecture of the CAM paper."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        head = nn.Flatten(), nn.Linear(5, 4)
        return nn.Sequential(CONV[rank](2, 5, 3, padding=1), nn.ReLU(), POOL[rank](1), *head)


def batch(rank: int, side: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(3, 2, *[side] * rank, generator=generator)


@settings(deadline=None, max_examples=25)
@given(st.sampled_from([1, 2, 3]), st.integers(3, 7), st.integers(0, 3), st.integers(0, 99))
def test_mean_of_cam_plus_bias_is_the_logit(rank: int, side: int, index: int, seed: int) -> None:
    net, x = gap_net(rank, seed), batch(rank, side, seed)
    cam = pl.explain(net, x, "cam", target=index)
    mean = cam.coarse.reshape(3, -1).mean(1)
    np.testing.assert_allclose(mean + net[-1].bias[index].item(), cam.score, rtol=1e-4, atol=1e-5)


@settings(deadline=None, max_examples=25)
@given(st.sampled_from([1, 2, 3]), st.integers(3, 7), st.integers(0, 3), st.integers(0, 99))
def test_grad_cam_is_cam_over_the_places(rank: int, side: int, index: int, seed: int) -> None:
    net, x = gap_net(rank, seed), batch(rank, side, seed)
    cam = pl.explain(net, x, "cam", target=index).coarse
    grad_cam = pl.explain(net, x, "grad_cam", target=index).coarse
    np.testing.assert_allclose(grad_cam * side**rank, cam, rtol=1e-4, atol=1e-5)


def test_the_grad_cam_law_notices_a_summed_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    def slip(maps: Tensor, gradient: Tensor) -> Tensor:
        return torch.einsum("nc,nc...->n...", gradient.flatten(2).sum(2), maps)

    monkeypatch.setattr("pellucid.methods.grad_cam.grad_cam", slip)
    with pytest.raises(AssertionError):
        test_grad_cam_is_cam_over_the_places.hypothesis.inner_test(2, 5, 1, 0)


def test_the_cam_law_notices_a_lost_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pellucid.methods.cam._combine", lambda table, target: table.abs()[0])
    with pytest.raises(AssertionError):
        test_mean_of_cam_plus_bias_is_the_logit.hypothesis.inner_test(2, 5, 1, 0)


def test_all_classes_at_once_equal_one_by_one() -> None:
    net, x = gap_net(2), batch(2, 6)
    together = pl.explain(net, x, "grad_cam", target=pl.Class(range(4)))
    for index in range(4):
        alone = pl.explain(net, x, "grad_cam", target=index)
        np.testing.assert_allclose(together.values[index::4], alone.values, atol=1e-6)
        assert together.target[index::4] == alone.target


def test_ablation_cam_in_closed_form_equals_the_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    net, x = gap_net(2), batch(2, 6)
    closed = pl.explain(net, x, "ablation_cam", target=1)
    monkeypatch.setattr("pellucid.methods.ablation_cam._pooled", lambda call, choice: None)
    passes = pl.explain(net, x, "ablation_cam", target=1)
    assert closed.cost["forwards"] == 3
    assert passes.cost["forwards"] > 3
    np.testing.assert_allclose(closed.values, passes.values, rtol=1e-4, atol=1e-6)


LINEAR = {
    "input_x_gradient": lambda w, x: w * x,
    "integrated_gradients": lambda w, x: w * x,
    "gradient": lambda w, x: w.expand_as(x),
    "smooth_grad": lambda w, x: w.expand_as(x),
}


@pytest.mark.parametrize("name", LINEAR)
def test_linear_models(name: str) -> None:
    net = nn.Linear(6, 3)
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(1))
    found = np.asarray(pl.explain(net, x, name, target=2))
    expected = LINEAR[name](net.weight[2].detach(), x)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_expected_gradients_of_a_linear_model_average_the_background() -> None:
    """Each baseline is drawn equally often, so a linear model gives w (x − mean x') exactly."""
    net, generator = nn.Linear(6, 3), torch.Generator().manual_seed(1)
    x, background = torch.randn(4, 6, generator=generator), torch.randn(20, 6, generator=generator)
    method = pl.ExpectedGradients(background=background, n_samples=200)
    found = pl.explain(net, x, method, target=2)
    expected = net.weight[2].detach() * (x - background.mean(0))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def relu_net() -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return nn.Sequential(
            nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3)
        )


@pytest.mark.parametrize("rule", ["adaptive", "gauss_legendre", "midpoint"])
@pytest.mark.parametrize("baseline", ["zero", "mean", "noise", 0.5])
def test_integrated_gradients_are_complete(rule: str, baseline: object) -> None:
    net = relu_net().double()
    x = torch.randn(5, 8, generator=torch.Generator().manual_seed(2))
    if baseline == "mean":
        x, net = x[:, None, :], nn.Sequential(nn.Flatten(), net)
    method = pl.IntegratedGradients(rule=rule, baseline=baseline, tolerance=1e-3, max_steps=70_000)
    found = pl.explain(net, x, method, target=0)
    check = next(c for c in found.checks if c.name == "completeness gap")
    assert check.verdict == "ok"
    assert max(check.value) <= 1e-3


def test_adaptive_steps_need_fewer_passes() -> None:
    """16 and then 32 steps of the adaptive rule come nearer to the integral than 64 midpoints."""
    net, x = relu_net().double(), torch.randn(5, 8, generator=torch.Generator().manual_seed(2))

    def steps(rule: str, start: int, most: int) -> np.ndarray:
        method = pl.IntegratedGradients(
            rule=rule, baseline=0.5, n_steps=start, max_steps=most, tolerance=1e-9
        )
        return pl.explain(net, x, method, target=0).values

    integral = steps("midpoint", 30_000, 30_000)
    near = np.linalg.norm(steps("adaptive", 16, 32) - integral)
    assert near < 0.5 * np.linalg.norm(steps("midpoint", 64, 64) - integral)


def test_completeness_is_measured_not_asserted() -> None:
    """Two steps on a curved function miss the score's change, and the check says so."""

    class Cubic(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (x**9).sum(1)

    method = pl.IntegratedGradients(n_steps=2, max_steps=2, rule="midpoint")
    found = pl.explain(Cubic(), torch.tensor([[1.0, 2.0]]), method)
    gap = next(c for c in found.checks if c.name == "completeness gap")
    assert gap.verdict == "failed"
    assert gap.value[0] == pytest.approx(1 - (0.25**8 + 0.75**8) / 2 * 9, rel=1e-4)


def test_two_baselines_are_averaged() -> None:
    net, x = relu_net(), torch.randn(2, 8, generator=torch.Generator().manual_seed(2))
    alone = [np.asarray(pl.explain(net, x, pl.IntegratedGradients(baseline=b))) for b in (0.0, 1.0)]
    both = pl.explain(net, x, pl.IntegratedGradients(baseline=[0.0, 1.0]))
    np.testing.assert_allclose(both, (alone[0] + alone[1]) / 2, atol=1e-5)


SQUARES: dict[str, Callable[[float, float], float]] = {
    "mean": lambda x, s: 2 * x,
    "squared": lambda x, s: 4 * (x * x + s * s),
    "variance": lambda x, s: 4 * s * s,
}


@pytest.mark.parametrize("kind", SQUARES)
def test_smooth_grad_of_a_square(kind: str) -> None:
    """f(x) = x²: SmoothGrad 2x, squared 4(x² + σ²), VarGrad 4σ²; σ is a share of the range."""

    class Square(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (x**2).sum(1)

    x = torch.tensor([[0.3, -0.7]])
    found = pl.explain(Square(), x, pl.SmoothGrad(n_samples=20_000, noise=0.5, kind=kind))
    expected = [SQUARES[kind](float(v), 0.5) for v in x[0]]
    np.testing.assert_allclose(found.values[0], expected, rtol=0.05, atol=0.02)


def test_smooth_grad_of_a_relu_is_the_normal_distribution_function() -> None:
    """f(x) = ReLU(x): Φ(x/σ); at x = 0.3 and σ = 0.5 that is 0.7257."""

    class Net(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(x[:, 0]) + 0 * x[:, 1]

    found = pl.explain(
        Net(), torch.tensor([[0.3, -0.7]]), pl.SmoothGrad(n_samples=20_000, noise=0.5)
    )
    assert found.values[0, 0] == pytest.approx(0.7257, abs=4 * float(found.std_error[0, 0]))
    assert found.std_error[0, 0] < 0.004


def test_a_probability_is_the_logits_seen_through_the_softmax() -> None:
    """∂p_c/∂x = p_c (∂s_c − Σ_k p_k ∂s_k)."""
    net, x = relu_net(), torch.randn(2, 8, generator=torch.Generator().manual_seed(2))
    logits = [np.asarray(pl.explain(net, x, "gradient", target=c)) for c in range(3)]
    p = net(x).softmax(1).detach().numpy()
    mean = sum(p[:, k, None] * logits[k] for k in range(3))
    found = pl.explain(net, x, "gradient", target=1, space="probability")
    np.testing.assert_allclose(found, p[:, 1, None] * (logits[1] - mean), atol=1e-6)


def test_grad_cam_is_linear_in_the_target() -> None:
    net, x = gap_net(2), batch(2, 6)
    a, b = (np.asarray(pl.explain(net, x, "grad_cam", target=c)) for c in (0, 1))
    contrast = pl.explain(net, x, "grad_cam", target=pl.Contrast(0, 1))
    np.testing.assert_allclose(contrast, a - b, atol=1e-6)


def test_negative_is_the_gradient_of_the_turned_logit() -> None:
    net, x = nn.Linear(4, 1), torch.randn(3, 4)
    positive = pl.explain(net, x, "gradient", target=pl.Positive())
    negative = pl.explain(net, x, "gradient", target=pl.Negative())
    np.testing.assert_array_equal(negative, -np.asarray(positive))
    assert negative.score == pytest.approx(-positive.score)
