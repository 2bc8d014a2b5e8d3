"""Data sets that a program hands over: torch data sets, loaders, any re-iterable of samples."""

from collections.abc import Callable, Iterator, Sized
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, SequentialSampler
from torch.utils.data import Dataset as TorchDataset

from ...errors import InputError
from .arrays import stacked
from .item import Dataset, Item, Label


def from_torch(data: "TorchDataset[Any]") -> Dataset:
    """A torch data set with `__getitem__`: an item is a sample, or a pair of sample and label."""
    if isinstance(data, IterableDataset) or not isinstance(data, Sized):
        return from_iterable(data, type(data).__name__)

    def read(index: int) -> Item:
        return _item(index, data[index])

    return Dataset(type(data).__name__, "tensors", read, None, stacked, len(data))


def from_loader(loader: "DataLoader[Any]") -> Dataset:
    """The samples behind a loader in their own order, so that ids do not hang on its shuffling.

    A loader that batches in its own way is gone through as it is, and has to be in order.
    """
    from torch.utils.data import default_collate

    if loader.collate_fn is default_collate and not isinstance(loader.dataset, IterableDataset):
        return from_torch(loader.dataset)
    if not isinstance(loader.sampler, SequentialSampler) and not isinstance(
        loader.dataset, IterableDataset
    ):
        raise InputError(
            "The loader shuffles and has a collate_fn of its own, so its items have no stable ids.",
            "Give the data set, or a loader with shuffle=False.",
        )
    return _streamed(lambda: _unbatched(loader), "the loader", None)


def from_iterable(data: Any, name: str = "the data") -> Dataset:
    """Anything that can be gone through more than once: samples, pairs of sample and label, or
    batches with a 1-D array of labels."""
    if iter(data) is data:
        raise InputError(
            f"A {type(data).__name__} can be gone through only once.",
            "Give a list, or an object whose __iter__ starts anew.",
        )
    size = len(data) if isinstance(data, Sized) else None
    if size is not None and hasattr(data, "__getitem__") and not isinstance(data, dict | set):
        if size == 0:
            raise InputError("The data set is empty.", "Give at least one item.")
        if not _is_batch(data[0]):
            sequence: Any = data
            return Dataset(name, "tensors", lambda i: _item(i, sequence[i]), None, stacked, size)
    return _streamed(lambda: _unbatched(data), name, None)


def _streamed(samples: Callable[[], Iterator[Any]], name: str, size: int | None) -> Dataset:
    def stream() -> Iterator[Item]:
        for index, sample in enumerate(samples()):
            yield _item(index, sample)

    return Dataset(name, "tensors", None, stream, stacked, size)


def _unbatched(data: Any) -> Iterator[Any]:
    for found in data:
        if _is_batch(found):
            yield from zip(found[0], found[1], strict=True)
        elif isinstance(data, DataLoader):
            yield from found
        else:
            yield found


def _is_batch(found: Any) -> bool:
    if not _is_pair(found):
        return False
    labels = found[1]
    several = isinstance(labels, Tensor | np.ndarray) and labels.ndim == 1
    return several and hasattr(found[0], "shape") and len(found[0]) == len(labels)


def _is_pair(found: Any) -> bool:
    return isinstance(found, tuple | list) and len(found) == 2


def _item(index: int, sample: Any) -> Item:
    name = f"item {index}"
    if _is_pair(sample):
        label = _label(sample[1])
        if label is not None:
            return Item(index, name, label, sample[0])
    return Item(index, name, None, sample)


def _label(value: Any) -> Label:
    """A whole number or a name; None for anything else, which is then a second input."""
    if isinstance(value, Tensor | np.ndarray | np.generic):
        if value.ndim != 0 and value.shape != (1,):
            return None
        value = value.item()
    if isinstance(value, bool | str | int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None
