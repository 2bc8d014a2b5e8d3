"""The naive formulas against hand-computed and published numbers, so that they can be trusted."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.testing import assert_allclose
from torch import Tensor

from pellucid.testing.nets import OneConv, gap_net, one_conv, two_relu_toy
from reference import cams, gradients, perturbation, stack
from reference.upsampling import upsample

RAMP = np.arange(16.0).reshape(1, 4, 4)
BATCH = torch.tensor(RAMP)[None]


def golden() -> OneConv:
    return one_conv().double()


def golden_stack() -> list[stack.Layer]:
    row = np.array([[1.0, 1, 1, 1, 1, -1, -1, -1]])
    conv = stack.Conv(np.ones((2, 1, 3, 3)), np.array([-50.0, -75.0]))
    return [conv, stack.ReLU(), stack.Linear(row, np.zeros(1)), stack.ReLU()]


def toy(x: np.ndarray) -> float:
    return float(two_relu_toy()(torch.tensor(x)[None]))


def toy_slope(x: np.ndarray) -> np.ndarray:
    leaf = torch.tensor(x, requires_grad=True)
    return torch.autograd.grad(two_relu_toy()(leaf[None])[0], leaf)[0].numpy()


# The golden net of one convolution


def test_the_stack_is_the_net() -> None:
    assert_allclose(stack.forward(golden_stack(), RAMP), [54])
    assert golden()(BATCH).item() == 54


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("gradient", [[0, 1, 1, 1]] * 3 + [[0, 0, 0, 0]]),
        ("deconvnet", [[2, 3, 3, 1], [3, 5, 5, 2], [3, 5, 5, 2], [1, 2, 2, 1]]),
        ("guided", [[0, 1, 1, 1], [1, 3, 3, 2], [1, 3, 3, 2], [1, 2, 2, 1]]),
    ],
)
def test_backward_rules(rule: str, expected: list[list[int]]) -> None:
    assert_allclose(stack.backward(golden_stack(), RAMP, 0, rule)[0], expected)


def test_named_rules_are_the_rules() -> None:
    layers = golden_stack()
    assert_allclose(
        stack.guided_backprop(layers, RAMP, 0), stack.backward(layers, RAMP, 0, "guided")
    )
    assert_allclose(stack.deconvnet(layers, RAMP, 0), stack.backward(layers, RAMP, 0, "deconvnet"))


def test_finite_differences() -> None:
    found = gradients.gradient(lambda x: golden()(torch.tensor(x)[None]).item(), RAMP)
    assert_allclose(found[0], [[0, 1, 1, 1]] * 3 + [[0, 0, 0, 0]], atol=1e-6)
    assert_allclose((found * RAMP).sum(), 54, atol=1e-4)


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        (1, [[11.25, 13.5], [20.25, 22.5]]),
        (2, [[0, 4], [28, 32.5]]),
        (0, 0.5625 * RAMP[0]),
    ],
)
def test_grad_cam(cut: int, expected: object) -> None:
    net = golden()
    layers = torch.nn.Sequential(net.conv, net.relu1, torch.nn.Flatten(), net.fc, net.relu2)
    found = cams.grad_cam(layers[:cut], layers[cut:], BATCH, 0)
    assert_allclose(found[0], expected, atol=1e-12)


# The toy of two ReLUs

POINT = np.array([3.0, 1.0])


def test_toy() -> None:
    zero = np.zeros(2)
    assert_allclose(gradients.gradient(toy, POINT) * POINT, [3, -1], atol=1e-6)
    assert_allclose(gradients.integrated_gradients(toy_slope, POINT, zero), [1.5, -0.5])
    assert_allclose(perturbation.occlusion(toy, POINT, zero, (1,), (1,)), [1, -1])
    # Window 2 hides everything and takes away f(x) − f(0) = 1, which each of the two shares.
    assert_allclose(perturbation.occlusion(toy, POINT, zero, (2,), (1,)) / 2, [0.5, 0.5])
    assert_allclose(perturbation.shapley(toy, POINT, zero), [1.5, -0.5])


@pytest.mark.parametrize(
    ("x", "baseline", "expected"),
    [
        ([2.0, 0.0], [1.0, 0.0], [1, 0]),
        ([3.0, 0.0], [0.0, 0.0], [2, 0]),
        ([-10.0, -5.0], [0.0, 0.0], [0, 0]),
    ],
)
def test_toy_integrated_gradients(x: list, baseline: list, expected: list) -> None:
    found = gradients.integrated_gradients(toy_slope, np.array(x), np.array(baseline))
    assert_allclose(found, expected, atol=2e-3)


# Maps by hand: the layer is the input itself, the score the sum of channel 0

PAIR = torch.tensor([[[[0.0, 2.0], [0.0, 2.0]], [[1.0, 1.0], [3.0, 3.0]]]], dtype=torch.float64)


def same(x: Tensor) -> Tensor:
    return x


def first_channel(maps: Tensor) -> Tensor:
    return maps[:, 0].sum((1, 2))[:, None]


def test_score_cam_by_hand() -> None:
    share = 1 / (1 + np.exp(-2))  # the masks keep 4 and 2 of channel 0
    expected = share * PAIR[0, 0] + (1 - share) * PAIR[0, 1]
    assert_allclose(cams.score_cam(same, first_channel, PAIR, 0)[0], expected)


def test_score_cam_order_of_scaling_matters() -> None:
    """Upsampling flattens peaks, so scaling after it differs from scaling before."""

    def shrink(x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 2)

    x = torch.randn(2, 2, 8, 8, generator=torch.Generator().manual_seed(0)).double()
    after = cams.score_cam(shrink, first_channel, x, 0)
    before = cams.score_cam(shrink, first_channel, x, 0, scale_first=True)
    assert after.shape == (2, 4, 4)
    assert not np.allclose(after, before, atol=1e-3)


def test_ablation_cam_by_hand() -> None:
    assert_allclose(cams.ablation_cam(same, first_channel, PAIR, 0)[0], PAIR[0, 0])
    turned = cams.ablation_cam(same, lambda maps: -first_channel(maps), PAIR, 0)
    assert_allclose(turned[0], -PAIR[0, 0])


def slopes(maps: Tensor) -> Tensor:
    """The gradient is 1 at the first place and −1 at the second."""
    return (maps[:, 0, 0] - maps[:, 0, 1])[:, None]


def test_grad_cam_plus_plus_and_layer_cam_by_hand() -> None:
    x = torch.tensor([[[1.0, 2.0]]], dtype=torch.float64)
    # α = 1/(2 + 3) at the first place; the second has no positive gradient.
    assert_allclose(cams.grad_cam_plus_plus(same, slopes, x, 0), [[0.2, 0.4]])
    assert_allclose(cams.layer_cam(same, slopes, x, 0), [[1, 0]])
    assert_allclose(cams.grad_cam(same, slopes, x, 0), [[0, 0]])


def test_eigen_cam_of_one_pattern() -> None:
    pattern = torch.tensor([[1.0, -0.5], [2.0, 4.0]], dtype=torch.float64)
    maps = torch.tensor([-2.0, 1.0, 2.0], dtype=torch.float64)[None, :, None, None] * pattern
    assert_allclose(cams.eigen_cam(same, maps)[0], 3 * pattern)


@pytest.mark.parametrize("rank", [1, 2])
def test_cam_sums_to_the_logit_and_is_grad_cam(rank: int) -> None:
    net = gap_net(rank).double()
    x = torch.randn(2, 2, *(6,) * rank, generator=torch.Generator().manual_seed(0)).double()
    weight, bias = net[4].weight.detach().numpy(), net[4].bias.detach().numpy()
    for index in range(3):
        found = cams.cam(net[:2], x, weight, index)
        logits = net(x)[:, index].detach().numpy()
        assert_allclose(found.reshape(2, -1).mean(1) + bias[index], logits)
        assert_allclose(found / 6**rank, cams.grad_cam(net[:2], net[2:], x, index), atol=1e-14)
        assert_allclose(  # ablating a channel takes away its share of the logit
            cams.ablation_cam(net[:2], net[2:], x, index),
            [
                sum(weight[index, k] * m[k].mean() * m[k] for k in range(6)) / abs(y)
                for m, y in zip(net[:2](x).detach().numpy(), logits, strict=True)
            ],
        )


# Gradients


def test_stack_gradient_equals_finite_differences() -> None:
    rng = np.random.default_rng(0)
    layers: list[stack.Layer] = [
        stack.Conv(rng.normal(size=(3, 2, 3, 3)), rng.normal(size=3), stride=2, padding=1),
        stack.ReLU(),
        stack.Conv(rng.normal(size=(4, 3, 2, 2)), rng.normal(size=4), padding=1),
        stack.ReLU(),
        stack.GlobalMean(),
        stack.Linear(rng.normal(size=(2, 4)), rng.normal(size=2)),
    ]
    x = rng.normal(size=(2, 7, 6))
    slow = gradients.gradient(lambda v: float(stack.forward(layers, v)[1]), x)
    assert_allclose(stack.backward(layers, x, 1), slow, atol=1e-7)
    assert not np.allclose(stack.guided_backprop(layers, x, 1), slow, atol=1e-2)


def test_smooth_grad_of_a_square() -> None:
    x, noise = np.array([1.5, -2.0]), np.array([[0.5, 0.5], [-0.5, -0.5]])

    def slope(v: np.ndarray) -> np.ndarray:
        return 2 * v

    assert_allclose(gradients.smooth_grad(slope, x, noise), 2 * x)
    assert_allclose(gradients.smooth_grad(slope, x, noise, "squared"), 4 * (x**2 + 0.25))
    assert_allclose(gradients.smooth_grad(slope, x, noise, "variance"), [1, 1])


def test_expected_gradients_of_line_and_square() -> None:
    x, background = np.array([1.0, 2.0]), np.array([[0.0, 1.0], [2.0, -1.0], [1.0, 3.0]])
    weight = np.array([3.0, -1.0])
    line = gradients.expected_gradients(lambda v: weight, x, background, np.array([0.1, 0.5, 0.9]))
    assert_allclose(line, weight * (x - background.mean(0)))
    square = gradients.expected_gradients_limit(lambda v: 2 * v, x, background)
    assert_allclose(square, x**2 - (background**2).mean(0))
    one = gradients.expected_gradients(lambda v: 2 * v, x, background[:1], np.array([0.25]))
    assert_allclose(one, [0.5, 2 * 1.25])


# Upsampling


def test_upsampling_by_hand() -> None:
    assert_allclose(upsample(np.array([0.0, 4.0]), (4,)), [0, 1, 3, 4])


@pytest.mark.parametrize(("shape", "size"), [((3,), (7,)), ((4, 3), (10, 12)), ((1, 5), (4, 5))])
def test_upsampling_equals_torch(shape: tuple[int, ...], size: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=shape)
    mode = "linear" if len(shape) == 1 else "bilinear"
    expected = F.interpolate(torch.tensor(values)[None, None], size, mode=mode)[0, 0]
    assert_allclose(upsample(values, size), expected, atol=1e-12)


def test_shapley_of_a_minimum() -> None:
    def least(x: np.ndarray) -> float:
        return float(x.min())

    zero = np.zeros(2)
    assert_allclose(perturbation.shapley(least, np.array([2.0, -2.0]), zero), [0, -2])
    assert_allclose(perturbation.shapley(least, np.array([4.0, 2.0]), zero), [1, 1])
