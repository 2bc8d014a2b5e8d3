"""Maps by other libraries, as our own kind of result: openTSNE and UMAP."""

import time
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from ..core.extras import require
from ..core.item_map import ItemMap
from ..core.progress import Progress
from ..core.record import versions
from ..errors import InputError
from ..ops.map_quality import neighbour_recall
from .map_features import Features, matrix_of, reduced


@final
@dataclass(frozen=True, kw_only=True)
class OpenTSNE:
    """t-SNE by openTSNE (extra `opentsne`), on one processor core by default.

    **Source:** Poličar, Stražar & Zupan 2024.
    """

    perplexity: float = 30.0
    components: int | None = 50
    """Principal components that stand for the features where there are more."""
    n_jobs: int = 1

    def fit(self, x: Any, *, seed: int = 0, progress: Progress | None = None) -> ItemMap:
        """Map the items of `x`, an array `(n, …)`."""
        library = require("openTSNE", "Mapping by openTSNE", "'pellucid[opentsne]'")
        began, features = time.perf_counter(), _features(x, self.components, seed)
        perplexity = min(self.perplexity, (len(features.values) - 1) / 3)
        made = library.TSNE(perplexity=perplexity, n_jobs=self.n_jobs, random_state=seed)
        points = np.asarray(made.fit(features.values.cpu().numpy()), np.float32)
        return _embedding("opentsne", asdict(self), points, features, seed, began)


@final
@dataclass(frozen=True, kw_only=True)
class UMAP:
    """UMAP by umap-learn (extra `umap`).

    **Source:** McInnes, Healy & Melville 2018.
    """

    n_neighbours: int = 15
    min_dist: float = 0.1
    spread: float = 1.0
    components: int | None = 50
    """Principal components that stand for the features where there are more."""

    def fit(self, x: Any, *, seed: int = 0, progress: Progress | None = None) -> ItemMap:
        """Map the items of `x`, an array `(n, …)`."""
        library = require("umap", "Mapping by UMAP", "'pellucid[umap]'")
        began, features = time.perf_counter(), _features(x, self.components, seed)
        made = library.UMAP(
            n_neighbors=min(self.n_neighbours, len(features.values) - 1),
            min_dist=self.min_dist,
            spread=self.spread,
            random_state=seed,
            n_jobs=1,
        )
        points = np.asarray(made.fit_transform(features.values.cpu().numpy()), np.float32)
        return _embedding("umap", asdict(self), points, features, seed, began)


def _features(x: Any, components: int | None, seed: int) -> Features:
    matrix = matrix_of(x)
    if len(matrix) < 4:
        raise InputError(f"{len(matrix)} items are too few for this library.", "Say pl.TSNE().")
    return reduced(matrix, components, seed)


def _embedding(
    method: str,
    params: dict[str, Any],
    points: NDArray[np.float32],
    features: Features,
    seed: int,
    began: float,
) -> ItemMap:
    recall = neighbour_recall(
        features.values.cpu(), torch.from_numpy(points), min(10, len(points) - 1)
    )
    return ItemMap(
        points=points,
        features=features.values.cpu().numpy(),
        method=method,
        params=params,
        seed=seed,
        recall=recall,
        centre=None if features.centre is None else features.centre.cpu().numpy(),
        axes=None if features.axes is None else features.axes.cpu().numpy(),
        record={"versions": dict(versions()), "seconds": time.perf_counter() - began},
    )
