"""The silent errors measured in other libraries: each has to be right or refused here.

12 and 15 are written for methods that exist: a dense output gives one map per input, and every
randomised method repeats with its seed.
"""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.testing.nets import Functional, Plain, built
from pellucid.testing.quirks import QUIRKS


def twins(name: str, method: Any, target: Any = 0) -> tuple[pl.Explanation, pl.Explanation]:
    """The explanation of a quirk and of its plain twin."""
    quirk = QUIRKS[name]
    assert quirk.twin is not None
    ours = pl.explain(quirk.build(), quirk.inputs(), method, target=target)
    return ours, pl.explain(quirk.twin(), quirk.inputs_of_twin(), method, target=target)


def assert_equal(a: np.ndarray, b: np.ndarray) -> None:
    size = np.abs(b).max()
    assert size > 0
    np.testing.assert_allclose(a / size, b / size, atol=1e-5)


@pytest.mark.parametrize("name", ["grad_cam", "eigen_cam", "ablation_cam", "score_cam"])
def test_01_in_place_relu_after_the_target_layer(name: str) -> None:
    from pellucid.core import registry

    ours, plain = twins("inplace", registry.create(name, {"layer": "conv2"}))
    assert plain.coarse.min() < 0  # the convolution's own output, before the ReLU
    assert_equal(ours.coarse, plain.coarse)


def test_02_channel_last_stage() -> None:
    """Swin gives (N, H, W, C); the map is over H and W, as in the channel-first twin."""
    ours, plain = twins("swin_like", pl.GradCAM(layer="features.1"))
    assert ours.record["layout"] == "NHWC"
    assert_equal(ours.coarse, plain.coarse)


def test_02_a_cube_after_tokens_is_ambiguous() -> None:
    """8×8 places of 8 channels: the shape fits either order, and the network has used both."""
    quirk = QUIRKS["swin_like"]
    with pytest.raises(pl.LayerError, match="ambiguous"):
        pl.explain(quirk.build(), quirk.inputs(), pl.GradCAM(layer="features.0"), target=0)
    ours, plain = (
        pl.explain(net, x, pl.GradCAM(layer="features.0", layout=layout), target=0)
        for net, x, layout in (
            (quirk.build(), quirk.inputs(), "NHWC"),
            (quirk.twin(), quirk.inputs_of_twin(), "NCHW"),
        )
    )
    assert_equal(ours.coarse, plain.coarse)


def test_03_channel_last_inside_a_block() -> None:
    """ConvNeXt's inner norm and linear layers give (N, H, W, C)."""
    quirk = QUIRKS["convnext_like"]
    net, x = quirk.build(), quirk.inputs()
    layers = [info for info in pl.layers(net, x) if info.layout == "NHWC"]
    assert layers
    for info in layers:
        found = pl.explain(net, x, pl.GradCAM(layer=info.name), target=0)
        maps = pl.explain(net, x, pl.Activations(layer=info.name))
        assert maps.sizes["channel"] == info.shape[-1]
        assert found.coarse.shape[1:] == info.shape[1:3]


@pytest.mark.parametrize("layer", ["blocks.1", "blocks.1.norm2", "norm"])
@pytest.mark.parametrize("name", ["grad_cam", "layer_cam", "grad_cam_plus_plus"])
def test_04_layer_after_the_last_attention(name: str, layer: str) -> None:
    """Only the class token matters there, so the map would be zero: refused with a better layer."""
    from pellucid.core import registry

    quirk = QUIRKS["vit_cls"]
    with pytest.raises(pl.LayerError, match="does not depend on the places") as caught:
        pl.explain(quirk.build(), quirk.inputs(), registry.create(name, {"layer": layer}))
    assert "blocks.1.norm1" in caught.value.remedy


@pytest.mark.parametrize("name", ["guided_backprop", "deconvnet", "guided_grad_cam"])
def test_05_rectified_methods_reach_functions_or_refuse(name: str) -> None:
    ours, plain = twins("functional", name, target=2)
    assert_equal(ours.values, plain.values)
    gradient = pl.explain(built(Functional), QUIRKS["functional"].inputs(), "gradient", target=2)
    assert not np.allclose(ours.values, gradient.values, atol=1e-4)
    for quirk in ("silu", "traced"):
        with pytest.raises(pl.NotApplicable):
            pl.explain(QUIRKS[quirk].build(), QUIRKS[quirk].inputs(), name, target=0)


@pytest.mark.parametrize("name", ["functional", "silu", "reuse", "compiled", "traced"])
def test_06_deeplift_loses_nothing_in_functions(name: str) -> None:
    ours, plain = twins(name, "deeplift", target=2)
    assert_equal(ours.values, plain.values)
    net, x = QUIRKS[name].build(), QUIRKS[name].inputs()
    with torch.no_grad():
        change = (net(x) - net(torch.zeros_like(x)))[:, 2].numpy()
    np.testing.assert_allclose(ours.values.reshape(2, -1).sum(1), change, rtol=1e-4)


@pytest.mark.parametrize("name", ["functional", "silu", "reuse", "compiled", "traced"])
def test_07_lrp_accounts_for_all_relevance(name: str) -> None:
    ours, plain = twins(name, "lrp", target=2)
    assert_equal(ours.values, plain.values)
    kept = sum(b["bias"] + b["epsilon"] for b in ours.record["relevance_by_layer"])
    assert ours.score.sum() - ours.values.sum() == pytest.approx(kept, rel=1e-4, abs=1e-6)


class Written(Plain):
    """The first ReLU is written in another way."""

    def __init__(self, rectify: Any) -> None:
        super().__init__()
        self.rectify = rectify

    def maps(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.relu2(self.conv2(self.pool(self.rectify(self.conv1(x)))))
        return found


RECTIFIED = {
    "clip": (lambda z: z.clip(0), True),
    "torch.clip": (lambda z: torch.clip(z, min=0), True),
    "clamp_": (lambda z: z.clamp_(0), True),
    "torch.clamp_": (lambda z: torch.clamp_(z, min=0), True),
    "clamp_min_": (lambda z: z.clamp_min_(0), True),
    "maximum": (lambda z: torch.maximum(z, torch.zeros_like(z)), False),
    "where": (lambda z: torch.where(z > 0, z, 0), False),
}


@pytest.mark.parametrize("written", RECTIFIED)
@pytest.mark.parametrize("name", ["guided_backprop", "deconvnet"])
def test_05_rectifiers_written_otherwise(name: str, written: str) -> None:
    """Beside a ReLU that is one: intercepted likewise, or refused by name."""
    rectify, intercepted = RECTIFIED[written]
    net, x = built(lambda: Written(rectify)), QUIRKS["plain"].inputs()
    if not intercepted:
        with pytest.raises(pl.NotApplicable, match=rf"could not intercept .*{written}"):
            pl.explain(net, x, name, target=0)
        return
    wanted = pl.explain(built(Plain), x, name, target=0)
    assert_equal(pl.explain(net, x, name, target=0).values, wanted.values)


@pytest.mark.parametrize("name", ["siamese", "tied"])
def test_08_layer_called_twice(name: str) -> None:
    """Which call is meant is asked; each call has its own map."""
    quirk = QUIRKS[name]
    net, x = quirk.build(), quirk.inputs()
    called = [info for info in pl.layers(net, x) if info.calls == 2]
    layer = next(info.name for info in called if info.type == "Conv2d")
    with pytest.raises(pl.LayerError, match="called 2 times") as caught:
        pl.explain(net, x, pl.GradCAM(layer=layer), target=0)
    assert f"{layer}@0" in caught.value.remedy
    first, second = (
        pl.explain(net, x, pl.GradCAM(layer=f"{layer}@{call}"), target=0) for call in (0, 1)
    )
    assert not np.allclose(first.coarse, second.coarse, atol=1e-4)


@pytest.mark.parametrize("count", [1, 3])
def test_09_fewer_or_more_targets_than_inputs(count: int) -> None:
    quirk = QUIRKS["plain"]
    with pytest.raises(pl.TargetError, match=f"{count} targets for 2 samples"):
        pl.explain(quirk.build(), quirk.inputs(), "grad_cam", target=[0] * count)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", [n for n in pl.methods() if n != "expected_gradients"])
def test_10_values_that_are_not_finite(name: str, value: float) -> None:
    quirk = QUIRKS["plain"]
    x = quirk.inputs()
    x[0, 0, 3, 3] = value
    with pytest.raises(pl.InputError, match="NaN or infinite"):
        pl.explain(quirk.build(), x, name)


@pytest.mark.parametrize("name", ["gradient", "grad_cam", "integrated_gradients", "score_cam"])
def test_11_network_in_train_mode(name: str) -> None:
    ours, plain = twins("bn_dropout", name)
    assert_equal(ours.values, plain.values)
    quirk = QUIRKS["bn_dropout"]
    net = quirk.build()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    pl.explain(net, quirk.inputs(), name)
    assert net.training
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())


@pytest.mark.parametrize("name", ["gradient", "grad_cam", "score_cam", "smooth_grad"])
def test_12_dense_output_gives_one_map_per_input(name: str) -> None:
    quirk = QUIRKS["seg"]
    found = pl.explain(quirk.build(), quirk.inputs(), name)
    assert len(found) == 2
    assert found.score.shape == (2,)
    assert all(label.startswith("region of") for label in found.target)


def test_13_wrong_class_is_an_error_and_leaves_the_network_as_it_was() -> None:
    quirk = QUIRKS["bn_dropout"]
    net = quirk.build()
    for name in ("gradient", "grad_cam", "cam", "guided_backprop", "smooth_grad"):
        with pytest.raises(pl.TargetError, match="no class 99: the model has 3 outputs"):
            pl.explain(net, quirk.inputs(), name, target=99)
    assert net.training
    assert not any(module._forward_hooks for module in net.modules())


@pytest.mark.parametrize(
    "name", ["vit_cls", "vit_registers", "vit_gap", "vit_softmax", "cait_like"]
)
def test_14_automatic_layer_of_a_transformer(name: str) -> None:
    """Deep in the network and with evidence at its places, not the patch projection."""
    quirk = QUIRKS[name]
    found = pl.explain(quirk.build(), quirk.inputs(), "grad_cam")
    assert found.record["layer"] != "patch"
    assert found.coarse.shape == (2, 4, 4)
    assert np.abs(found.coarse).max() > 0


@pytest.mark.parametrize("name", ["smooth_grad", "expected_gradients"])
def test_15_randomised_methods_repeat(name: str) -> None:
    net, x = built(Plain), QUIRKS["plain"].inputs()
    options = {"background": torch.zeros(3, 3, 16, 16)} if name == "expected_gradients" else {}
    first = pl.explain(net, x, name, seed=3, **options)
    torch.randn(100), np.random.default_rng().random()
    again = pl.explain(net, x, name, seed=3, **options)
    other = pl.explain(net, x, name, seed=4, **options)
    assert np.array_equal(first.values, again.values)
    assert not np.array_equal(first.values, other.values)


def test_a_user_hook_takes_part() -> None:
    """Hooks of the user belong to the model: explained, and still there afterwards."""
    ours, plain = twins("user_hook", pl.GradCAM(layer="relu2"))
    assert_equal(ours.coarse, plain.coarse)


def test_zero_maps_are_named() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    with torch.no_grad():
        net[0].weight.zero_()
    found = pl.explain(net, torch.ones(1, 1, 6, 6), "gradient", target=0)
    assert found.verdict == "failed"
    assert any(check.name == "zero map" for check in found.checks)
