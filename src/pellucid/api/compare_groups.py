"""The verb `compare_groups`: whether groups of points differ in one map."""

from typing import Any

import numpy as np
import torch

from ..core.comparison import GroupComparison
from ..core.item_map import ItemMap
from ..core.projection import Projection
from ..errors import InputError, ParameterError
from ..parts.group_test import CrossEntropy, compare
from ..parts.map_features import matrix_of


def compare_groups(
    embedding: Any,
    groups: Any = None,
    *,
    features: Any = None,
    layer: str | None = None,
    test: str = "ks",
    permutations: int = 999,
    units: Any = None,
    most: int | None = None,
    perplexity: float | None = None,
    projector: str | None = None,
    seed: int = 0,
) -> GroupComparison:
    """The cross-entropy test: whether groups of points differ in one t-SNE or UMAP map.

    `embedding` is an `ItemMap`, a `Projection` with its `layer` (its true classes are the groups
    where none are given), or points `(n, 2)` of a map made elsewhere with their `features`.
    `groups` has one group a point, None for a point of none. `test` is `ks` (Kolmogorov–Smirnov) or
    `rank` (Wilcoxon for two groups, else Kruskal–Wallis and Dunn); p-values of several pairs are
    corrected after Holm.

    Points of one map hang on each other, so the published p-values are optimistic. Beside them
    stand p-values from `permutations` random labellings. `units` names what was drawn as a whole (a
    donor, a session): then units change groups, not points. `most` is the number of points of each
    group that are compared, chosen by `seed`.

    **Source:** Roca et al. 2023; needs the extra `groups`.
    """
    made = _chosen(embedding, layer)
    if isinstance(made, ItemMap):
        space = torch.tensor(made.features, dtype=torch.float64)
        points = torch.tensor(made.points, dtype=torch.float64)
        how = _settings(made, perplexity, projector)
        if groups is None and isinstance(embedding, Projection):
            groups = [embedding.class_name(int(c)) for c in embedding.labels]
    else:
        points = torch.as_tensor(np.asarray(made), dtype=torch.float64)
        if features is None or points.ndim != 2:
            raise InputError("Points alone do not tell.", "Give the features that were mapped.")
        space = matrix_of(features).double()
        how = CrossEntropy(_projector(projector or "tsne"), perplexity or 30.0)
    if groups is None:
        raise ParameterError("There are no groups to compare.", "Give one a point: groups=[…].")
    if len(space) != len(points):
        raise InputError(f"{len(space)} features for {len(points)} points.", "Give one each.")
    if len(groups) != len(points):
        raise InputError(f"{len(groups)} groups for {len(points)} points.", "Give one a point.")
    values = how.of(space, points)
    kept = _some(groups, len(values), most, seed)
    return compare(
        values[kept],
        [groups[i] for i in kept],
        how,
        test,
        permutations,
        None if units is None else [units[i] for i in kept],
        seed,
    )


def _chosen(embedding: Any, layer: str | None) -> Any:
    if not isinstance(embedding, Projection):
        return embedding
    if layer is None and len(embedding.maps) > 1:
        raise ParameterError(
            "Which layer's map?", f"Say layer=, one of {', '.join(map(repr, embedding.maps))}."
        )
    return embedding[layer or next(iter(embedding.maps))]


def _settings(made: ItemMap, perplexity: float | None, projector: str | None) -> CrossEntropy:
    """Those that the map was made with, unless others are given."""
    kind = _projector(projector or ("umap" if made.method == "umap" else "tsne"))
    own = made.params
    given = perplexity or float(own.get("perplexity", 30.0))
    return CrossEntropy(
        kind,
        max(1.0, min(given, (len(made) - 1) / 3 - 1e-9)),
        min(int(own.get("n_neighbours", 15)), len(made) - 1),
        float(own.get("min_dist", 0.1)),
        float(own.get("spread", 1.0)),
    )


def _projector(word: str) -> str:
    if word not in ("tsne", "umap"):
        raise ParameterError(f"projector={word!r} has no test.", "Say 'tsne' or 'umap'.")
    return word


def _some(groups: Any, n: int, most: int | None, seed: int) -> list[int]:
    """At most `most` points of each group, by the seed, in their order."""
    if most is None:
        return [place for place in range(n) if groups[place] is not None]
    order = np.random.default_rng(seed).permutation(n)
    count: dict[str, int] = {}
    kept = []
    for place in order.tolist():
        if groups[place] is None:
            continue
        word = str(groups[place])
        count[word] = count.get(word, 0) + 1
        if count[word] <= most:
            kept.append(place)
    return sorted(kept)
