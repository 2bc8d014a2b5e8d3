"""The items that may be looked at: what lies in the folders and files named at the start."""

import csv
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..errors import FileError
from ..io.images import SUFFIXES
from ..io.samples import sample, sample_names
from ..io.tables import SUFFIXES as TABLES
from ..io.tables import is_table

Kind = Literal["image", "array", "row", "series", "text", "live"]

MOST_ITEMS = 2_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """One input; `id` says nothing about where it lies."""

    id: str
    name: str
    kind: Kind
    parts: tuple[str, ...] = ()
    row: int | None = None
    label: str | None = None


@dataclass(frozen=True)
class Dataset:
    """Items under one root, in a fixed order."""

    id: str
    name: str
    root: Path
    items: list[Item]
    drop: tuple[str, ...] = ()
    skipped: int = 0
    """Links and other files that are no items."""
    places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", {item.id: k for k, item in enumerate(self.items)})

    @property
    def labels(self) -> list[str]:
        """The classes that items are sorted into."""
        return sorted({item.label for item in self.items if item.label is not None})

    def source(self, item: Item) -> dict[str, Any]:
        """How the worker opens an item; `path` is what Python would be given."""
        path = str(self.root.joinpath(*item.parts))
        named = item.kind in ("image", "array") and item.row is None and path == readable(path)
        return {
            "kind": item.kind,
            "root": str(self.root),
            "parts": list(item.parts),
            "row": item.row,
            "drop": list(self.drop),
            "path": path if named else None,
            "title": item.name,
            "label": item.label,
        }


@dataclass
class Catalogue:
    """All data sets, and where each item is."""

    key: bytes
    datasets: list[Dataset] = field(default_factory=list)

    def add(self, dataset: Dataset) -> None:
        """One more data set, or a newer version of one."""
        others = [known for known in self.datasets if known.id != dataset.id]
        at = next((k for k, known in enumerate(self.datasets) if known.id == dataset.id), None)
        others.insert(len(others) if at is None else at, dataset)
        self.datasets = others

    def dataset(self, name: str) -> Dataset | None:
        """The data set with this id."""
        return next((dataset for dataset in self.datasets if dataset.id == name), None)

    def find(self, item: str) -> tuple[Dataset, Item] | None:
        """The item with this id, and its data set."""
        for dataset in self.datasets:
            place = dataset.places.get(item)
            if place is not None:
                return dataset, dataset.items[place]
        return None


def readable(text: str) -> str:
    """A name as it can be told; on some systems a file's name may be no text."""
    return text.encode("utf-8", "replace").decode()


def of_path(key: bytes, path: Path, drop: tuple[str, ...] = (), series: bool = False) -> Dataset:
    """The data set in a folder or a file. Raises `FileError`."""
    if not path.exists():
        raise FileError(f"{path} does not exist.", "Check the path.")
    root = path.resolve()
    if root.is_dir():
        items, skipped = _of_folder(key, root)
    else:
        items, skipped = list(_of_file(key, root, series)), 0
    if not items:
        raise FileError(
            f"{path} holds nothing that can be shown.",
            "Give pictures, .npy arrays, a table (CSV, TSV, Parquet) or a .txt file of texts.",
        )
    name = _id(key, "set", str(root))[:8]
    return Dataset(name, readable(path.name or str(root)), root, items, drop, skipped)


def bundled(key: bytes) -> Dataset:
    """The photographs that come with Pellucid."""
    paths = [sample(name) for name in sample_names()]
    root = paths[0].parent
    items = [Item(_id(key, str(root), p.name), p.name, "image", (p.name,)) for p in paths]
    return Dataset("examples", "Bundled photographs", root, items)


def uploads(key: bytes, folder: Path) -> Dataset:
    """What was uploaded, the newest first."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = sorted(folder.glob("*/*"), key=lambda path: -path.stat().st_mtime)
    items = [
        Item(_id(key, "upload", path.parent.name), path.name, _kind(path) or "image",
             (path.parent.name, path.name))
        for path in files
    ]  # fmt: skip
    return Dataset("uploads", "Uploads", folder.resolve(), items)


def live(key: bytes, names: list[str], labels: list[str | None]) -> Dataset:
    """The data of a Python session, by position."""
    items = [
        Item(_id(key, "live", str(k)), readable(name), "live", (), k, label and readable(label))
        for k, (name, label) in enumerate(zip(names, labels, strict=True))
    ]
    return Dataset("session", "Session", Path.cwd(), items)


def _of_folder(key: bytes, root: Path) -> tuple[list[Item], int]:
    items: list[Item] = []
    skipped = 0
    for parts, usable in _walk(root, ()):
        kind = _kind(Path(parts[-1])) if usable else None
        if kind is None:
            skipped += 1
            continue
        label = parts[0] if len(parts) > 1 else None
        name = "/".join(parts)
        shown = None if label is None else readable(label)
        items.append(Item(_id(key, str(root), name), readable(name), kind, parts, None, shown))
        if len(items) >= MOST_ITEMS:
            break
    return items, skipped


def _walk(root: Path, parts: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Plain files below `root`, in order; links and hidden files are told as not usable."""
    try:
        with os.scandir(root) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        inner = (*parts, entry.name)
        if entry.is_symlink():
            yield inner, False
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), inner)
        else:
            yield inner, entry.is_file(follow_symlinks=False)


def _of_file(key: bytes, path: Path, series: bool) -> Iterator[Item]:
    def item(row: int | None, name: str, kind: Kind) -> Item:
        return Item(_id(key, str(path), str(row)), name, kind, (), row)

    suffix = path.suffix.lower()
    if is_table(path):
        if series:
            yield item(None, path.name, "series")
            return
        for row in range(_table_rows(path)):
            yield item(row, f"row {row}", "row")
    elif suffix == ".npy":
        for row in range(_array_rows(path)):
            yield item(row, f"{path.stem} {row}", "array")
    elif suffix == ".txt":
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for row, line in enumerate(lines):
            if line.strip():
                yield item(row, line.strip()[:200], "text")
    elif suffix in SUFFIXES:
        yield item(None, path.name, "image")


def _table_rows(path: Path) -> int:
    if path.suffix.lower() in (".csv", ".tsv"):
        with path.open(newline="", encoding="utf-8", errors="replace") as file:
            rows = csv.reader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
            return max(0, sum(1 for row in rows if row) - 1)
    from ..io.tables import read_table

    return len(read_table(path, ()))


def _array_rows(path: Path) -> int:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        return int(array.shape[0])
    except (OSError, ValueError, EOFError, AttributeError, IndexError):
        raise FileError(
            f"{path} is damaged or no plain .npy array.", "Write it with numpy.save."
        ) from None


def _kind(path: Path) -> Kind | None:
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return "image"
    return "array" if suffix == ".npy" else None


def _id(key: bytes, *words: str) -> str:
    text = "\0".join(words).encode("utf-8", "surrogateescape")
    return hashlib.blake2s(text, key=key, digest_size=9).hexdigest()


KNOWN_SUFFIXES = frozenset({*SUFFIXES, ".npy", ".txt", *TABLES})
"""Endings of files that can be named at the start."""
