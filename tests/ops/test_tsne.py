"""t-SNE stage by stage: neighbours, affinities, objective, mesh, each against a second way."""

import numpy as np
import pytest
import torch

from pellucid.ops import affinities, map_quality, neighbours, particle_mesh, principal, tsne
from pellucid.parts.attraction import Attraction
from pellucid.parts.descent import Descent
from pellucid.parts.repulsion import ExactRepulsion, MeshRepulsion


def points(n: int, d: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def affinities_of(x: torch.Tensor, perplexity: float) -> affinities.Affinities:
    k = min(len(x) - 1, int(3 * perplexity))
    distances, indices = neighbours.nearest_neighbours(x, k)
    conditional = affinities.conditional_affinities(distances, perplexity)
    return affinities.symmetric_affinities(conditional, indices)


def clusters(n: int = 1500) -> torch.Tensor:
    """A map of ten groups, as wide as maps of t-SNE are."""
    centres = points(10, 2, seed=1) * 25
    return centres[torch.arange(n) % 10] + 4 * points(n, 2, seed=2)


class TestNeighbours:
    @pytest.mark.parametrize(("n", "d", "k"), [(5, 2, 4), (300, 7, 12), (2500, 3, 20)])
    def test_are_those_of_all_distances(self, n, d, k) -> None:
        x = points(n, d)
        full = torch.cdist(x.double(), x.double(), compute_mode="donot_use_mm_for_euclid_dist")
        full.fill_diagonal_(torch.inf)
        wanted = full.topk(k, largest=False).values
        distances, indices = neighbours.nearest_neighbours(x, k)
        assert torch.allclose(distances.double(), wanted, rtol=1e-5)
        assert torch.allclose(full.gather(1, indices), wanted, rtol=1e-5)

    def test_distances_survive_a_far_origin(self) -> None:
        """|b|² − 2ab alone would lose all digits here."""
        x = points(200, 3)
        far = x + 1000
        wanted = neighbours.nearest_neighbours(far.double(), 5)
        found = neighbours.nearest_neighbours(far, 5)
        assert torch.allclose(found[0].double(), wanted[0], rtol=1e-4)

    def test_duplicates_are_neighbours_at_distance_zero(self) -> None:
        x = points(20, 3).repeat(3, 1)
        distances, indices = neighbours.nearest_neighbours(x, 2)
        assert (distances == 0).all()
        assert (indices % 20 == torch.arange(60)[:, None] % 20).all()
        assert (indices != torch.arange(60)[:, None]).all()


class TestAffinities:
    @pytest.mark.parametrize("perplexity", [2.0, 10.0, 29.0])
    def test_reach_the_perplexity(self, perplexity) -> None:
        distances, _ = neighbours.nearest_neighbours(points(400, 5) ** 3, 90)
        p = affinities.conditional_affinities(distances, perplexity)
        assert torch.allclose(affinities.reached_perplexity(p), torch.tensor(perplexity), rtol=1e-3)
        assert torch.allclose(p.sum(1), torch.ones(()))

    def test_do_not_hang_on_the_scale(self) -> None:
        distances, _ = neighbours.nearest_neighbours(points(100, 5), 30)
        one, other = (
            affinities.conditional_affinities(distances * scale, 8.0) for scale in (1.0, 1e4)
        )
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-6)

    def test_of_equal_distances_are_equal_shares(self) -> None:
        p = affinities.conditional_affinities(torch.ones(3, 10), 4.0)
        assert torch.allclose(p, torch.full((3, 10), 0.1))

    def test_together_are_symmetric_and_sum_to_one(self) -> None:
        p = affinities_of(points(200, 4), 8.0)
        full = p.dense()
        assert torch.equal(full, full.T)
        assert float(full.sum()) == pytest.approx(1, abs=1e-6)
        assert float(full.diagonal().sum()) == 0
        assert len(p.values) < 200 * 199  # only neighbours


class TestObjective:
    def test_gradient_is_that_of_finite_differences(self) -> None:
        p = affinities_of(points(12, 4, dtype=torch.float64), 3.0)
        y = points(12, 2, seed=3, dtype=torch.float64)
        found = tsne.gradient(p.dense(), y)
        for place in np.ndindex(4, 2):
            step = torch.zeros_like(y)
            step[place] = 1e-5
            change = tsne.kl_divergence(p, y + step) - tsne.kl_divergence(p, y - step)
            assert change / 2e-5 == pytest.approx(float(found[place]), abs=1e-8)
        assert torch.allclose(found.sum(0), torch.zeros(2, dtype=torch.float64), atol=1e-12)

    def test_gradient_of_the_descent_is_the_same(self) -> None:
        x, y = points(300, 4), 3 * points(300, 2, seed=3)
        p = affinities_of(x, 10.0)
        descent = Descent(y, Attraction(p), ExactRepulsion())
        assert torch.allclose(4 * descent.gradient(), tsne.gradient(p.dense(), y), atol=1e-7)
        assert descent.divergence() == pytest.approx(tsne.kl_divergence(p, y), abs=1e-5)

    def test_kl_is_not_negative_and_knows_no_place(self) -> None:
        p = affinities_of(points(60, 4), 8.0)
        y = points(60, 2, seed=3)
        turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]])
        kl = tsne.kl_divergence(p, y)
        assert kl > 0
        assert tsne.kl_divergence(p, y @ turn + 7) == pytest.approx(kl, rel=1e-5)
        assert abs(tsne.kl_divergence(p, 2 * y) - kl) > 0.01  # but the scale

    def test_kl_is_that_of_the_whole_matrices(self) -> None:
        p = affinities_of(points(60, 4), 8.0)
        y = points(60, 2, seed=3)
        kernel = 1 / (1 + torch.cdist(y, y).square())
        kernel.fill_diagonal_(0)
        q = kernel / kernel.sum()
        full = p.dense()
        wanted = (torch.xlogy(full, full) - torch.xlogy(full, q)).sum()
        assert tsne.kl_divergence(p, y) == pytest.approx(float(wanted), rel=1e-5)


class TestMesh:
    @pytest.mark.parametrize(
        ("spacing", "force", "sum_"), [(0.5, 4e-2, 5e-4), (1 / 3, 1e-2, 3e-5), (0.25, 4e-3, 1e-5)]
    )
    def test_errs_as_stated(self, spacing, force, sum_) -> None:
        y = clusters()
        wanted, z = ExactRepulsion()(y.double())
        found, mesh_z = MeshRepulsion(spacing)(y)
        assert float((found - wanted).norm() / wanted.norm()) < force
        assert mesh_z == pytest.approx(z, rel=sum_)

    def test_is_the_slope_of_its_own_potential(self) -> None:
        """The force is −½ ∇φ to the last digit, so a descent on it settles."""
        y = clusters(100).double()
        mesh = particle_mesh.mesh_over(y, 0.5)
        kernel = particle_mesh.mesh_kernel(mesh, y)
        phi = particle_mesh.potential(particle_mesh.stencil(y, mesh), mesh, kernel)
        probe = y[:20] + 0.1
        _, forces = particle_mesh.read(phi, particle_mesh.stencil(probe, mesh))
        step = torch.tensor([1e-5, 0.0], dtype=torch.float64)
        ahead, behind = (
            particle_mesh.read(phi, particle_mesh.stencil(probe + sign * step, mesh))[0]
            for sign in (1, -1)
        )
        assert torch.allclose(forces[:, 0], -0.5 * (ahead - behind) / 2e-5, atol=1e-6)

    def test_holds_an_outlier_with_a_coarser_grid(self) -> None:
        y = torch.cat([clusters(200), torch.tensor([[1e5, 0.0]])])
        mesh = particle_mesh.mesh_over(y, 0.5)
        assert max(mesh.shape) <= 4096
        assert mesh.spacing > 0.5

    @pytest.mark.parametrize("least", [1, 31, 482, 1025])
    def test_sizes_are_even_and_smooth(self, least) -> None:
        size = particle_mesh.fast_size(least)
        assert size >= least
        assert size % 2 == 0
        for prime in (2, 3, 5):
            while size % prime == 0:
                size //= prime
        assert size == 1


class TestPrincipalAxes:
    @pytest.mark.parametrize("shape", [(50, 6), (8, 40)])
    def test_are_those_of_the_singular_values(self, shape) -> None:
        x = points(*shape, dtype=torch.float64) * torch.arange(1, shape[1] + 1)
        centre, axes = principal.principal_axes(x, 3)
        _, values, vectors = torch.linalg.svd(x - centre, full_matrices=False)
        assert torch.allclose((vectors[:3] @ axes).abs(), torch.eye(3).double(), atol=1e-8)
        assert torch.allclose(((x - centre) @ axes).norm(dim=0), values[:3])
        assert (axes.gather(0, axes.abs().argmax(0, keepdim=True)) > 0).all()

    def test_without_variance_are_zero(self) -> None:
        _, axes = principal.principal_axes(torch.ones(10, 4), 2)
        assert not axes.any()

    def test_of_wide_and_long_data_are_near_the_exact(self, monkeypatch) -> None:
        x = points(60, 50) * torch.linspace(5, 0.1, 50)
        exact = principal.principal_axes(x, 3)[1]
        monkeypatch.setattr(principal, "_MOST_EXACT", 10)
        assert torch.allclose(principal.principal_axes(x, 3)[1], exact, atol=1e-3)


class TestQuality:
    def test_of_the_same_space_is_whole(self) -> None:
        x = points(100, 2)
        assert map_quality.neighbour_recall(x, 3 * x + 1) == 1
        assert map_quality.neighbour_recall(x, points(100, 2, seed=9)) < 0.3

    def test_agrees_with_scikit_learn(self) -> None:
        metrics = pytest.importorskip("sklearn.metrics")
        x, labels = clusters(300), torch.arange(300) % 10
        wanted = metrics.silhouette_score(x.numpy(), labels.numpy())
        assert map_quality.silhouette(x, labels) == pytest.approx(wanted, abs=1e-4)

    def test_counts_neighbours_with_the_label(self) -> None:
        x = torch.tensor([[0.0, 0], [1, 0], [2, 0], [10, 0], [11, 0], [12, 0]])
        labels = torch.tensor([0, 0, 1, 1, 1, 1])
        assert map_quality.neighbourhood_hit(x, labels, 2) == pytest.approx(8 / 12)
        assert map_quality.nearest_label_error(x, labels) == pytest.approx(1 / 6)
