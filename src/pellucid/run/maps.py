"""Explanations of every item of a data set, batch by batch."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.explaining import explained
from ..core.explanation import Explanation
from ..core.method import Method
from ..core.model import FAILURES, Model
from ..core.progress import Progress
from ..core.target import Space, Target
from ..core.targets import Class, Predicted, as_target
from ..errors import Cancelled, PellucidError
from ..io.datasets import Dataset, Item
from ..io.inputs import inputs_of
from .truth import Truth

ROWS = 16
"""Items explained together."""


@dataclass(frozen=True)
class Explained:
    """Some items and their explanations, row by row."""

    items: tuple[Item, ...]
    truth: NDArray[np.int64]
    """The classes of their labels, as `Truth.of` gives them."""
    explanation: Explanation


@dataclass
class Maps:
    """Explains every item for its label's class, for what the model predicts where it has none, or
    for `target`. An item that cannot be explained is listed in `skipped`."""

    model: Model
    data: Dataset
    method: Method
    truth: Truth
    target: Any = None
    space: Space = "logit"
    seed: int = 0
    batch_size: int | None = None
    progress: Progress | None = None
    on_error: str = "skip"
    skipped: list[tuple[int, str, str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[Explained]:
        first: PellucidError | None = None
        some = False
        batches = self.data.batches(self.batch_size or ROWS)
        listener = self.progress or Progress()
        total = self.data.size or 0
        for items in listener.track(batches, "items", total, None, len):
            for found in self._attempt(items):
                if isinstance(found, Explained):
                    some = True
                    yield found
                else:
                    first = first or found
        if not some and first is not None:
            raise first

    def _attempt(self, items: list[Item]) -> Iterator[Explained | PellucidError]:
        try:
            yield self._explained(items)
        except Cancelled:
            raise
        except FAILURES as error:
            if len(items) > 1:
                for item in items:
                    yield from self._attempt([item])
                return
            known = error if isinstance(error, PellucidError) else PellucidError(
                f"{items[0].name} failed with {type(error).__name__}: {error}.", "Look at it."
            )  # fmt: skip
            if self.on_error == "raise":
                raise known from error
            self.skipped.append((items[0].id, items[0].name, str(known)))
            yield known

    def _explained(self, items: list[Item]) -> Explained:
        for item in items:
            if item.error is not None:
                raise item.error
        black_box = self.method.card.access == "black_box"
        inputs = inputs_of(self.model, self.data.join(items), black_box)
        truth = self.truth.of([item.label for item in items])
        grid = [[self._target(int(index))] for index in truth]
        e = explained(self.model, inputs, self.method, grid, self.space, self.seed)
        return Explained(tuple(items), truth, e)

    def _target(self, index: int) -> Target:
        if self.target is not None:
            return as_target(self.target)
        return Class(index) if index >= 0 else Predicted()
