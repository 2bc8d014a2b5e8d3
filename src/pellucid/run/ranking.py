"""Lists of extreme items, kept while a pass goes on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..io.datasets.labels import UNLABELLED
from ..ops.top_k import NONE, TopK, add, empty, merge

ListKind = Literal["strongest", "weakest", "fooled", "top", "bottom"]

OF_A_CLASS: tuple[ListKind, ...] = ("strongest", "weakest", "fooled")
"""Of items of the class the highest and the lowest scores, and the highest of all others."""

OF_A_SCALAR: tuple[ListKind, ...] = ("top", "bottom")

_TURNED = ("weakest", "bottom")


@dataclass
class Ranking:
    """The `k` most extreme items of every unit, by each kind of list.

    `classes` names the class index of every unit where lists look at the items' classes. Rankings
    of disjoint parts of a data set merge to that of the whole.
    """

    units: int
    k: int
    kinds: Sequence[ListKind]
    classes: Sequence[int] | None = None
    held: dict[ListKind, TopK] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.held = self.held or {kind: empty(self.units, self.k) for kind in self.kinds}

    def add(self, values: Tensor, ids: NDArray[np.int64], truth: NDArray[np.int64]) -> None:
        """More items: values `(item, unit)`, their ids, and the indices of their classes."""
        own = torch.from_numpy(np.array(ids, np.int64))
        found = torch.from_numpy(np.array(truth, np.int64))
        for kind in self.kinds:
            turned = -values if kind in _TURNED else values
            self.held[kind] = add(self.held[kind], self._of(kind, turned.float(), found), own)

    def merge(self, other: "Ranking") -> "Ranking":
        """The ranking of both parts together."""
        held = {kind: merge(self.held[kind], other.held[kind]) for kind in self.kinds}
        return Ranking(self.units, self.k, self.kinds, self.classes, held)

    def list_of(self, kind: ListKind, unit: int) -> list[tuple[int, float]]:
        """The ids and values of a list, the most extreme first."""
        values, ids = self.held[kind].values[unit].tolist(), self.held[kind].ids[unit].tolist()
        sign = -1 if kind in _TURNED else 1
        pairs = zip(ids, values, strict=True)
        return [(int(i), sign * float(v)) for i, v in pairs if i != NONE]

    def _of(self, kind: ListKind, values: Tensor, truth: Tensor) -> Tensor:
        """The values of the items that a list is about; −∞ for others."""
        if kind in OF_A_SCALAR:
            return values
        own = truth[:, None] == torch.tensor(self.classes)
        wanted = ~own & (truth != UNLABELLED)[:, None] if kind == "fooled" else own
        return values.masked_fill(~wanted, -torch.inf)
