"""One map of points: where every item lies, and what was measured about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .checks import Check, Verdict, worst
from .services import service

Floats = NDArray[np.float32]


@final
@dataclass(frozen=True, eq=False)
class ItemMap:
    """A map of n items in two dimensions, made from features by t-SNE or another projector.

    Neighbours in the map are neighbours in feature space, as far as `recall` says; sizes of
    clusters and distances between them mean nothing.

    **Shapes:** `points` `(n, 2)`, `features` `(n, d)` (what was mapped, after the reduction),
    `history` `(m, 2)`: iteration and KL divergence. **Units:** `kl` in nats.
    """

    points: Floats
    features: Floats
    method: str
    params: Mapping[str, Any]
    seed: int = 0
    kl: float | None = None
    """KL divergence of the finished map, exact to five digits; None where the projector has
    none."""
    recall: float = float("nan")
    """Share of the 10 nearest neighbours in feature space that are so in the map."""
    history: Floats = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    centre: Floats | None = None
    axes: Floats | None = None
    """Where features were reduced: `features = (given − centre) @ axes`."""
    checks: tuple[Check, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    """Versions, seconds, iterations."""

    def __post_init__(self) -> None:
        for name in ("points", "features", "history", "centre", "axes"):
            array = getattr(self, name)
            if array is not None:
                fixed = np.array(array, dtype=np.float32)
                fixed.setflags(write=False)
                object.__setattr__(self, name, fixed)
        for name in ("params", "record"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        if self.points.shape != (len(self.features), 2):
            raise InputError(
                f"{self.points.shape} points for {len(self.features)} items.",
                "Give one point (x, y) an item.",
            )

    def __len__(self) -> int:
        return len(self.points)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        array = np.asarray(self.points, dtype=dtype)
        return array.copy() if copy else array

    def __repr__(self) -> str:
        kl = "" if self.kl is None else f", KL {self.kl:.3f}"
        return (
            f"<ItemMap {self.method} of {len(self)} items × {self.features.shape[1]} features"
            f"{kl}, 10-NN recall {self.recall:.0%}, {self.verdict}>"
        )

    @property
    def verdict(self) -> Verdict:
        """The worst verdict among the checks."""
        return worst(self.checks)

    def neighbours(self, item: int, k: int = 10) -> NDArray[np.int64]:
        """The k items nearest to one in feature space, nearest first."""
        if not -len(self) <= item < len(self):
            raise InputError(f"There is no item {item}.", f"Give 0 to {len(self) - 1}.")
        gaps = np.square(self.features - self.features[item]).sum(1, dtype=np.float64)
        gaps[item] = np.inf
        found = np.argsort(gaps, kind="stable")[: min(k, len(self) - 1)]
        return np.asarray(found, np.int64)

    def place(self, new: Any, **options: Any) -> Floats:
        """Points `(m, 2)` of new items on this map, which stays as it is; see
        `pellucid.parts.placement.place`."""
        return np.asarray(service("place")(self, new, **options), np.float32)

    def quality(self, labels: Any) -> dict[str, float]:
        """Silhouette, neighbourhood hit and 1-NN error of the map for these labels, and the error
        in feature space."""
        found: dict[str, float] = service("map_quality")(self, labels)
        return found

    def plot(self, labels: Any = None, **options: Any) -> Any:
        """A matplotlib figure of the map, coloured by `labels`."""
        return service("plot_map")(self, labels, **options)

    def html(self, path: Any, labels: Any = None, **options: Any) -> Any:
        """Write an interactive page, one file that loads nothing; returns the path."""
        return service("map_page")(self, path, labels, **options)

    def save(self, path: Any) -> Any:
        """Write to one `.npz` file without pickle; returns the path."""
        return service("save_map")(self, path)

    @staticmethod
    def load(path: Any) -> "ItemMap":
        """Read what `save` wrote."""
        loaded: ItemMap = service("load_map")(path, ItemMap)
        return loaded
