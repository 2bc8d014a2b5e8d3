"""The same maps as torchcam after its scaling: ReLU, then each map to [0, 1]."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

import pellucid as pl

torchcam = pytest.importorskip(
    "torchcam.methods", reason="torchcam is an oracle that only some environments have"
)
pytest.importorskip("transformers", reason="transformers writes the networks")

from oracles.families import FAMILIES, Family, pictures  # noqa: E402

X = pictures()
TARGET = [1, 3]
DENSE = pytest.mark.parametrize("name", [name for name in FAMILIES if name not in ("swin", "vit")])


@cache
def family(name: str) -> Family:
    return FAMILIES[name]()


def scaled(ours: pl.Explanation) -> np.ndarray:
    """The signed map in torchcam's convention."""
    return to_unit(ours.coarse)


def to_unit(maps: np.ndarray) -> np.ndarray:
    """ReLU, then every map to [0, 1]."""
    maps = np.maximum(maps, 0)
    low, high = maps.min((1, 2), keepdims=True), maps.max((1, 2), keepdims=True)
    return (maps - low) / (high - low + 1e-8)


def theirs(kind: str, f: Family) -> np.ndarray:
    with getattr(torchcam, kind)(f.bare, f.layer) as extractor:
        x = X.clone().requires_grad_()
        scores = f.bare(x)
        (maps,) = extractor(class_idx=TARGET, scores=scores)
    return maps.detach().numpy()


@contextmanager
def output_of(layer: torch.nn.Module) -> Iterator[list[torch.Tensor]]:
    """The layer's output in the next pass."""
    kept: list[torch.Tensor] = []
    handle = layer.register_forward_hook(lambda module, args, output: kept.append(output))
    try:
        yield kept
    finally:
        handle.remove()


@DENSE
@pytest.mark.parametrize("kind", ["GradCAM", "LayerCAM"])
def test_gradient_cams(name: str, kind: str) -> None:
    f = family(name)
    ours = pl.explain(f.net, X, getattr(pl, kind)(layer=f.layer), target=TARGET)
    assert ours.coarse.max() > 0
    np.testing.assert_allclose(scaled(ours), theirs(kind, f), atol=1e-4)


@DENSE
def test_grad_cam_plus_plus_divides(name: str) -> None:
    """Torchcam 0.5 divides α in a copy (`alpha[idx][mask].div_(…)`), so its weights are
    Σ g² relu(g), without the paper's denominator. Ours has it: see `test_naive`."""
    f = family(name)
    activation = pl.explain(f.net, X, pl.Activations(layer=f.layer)).values
    leaf = torch.tensor(activation)
    with output_of(f.layer) as kept:
        scores = f.bare(X.clone().requires_grad_())
        (g,) = torch.autograd.grad(scores[torch.arange(2), TARGET].sum(), kept[0])
    undivided = ((g**2 * g.relu()).sum((2, 3), keepdim=True) * leaf).sum(1)
    np.testing.assert_allclose(to_unit(undivided.numpy()), theirs("GradCAMpp", f), atol=1e-4)
    ours = pl.explain(f.net, X, pl.GradCAMPlusPlus(layer=f.layer), target=TARGET)
    assert np.abs(scaled(ours) - theirs("GradCAMpp", f)).max() > 0.01


def test_score_cam_at_the_resolution_of_the_input() -> None:
    """Where nothing is upsampled. Elsewhere torchcam scales a channel to [0, 1] before it upsamples
    it; the paper's algorithm 1 upsamples first, as we do."""
    f = family("vgg")
    ours = pl.explain(f.net, X, pl.ScoreCAM(layer="1"), target=TARGET)
    with torch.no_grad():
        other = theirs("ScoreCAM", replace(f, layer=f.net[1]))
    np.testing.assert_allclose(scaled(ours), other, atol=1e-4)
