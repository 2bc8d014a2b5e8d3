"""Published and hand-computed numbers on two tiny networks, to 1e-5."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl


class TwoReLUs(nn.Module):
    """f(x) = ReLU(ReLU(x1 − 1) − ReLU(x2)), the toy of the DeepExplain tests."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(torch.relu(x[:, 0] - 1) - torch.relu(x[:, 1]))


class OneConv(nn.Module):
    """conv 2×3×3 of ones with biases −50 and −75, ReLU, one row of ±1, ReLU; gives 54 on 0…15."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.relu1 = nn.ReLU()
        self.fc = nn.Linear(8, 1, bias=False)
        self.relu2 = nn.ReLU()
        with torch.no_grad():
            self.conv.weight.fill_(1.0)
            self.conv.bias.copy_(torch.tensor([-50.0, -75.0]))
            self.fc.weight.copy_(torch.tensor([[1.0, 1, 1, 1, 1, -1, -1, -1]]))

    def forward(self, x: Tensor) -> Tensor:
        return self.relu2(self.fc(self.relu1(self.conv(x)).flatten(1)))


RAMP = torch.arange(16.0).reshape(1, 1, 4, 4)
POINT = torch.tensor([[3.0, 1.0]])


def values(net: nn.Module, x: Tensor, method: object, **options: object) -> np.ndarray:
    return np.asarray(pl.explain(net, x, method, **options))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (pl.Gradient(), [1, -1]),
        (pl.InputXGradient(), [3, -1]),
        (pl.IntegratedGradients(n_steps=200, max_steps=4000, tolerance=1e-3), [1.5, -0.5]),
    ],
)
def test_two_relus(method: object, expected: list[float]) -> None:
    atol = 2e-3 if isinstance(method, pl.IntegratedGradients) else 1e-5
    np.testing.assert_allclose(values(TwoReLUs(), POINT, method), [expected], atol=atol)


@pytest.mark.parametrize("name", ["gradient", "input_x_gradient", "integrated_gradients"])
def test_two_relus_are_silent_where_both_inputs_are_negative(name: str) -> None:
    found = values(TwoReLUs(), torch.tensor([[-10.0, -5.0]]), name)
    np.testing.assert_array_equal(found, [[0, 0]])


@pytest.mark.parametrize(
    ("x", "baseline", "expected"),
    [([2.0, 0.0], [1.0, 0.0], [1, 0]), ([3.0, 0.0], [1.0, 0.0], [2, 0])],
)
def test_integrated_gradients_from_a_baseline(
    x: list[float], baseline: list[float], expected: list[float]
) -> None:
    method = pl.IntegratedGradients(baseline=np.array([baseline]))
    found = values(TwoReLUs(), torch.tensor([x]), method)
    np.testing.assert_allclose(found, [expected], atol=1e-5)


def test_one_conv_gives_54() -> None:
    assert pl.explain(OneConv(), RAMP, "gradient").score == pytest.approx(54)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gradient", [[0, 1, 1, 1], [0, 1, 1, 1], [0, 1, 1, 1], [0, 0, 0, 0]]),
        ("deconvnet", [[2, 3, 3, 1], [3, 5, 5, 2], [3, 5, 5, 2], [1, 2, 2, 1]]),
        ("guided_backprop", [[0, 1, 1, 1], [1, 3, 3, 2], [1, 3, 3, 2], [1, 2, 2, 1]]),
        ("input_x_gradient", [[0, 1, 2, 3], [0, 5, 6, 7], [0, 9, 10, 11], [0, 0, 0, 0]]),
    ],
)
def test_one_conv(name: str, expected: list[list[float]]) -> None:
    np.testing.assert_allclose(values(OneConv(), RAMP, name)[0, 0], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("conv", [[11.25, 13.5], [20.25, 22.5]]),
        ("relu1", [[0, 4], [28, 32.5]]),
    ],
)
def test_one_conv_grad_cam(layer: str, expected: list[list[float]]) -> None:
    found = pl.explain(OneConv(), RAMP, pl.GradCAM(layer=layer))
    np.testing.assert_allclose(found.coarse[0], expected, atol=1e-5)


def test_one_conv_grad_cam_at_the_input_of_the_convolution() -> None:
    net = nn.Sequential(nn.Identity(), OneConv())
    found = pl.explain(net, RAMP, pl.GradCAM(layer="0"))
    np.testing.assert_allclose(found.coarse[0], 0.5625 * RAMP[0, 0], atol=1e-5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gradient", [[0.4, 0], [0, 0]]),
        ("deconvnet", [[0.4, 1.1], [0, 0]]),
        ("guided_backprop", [[0.4, 0], [0, 0]]),
    ],
)
def test_one_relu(name: str, expected: list[list[float]]) -> None:
    """One ReLU at [[1, 0], [−1, −10]] with [[0.4, 1.1], [−0.5, −0.1]] from above."""

    class Net(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            above = torch.tensor([0.4, 1.1, -0.5, -0.1])
            return (torch.relu(x).flatten(1) * above).sum(1)

    x = torch.tensor([[[[1.0, 0.0], [-1.0, -10.0]]]])
    np.testing.assert_allclose(values(Net(), x, name)[0, 0], expected, atol=1e-6)
