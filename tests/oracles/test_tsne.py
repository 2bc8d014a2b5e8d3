"""t-SNE beside scikit-learn and openTSNE: their stages, and their maps under one evaluator."""

import numpy as np
import pytest
import torch

import pellucid as pl
from pellucid.ops import affinities, neighbours, tsne


def points(n: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, 6)) + 3 * generator.normal(size=(5, 6))[np.arange(n) % 5]


def all_pairs(x: np.ndarray, perplexity: float) -> affinities.Affinities:
    distances, indices = neighbours.nearest_neighbours(torch.tensor(x), len(x) - 1)
    conditional = affinities.conditional_affinities(distances, perplexity)
    return affinities.symmetric_affinities(conditional, indices)


def test_affinities_over_all_pairs_are_those_of_scikit_learn() -> None:
    peer = pytest.importorskip("sklearn.manifold._t_sne")
    x = points(150)
    gaps = np.square(x[:, None] - x[None]).sum(2).astype(np.float32)
    wanted = peer._joint_probabilities(gaps, 20.0, 0)
    found = all_pairs(x, 20.0).dense().numpy()
    assert np.allclose(found[np.triu_indices(150, 1)], wanted, atol=1e-7)


def test_kl_is_that_of_scikit_learn() -> None:
    """Its last value is of the points before their last step, so the map has to have settled."""
    manifold = pytest.importorskip("sklearn.manifold")
    x = points(150)
    peer = manifold.TSNE(perplexity=20, method="exact", random_state=0, max_iter=1000)
    y = torch.tensor(peer.fit_transform(x)).double()
    assert tsne.kl_divergence(all_pairs(x, 20.0), y) == pytest.approx(peer.kl_divergence_, rel=1e-2)


def test_affinities_are_those_of_opentsne() -> None:
    peer = pytest.importorskip("openTSNE.affinity")
    x = points(150)
    wanted = peer.PerplexityBasedNN(x, perplexity=20, method="exact", random_state=0).P.toarray()
    distances, indices = neighbours.nearest_neighbours(torch.tensor(x), 60)
    conditional = affinities.conditional_affinities(distances, 20.0, 1e-9)
    found = affinities.symmetric_affinities(conditional, indices).dense()
    assert np.allclose(found.numpy(), wanted, atol=1e-8)


@pytest.mark.slow
def test_our_maps_are_no_worse() -> None:
    """KL over all pairs within 0.5 % of the peers' maps, or lower."""
    manifold = pytest.importorskip("sklearn.manifold")
    library = pytest.importorskip("openTSNE")
    x = points(1500)
    p = all_pairs(x, 30.0)
    ours = tsne.kl_divergence(p, torch.tensor(pl.TSNE().fit(x).points).double())
    for theirs in (
        manifold.TSNE(random_state=0).fit_transform(x),
        np.asarray(library.TSNE(random_state=0).fit(x)),
    ):
        assert ours < 1.005 * tsne.kl_divergence(p, torch.tensor(theirs).double())
