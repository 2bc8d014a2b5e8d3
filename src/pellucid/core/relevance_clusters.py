"""Clusters of explanations: the different reasons for which a class is recognised."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from numpy.typing import NDArray

from .checks import Check
from .services import service


@final
@dataclass(frozen=True, eq=False)
class Cluster:
    """Items of a class that are explained alike; `items` are their ids, the most typical first."""

    items: tuple[int, ...]
    names: tuple[str, ...]
    map: NDArray[Any]
    """The mean of their maps, `(*space)`, each divided by its greatest size."""
    examples: tuple[tuple[Any, NDArray[Any]], ...]
    """Picture and map of the most typical ones."""

    def __len__(self) -> int:
        return len(self.items)


@final
@dataclass(frozen=True, eq=False)
class ClassClusters:
    """What spectral clustering found in one class, the largest cluster first."""

    index: int
    name: str
    clusters: tuple[Cluster, ...]
    eigenvalues: NDArray[Any]
    """Of the graph's Laplacian, from the smallest."""
    gap: float
    """The eigengap behind the number of clusters."""
    separation: float
    """The mean silhouette of the clusters, −1 to 1; 0 for one cluster."""
    ids: tuple[int, ...]
    labels: NDArray[Any]
    """The cluster of every item in `ids`."""
    embedding: NDArray[Any]
    """The items in the plane of the second and third eigenvector, `(item, 2)`."""


@final
@dataclass(frozen=True, eq=False)
class RelevanceClusters:
    """Spectral relevance analysis of a data set: by class the clusters of its explanations, the
    class with the best separated ones first.

    Several well separated clusters mean that a class is recognised for different reasons; one of
    them may be a wrong one, such as a watermark. Look at the mean maps and the examples.
    """

    classes: tuple[ClassClusters, ...]
    method: str
    data: str
    checks: tuple[Check, ...] = ()
    skipped: tuple[tuple[int, str, str], ...] = ()
    record: dict[str, Any] = field(default_factory=dict)

    def of(self, index: int) -> ClassClusters:
        """The clusters of one class."""
        return next(found for found in self.classes if found.index == index)

    def plot(self, **options: Any) -> Any:
        """Mean maps and examples of every cluster, beside eigenvalues and embedding."""
        draw: Callable[..., Any] = service("plot_clusters")
        return draw(self, **options)

    def save(self, path: Any) -> Path:
        """Write to a `.npz` file (plain arrays and JSON); returns its path."""
        found: Path = service("save_clusters")(self, path)
        return found

    @staticmethod
    def load(path: Any) -> "RelevanceClusters":
        """Read what `save` wrote."""
        found: RelevanceClusters = service("load_clusters")(path)
        return found
