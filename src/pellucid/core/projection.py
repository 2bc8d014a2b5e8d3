"""Maps of one data set at several layers, side by side, with what is known of every item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, suggest
from .item_map import ItemMap
from .services import service

UNKNOWN = -1
"""The class of an item that has no label, or of one whose prediction is not known."""


@final
@dataclass(frozen=True, eq=False)
class Projection:
    """The same items in one map a layer.

    **Shapes:** every map has n points; `true` and `predicted` `(n,)` are numbers of `classes`, −1
    where they are not known; `ids` `(n,)` are the items' places in the data set, where those that
    could not be read have no point; `quality` has for every layer the silhouette, the neighbourhood
    hit and the 1-NN error of the map for the true classes (the predicted ones where no item has a
    label), and its 10-NN recall.
    """

    maps: Mapping[str, ItemMap]
    names: tuple[str, ...]
    classes: tuple[str, ...] = ()
    true: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    predicted: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    ids: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """Left out, 0 to n − 1."""
    thumbnails: tuple[bytes, ...] = ()
    """A small PNG picture an item, or none at all."""
    quality: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.names)
        ids = np.asarray(self.ids, np.int64)
        object.__setattr__(self, "ids", ids if len(ids) else np.arange(n))
        for name in ("true", "predicted"):
            found = np.asarray(getattr(self, name), np.int64)
            found = found if len(found) else np.full(n, UNKNOWN)
            if len(found) != n:
                raise InputError(f"{len(found)} classes for {n} items.", "Give one an item.")
            object.__setattr__(self, name, found)
        for layer, made in self.maps.items():
            if len(made) != n:
                raise InputError(f"Map {layer!r} has {len(made)} items of {n}.", "Map them all.")
        for name in ("maps", "quality", "record"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, layer: str) -> ItemMap:
        """The map of one layer."""
        if layer not in self.maps:
            raise InputError(f"There is no map of {layer!r}.", suggest(layer, self.maps))
        return self.maps[layer]

    def __repr__(self) -> str:
        return f"<Projection of {len(self)} items at {', '.join(self.maps)}>"

    @property
    def labels(self) -> NDArray[np.int64]:
        """The true classes, or the predicted ones where no item has a label."""
        return self.true if (self.true >= 0).any() else self.predicted

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Which items are predicted as something else than they are."""
        known = (self.true >= 0) & (self.predicted >= 0)
        return np.asarray(known & (self.true != self.predicted))

    def class_name(self, index: int) -> str:
        """The name of a class, or its number."""
        if index < 0:
            return "unknown"
        return self.classes[index] if index < len(self.classes) else str(index)

    def plot(self, layers: Sequence[str] | None = None, **options: Any) -> Any:
        """A matplotlib figure of the maps side by side, coloured by class, misclassified items
        marked."""
        return service("plot_projection")(self, layers, **options)

    def html(self, path: Any, title: str | None = None) -> Any:
        """Write an interactive page, one file that loads nothing; returns the path."""
        return service("projection_page")(self, path, title)

    def save(self, path: Any) -> Any:
        """Write to one `.npz` file without pickle; returns the path."""
        return service("save_map")(self, path)

    @staticmethod
    def load(path: Any) -> "Projection":
        """Read what `save` wrote."""
        loaded: Projection = service("load_map")(path, Projection)
        return loaded
