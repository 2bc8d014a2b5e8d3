"""Data sets of files: a folder, whose sub-folders are classes, or a table of paths and labels."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ...errors import FileError, InputError
from .. import tables
from ..images import SUFFIXES
from ..inputs import read_array
from .arrays import stacked
from .item import Dataset, Item, Kind, Label

PATH_COLUMNS = ("path", "file", "filename", "file_name", "filepath", "image", "image_path")
LABEL_COLUMNS = ("label", "class", "target", "y", "category")


def from_folder(folder: Path, kind: Kind | None = None) -> Dataset:
    """The pictures and `.npy` arrays of a folder, sorted by path; the first sub-folder of each is
    its label. With `kind="series"` also tables, each one series.

    Raises `FileError` for a folder without any.
    """
    wanted = SUFFIXES | {".npy"} | (tables.SUFFIXES if kind == "series" else frozenset())
    inside = (path.relative_to(folder) for path in folder.rglob("*"))
    found = sorted(
        path.as_posix()
        for path in inside
        if path.suffix.lower() in wanted and not any(part.startswith(".") for part in path.parts)
    )
    if not found:
        raise FileError(f"{folder} holds no data.", f"Known: {', '.join(sorted(wanted))}.")
    labels = [name.partition("/")[0] if "/" in name else None for name in found]
    return from_files(folder.name or str(folder), folder, found, labels, kind)


def from_listing(path: Path, frame: Any, column: str, label: str | None) -> Dataset:
    """The files that a column names, relative to the table's own folder, with their labels."""
    paths = [str(value) for value in frame[column]]
    labels = [None] * len(paths) if label is None else labels_of(frame[label])
    return from_files(path.name, path.parent, paths, labels)


def from_files(
    name: str,
    folder: Path,
    paths: Sequence[str],
    labels: Sequence[Label],
    kind: Kind | None = None,
) -> Dataset:
    """Files as items, called by their paths below `folder`."""
    pictures = {Path(path).suffix.lower() in SUFFIXES for path in paths[:100]}
    chosen: Kind = kind or ("images" if True in pictures else "arrays")

    def read(index: int) -> Item:
        path = folder / paths[index]
        value = _series(path) if chosen == "series" else path
        return Item(index, paths[index], labels[index], value)

    join = partial(stacked, batched=True) if chosen == "series" else _paths
    return Dataset(name, chosen, read, None, join, len(paths), labels)


def labels_of(column: Any) -> list[Label]:
    """A column of a frame as labels: whole numbers stay numbers, missing ones become None."""
    import pandas as pd

    return [None if pd.isna(value) else _label(value) for value in column]


def label_column(names: Sequence[str], given: str | None) -> str | None:
    """The column of labels: the one named, else the first with a usual name."""
    if given is not None:
        return given
    return next((name for name in names if name.lower() in LABEL_COLUMNS), None)


def _label(value: Any) -> int | str:
    if isinstance(value, str):
        return value
    return int(value) if float(value).is_integer() else str(value)


def _paths(items: Sequence[Item]) -> Any:
    return [str(item.value) for item in items]


def _series(path: Path) -> Any:
    """One series `(1, channels, time)`."""
    if tables.is_table(path):
        return tables.read_series(path)
    array = read_array(path)
    if array.ndim not in (1, 2):
        raise InputError(
            f"{path} has shape {array.shape}; one series is (channels, time) or (time,).",
            "Give many series as one array (N, C, T).",
        )
    return array.reshape(1, -1, array.shape[-1]).astype("float32")
