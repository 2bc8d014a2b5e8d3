"""The cross-entropy test: the values of the port, invariances, p-values that can be trusted."""

import numpy as np
import pytest
import torch

import pellucid as pl
from pellucid.ops import cross_entropy, two_samples
from pellucid.parts.group_test import CrossEntropy, compare

N = np.arange(90)
X = np.stack([np.sin(0.37 * N * (j + 1)) + 0.5 * (N // 30) * (j == 0) for j in range(4)], 1)
Y = np.stack([3 * np.cos(0.61 * N) + 2 * (N // 30), 3 * np.sin(0.61 * N)], 1)
GROUPS = N // 30
HOW = CrossEntropy(perplexity=10)


def entropies(x=X, y=Y, how=HOW):
    return how.of(torch.tensor(x), torch.tensor(y))


class TestPort:
    """Values of an independent port: means, distances and p-values to the last digit given."""

    def test_cross_entropies(self) -> None:
        values = entropies()
        assert values.mean() == pytest.approx(5.3248971, abs=5e-8)
        means = [values[g == GROUPS].mean() for g in range(3)]
        assert means == pytest.approx([5.3400430, 5.3033591, 5.3312892], abs=5e-8)

    def test_pairs(self) -> None:
        found = pl.compare_groups(Y, GROUPS, features=X, perplexity=10)
        assert [p.distance for p in found.pairs] == pytest.approx([0.3, 0.1667, 0.3], abs=5e-5)
        assert [p.p for p in found.pairs] == pytest.approx([0.1350, 0.8080, 0.1350], abs=5e-5)
        holm = [p.adjusted for p in found.pairs]
        assert holm == pytest.approx([0.4050, 0.8080, 0.4050], abs=5e-5)

    def test_points_of_no_group_are_left_out_after_their_map_was_read(self) -> None:
        some = [None if g == 1 else g for g in GROUPS]
        for most in (None, 30):
            found = pl.compare_groups(Y, some, features=X, perplexity=10, most=most)
            (pair,) = found.pairs
            assert (pair.first, pair.second) == ("0", "2")
            assert pair.distance == pytest.approx(0.1667, abs=5e-5)
            assert pair.adjusted == pair.p == pytest.approx(0.8080, abs=5e-5)

    def test_curve_of_umap(self) -> None:
        assert cross_entropy.umap_curve(0.1, 1.0) == pytest.approx((1.57694, 0.89506), abs=1e-5)


class TestCrossEntropy:
    @pytest.mark.parametrize("how", [HOW, CrossEntropy("umap")], ids=["tsne", "umap"])
    def test_does_not_hang_on_place_turn_and_order(self, how) -> None:
        turn = np.array([[0.6, -0.8], [0.8, 0.6]])
        order = np.random.default_rng(0).permutation(90)
        values = entropies(how=how)
        assert entropies(y=Y @ turn + 5, how=how) == pytest.approx(values, abs=1e-9)
        assert entropies(x=3 * X + 1, how=how) == pytest.approx(values, abs=1e-6)
        assert entropies(X[order], Y[order], how) == pytest.approx(values[order], abs=1e-9)
        assert abs(entropies(y=2 * Y, how=how).mean() - values.mean()) > 0.1

    def test_of_umap_is_the_sum_over_pairs(self) -> None:
        """Against loops over points and neighbours."""
        how = CrossEntropy("umap", n_neighbours=6)
        gaps = np.linalg.norm(X[:, None] - X[None], axis=2) + np.diag([np.inf] * 90)
        near = np.argsort(gaps, 1)[:, :6]
        a, b = cross_entropy.umap_curve()
        p = np.zeros((90, 90))
        for i in range(90):
            d = gaps[i, near[i]]
            low, high = 1e-9, 1e3
            for _ in range(200):
                sigma = (low + high) / 2
                much = np.exp(-np.maximum(0, d - d.min()) / sigma).sum() > np.log2(6)
                low, high = (low, sigma) if much else (sigma, high)
            p[i, near[i]] = np.exp(-np.maximum(0, d - d.min()) / sigma)
        union = np.where(p > 0, p + p.T - p * p.T, 0)
        far = np.square(Y[:, None] - Y[None]).sum(2)
        q = 1 / (1 + a * far**b)
        wanted = [
            -sum(
                union[i, j] * np.log(q[i, j]) + (1 - union[i, j]) * np.log(1 - q[i, j])
                for j in near[i]
            )
            for i in range(90)
        ]
        assert entropies(how=how) == pytest.approx(wanted, rel=1e-6)

    def test_survives_duplicates_and_points_that_coincide(self) -> None:
        x, y = np.repeat(X[:30], 3, 0), np.repeat(Y[:30], 3, 0)
        for how in (CrossEntropy(perplexity=5), CrossEntropy("umap")):
            assert np.isfinite(entropies(x, y, how)).all()


class TestStatistics:
    def test_agree_with_scipy(self) -> None:
        stats = pytest.importorskip("scipy.stats")
        generator = np.random.default_rng(0)
        a, b = generator.normal(size=40).round(1), generator.normal(0.3, size=50).round(1)
        assert two_samples.ks_distance(a, b) == pytest.approx(stats.ks_2samp(a, b).statistic)
        values, index = np.concatenate([a, b]), np.repeat([0, 1], [40, 50])
        z, h = two_samples.dunn(values, index)
        assert h == pytest.approx(stats.kruskal(a, b).statistic)
        assert z[0, 1] ** 2 == pytest.approx(h)  # of two groups they are one test

    def test_holm_by_hand(self) -> None:
        adjusted = two_samples.holm(np.array([0.04, 0.01, 0.03, 0.5]))
        assert adjusted == pytest.approx([0.09, 0.04, 0.09, 0.5])

    def test_linkage_agrees_with_scipy(self) -> None:
        hierarchy = pytest.importorskip("scipy.cluster.hierarchy")
        points = np.random.default_rng(0).normal(size=(6, 2))
        gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
        wanted = hierarchy.linkage(gaps[np.triu_indices(6, 1)], "complete")
        found = two_samples.complete_linkage(gaps)
        assert [h for *_, h in found] == pytest.approx(wanted[:, 2])
        assert [sorted(pair) for *pair, _ in found] == [sorted(row) for row in wanted[:, :2]]

    def test_permutation_p_of_one_population_is_uniform(self) -> None:
        """And so it is where units move together, though the points of a unit are alike."""
        stats = pytest.importorskip("scipy.stats")
        generator, plain, blocked, naive = np.random.default_rng(0), [], [], []
        for _ in range(60):
            values = generator.normal(size=(16, 5)) + 1.5 * generator.normal(size=(16, 1))
            labels = generator.permutation(np.repeat([0, 1], 8)).repeat(5)
            units = np.arange(16).repeat(5)
            alone = compare(generator.normal(size=80), labels, HOW, "ks", 99)
            together = compare(values.ravel(), labels, HOW, "ks", 99, units)
            plain.append(alone.pairs[0].p_permutation)
            blocked.append(together.pairs[0].p_permutation)
            naive.append(together.pairs[0].p)
        assert stats.kstest(plain, "uniform").pvalue > 0.01
        assert stats.kstest(blocked, "uniform").pvalue > 0.01
        assert stats.kstest(naive, "uniform").pvalue < 0.01  # what the units are for

    def test_distance_grows_with_the_mixture(self) -> None:
        generator = np.random.default_rng(0)
        distances = []
        for share in (0.1, 0.4, 1.0):
            values = generator.normal(size=400)
            values[200:] += 2 * (generator.random(200) < share)
            result = compare(values, np.repeat([0, 1], 200), HOW, permutations=0)
            distances.append(result.pairs[0].distance)
        assert distances == sorted(distances)


class TestVerb:
    def test_tells_groups_of_a_map(self, tmp_path) -> None:
        made = pl.TSNE(early_iterations=30, iterations=50).fit(X)
        result = pl.compare_groups(made, [f"day {g}" for g in GROUPS], permutations=99)
        assert result.groups == ("day 0", "day 1", "day 2")
        assert "day 0 – day 2" in result.table()
        assert result.table().splitlines()[0].split() == [
            "comparison", "D", "p", "adj-p", "perm-p", "adj-perm-p",
        ]  # fmt: skip
        assert len(result.merges) == 2
        result.plot().savefig(tmp_path / "groups.png")

    def test_by_ranks(self) -> None:
        stats = pytest.importorskip("scipy.stats")
        found = pl.compare_groups(Y, GROUPS, features=X, perplexity=10, test="rank", permutations=0)
        values = entropies()
        wanted = stats.kruskal(*(values[g == GROUPS] for g in range(3))).pvalue
        assert found.overall == pytest.approx(wanted)
        two = pl.compare_groups(
            Y[:60], GROUPS[:60], features=X[:60], perplexity=10, test="rank", permutations=0
        )
        assert two.overall is None

    def test_takes_the_same_points_for_the_same_seed(self) -> None:
        one, same = (
            pl.compare_groups(Y, GROUPS, features=X, perplexity=10, most=10, permutations=9)
            for _ in range(2)
        )
        assert np.bincount(one.index).tolist() == [10, 10, 10]
        assert np.array_equal(one.cross_entropy, same.cross_entropy)

    @pytest.mark.parametrize(
        ("groups", "options", "words"),
        [
            (np.zeros(90), {}, "cannot be compared"),
            (GROUPS[:50], {}, "50 groups for 90 points"),
            (GROUPS, {"perplexity": 40}, "no 120 neighbours"),
            (GROUPS, {"test": "t"}, "test='t'"),
            (GROUPS, {"units": [0] * 90}, "several groups"),
            (GROUPS, {"projector": "pca"}, "no test"),
        ],
    )
    def test_refuses_what_cannot_be_compared(self, groups, options, words) -> None:
        with pytest.raises(pl.PellucidError, match=words):
            pl.compare_groups(Y, groups, features=X, **{"perplexity": 10, **options})
