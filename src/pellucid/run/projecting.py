"""Maps of a data set at several layers: one pass for the features, one map a layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..core.item_map import ItemMap
from ..core.model import Model
from ..core.progress import Progress
from ..core.projection import UNKNOWN, Projection
from ..core.record import versions
from ..errors import InputError
from ..io.columns import SCORES, Columns
from ..io.datasets import Dataset, label_indices
from ..io.thumbnails import plain_values, thumbnail
from ..ops.map_quality import nearest_label_error, neighbourhood_hit, silhouette
from .collecting import collect
from .features import Pool

INPUT = "input"
"""The name of the items themselves, beside those of layers."""

_MOST_PICTURES = 5000
"""Items up to which a page carries their thumbnails."""


@dataclass(frozen=True)
class Table:
    """Features by layer `{name: (n, …)}`, and what is known of the n items."""

    features: Mapping[str, NDArray[Any]]
    names: tuple[str, ...]
    labels: tuple[Any, ...]
    ids: NDArray[np.int64]
    scores: NDArray[Any] | None = None
    classes: tuple[str, ...] | None = None
    thumbnails: tuple[bytes, ...] = ()
    about: Mapping[str, Any] | None = None


def table_of(
    data: Dataset,
    model: Model | None,
    layers: Sequence[str],
    pool: Pool,
    batch_size: int | None,
    progress: Progress,
) -> Table:
    """One pass over the data set: the layers' features where there is a model, and the items'
    own values for `input`."""
    inner = [layer for layer in layers if layer != INPUT]
    found: dict[str, NDArray[Any]] = {}
    columns = None
    if model is not None:
        columns = collect(model, data, inner, [pool], batch_size=batch_size, progress=progress)
        names = [name for name in columns.columns if name != SCORES]
        found = {name.rpartition(":")[0]: np.asarray(columns[name]) for name in names}
    ids = None if columns is None else set(columns.ids.tolist())
    wanted = INPUT in layers
    rows, pictures, kept, labels, places = [], [], [], [], []
    total = data.size or 0
    for item in data:
        if item.error is not None or (ids is not None and item.id not in ids):
            continue
        kept.append(item.name)
        labels.append(item.label)
        places.append(item.id)
        if wanted:
            rows.append(_values(item, data))
        if total <= _MOST_PICTURES:
            pictures.append(thumbnail(item, data.kind))
    if not kept:
        raise InputError(f"{data.name} has no item that can be read.", "Look at its files.")
    if wanted:
        found = {INPUT: _stacked(rows, data.name), **found}
    return Table(
        {layer: found[layer] for layer in _ordered(layers, found)},
        tuple(kept),
        tuple(labels),
        np.array(places, np.int64),
        None if columns is None else np.asarray(columns[SCORES]),
        None if model is None or model.classes is None else tuple(model.classes),
        tuple(pictures) if len(pictures) == len(kept) and any(pictures) else (),
        None if columns is None else columns.about,
    )


def table_of_columns(columns: Columns, layers: Sequence[str]) -> Table:
    """What an earlier pass kept, without the model."""
    pooled = [n for n in columns.columns if n != SCORES and not n.endswith(":place")]
    chosen = {layer: layer if layer in columns else f"{layer}:mean" for layer in layers}
    features = {layer: np.asarray(columns[name]) for layer, name in chosen.items()}
    classes = columns.about.get("classes")
    return Table(
        features or {name: np.asarray(columns[name]) for name in pooled},
        columns.names,
        columns.labels,
        columns.ids,
        np.asarray(columns[SCORES]) if SCORES in columns else None,
        None if classes is None else tuple(classes),
        about=columns.about,
    )


def project(table: Table, projector: Any, seed: int, progress: Progress) -> Projection:
    """A map of every layer's features, with what they say of the classes."""
    true, classes = _true(table)
    predicted = _predicted(table.scores)
    labels = true if (true >= 0).any() else predicted
    maps: dict[str, ItemMap] = {}
    quality: dict[str, dict[str, float]] = {}
    for layer, features in table.features.items():
        maps[layer] = projector.fit(features, seed=seed, progress=progress)
        quality[layer] = map_quality(maps[layer], labels)
    return Projection(
        maps=maps,
        names=table.names,
        classes=classes,
        true=true,
        predicted=predicted,
        ids=table.ids,
        thumbnails=table.thumbnails,
        quality=quality,
        record={"versions": dict(versions()), **({} if table.about is None else table.about)},
    )


def map_quality(made: ItemMap, labels: Any) -> dict[str, float]:
    """Silhouette, neighbourhood hit and 1-NN error of a map for some labels, the 1-NN error in
    feature space, and the 10-NN recall. Items with the label −1 or None are left out."""
    words = np.asarray([str(label) for label in labels])
    known = ~np.isin(words, ("-1", "None"))
    found = {"recall": made.recall}
    index = torch.from_numpy(np.unique(words[known], return_inverse=True)[1])
    if int(known.sum()) < 3 or len(torch.unique(index)) < 2:
        return found
    points, features = (torch.tensor(x[known]) for x in (made.points, made.features))
    near = min(10, len(index) - 1)
    return {
        "silhouette": silhouette(points, index),
        "neighbourhood_hit": neighbourhood_hit(points, index, near),
        "one_nn_error": nearest_label_error(points, index),
        "one_nn_error_of_features": nearest_label_error(features, index),
        **found,
    }


def _true(table: Table) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The class of every item, and the names of the classes."""
    places, _ = label_indices(table.labels, table.classes)
    true = np.array([places[label] for label in table.labels], np.int64)
    if table.classes is not None:
        return true, table.classes
    width = 0 if table.scores is None else table.scores.shape[1]
    names = {place: str(label) for label, place in places.items() if place != UNKNOWN}
    count = max([width, *(place + 1 for place in names)], default=0)
    return true, tuple(names.get(i, str(i)) for i in range(count))


def _predicted(scores: NDArray[Any] | None) -> NDArray[np.int64]:
    """The class of the greatest score; unknown for a single output."""
    if scores is None or scores.ndim != 2 or scores.shape[1] < 2:
        return np.zeros(0, np.int64)
    return np.asarray(scores.argmax(1), np.int64)


def _values(item: Any, data: Dataset) -> NDArray[np.float32]:
    try:
        return plain_values(item, data.kind)
    except (TypeError, ValueError):
        raise InputError(
            f"{item.name} of {data.name} is not made of numbers.",
            "Give a model and a layer, or encode words and categories first.",
        ) from None


def _stacked(rows: list[NDArray[np.float32]], name: str) -> NDArray[np.float32]:
    sizes = {len(row) for row in rows}
    if len(sizes) > 1:
        raise InputError(
            f"The items of {name} have {min(sizes)} to {max(sizes)} values.",
            "Give items of one size, or a model and a layer.",
        )
    return np.stack(rows)


def _ordered(layers: Sequence[str], found: Mapping[str, Any]) -> list[str]:
    """The found layers as they were asked for; a layer called several times has several."""
    order = {layer: place for place, layer in enumerate(layers)}
    return sorted(found, key=lambda name: order.get(name, order.get(name.split("#")[0], 99)))
