"""Our objectives of layers beside those of lucent, on the same activations."""

import sys
import types

import numpy as np
import pytest
import torch

import pellucid as pl
from pellucid.ops.regularity import likeness
from pellucid.testing.nets import Plain, built

ASIDE = {"torchvision": {}, "torchvision.transforms": {"Normalize": object}}
"""Stands in where it is missing: lucent's objectives do not use it."""


@pytest.fixture
def objectives(monkeypatch: pytest.MonkeyPatch):
    for name, content in ASIDE.items():
        if name not in sys.modules:
            module = types.ModuleType(name)
            vars(module).update(content)
            monkeypatch.setitem(sys.modules, name, module)
    for name in ("IPython", "IPython.display"):
        monkeypatch.setitem(sys.modules, name, sys.modules.get(name, types.ModuleType(name)))
    return pytest.importorskip("lucent.optvis.objectives", exc_type=ImportError)


@pytest.fixture(scope="module")
def maps():
    """A net, a picture made for a unit of it, and what the layer gives there."""

    def made(**params):
        net = built(Plain)
        e = pl.explain(
            net, (1, 3, 16, 16), "feature_visualization", layer="conv2", bounds=(0, 1), steps=4,
            **params,
        )  # fmt: skip
        x = torch.from_numpy(e.values.copy())
        with torch.no_grad():
            return e, net.conv2(net.pool(net.relu1(net.conv1(x))))

    return made


def test_channels_and_neurons(objectives, maps) -> None:
    cases = [
        ({"channel": 3}, objectives.channel("conv2", 3)),
        ({"channel": 3, "place": (2, 5)}, objectives.neuron("conv2", 3, x=5, y=2)),
        ({"channel": 3, "place": "centre"}, objectives.neuron("conv2", 3)),
    ]
    for params, theirs in cases:
        e, found = maps(**params)
        wanted = -float(theirs(lambda name, found=found: found))
        np.testing.assert_allclose(e.score[0], wanted, rtol=1e-4)


def test_the_likeness_of_copies(objectives, maps) -> None:
    """Theirs adds up over the other copies, ours is their mean."""
    _, found = maps(channel=[0, 4, 9])
    theirs = objectives.diversity("conv2")(lambda name: found)
    ours = likeness(found.flatten(2), 3)
    np.testing.assert_allclose(2 * float(ours.mean()), abs(float(theirs)), rtol=1e-4)
