"""One item of a data set, and the data set: read item by item, as often as one likes."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, final

from ...errors import InputError, PellucidError

Kind = Literal["images", "arrays", "table", "series", "text", "tensors"]
Label = int | str | None


@final
@dataclass(frozen=True)
class Item:
    """One item: `id` is its place in the data set, `label` what its owner says that it is.

    `value` is the item as the data set holds it (a path, an array, a row, a text, a tensor);
    `error` says why it could not be read, and then `value` is None.
    """

    id: int
    name: str
    label: Label = None
    value: Any = None
    error: PellucidError | None = None


@final
@dataclass(frozen=True)
class Dataset:
    """Items in a fixed order, read when they are asked for; going through them twice gives the
    same.

    **Memory:** that of the items in hand, and of the list of names where there are files.
    """

    name: str
    kind: Kind
    read: Callable[[int], Item] | None
    """The item with an id; None where items can only be reached one after the other."""
    stream: Callable[[], Iterator[Item]] | None
    """All items in order, where they cannot be read by id."""
    join: Callable[[Sequence[Item]], Any]
    """What `pl.explain` takes for some items together."""
    size: int | None = None
    labels: Sequence[Label] | None = None
    """The label of every item, where they are known without reading it."""
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        if self.size is None:
            raise TypeError(f"{self.name} does not tell how many items it has.")
        return self.size

    def __iter__(self) -> Iterator[Item]:
        """Every item in order; one that cannot be read carries its error."""
        if self.read is None:
            assert self.stream is not None
            yield from self.stream()
            return
        for index in range(self.size or 0):
            yield self[index]

    def __getitem__(self, index: int) -> Item:
        """The item with this id. Raises `InputError` where there is none."""
        if self.size is not None and not 0 <= index < self.size:
            raise InputError(
                f"{self.name} has no item {index}.", f"It has {self.size}, 0 to {self.size - 1}."
            )
        if self.read is not None:
            return _attempt(self.read, index)
        for item in self:
            if item.id == index:
                return item
        raise InputError(f"{self.name} has no item {index}.", "Give the id of an item.")

    def input(self, index: int) -> Any:
        """The item as `pl.explain` takes it, a batch of one. Raises what reading it raises."""
        item = self[index]
        if item.error is not None:
            raise item.error
        return self.join([item])

    def batches(self, rows: int) -> Iterator[list[Item]]:
        """The items in order, at most `rows` at a time."""
        held: list[Item] = []
        for item in self:
            held.append(item)
            if len(held) == rows:
                yield held
                held = []
        if held:
            yield held

    def counts(self) -> dict[Label, int]:
        """How many items have each label, the most frequent first."""
        known = (item.label for item in self) if self.labels is None else self.labels
        found = Counter(known)
        return dict(found.most_common())

    def subset(self, ids: Sequence[int]) -> "Dataset":
        """Some of the items, in this order, under their old ids' names and with new ids."""
        kept = [int(index) for index in ids]
        held = self.take(kept) if self.read is None else None

        def read(index: int) -> Item:
            old = kept[index]
            return replace(self[old] if held is None else held[old], id=index)

        labels = None if self.labels is None else [self.labels[index] for index in kept]
        return replace(self, read=read, stream=None, size=len(kept), labels=labels)

    def take(self, ids: Collection[int]) -> dict[int, Item]:
        """Some items by id; of a stream in one go."""
        if self.read is not None:
            return {index: self[index] for index in ids}
        wanted, found = set(ids), {}
        for item in self:
            if item.id in wanted:
                found[item.id] = item
                if len(found) == len(wanted):
                    break
        return found


def _attempt(read: Callable[[int], Item], index: int) -> Item:
    try:
        return read(index)
    except PellucidError as error:
        return Item(index, f"item {index}", error=error)
    except Exception as error:  # noqa: BLE001 - what a data set of someone else's may raise
        found = InputError(
            f"Item {index} cannot be read: {type(error).__name__}: {error}.",
            "Mend it, or leave it out.",
        )
        return Item(index, f"item {index}", error=found)
