"""The cross-entropy test: from a map and groups of its points to a comparison."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..core.comparison import GroupComparison, Pair
from ..core.extras import require
from ..errors import InputError, ParameterError
from ..ops.cross_entropy import tsne_cross_entropy, umap_cross_entropy, umap_curve
from ..ops.neighbours import nearest_neighbours
from ..ops.two_samples import complete_linkage, dunn, holm, ks_distance, permuted_distances


@dataclass(frozen=True)
class CrossEntropy:
    """How the cross-entropy of a map's points is taken."""

    projector: str = "tsne"
    perplexity: float = 30.0
    n_neighbours: int = 15
    min_dist: float = 0.1
    spread: float = 1.0

    def of(self, features: Tensor, points: Tensor) -> NDArray[np.float64]:
        """One number a point, `(n,)`."""
        n = len(features)
        asked = int(3 * self.perplexity) if self.projector == "tsne" else self.n_neighbours
        if asked >= n:
            raise InputError(
                f"{n} points have no {asked} neighbours each.",
                "Lower the perplexity." if self.projector == "tsne" else "Ask for fewer.",
            )
        distances, indices = nearest_neighbours(features, asked)
        if self.projector == "tsne":
            found = tsne_cross_entropy(distances, indices, points, self.perplexity)
        else:
            a, b = umap_curve(self.min_dist, self.spread)
            found = umap_cross_entropy(distances, indices, points, a, b)
        return np.asarray(found.numpy(), np.float64)


def group_index(labels: Any, n: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The group of every point, and the groups' names, sorted.

    Raises `InputError` for a wrong number of labels, fewer than two groups, or one with fewer than
    two points.
    """
    words = [str(label) for label in labels]
    if len(words) != n:
        raise InputError(f"{len(words)} groups for {n} points.", "Give one group a point.")
    numeric = all(word.lstrip("-").isdigit() for word in words)
    names = sorted(set(words), key=(lambda word: (int(word), "")) if numeric else None)
    places = {name: i for i, name in enumerate(names)}
    index = np.array([places[word] for word in words], np.int64)
    sizes = np.bincount(index)
    if len(names) < 2 or sizes.min() < 2:
        listed = ", ".join(f"{name} ({size})" for name, size in zip(names, sizes, strict=True))
        raise InputError(
            f"Groups {listed} cannot be compared.", "Give two or more groups of two or more points."
        )
    return index, tuple(names)


def compare(
    values: NDArray[np.float64],
    labels: Any,
    how: CrossEntropy,
    test: str = "ks",
    permutations: int = 999,
    units: Any = None,
    seed: int = 0,
) -> GroupComparison:
    """Every pair of groups compared by their points' cross-entropies."""
    if test not in ("ks", "rank") or permutations < 0:
        raise ParameterError(
            f"test={test!r}, permutations={permutations}.", "Say 'ks' or 'rank', and 0 or more."
        )
    index, names = group_index(labels, len(values))
    blocks = _units(units, index)
    pairs = list(combinations(range(len(names)), 2))
    distances, p, overall = _tested(values, index, pairs, test, len(names))
    permuted = _permuted(values, index, pairs, distances, test, permutations, blocks, seed)
    adjusted = holm(p)
    honest = None if permuted is None else holm(permuted)
    matrix = np.zeros((len(names), len(names)))
    for (i, j), distance in zip(pairs, distances, strict=True):
        matrix[i, j] = matrix[j, i] = distance
    return GroupComparison(
        names, index, values, test, how.projector,
        tuple(
            Pair(
                names[i], names[j], float(distances[m]), float(p[m]), float(adjusted[m]),
                None if permuted is None else float(permuted[m]),
                None if honest is None else float(honest[m]),
            )
            for m, (i, j) in enumerate(pairs)
        ),
        matrix, tuple(complete_linkage(matrix)), permutations, overall,
    )  # fmt: skip


def _tested(
    values: NDArray[np.float64],
    index: NDArray[np.int64],
    pairs: list[tuple[int, int]],
    test: str,
    count: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], float | None]:
    """Distances and published p-values of the pairs, and that over all groups of a rank test."""
    stats = require("scipy.stats", "The p-values of the test", "'pellucid[groups]'")
    parts = [values[index == g] for g in range(count)]
    if test == "ks":
        found = [ks_distance(parts[i], parts[j]) for i, j in pairs]
        p = [stats.ks_2samp(parts[i], parts[j]).pvalue for i, j in pairs]
        return np.array(found), np.array(p, np.float64), None
    found = [abs(float(np.median(parts[i]) - np.median(parts[j]))) for i, j in pairs]
    if count == 2:
        p = [stats.mannwhitneyu(parts[0], parts[1]).pvalue]
        return np.array(found), np.array(p, np.float64), None
    z, h = dunn(values, index)
    p = [2 * float(stats.norm.sf(abs(z[i, j]))) for i, j in pairs]
    return np.array(found), np.array(p), float(stats.chi2.sf(h, count - 1))


def _permuted(
    values: NDArray[np.float64],
    index: NDArray[np.int64],
    pairs: list[tuple[int, int]],
    distances: NDArray[np.float64],
    test: str,
    count: int,
    units: NDArray[np.int64] | None,
    seed: int,
) -> NDArray[np.float64] | None:
    """p of every pair: (1 + how many random labellings part the groups as far) / (1 + all)."""
    if not count:
        return None
    statistic = "ks" if test == "ks" else "median"
    found = []
    for (i, j), distance in zip(pairs, distances, strict=True):
        inside = (index == i) | (index == j)
        drawn = permuted_distances(
            values[inside],
            index[inside] == i,
            None if units is None else units[inside],
            statistic,
            count,
            np.random.default_rng([seed, i, j]),
        )
        found.append((1 + int((drawn >= distance - 1e-12).sum())) / (1 + count))
    return np.array(found)


def _units(units: Any, index: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Numbers of what was drawn as a whole. Raises `InputError` where one lies in two groups."""
    if units is None:
        return None
    words = [str(unit) for unit in units]
    if len(words) != len(index):
        raise InputError(f"{len(words)} units for {len(index)} points.", "Give one a point.")
    names, numbers = np.unique(words, return_inverse=True)
    for number, name in enumerate(names):
        if len(np.unique(index[numbers == number])) > 1:
            raise InputError(
                f"Unit {name!r} lies in several groups.", "Give units that lie in one group each."
            )
    return np.asarray(numbers, np.int64)
