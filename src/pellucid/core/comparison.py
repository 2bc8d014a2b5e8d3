"""What the cross-entropy test found between groups of points of one map."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from .services import service


@final
@dataclass(frozen=True)
class Pair:
    """Two groups: how far apart, and how likely that is by chance.

    `distance` is Kolmogorov–Smirnov's D, or |Δ median| of the rank test; `p` is the published
    p-value, `p_permutation` the share of random labels that part the groups as far; `adjusted` are
    those after Holm's correction.
    """

    first: str
    second: str
    distance: float
    p: float
    adjusted: float
    p_permutation: float | None = None
    adjusted_permutation: float | None = None


@final
@dataclass(frozen=True, eq=False)
class GroupComparison:
    """Whether groups of points differ in one map, by the cross-entropy of every point.

    **Shapes:** `cross_entropy` `(n,)`, `index` `(n,)` (the group of every point), `distances`
    `(g, g)`; `merges` are those of the dendrogram, complete linkage.
    """

    groups: tuple[str, ...]
    index: NDArray[np.int64]
    cross_entropy: NDArray[np.float64]
    test: str
    projector: str
    pairs: tuple[Pair, ...]
    distances: NDArray[np.float64]
    merges: tuple[tuple[int, int, float], ...]
    permutations: int = 0
    overall: float | None = None
    """p of Kruskal–Wallis over all groups, of the rank test with more than two."""

    def __repr__(self) -> str:
        far = max(self.pairs, key=lambda pair: pair.distance)
        return (
            f"<GroupComparison of {len(self.groups)} groups, {len(self.index)} points; farthest "
            f"{far.first} – {far.second}: {far.distance:.3g}>"
        )

    def values(self, group: str) -> NDArray[np.float64]:
        """The cross-entropies of one group's points."""
        return np.asarray(self.cross_entropy[self.index == self.groups.index(group)])

    def table(self) -> str:
        """The pairs as text: comparison, distance, p-values and those adjusted after Holm."""
        permuted = self.permutations > 0
        word = "D" if self.test == "ks" else "|Δ median|"
        heads = ["comparison", word, "p", "adj-p"] + ["perm-p", "adj-perm-p"] * permuted
        rows = [heads]
        for pair in self.pairs:
            numbers: Sequence[float | None] = (pair.distance, pair.p, pair.adjusted)
            if permuted:
                numbers = (*numbers, pair.p_permutation, pair.adjusted_permutation)
            rows.append([f"{pair.first} – {pair.second}", *map(_number, numbers)])
        wide = [max(len(row[i]) for row in rows) for i in range(len(heads))]
        lines = []
        for first, *others in rows:
            cells = [cell.rjust(w) for cell, w in zip(others, wide[1:], strict=True)]
            lines.append("  ".join([first.ljust(wide[0]), *cells]))
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """All but the points, as plain data."""
        return {
            "groups": list(self.groups),
            "sizes": np.bincount(self.index, minlength=len(self.groups)).tolist(),
            "means": [float(self.values(group).mean()) for group in self.groups],
            "test": self.test,
            "projector": self.projector,
            "permutations": self.permutations,
            "overall_p": self.overall,
            "pairs": [asdict(pair) for pair in self.pairs],
            "distances": self.distances.tolist(),
            "merges": [list(merge) for merge in self.merges],
        }

    def plot(self, **options: Any) -> Any:
        """A matplotlib figure: the distributions of the groups, and the dendrogram of more than
        two."""
        return service("plot_groups")(self, **options)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
