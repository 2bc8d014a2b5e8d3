"""One pass over a data set: what layers and scores give for every item, block by block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..core.batching import Batches, bytes_of_function, out_of_memory, plan
from ..core.cut import capture
from ..core.ending import ends_in_probabilities, sum_to_one
from ..core.entry import with_axes
from ..core.guard import undisturbed
from ..core.inputs import Inputs
from ..core.layers import structure_of
from ..core.model import FAILURES, Model
from ..core.prepared import prepared_at
from ..core.progress import Progress
from ..core.structure import leaves
from ..core.trace import Visit
from ..errors import Cancelled, InputError, ParameterError, PellucidError
from ..io.columns import SCORES, Block
from ..io.datasets import Dataset, Item
from ..io.inputs import read
from .features import Pool, column_name, features_of, visits_of

MANY = 32
"""Items from which on a prepared copy of the network is worth its making."""


@dataclass
class Sweep:
    """A pass over `data`: of every layer in `layers` the values in `pools`, and the scores.

    The network runs only to the deepest layer that is needed. An item that cannot be read, or for
    which the network fails, is skipped and listed in `skipped`, or raises with `on_error="raise"`.
    Iterating runs the pass; batches are planned from the network's activations and halved where
    memory runs out. **Memory:** that of one batch.
    """

    model: Model
    data: Dataset
    layers: Sequence[Any] = ()
    pools: Sequence[Pool] = ("mean",)
    scores: bool = True
    batch_size: int | None = None
    progress: Progress | None = None
    on_error: str = "skip"
    """`skip` or `raise`."""
    skipped: list[tuple[int, str, str]] = field(default_factory=list)
    """Id, name and reason of every item that was left out."""
    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By its address, the layout and the grid of every layer."""
    normalised: bool | None = None
    """Whether the scores are probabilities already; None where they are not known."""

    def __post_init__(self) -> None:
        if self.on_error not in ("skip", "raise"):
            raise ParameterError(
                f"on_error={self.on_error!r} is unknown.", "Say 'skip' or 'raise'."
            )
        self._rows = self.batch_size or 1
        self._first_error: PellucidError | None = None
        self._fast: Model | None = None
        if self.layers:
            _ = self.model.module

    def __iter__(self) -> Iterator[Block]:
        """The blocks in the order of the items. Raises what the first item raised if all failed."""
        progress = self.progress or Progress()
        blocks = progress.track(
            self._blocks(), "items", self.data.size or 0, None, lambda block: block.read
        )
        some = False
        for block in blocks:
            some = some or len(block) > 0
            if len(block):
                yield block
        if not some:
            raise self._first_error or InputError("The data set is empty.", "Give some items.")

    def _blocks(self) -> Iterator[Block]:
        held: list[Item] = []
        for item in self.data:
            held.append(item)
            if len(held) >= self._rows:
                yield from self._worked(held)
                held = []
        if held:
            yield from self._worked(held)

    def _worked(self, items: list[Item]) -> Iterator[Block]:
        readable = [item for item in items if not self._is_bad(item, item.error)]
        count = len(items) - len(readable)
        for block in self._attempt(readable):
            yield replace(block, read=block.read + count)
            count = 0
        if count:
            yield Block(np.zeros(0, np.int64), (), (), {}, count)

    def _attempt(self, items: list[Item]) -> Iterator[Block]:
        """All items at once; where that fails, one by one, so that the bad ones are known."""
        if not items:
            return
        try:
            found = self._block(items)
        except Cancelled:
            raise
        except FAILURES as error:
            if len(items) > 1:
                for item in items:
                    yield from self._attempt([item])
                return
            if out_of_memory(error):
                raise
            self._is_bad(items[0], _as_ours(error, items[0]))
            found = Block(np.zeros(0, np.int64), (), (), {}, 1)
        yield found

    def _is_bad(self, item: Item, error: PellucidError | None) -> bool:
        if error is None:
            return False
        if self.on_error == "raise":
            raise error
        self._first_error = self._first_error or error
        self.skipped.append((item.id, item.name, str(error)))
        return True

    def _block(self, items: list[Item]) -> Block:
        inputs = self._inputs(items)
        parts: list[dict[str, NDArray[Any]]] = []
        with undisturbed(self.model.net):
            visits = visits_of(self.model, inputs, self.layers, self.found)
            self._plan(inputs)
            if self._fast is None:
                many = self.data.size is None or self.data.size >= MANY
                stop = not self.scores
                chosen = list(visits.values())
                self._fast = prepared_at(self.model, inputs, chosen, stop) if many else self.model

            def work(rows: slice) -> None:
                part = inputs if rows == slice(0, inputs.n) else inputs.take(_indices(rows))
                parts.append(self._columns(part, visits))

            batches = Batches(min(self._rows, inputs.n), Progress())
            for _ in batches.split(inputs.n, work):
                pass
            if batches.size < min(self._rows, inputs.n):
                self._rows = batches.size
        columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        return self._finite(items, columns)

    def _inputs(self, items: list[Item]) -> Inputs:
        black_box = self.model.net is None
        given, _ = read(self.model, self.data.join(items), black_box, shown=False)
        inputs = with_axes(self.model, self.model.inputs(given))
        if inputs.n != len(items):
            raise InputError(
                f"{items[0].name} gave {inputs.n} samples for {len(items)} items.",
                "Let every item be one sample.",
            )
        return inputs

    def _plan(self, inputs: Inputs) -> None:
        """Rows at once, from the first item on."""
        if self.batch_size is not None or self._rows > 1:
            return
        if self.model.net is None:
            row = bytes_of_function(tensor for _, tensor in leaves(inputs.value))
        else:
            row = structure_of(self.model, inputs).trace.row_bytes
        self._rows = plan(row, self.model.device)

    def _tell(self, inputs: Inputs, scores: Tensor) -> None:
        """Whether the scores are probabilities already, from the first batch."""
        if self.normalised is None:
            graph = self.model.net is not None and ends_in_probabilities(self.model, inputs)
            self.normalised = graph or sum_to_one(scores)

    def _columns(self, inputs: Inputs, visits: dict[str, Visit]) -> dict[str, NDArray[Any]]:
        found: dict[str, NDArray[Any]] = {}
        stop = not self.scores
        if visits or stop:
            raw, tensors = capture(self._fast or self.model, inputs, visits.values(), stop)
        else:
            raw, tensors = (self._fast or self.model).run(inputs), {}
        for address, visit in visits.items():
            for pool in self.pools:
                values = features_of(tensors[visit.place], visit, pool)
                found[column_name(address, pool)] = _array(values)
        if self.scores:
            scores = self.model.scores(raw, inputs.n)
            self._tell(inputs, scores)
            found[SCORES] = _array(scores)
        return found

    def _finite(self, items: list[Item], columns: dict[str, NDArray[Any]]) -> Block:
        kept = np.ones(len(items), bool)
        for name, values in columns.items():
            fine = np.isfinite(values.reshape(len(items), -1)).all(1)
            for row in np.flatnonzero(kept & ~fine):
                error = InputError(
                    f"The model gives NaN or infinite values in {name} for {items[row].name}.",
                    "Look at the item, or at the weights.",
                )
                self._is_bad(items[row], error)
            kept &= fine
        own = [item for item, keep in zip(items, kept, strict=True) if keep]
        return Block(
            np.array([item.id for item in own], np.int64),
            tuple(item.name for item in own),
            tuple(item.label for item in own),
            {name: values[kept] for name, values in columns.items()},
            len(items),
        )


def _indices(rows: slice) -> Tensor:
    return torch.arange(rows.start, rows.stop)


def _array(values: Tensor) -> NDArray[Any]:
    plain = values.detach().to("cpu")
    return plain.float().numpy() if plain.is_floating_point() else plain.numpy()


def _as_ours(error: BaseException, item: Item) -> PellucidError:
    if isinstance(error, PellucidError):
        return error
    return InputError(
        f"{item.name} failed with {type(error).__name__}: {error}.", "Look at the item."
    )
