"""Spectral relevance analysis: clusters among the explanations of a class.

Lapuschkin et al. 2019, doi:10.1038/s41467-019-08987-4.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..core.axes import CHANNEL, TOKEN
from ..core.checks import Check
from ..core.extras import require
from ..core.relevance_clusters import ClassClusters, Cluster, RelevanceClusters
from ..errors import InputError, NotApplicable
from ..ops.spectral import affinity, eigengap, embedding, silhouette, spectrum
from .maps import Maps

SEPARATED = 0.25
"""The mean silhouette above which clusters count as separate reasons (Kaufman & Rousseeuw 1990)."""

LEAST = 10
"""Items below which a class has no clusters to speak of."""

EXAMPLES = 6

_POOLS: dict[int, Any] = {
    1: torch.nn.functional.adaptive_avg_pool1d,
    2: torch.nn.functional.adaptive_avg_pool2d,
    3: torch.nn.functional.adaptive_avg_pool3d,
}


@dataclass(frozen=True)
class Clustering:
    """How maps are made comparable and clustered.

    `size` is the number of cells along each spatial axis that maps are averaged to; the affinity of
    two maps falls with their distance in units of that to each one's `neighbours`-th nearest; there
    are at most `most` clusters; of more than `items` of a class some are left out, evenly.
    """

    size: int = 16
    neighbours: int = 7
    most: int = 8
    items: int = 2000


@dataclass
class _Class:
    ids: list[int]
    names: list[str]
    maps: list[NDArray[np.float32]]
    pictures: list[Any]


def spectral_relevance(maps: Maps, how: Clustering) -> RelevanceClusters:
    """The clusters of the explanations of every class, the best separated first.

    Every map is summed over channels, divided by its greatest size, and averaged to a small grid.
    **Memory:** the small maps of all items, and a square matrix of the items of one class.
    """
    classes: dict[int, _Class] = {}
    axes: tuple[str, ...] = ()
    for found in maps:
        e = found.explanation
        axes = e.axes
        if TOKEN in axes:
            raise NotApplicable(
                "The tokens of different texts cannot be compared.", "Use pictures or series."
            )
        for row, item in enumerate(found.items):
            index = int(found.truth[row])
            own = classes.setdefault(index, _Class([], [], [], []))
            own.ids.append(item.id)
            own.names.append(item.name)
            own.maps.append(_plain(e.values[row], e.axes[1:]))
            own.pictures.append(None if e.display is None else np.asarray(e.display[row]))
    clustered = [
        _clusters(maps, index, own, how)
        for index, own in classes.items()
        if index >= 0 and len(own.ids) >= LEAST
    ]
    if not clustered:
        raise InputError(
            f"No class has {LEAST} labelled items that were explained.", "Give more items."
        )
    clustered.sort(key=lambda one: (-one.separation, one.index))
    return RelevanceClusters(
        tuple(clustered),
        maps.method.card.name,
        maps.data.name,
        tuple(_checks(clustered)),
        tuple(maps.skipped),
        {"axes": list(axes)},
    )


def _plain(values: Any, axes: tuple[str, ...]) -> NDArray[np.float32]:
    """A map without channels, of greatest size 1."""
    array = np.asarray(values, np.float32)
    if CHANNEL in axes:
        array = array.sum(axes.index(CHANNEL))
    size = float(np.abs(array).max())
    return array / size if size > 0 else array


def _small(found: _Class, size: int, spatial: bool) -> Tensor:
    """The maps `(item, feature)`, spatial ones averaged to at most `size` cells along each axis."""
    if len({one.shape for one in found.maps}) > 1 and not spatial:
        raise InputError("The maps have different sizes.", "Give items of one size.")
    rows = []
    for one in found.maps:
        tensor = torch.from_numpy(one)[None, None]
        if spatial:
            cells = [min(size, n) for n in one.shape]
            tensor = _POOLS[one.ndim](tensor, cells)
        rows.append(tensor.flatten())
    return torch.stack(rows).double()


def _clusters(maps: Maps, index: int, found: _Class, how: Clustering) -> ClassClusters:
    found = _thinned(found, how.items)
    n = len(found.ids)
    spatial = _is_spatial(found)
    x = _small(found, how.size, spatial)
    values, vectors = spectrum(affinity(x, how.neighbours))
    most = min(how.most, n - 1)
    count, gap = eigengap(values, most)
    labels = _labels(embedding(vectors, max(count, 2)), count)
    separation = float(silhouette(x, labels).mean()) if count > 1 else 0.0
    order = torch.bincount(labels).argsort(descending=True, stable=True)
    place = torch.empty_like(order)
    place[order] = torch.arange(len(order))
    labels = place[labels]
    parts = [_cluster(found, x, torch.nonzero(labels == c)[:, 0]) for c in range(len(order))]
    return ClassClusters(
        index=index,
        name=maps.truth.name(index),
        clusters=tuple(parts),
        eigenvalues=values[: most + 1].numpy(),
        gap=gap,
        separation=separation,
        ids=tuple(found.ids),
        labels=labels.numpy(),
        embedding=vectors[:, 1:3].numpy(),
    )


def _is_spatial(found: _Class) -> bool:
    picture = found.pictures[0]
    return found.maps[0].ndim > 1 or (picture is not None and np.asarray(picture).ndim > 1)


def _thinned(found: _Class, most: int) -> _Class:
    n = len(found.ids)
    if n <= most:
        return found
    kept = [i * n // most for i in range(most)]
    return _Class(
        [found.ids[i] for i in kept],
        [found.names[i] for i in kept],
        [found.maps[i] for i in kept],
        [found.pictures[i] for i in kept],
    )


def _labels(points: Tensor, count: int) -> Tensor:
    if count < 2:
        return torch.zeros(len(points), dtype=torch.long)
    cluster = require("sklearn.cluster", "Clusters of explanations", "'pellucid[clusters]'")
    means = cluster.KMeans(count, n_init=10, random_state=0)
    return torch.from_numpy(means.fit_predict(points[:, :count].numpy())).long()


def _cluster(found: _Class, x: Tensor, rows: Tensor) -> Cluster:
    centre = x[rows].mean(0)
    typical = rows[(x[rows] - centre).norm(dim=1).argsort(stable=True)].tolist()
    same = {found.maps[i].shape for i in typical}
    own = [found.maps[i] for i in typical] if len(same) == 1 else [found.maps[typical[0]]]
    return Cluster(
        items=tuple(found.ids[i] for i in typical),
        names=tuple(found.names[i] for i in typical),
        map=np.mean(own, axis=0),
        examples=tuple((found.pictures[i], found.maps[i]) for i in typical[:EXAMPLES]),
    )


def _checks(clustered: list[ClassClusters]) -> list[Check]:
    apart = [one for one in clustered if one.separation >= SEPARATED]
    if not apart:
        text = "No class has clearly separated clusters of explanations."
        return [Check("separate reasons", clustered[0].separation, "ok", text)]
    named = ", ".join(f"{one.name} ({len(one.clusters)} clusters)" for one in apart[:6])
    text = f"Recognised for clearly different reasons: {named}. Look whether each is a right one."
    return [Check("separate reasons", apart[0].separation, "poor", text)]
