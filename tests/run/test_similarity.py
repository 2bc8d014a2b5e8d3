"""Similarity distance: distances to class centres, percentiles, outliers, accuracy by distance."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.errors import InputError, LayerError, ParameterError
from pellucid.ops.class_distance import (
    cosine,
    euclidean,
    ledoit_wolf,
    mahalanobis,
    percentile_of,
)

rng = np.random.default_rng(0)


def features(n: int, d: int = 6) -> torch.Tensor:
    return torch.from_numpy(rng.normal(size=(n, d)))


def test_distances_of_one_hand_worked_example() -> None:
    z = torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    centres = torch.tensor([[0.0, 0.0], [3.0, 0.0], [6.0, 8.0]], dtype=torch.float64)
    covariance = torch.diag(torch.tensor([9.0, 4.0], dtype=torch.float64))
    torch.testing.assert_close(euclidean(z, centres).tolist(), [[5.0, 4.0, 5.0]])
    torch.testing.assert_close(cosine(z, centres).tolist(), [[1.0, 0.4, 0.0]])
    wanted = [[5**0.5, 2.0, 5**0.5]]
    torch.testing.assert_close(mahalanobis(z, centres, covariance).tolist(), wanted)


def test_centre_lies_at_no_distance_and_the_identity_is_euclidean() -> None:
    z, centres = features(20), features(3)
    identity = torch.eye(6, dtype=torch.float64)
    torch.testing.assert_close(mahalanobis(z, centres, identity), euclidean(z, centres))
    assert mahalanobis(centres, centres, identity).diagonal().abs().max() < 1e-12
    assert cosine(3 * centres, centres).diagonal().abs().max() < 1e-12


def test_mahalanobis_does_not_change_under_affine_maps() -> None:
    z, centres, turn, shift = features(20), features(3), features(6), features(1)
    scatter = torch.cov(features(50).T)
    moved = mahalanobis(z @ turn.T + shift, centres @ turn.T + shift, turn @ scatter @ turn.T)
    torch.testing.assert_close(moved, mahalanobis(z, centres, scatter))
    assert not torch.allclose(euclidean(z @ turn.T, centres @ turn.T), euclidean(z, centres))


@pytest.mark.parametrize("count", [8, 40, 4000])
def test_shrinkage_equals_that_of_scikit_learn(count: int) -> None:
    covariance = pytest.importorskip("sklearn.covariance")
    x = features(count) * torch.tensor([1, 2, 3, 1, 5, 1.0])
    x = x - x.mean(0)
    wanted, share = covariance.ledoit_wolf(x.numpy(), assume_centered=True)
    fourth = float((x**2).sum(1).square().sum())
    found, shrinkage = ledoit_wolf(x.T @ x / count, fourth, count)
    torch.testing.assert_close(found.numpy(), wanted)
    assert shrinkage == pytest.approx(share)


def test_percentiles_of_the_reference_are_uniform() -> None:
    reference = features(200, 1)[:, 0]
    found = percentile_of(reference, reference).sort().values
    torch.testing.assert_close(found, 100 * (torch.arange(200) + 0.5).double() / 200)
    ends = torch.stack([reference.min() - 1, reference.max() + 1])
    assert percentile_of(ends, reference).tolist() == [0, 100]


@pytest.fixture(scope="module")
def digits():
    """A small CNN, the digits it was trained on, others, and pictures that are none."""
    data = pytest.importorskip("sklearn.datasets").load_digits()
    x = torch.tensor(data.images, dtype=torch.float32)[:, None] / 16
    y = torch.tensor(data.target)
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(512, 32), nn.ReLU(), nn.Linear(32, 10)),
    )
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(8):
        for rows in torch.randperm(1200).split(64):
            loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    generator = torch.Generator().manual_seed(1)
    scrambled = x[1500:1600].flatten(2)[:, :, torch.randperm(64, generator=generator)]
    noise = torch.rand(100, 1, 8, 8, generator=generator)
    planted = torch.cat([scrambled.reshape(100, 1, 8, 8), noise, 1 - x[1600:1700]])
    return net.eval(), (x[:1200], y[:1200]), (x[1200:], y[1200:]), planted


def auroc(outliers: np.ndarray, usual: np.ndarray) -> float:
    """The share of pairs in which the outlier is the farther."""
    return float((outliers[:, None] > usual[None]).mean())


def test_planted_outliers_are_found(digits) -> None:
    net, (x, y), (fresh, truth), planted = digits
    reference = pl.collect(net, pl.dataset(x, y), "6")
    usual = pl.similarity_distance(net, pl.dataset(fresh, truth), reference)
    odd = pl.similarity_distance(net, planted, reference)
    assert auroc(odd.nearest_distance, usual.nearest_distance) >= 0.95
    assert odd.outlier.mean() > 0.8 > 0.15 > usual.outlier.mean()
    assert usual.agrees.mean() > 0.9
    assert (usual.nearest == truth.numpy()).mean() > 0.9
    assert usual.margin[usual.agrees].mean() > usual.margin[~usual.agrees].mean()


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "mahalanobis"])
def test_distances_are_those_of_the_penultimate_features(digits, metric) -> None:
    net, (x, y), (fresh, truth), _ = digits
    found = pl.similarity_distance(
        net, pl.dataset(fresh[:40], truth[:40]), pl.dataset(x[:300], y[:300]), metric=metric
    )
    z, known = net[:7](fresh[:40]).double(), net[:7](x[:300]).double().detach()
    centres = torch.stack([known[y[:300] == c].mean(0) for c in range(10)])
    if metric == "mahalanobis":
        inner = known - centres[y[:300]]
        fourth = float((inner**2).sum(1).square().sum())
        scatter, share = ledoit_wolf(inner.T @ inner / 300, fourth, 300)
        wanted = mahalanobis(z, centres, scatter)
        assert found.shrinkage == pytest.approx(share, rel=1e-4)
    else:
        wanted = {"euclidean": euclidean, "cosine": cosine}[metric](z, centres)
    np.testing.assert_allclose(found.distances, wanted.detach(), rtol=1e-4, atol=1e-5)
    assert found.layer == "6"
    assert found.classes[3] == "class 3"


def test_accuracy_by_distance_counts_every_labelled_item(digits) -> None:
    net, (x, y), (fresh, truth), _ = digits
    labels = [None if i % 5 == 0 else int(t) for i, t in enumerate(truth)]
    pairs = [(a, b) if b is not None else a for a, b in zip(fresh, labels, strict=True)]
    found = pl.similarity_distance(net, pairs, pl.dataset(x, y))
    parts = found.accuracy_by_distance(7)
    assert sum(part.count for part in parts) == sum(label is not None for label in labels)
    assert all(a.high <= b.low for a, b in pairwise(parts))
    with torch.no_grad():
        right = (net(fresh).argmax(1) == truth).numpy()
    known = np.array([label is not None for label in labels])
    total = sum(part.count * part.accuracy for part in parts)
    assert total == pytest.approx(right[known].sum())
    assert found.plot().axes


def test_training_items_are_usual_for_their_own_class(digits) -> None:
    net, (x, y), _, _ = digits
    found = pl.similarity_distance(net, pl.dataset(x, y), pl.dataset(x, y))
    own = found.nearest == y.numpy()
    assert np.median(found.percentile[own]) == pytest.approx(50, abs=3)
    assert found.outlier[own].mean() == pytest.approx(0.01, abs=0.01)


def test_what_was_found_is_kept_without_loss(digits, tmp_path) -> None:
    net, (x, y), (fresh, truth), _ = digits
    found = pl.similarity_distance(net, pl.dataset(fresh[:9], truth[:9]), pl.dataset(x, y))
    kept = pl.SimilarityDistance.load(found.save(tmp_path / "distance"))
    for name in ("distances", "percentile", "label", "predicted", "margin", "outlier"):
        np.testing.assert_array_equal(getattr(kept, name), getattr(found, name))
    assert (kept.classes, kept.names, kept.checks) == (found.classes, found.names, found.checks)
    np.testing.assert_array_equal(kept.training["class 3"], found.training["class 3"])
    assert kept.record == found.record
    assert kept.accuracy_by_distance(3) == found.accuracy_by_distance(3)
    with pytest.raises(pl.FileError, match="holds 'similarity_distance'"):
        pl.Gallery.load(tmp_path / "distance.npz")


def test_misuse_is_named(digits) -> None:
    net, (x, y), (fresh, _), _ = digits
    reference = pl.dataset(x[:20], y[:20])
    with pytest.raises(ParameterError, match=r"no metric 'cosin'.*Did you mean 'cosine'"):
        pl.similarity_distance(net, fresh, reference, metric="cosin")
    with pytest.raises(ParameterError, match="shrinkage"):
        pl.similarity_distance(net, fresh, reference, shrinkage=2)
    with pytest.raises(InputError, match="singular"):
        pl.similarity_distance(net, fresh[:5], reference, layer="5", shrinkage=0)
    with pytest.raises(InputError, match="has a label"):
        pl.similarity_distance(net, fresh[:5], x[:5])
    flat = pl.dataset(x[:20].flatten(1), y[:20])
    with pytest.raises(LayerError, match="no layer before"):
        pl.similarity_distance(nn.Linear(64, 3), flat, flat)
