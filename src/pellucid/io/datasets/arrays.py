"""Data sets in arrays: the first axis counts the items; files are mapped, not loaded."""

import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import FileError, InputError, ParameterError, suggest
from ..images import read_bytes
from .item import Dataset, Item, Kind, Label

_LABELS = ("labels", "label", "y", "targets", "target", "classes")
_DATA = ("x", "data", "images", "inputs", "series")
_BROKEN = (OSError, ValueError, EOFError, KeyError, SyntaxError, zipfile.BadZipFile)


def from_array(
    array: Any, labels: Any = None, name: str = "the array", kind: Kind | None = None
) -> Dataset:
    """An array `(N, …)`, or a tensor, with one label an item."""
    if array.ndim < 2:
        raise InputError(
            f"{name} has shape {tuple(array.shape)}.", "Give one item along the first axis: (N, …)."
        )
    found = checked_labels(labels, len(array), name)

    def read(index: int) -> Item:
        return Item(index, f"item {index}", found[index], array[index : index + 1])

    chosen: Kind = kind or ("series" if array.ndim == 3 and array.dtype != np.uint8 else "arrays")
    return Dataset(name, chosen, read, None, partial(stacked, batched=True), len(array), found)


def from_array_file(path: Path, label: Any = None, kind: Kind | None = None) -> Dataset:
    """A `.npy` file, or the data and labels of a `.npz` file; mapped into memory.

    In a `.npz` file, the array of labels is the one called `label`, else `labels` or `y`; the data
    are the largest other array, or the one called `x` or `data`.
    """
    read_start(path)
    if path.suffix.lower() == ".npy":
        if isinstance(label, str):
            raise ParameterError(
                f"{path} has no names, so there is no {label!r}.", "Give the labels as an array."
            )
        return from_array(_mapped(path, path), label, path.name, kind)
    members = _members(path)
    own = label if isinstance(label, str) else next((n for n in _LABELS if n in members), None)
    if own is not None and own not in members:
        raise ParameterError(f"{path} has no array {own!r}.", suggest(own, members))
    labels = _member(path, own) if own is not None else label
    others = [name for name in members if name != own]
    data = [name for name in others if name.lower() in _DATA] or others
    if len(data) != 1:
        raise FileError(
            f"{path} holds {len(others)} arrays besides the labels: {', '.join(others)}.",
            "Call the data x and the labels y.",
        )
    return from_array(_member(path, data[0]), labels, path.name, kind)


def stacked(items: Sequence[Item], batched: bool = False) -> Any:
    """The values as one batch; pictures of whole numbers as a list, for the preprocessing.

    `batched` tells that every value has a batch axis of one.
    """
    values = [item.value for item in items]
    if not isinstance(values[0], np.ndarray):
        return _tensors(values, batched)
    arrays = [np.asarray(value) for value in values]
    if arrays[0].dtype in (np.uint8, np.uint16):
        return [array[0] if batched else array for array in arrays]
    if len({array.shape for array in arrays}) > 1:
        raise InputError(
            f"The items have different shapes: {arrays[0].shape[1:]} and others.",
            "Give them one by one.",
        )
    return np.concatenate(arrays) if batched else np.stack(arrays)


def _tensors(values: list[Any], batched: bool) -> Any:
    import torch

    first = values[0]
    if isinstance(first, tuple | list):
        return type(first)(_tensors(list(part), batched) for part in zip(*values, strict=True))
    if isinstance(first, dict):
        return {key: _tensors([value[key] for value in values], batched) for key in first}
    tensors = [torch.as_tensor(value) for value in values]
    if len({tensor.shape for tensor in tensors}) > 1:
        raise InputError("The items have different shapes.", "Give them one by one.")
    return torch.cat(tensors) if batched else torch.stack(tensors)


def checked_labels(labels: Any, count: int, name: str) -> Sequence[Label]:
    """One label an item: whole numbers or names. Raises `InputError` for others."""
    if labels is None:
        return [None] * count
    found = np.asarray(labels)
    if found.shape != (count,):
        raise InputError(
            f"{name} has {count} items and labels of shape {found.shape}.",
            "Give one label an item.",
        )
    if found.dtype.kind == "f" and bool((found == np.round(found)).all()):
        found = found.astype(np.int64)
    if found.dtype.kind not in "iubUO":
        raise InputError(f"Labels of type {found.dtype} are none.", "Give whole numbers or names.")
    return [value.item() if isinstance(value, np.generic) else value for value in found]


def read_start(path: Path) -> None:
    """Refuse what is no file; its content is left for later."""
    if not path.is_file():
        read_bytes(path)


def _mapped(path: Path, named: Path) -> NDArray[Any]:
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except _BROKEN:
        raise FileError(
            f"{named} is damaged or holds no plain array.", "Write it with numpy.save."
        ) from None
    assert isinstance(found, np.ndarray)
    return found


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]
    except _BROKEN:
        raise FileError(
            f"{path} is damaged or no .npz file.", "Write it with numpy.savez."
        ) from None


def _member(path: Path, name: str) -> NDArray[Any]:
    """One array of a `.npz` file, unpacked beside it in a temporary file and mapped."""
    with tempfile.TemporaryFile() as copy:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
                shutil.copyfileobj(member, copy)
            copy.seek(0)
            version = np.lib.format.read_magic(copy)
            read = np.lib.format.read_array_header_1_0
            if version != (1, 0):
                read = np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(copy)
            if dtype.hasobject:
                raise ValueError("objects")
            order = "F" if fortran else "C"
            if 0 in shape:
                return np.zeros(shape, dtype)
            return np.memmap(copy, dtype, "r", copy.tell(), shape, order)  # type: ignore[call-overload,no-any-return]
        except _BROKEN:
            raise FileError(
                f"The array {name!r} of {path} is damaged or no plain array.",
                "Write it with numpy.savez.",
            ) from None
