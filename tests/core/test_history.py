"""What a network is explained by does not hang on what it was asked before."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.core.model import Model
from pellucid.core.record import model_fingerprint
from pellucid.testing.nets import BatchNormDropout, Plain, built, gap_net
from pellucid.testing.quirks import QUIRKS

X = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def test_a_blank_picture_first_changes_no_later_choice() -> None:
    def make() -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(),
            nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(8, 3),
        )  # fmt: skip

    fresh, used = built(make), built(make)
    pl.explain(used, torch.zeros(1, 3, 16, 16), "grad_cam")
    layers = [pl.explain(net, X, "grad_cam").record["layer"] for net in (fresh, used)]
    assert layers[0] == layers[1]


def test_a_refusal_ends_with_its_cause() -> None:
    net = QUIRKS["vit_cls"].build()
    weight = net.head.weight.detach().clone()
    torch.nn.init.zeros_(net.head.weight)
    with pytest.raises(pl.LayerError):
        pl.explain(net, X, "grad_cam")
    with torch.no_grad():
        net.head.weight.copy_(weight)
    assert pl.explain(net, X, "grad_cam").verdict == "ok"


class Two(nn.Module):
    """Two heads on one map."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.a, self.b = nn.Conv2d(3, 8, 3), nn.Linear(8, 5), nn.Linear(8, 6)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        pooled = self.conv(x).relu().mean((2, 3))
        return {"a": self.a(pooled), "b": self.b(pooled)}


@pytest.mark.parametrize("method", ["cam", "ablation_cam", "grad_cam"])
def test_each_output_has_its_own_head(method: str) -> None:
    net = built(Two)
    target = pl.Class(range(4))
    for output in ("a", "b", "a"):
        found = pl.explain(pl.Model(net, output=output), X, method, target)
        alone = pl.explain(pl.Model(built(Two), output=output), X, method, target)
        assert np.array_equal(found.values, alone.values)


class Clipped(nn.Module):
    """Reads a number that is no weight."""

    def __init__(self) -> None:
        super().__init__()
        self.net, self.clip = built(Plain), 1e6

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.net(x.clamp(-self.clip, self.clip))
        return found


def _lower(net: Any) -> None:
    net.clip = 0.3


def _other_activation(net: Any) -> None:
    net.net.relu2 = nn.SiLU()


@pytest.mark.parametrize("change", [_lower, _other_activation])
@pytest.mark.parametrize("method", ["smooth_grad", "integrated_gradients", "score_cam"])
def test_what_is_no_weight_counts_too(change: Any, method: str) -> None:
    net, fresh = Clipped(), Clipped()
    pl.explain(net, X, method, 0)
    for each in (net, fresh):
        change(each)
    wanted = pl.explain(fresh, X, method, 0).values
    assert np.array_equal(pl.explain(net, X, method, 0).values, wanted)


def test_fingerprint_sees_every_weight() -> None:
    first, second = nn.Linear(1000, 10), nn.Linear(1000, 10)
    with torch.no_grad():
        second.load_state_dict(first.state_dict())
        assert model_fingerprint(Model(first)) == model_fingerprint(Model(second))
        second.weight[3, 1] += 1
    assert model_fingerprint(Model(first)) != model_fingerprint(Model(second))


def test_fingerprint_sees_weights_changed_behind_its_back() -> None:
    net = built(BatchNormDropout)
    before = model_fingerprint(Model(net))
    next(net.parameters()).data.add_(0.3)
    assert model_fingerprint(Model(net)) != before


def test_many_lengths_do_not_pile_up() -> None:
    from pellucid.core import layers

    net = gap_net(1)
    for length in range(8, 40):
        pl.explain(net, torch.rand(1, 2, length), "grad_cam", 0)
    assert len(layers._known[net]) <= layers.MOST_KNOWN


class Particular(nn.Module):
    """Takes nothing but whole numbers from 0 to 255."""

    def __init__(self) -> None:
        super().__init__()
        self.net = built(Plain)

    def forward(self, x: Tensor) -> Tensor:
        assert (x == x.round()).all(), "pixels, please"
        found: Tensor = self.net(x / 255)
        return found


@pytest.mark.parametrize("method", ["gradient", "grad_cam", "cam", "score_cam"])
def test_a_network_that_cannot_take_noise(method: str) -> None:
    x = (X * 255).round()
    if method == "score_cam":  # its masks are no whole numbers
        with pytest.raises(AssertionError, match="pixels, please"):
            pl.explain(Particular(), x, method, 0)
        return
    found = pl.explain(Particular(), x, method, 0)
    wanted = pl.explain(nn.Sequential(_Scaled(), built(Plain)), x, method, 0)
    np.testing.assert_allclose(found.values, wanted.values, rtol=1e-5, atol=1e-7)


class _Scaled(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x / 255
