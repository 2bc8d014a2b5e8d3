"""Distances of a data set's items to the classes of another, in a network's feature space."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import torch
from torch import Tensor

from ..core.checks import Check
from ..core.model import Model
from ..core.progress import Progress
from ..core.record import versions
from ..core.similarity import SimilarityDistance
from ..errors import InputError, ParameterError, suggest
from ..io.columns import SCORES, Columns
from ..io.datasets import Dataset
from ..io.datasets.labels import Aliases
from ..io.inputs import inputs_of
from ..ops.class_distance import cosine, euclidean, ledoit_wolf, mahalanobis, percentile_of
from .collecting import collect
from .features import column_name
from .penultimate import penultimate
from .truth import Truth

Metric = Literal["euclidean", "cosine", "mahalanobis"]
FEW = 5
"""Training items a feature below which a covariance without shrinkage is poor."""


@dataclass(frozen=True)
class Space:
    """The feature space: a layer, and how distances are measured in it."""

    layer: Any = None
    metric: str = "mahalanobis"
    shrinkage: float | str = "ledoit_wolf"
    threshold: float = 99.0

    def __post_init__(self) -> None:
        if self.metric not in get_args(Metric):
            raise ParameterError(
                f"There is no metric {self.metric!r}.", suggest(self.metric, get_args(Metric))
            )
        number = isinstance(self.shrinkage, int | float) and 0 <= self.shrinkage <= 1
        if self.shrinkage != "ledoit_wolf" and not number:
            raise ParameterError(
                f"shrinkage={self.shrinkage!r} is none.", "Give 'ledoit_wolf', or 0 to 1."
            )


@dataclass(frozen=True)
class Centres:
    """What is known of the training items: class means `(class, feature)`, and one covariance."""

    indices: tuple[int, ...]
    means: Tensor
    covariance: Tensor | None
    shrinkage: float
    count: int


def similarity_distance(
    model: Model | None,
    data: Dataset | Columns,
    reference: Dataset | Columns,
    space: Space,
    aliases: Aliases | None,
    batch_size: int | None,
    progress: Progress | None,
) -> SimilarityDistance:
    """The distances of every item of `data` to the classes of the labelled items of `reference`."""
    layer = space.layer if space.layer is not None else _layer(model, reference)
    known = _columns(model, reference, layer, batch_size, progress)
    items = _columns(model, data, layer, batch_size, progress)
    name = _feature(known, layer)
    classes = known.about["classes"]
    labels = {*known.labels, *items.labels}
    truth = Truth(labels, None if classes is None else tuple(classes), aliases)
    own = truth.of(known.labels)
    centres = _centres(known, name, own, space)
    training = _distances(known, name, centres, space)
    found = _distances(items, _feature(items, layer), centres, space)
    per_class = [training[own == index, k] for k, index in enumerate(centres.indices)]
    nearest = found.argmin(1)
    percentile = torch.zeros(len(found), dtype=torch.float64)
    for k, distances in enumerate(per_class):
        rows = nearest == k
        percentile[rows] = percentile_of(found[rows, k], distances)
    names = tuple(truth.name(index) for index in centres.indices)
    return SimilarityDistance(
        distances=found.numpy(),
        classes=names,
        names=items.names,
        percentile=percentile.numpy(),
        label=_among(centres.indices, truth.of(items.labels)),
        predicted=_among(centres.indices, _predicted(items)),
        training={n: d.numpy() for n, d in zip(names, per_class, strict=True)},
        metric=space.metric,
        layer=str(layer),
        threshold=space.threshold,
        shrinkage=centres.shrinkage,
        checks=tuple(_checks(centres, space, truth)),
        record={
            "versions": dict(versions()),
            "model_fingerprint": known.about["model_fingerprint"],
        },
    )


def _layer(model: Model | None, reference: Dataset | Columns) -> Any:
    if isinstance(reference, Columns):
        layers = list(reference.about["layers"])
        if len(layers) == 1:
            return layers[0]
        raise InputError(f"The columns hold the layers {layers}.", "Say which: layer=….")
    if model is None:
        raise InputError("There is no model.", "Give one, or columns of both data sets.")
    return penultimate(model, inputs_of(model, reference.input(0)))


def _columns(
    model: Model | None,
    data: Dataset | Columns,
    layer: Any,
    batch_size: int | None,
    progress: Progress | None,
) -> Columns:
    if isinstance(data, Columns):
        return data
    if model is None:
        raise InputError("There is no model.", "Give one, or columns of both data sets.")
    return collect(model, data, [layer], batch_size=batch_size, progress=progress)


def _feature(columns: Columns, layer: Any) -> str:
    wanted = column_name(str(layer), "mean")
    held = [name for name in columns.columns if name.endswith(":mean")]
    return wanted if wanted in columns or len(held) != 1 else held[0]


def _rows(columns: Columns, name: str, rows: int = 4096) -> Iterator[tuple[slice, Tensor]]:
    values = columns[name]
    for start in range(0, len(values), rows):
        part = slice(start, start + rows)
        yield part, torch.from_numpy(np.array(values[part], np.float64))


def _centres(columns: Columns, name: str, own: Any, space: Space) -> Centres:
    """Means and the covariance within classes, in two passes over the columns."""
    indices = tuple(sorted({int(i) for i in own if i >= 0}))
    if not indices:
        raise InputError("No item of the reference has a label.", "Give a labelled data set.")
    width = columns[name].shape[1]
    place = {index: k for k, index in enumerate(indices)}
    rows_of = torch.tensor([place.get(int(i), -1) for i in own])
    sums = torch.zeros(len(indices), width, dtype=torch.float64)
    for part, z in _rows(columns, name):
        which = rows_of[part]
        sums.index_add_(0, which[which >= 0], z[which >= 0])
    counts = torch.bincount(rows_of[rows_of >= 0], minlength=len(indices))
    means = sums / counts[:, None]
    total = int(counts.sum())
    if space.metric != "mahalanobis":
        return Centres(indices, means, None, 0.0, total)
    scatter, fourth = torch.zeros(width, width, dtype=torch.float64), 0.0
    for part, z in _rows(columns, name):
        which = rows_of[part]
        centred = z[which >= 0] - means[which[which >= 0]]
        scatter += centred.T @ centred
        fourth += float((centred**2).sum(1).square().sum())
    covariance, shrinkage = _shrunk(scatter / total, fourth, total, space.shrinkage)
    return Centres(indices, means, covariance, shrinkage, total)


def _shrunk(
    scatter: Tensor, fourth: float, count: int, shrinkage: float | str
) -> tuple[Tensor, float]:
    if isinstance(shrinkage, str):
        return ledoit_wolf(scatter, fourth, count)
    identity = torch.eye(len(scatter), dtype=scatter.dtype) * scatter.trace() / len(scatter)
    return (1 - shrinkage) * scatter + shrinkage * identity, float(shrinkage)


def _distances(columns: Columns, name: str, centres: Centres, space: Space) -> Tensor:
    found = []
    for _, z in _rows(columns, name):
        if z.shape[1] != centres.means.shape[1]:
            raise InputError(
                f"The items have {z.shape[1]} features, the classes {centres.means.shape[1]}.",
                "Collect both from the same layer.",
            )
        if centres.covariance is not None:
            found.append(_white(z, centres.means, centres.covariance))
        else:
            found.append({"euclidean": euclidean, "cosine": cosine}[space.metric](z, centres.means))
    return torch.cat(found)


def _white(z: Tensor, means: Tensor, covariance: Tensor) -> Tensor:
    try:
        return mahalanobis(z, means, covariance)
    except RuntimeError:  # of torch.linalg, whose own class is not public
        raise InputError(
            f"The covariance of {len(means[0])} features is singular.",
            "Let shrinkage be above 0, or 'ledoit_wolf'; or take metric='euclidean'.",
        ) from None


def _predicted(columns: Columns) -> Any:
    if SCORES not in columns or columns[SCORES].ndim != 2 or columns[SCORES].shape[1] < 2:
        return np.full(len(columns), -2)
    return columns[SCORES].argmax(1)


def _among(indices: Sequence[int], found: Any) -> Any:
    place = {index: k for k, index in enumerate(indices)}
    return np.array([place.get(int(i), -1) for i in found], np.int64)


def _checks(centres: Centres, space: Space, truth: Truth) -> list[Check]:
    found = [Check("labels", None, "poor", f"{note}.") for note in truth.notes]
    features = centres.means.shape[1]
    if centres.covariance is not None and space.shrinkage == 0 and centres.count < FEW * features:
        text = f"{centres.count} items are few for a covariance of {features} features."
        found.append(Check("covariance", float(centres.count), "poor", text))
    return found
