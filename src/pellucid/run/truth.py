"""The classes of a data set's items among those of a model."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..io.datasets import label_indices
from ..io.datasets.item import Label
from ..io.datasets.labels import Aliases


class Truth:
    """The index of the class of every label, looked up once; `known` are all labels there are."""

    def __init__(
        self, known: Iterable[Label], classes: tuple[str, ...] | None, aliases: Aliases | None
    ) -> None:
        self.classes = classes
        self._indices, self.notes = label_indices(known, classes, aliases)

    def of(self, labels: Iterable[Label]) -> NDArray[np.int64]:
        """The indices of some items' classes, as `label_indices` gives them."""
        return np.array([self._indices[label] for label in labels], np.int64)

    @property
    def present(self) -> list[int]:
        """The model's classes that some label means."""
        return sorted({index for index in self._indices.values() if index >= 0})

    def name(self, index: int) -> str:
        """The name of a class: the model's, else the label that means it, else its number."""
        if self.classes is not None and 0 <= index < len(self.classes):
            return self.classes[index]
        named = (k for k, v in self._indices.items() if v == index and isinstance(k, str))
        return next(named, f"class {index}")

    def label(self, label: Label) -> str | None:
        """A label in words."""
        if label is None or isinstance(label, str):
            return label
        return self.name(self._indices.get(label, int(label)))
