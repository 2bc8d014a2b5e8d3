"""Maps that would be a blank picture come with what is wrong with them."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.testing.nets import built, gap_net
from pellucid.testing.quirks import QUIRKS

X = torch.rand(1, 2, 8, 8, generator=torch.Generator().manual_seed(0))


class Head(nn.Module):
    """Positive maps, pooled, with a linear head of one weight."""

    def __init__(self, weight: float, size: int = 8) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1)
        self.pool, self.head = nn.AdaptiveAvgPool2d(size), nn.Linear(4, 2)
        nn.init.constant_(self.conv.weight, 0.1)
        nn.init.constant_(self.head.weight, weight)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.head(self.pool(self.conv(x).relu()).mean((2, 3)))
        return found


class Flat(nn.Module):
    """Does not look at its input."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros(len(x), 2) + 0 * x.sum((1, 2, 3))[:, None]


def checks(net: Any, method: Any, x: Tensor = X, **options: Any) -> dict[str, Any]:
    return {check.name: check for check in pl.explain(net, x, method, 0, **options).checks}


def test_all_negative() -> None:
    found = checks(Head(-1.0), "grad_cam")["no positive evidence"]
    assert found.verdict == "poor"
    assert "raw range" in found.meaning


def test_constant() -> None:
    found = checks(built(lambda: nn.Sequential(nn.AvgPool2d(8), nn.Flatten(), nn.Linear(2, 2))),
                   pl.Gradient(reduce="sum"))  # fmt: skip
    assert found["constant map"].verdict == "poor"


def test_zero() -> None:
    found = checks(Flat(), "gradient")["zero map"]
    assert found.verdict == "failed"
    assert "does not change" in found.meaning


def test_saturated_probability() -> None:
    net = gap_net(2)
    with torch.no_grad():
        net[-1].weight.mul_(0.01)
        net[-1].bias.copy_(torch.tensor([200.0, 0.0, 0.0]))
    found = checks(net, "gradient", space="probability")["zero map"]
    assert "saturated" in found.meaning
    assert "space='logit'" in found.meaning


def test_one_place() -> None:
    """A map of 1×1 would be drawn as a picture of one colour: refused with a better layer."""
    net = built(lambda: nn.Sequential(nn.Conv2d(2, 4, 3), nn.Conv2d(4, 4, 6), nn.Flatten(),
                                      nn.Linear(4, 2)))  # fmt: skip
    with pytest.raises(pl.LayerError, match="no spatial extent") as caught:
        pl.explain(net, X, pl.GradCAM(layer="1"), target=0)
    assert "0" in caught.value.remedy


def test_nan_names_the_layer() -> None:
    quirk = QUIRKS["nan_weights"]
    for name in ("gradient", "grad_cam", "score_cam"):
        with pytest.raises(pl.OutputError, match=r"NaN .* first at layer conv2"):
            pl.explain(quirk.build(), quirk.inputs(), name)


def test_probability_output_is_said() -> None:
    net = nn.Sequential(gap_net(2), nn.Softmax(1))
    assert checks(net, "gradient")["output is a probability"].verdict == "poor"
