"""Keras models that run on torch: gradients, layers by their names, channels last."""

import os
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras", reason="Keras models on torch")
if keras.backend.backend() != "torch":
    pytest.skip("Keras runs on another backend", allow_module_level=True)


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential([
        layers.Input((12, 12, 3)), layers.Conv2D(4, 3, activation="relu", name="first"),
        layers.MaxPooling2D(name="pool"), layers.Conv2D(5, 3, name="second"), layers.Dropout(0.5),
        layers.ReLU(name="relu"), layers.GlobalAveragePooling2D(), layers.Dense(3, name="scores"),
    ])  # fmt: skip


@pytest.fixture(scope="module")
def twin(model: Any) -> nn.Module:
    """The same network in torch, channels first."""
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 5, 3), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 3),
    )  # fmt: skip
    weights = [torch.from_numpy(np.array(w)) for w in model.get_weights()]
    with torch.no_grad():
        for conv, (kernel, bias) in ((net[0], weights[:2]), (net[3], weights[2:4])):
            conv.weight.copy_(kernel.permute(3, 2, 0, 1))
            conv.bias.copy_(bias)
        net[7].weight.copy_(weights[4].T)
        net[7].bias.copy_(weights[5])
    return net


X = torch.randn(2, 12, 12, 3, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("method", ["gradient", "integrated_gradients"])
def test_gradients_are_the_twins(model: Any, twin: nn.Module, method: str) -> None:
    ours = pl.explain(model, X, method, target=1)
    theirs = pl.explain(twin, X.permute(0, 3, 1, 2), method, target=1)
    assert ours.axes == ("sample", "height", "width", "channel")
    np.testing.assert_allclose(ours.values, theirs.values.transpose(0, 2, 3, 1), atol=1e-5)


@pytest.mark.parametrize(("name", "layer"), [("relu", "4"), ("second", "3"), ("first", "1")])
def test_layers_go_by_their_keras_names(model: Any, twin: nn.Module, name: str, layer: str) -> None:
    ours = pl.explain(model, X, "grad_cam", layer=name, target=1)
    theirs = pl.explain(twin, X.permute(0, 3, 1, 2), "grad_cam", layer=layer, target=1)
    np.testing.assert_allclose(ours.values, theirs.values, atol=1e-5)


def test_cam_is_the_twins(model: Any, twin: nn.Module) -> None:
    ours = pl.explain(model, X, "cam", target=[0, 2])
    theirs = pl.explain(twin, X.permute(0, 3, 1, 2), "cam", target=[0, 2])
    assert ours.record["layer"] == "relu"
    np.testing.assert_allclose(ours.coarse, theirs.coarse, atol=1e-5)


@pytest.mark.parametrize(("name", "layer"), [("first", "1"), ("relu", "4"), ("scores", "7")])
def test_activations_are_the_twins(model: Any, twin: nn.Module, name: str, layer: str) -> None:
    ours = pl.explain(model, X, "activations", layer=name)
    theirs = pl.explain(twin, X.permute(0, 3, 1, 2), "activations", layer=layer)
    assert ours.axes == theirs.axes
    np.testing.assert_allclose(ours.values, theirs.values, atol=1e-5)


def test_layers_are_listed_and_one_is_chosen(model: Any) -> None:
    found = {info.name: info for info in pl.layers(model, X)}
    assert {"first", "pool", "second", "relu", "scores"} <= set(found)
    assert found["second"].layout.startswith(("N", "sample"))
    assert [info.name for info in found.values() if info.chosen] == ["relu"]


def test_occlusion_is_the_twins(model: Any, twin: nn.Module) -> None:
    ours = pl.explain(model, X, "occlusion", window=4, target=0)
    theirs = pl.explain(twin, X.permute(0, 3, 1, 2), "occlusion", window=4, target=0)
    np.testing.assert_allclose(ours.values, theirs.values, atol=1e-5)


def test_series_have_their_channels_last() -> None:
    keras.utils.set_random_seed(0)
    layers = keras.layers
    net = keras.Sequential([
        layers.Input((30, 2)), layers.Conv1D(4, 5, activation="relu", name="conv"),
        layers.GlobalAveragePooling1D(), layers.Dense(2),
    ])  # fmt: skip
    e = pl.explain(net, torch.randn(1, 30, 2), "grad_cam", layer="conv", target=0)
    assert e.axes == ("sample", "time")
    assert e.values.shape == (1, 30)
    assert e.coarse.shape == (1, 26)
