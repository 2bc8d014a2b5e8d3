"""Similarity distance: how far items lie from the classes that a network was trained on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from .checks import Check
from .services import service

Numbers = NDArray[Any]


@dataclass(frozen=True)
class Bin:
    """Items with distances from `low` to `high`: how many, and the share predicted right."""

    low: float
    high: float
    count: int
    accuracy: float


@final
@dataclass(frozen=True, eq=False)
class SimilarityDistance:
    """Distances of items to class centres in a feature space, compared with those of the training
    items.

    **Shapes:** `distances` `(item, class)`; all else one a item. **Units:** those of the features
    for `euclidean`, none for the others.
    """

    distances: Numbers
    classes: tuple[str, ...]
    names: tuple[str, ...]
    percentile: Numbers
    """Of the distance to the nearest class among the distances of that class's own training items:
    near 50 is usual, 100 is farther than all of them."""
    label: Numbers
    """The item's class among `classes`; −1 where it has none of them."""
    predicted: Numbers
    """What the network predicts, among `classes`; −1 where that is none of them."""
    training: Mapping[str, Numbers]
    """By class the distances of its own training items to its centre."""
    metric: str
    layer: str
    threshold: float = 99.0
    """The percentile above which an item is an outlier."""
    shrinkage: float = 0.0
    """The share of the covariance that was replaced by a multiple of the identity."""
    checks: tuple[Check, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    def __len__(self) -> int:
        return len(self.distances)

    @property
    def nearest(self) -> Numbers:
        """The class whose centre is nearest, by its index in `classes`."""
        found: Numbers = self.distances.argmin(1)
        return found

    @property
    def nearest_distance(self) -> Numbers:
        """The distance to the nearest centre: great where the item resembles no class."""
        found: Numbers = self.distances.min(1)
        return found

    @property
    def margin(self) -> Numbers:
        """The distance to the second nearest centre less that to the nearest; NaN for one class."""
        if self.distances.shape[1] < 2:
            return np.full(len(self), np.nan)
        ordered = np.partition(self.distances, 1, axis=1)
        found: Numbers = ordered[:, 1] - ordered[:, 0]
        return found

    @property
    def outlier(self) -> Numbers:
        """Whether an item is farther from its nearest class than `threshold` percent of the items
        that this class was learnt from."""
        found: Numbers = self.percentile > self.threshold
        return found

    @property
    def agrees(self) -> Numbers:
        """Whether the nearest class is the one predicted."""
        found: Numbers = self.nearest == self.predicted
        return found

    def accuracy_by_distance(self, bins: int = 10) -> tuple[Bin, ...]:
        """The accuracy of the prediction by distance to the nearest centre, in bins of equally many
        labelled items; their counts add up to the number of these."""
        known = (self.label >= 0) & (self.predicted >= -1)
        distance = self.nearest_distance[known]
        right = (self.label == self.predicted)[known]
        order = np.argsort(distance, kind="stable")
        return tuple(
            Bin(
                float(distance[part[0]]),
                float(distance[part[-1]]),
                len(part),
                float(right[part].mean()),
            )
            for part in np.array_split(order, bins)
            if len(part)
        )

    def plot(self, **options: Any) -> Any:
        """Distances of items beside those of the training items, and the accuracy by distance."""
        draw: Callable[..., Any] = service("plot_similarity")
        return draw(self, **options)

    def save(self, path: Any) -> Path:
        """Write to a `.npz` file (plain arrays and JSON); returns its path."""
        found: Path = service("save_similarity")(self, path)
        return found

    @staticmethod
    def load(path: Any) -> "SimilarityDistance":
        """Read what `save` wrote."""
        found: SimilarityDistance = service("load_similarity")(path)
        return found
