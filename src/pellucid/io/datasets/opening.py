"""From what a user gives to a data set."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from ...errors import FileError, InputError, ParameterError, suggest
from .. import tables
from ..frames import is_frame
from ..images import SUFFIXES, read_bytes
from ..texts import Text
from .arrays import from_array, from_array_file
from .files import PATH_COLUMNS, from_files, from_folder, from_listing, label_column
from .item import Dataset, Kind
from .lines import from_lines
from .streams import from_iterable, from_loader, from_torch
from .tables import TEXT_COLUMNS, from_frame, from_text_frame, from_texts

KINDS: tuple[Kind, ...] = ("images", "arrays", "table", "series", "text", "tensors")


def open_dataset(source: Any, label: Any = None, kind: Kind | str | None = None) -> Dataset:
    """Any data set as a stream of items.

    `source` is a folder (its sub-folders are the labels), a CSV, TSV or Parquet file (a table; or
    files by a column `path`; or texts by a column `text`), a `.npy` or `.npz` file, a `.txt` file
    with one text a line, an array or tensor `(N, …)`, a data frame, a list of texts or of files, a
    torch data set or loader, or anything that can be gone through more than once and gives samples
    or pairs of sample and label. `label` is the name of the column or array of labels, or holds
    them, one an item. `kind` says how a source is read where its ending leaves it open: `images`,
    `arrays`, `table`, `series`, `text`.

    Raises `FileError`, `InputError` and `ParameterError`.
    """
    if isinstance(source, Dataset):
        return source
    wanted = _kind(kind)
    if isinstance(source, str | os.PathLike):
        return _of_path(Path(source), label, wanted)
    if is_frame(source):
        return from_frame(source, label)
    if isinstance(source, np.ndarray | Tensor) and getattr(source, "ndim", 0) > 1:
        return from_array(source, label, kind=wanted)
    if isinstance(source, Text):
        return from_texts(source.several, label, "the texts")
    if isinstance(source, DataLoader):
        return from_loader(source)
    if isinstance(source, TorchDataset):
        return from_torch(source)
    if isinstance(source, Iterable) and not isinstance(source, dict):
        return _of_iterable(source, label, wanted)
    raise InputError(
        f"{type(source).__name__} is no data set.",
        "Give a folder, a file, an array, a data frame, a torch data set, or a list of samples.",
    )


def _kind(kind: str | None) -> Kind | None:
    for known in KINDS:
        if kind == known:
            return known
    if kind is None:
        return None
    raise ParameterError(f"There is no kind of data {kind!r}.", suggest(kind, KINDS))


def _of_path(path: Path, label: Any, kind: Kind | None) -> Dataset:
    suffix = path.suffix.lower()
    if path.is_dir():
        return from_folder(path, kind)
    if not path.exists():
        read_bytes(path)
    if suffix in (".npy", ".npz"):
        return from_array_file(path, label, kind)
    if tables.is_table(path):
        return _of_table(path, label, kind)
    if suffix in SUFFIXES:
        return from_files(path.name, path.parent, [path.name], [None])
    if suffix == ".txt" or kind == "text":
        return from_lines(path)
    raise FileError(
        f"{path} is no data set by its ending.",
        "Give a folder, .csv, .tsv, .parquet, .npy, .npz or .txt.",
    )


def _of_table(path: Path, label: Any, kind: Kind | None) -> Dataset:
    frame = tables.read_table(path)
    names = {str(name).lower(): str(name) for name in frame.columns}
    files = next((names[word] for word in PATH_COLUMNS if word in names), None)
    texts = next((names[word] for word in TEXT_COLUMNS if word in names), None)
    own = label_column(list(map(str, frame.columns)), label)
    if files is not None and kind in (None, "images", "arrays", "series"):
        return from_listing(path, frame, files, own)
    if texts is not None and kind in (None, "text"):
        return from_text_frame(frame, texts, label, path.name)
    if kind == "series":
        return from_array(tables.read_series(path), None, path.name, "series")
    return from_frame(frame, label, path.name)


def _of_iterable(source: Iterable[Any], label: Any, kind: Kind | None) -> Dataset:
    if not isinstance(source, Sequence) or not source:
        return from_iterable(source)
    words = all(isinstance(item, str | os.PathLike) for item in source)
    if not words:
        return from_iterable(source)
    texts = kind == "text" or not any(Path(item).suffix.lower() in SUFFIXES for item in source)
    labels = label if label is not None else [None] * len(source)
    if len(labels) != len(source):
        raise InputError(
            f"{len(source)} items and {len(labels)} labels.", "Give one label an item."
        )
    if texts:
        return from_texts([str(text) for text in source], labels, "the texts")
    return from_files("the files", Path(), [str(path) for path in source], labels)
