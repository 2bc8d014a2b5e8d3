"""How far two samples of numbers lie apart, and corrections for many comparisons."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def ks_distance(one: Numbers, other: Numbers) -> float:
    """Kolmogorov–Smirnov D: the greatest gap between two empirical distributions."""
    places = np.concatenate([one, other])
    gaps = _share_below(one, places) - _share_below(other, places)
    return float(np.abs(gaps).max())


def holm(p: Numbers) -> Numbers:
    """Adjusted p-values, in the given order. **Source:** Holm 1979."""
    order = np.argsort(p, kind="stable")
    factors = len(p) - np.arange(len(p))
    adjusted = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    found = np.empty_like(adjusted)
    found[order] = adjusted
    return found


def permuted_distances(
    values: Numbers,
    first: NDArray[np.bool_],
    units: NDArray[np.int64] | None,
    statistic: str,
    count: int,
    generator: np.random.Generator,
) -> Numbers:
    """The distance of two samples after `count` random exchanges of their labels.

    `first` marks the first sample. With `units` (one number a value) all values of a unit change
    sample together, as many units as before on either side. `statistic` is `ks` or `median`.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    last = np.append(ordered[1:] != ordered[:-1], True)  # ties count together
    numbers = np.arange(len(values)) if units is None else np.unique(units, return_inverse=True)[1]
    side = np.zeros(int(numbers.max()) + 1, bool)
    side[numbers] = first
    found = np.empty(count)
    for index in range(count):
        mine = generator.permutation(side)[numbers][order]
        found[index] = _distance(ordered, mine, last, statistic)
    return found


def _distance(
    ordered: Numbers, mine: NDArray[np.bool_], last: NDArray[np.bool_], how: str
) -> float:
    if how == "median":
        return float(abs(np.median(ordered[mine]) - np.median(ordered[~mine])))
    total = int(mine.sum())
    steps = np.where(mine, 1 / max(total, 1), -1 / max(len(mine) - total, 1))
    return float(np.abs(np.cumsum(steps)[last]).max())


def dunn(values: Numbers, groups: NDArray[np.int64]) -> tuple[Numbers, float]:
    """z of every pair of groups in the ranks of all values, `(group, group)`, and Kruskal–Wallis H,
    both corrected for ties. **Source:** Dunn 1964; Kruskal & Wallis 1952."""
    n = len(values)
    _, inverse, ties = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(ties)
    ranks = (ends - (ties - 1) / 2)[inverse]
    sizes = np.bincount(groups)
    means = np.bincount(groups, ranks) / sizes
    tied = float((ties.astype(float) ** 3 - ties).sum())
    variance = n * (n + 1) / 12 - tied / (12 * (n - 1))
    z = (means[:, None] - means) / np.sqrt(variance * (1 / sizes[:, None] + 1 / sizes))
    h = 12 / (n * (n + 1)) * float((sizes * np.square(means - (n + 1) / 2)).sum())
    return z, h / (1 - tied / (n**3 - n))


def complete_linkage(distances: Numbers) -> list[tuple[int, int, float]]:
    """Merges of a dendrogram: two clusters and their height; cluster g + m is merge m.

    The distance of two clusters is the greatest between their members.
    """
    clusters = {i: [i] for i in range(len(distances))}
    merges: list[tuple[int, int, float]] = []
    while len(clusters) > 1:
        pairs = [(a, b) for a in clusters for b in clusters if a < b]
        heights = [distances[np.ix_(clusters[a], clusters[b])].max() for a, b in pairs]
        best = int(np.argmin(heights))
        a, b = pairs[best]
        merges.append((a, b, float(heights[best])))
        clusters[len(distances) + len(merges) - 1] = clusters.pop(a) + clusters.pop(b)
    return merges


def _share_below(sample: Numbers, places: Numbers) -> Numbers:
    return np.searchsorted(np.sort(sample), places, side="right") / len(sample)
