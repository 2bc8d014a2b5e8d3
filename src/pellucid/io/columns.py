"""Columns: what a pass over a data set found, one `.npy` file a column, read as it is needed."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Any, final

import numpy as np
from numpy.typing import NDArray

from ..errors import FileError, InputError, suggest
from .images import read_bytes
from .writing import PathLike, write_text

FORMAT, VERSION = "pellucid.columns", 1
MANIFEST = "manifest.json"
SCORES = "scores"
_BROKEN = (OSError, ValueError, KeyError, TypeError, EOFError)


@dataclass(frozen=True)
class Block:
    """Some items of a data set and their columns, row by row.

    `ids` `(n,)`; every column `(n, …)`; `labels` as the data set has them. `read` counts the items
    behind the block, those that were skipped included.
    """

    ids: NDArray[np.int64]
    names: tuple[str, ...]
    labels: tuple[int | str | None, ...]
    columns: Mapping[str, NDArray[Any]]
    read: int = 0

    def __len__(self) -> int:
        return len(self.ids)


@final
@dataclass(frozen=True, eq=False)
class Columns:
    """What a pass over a data set found, item by item; kept in a folder, mapped into memory.

    `columns["layer4:mean"]` is an array `(N, channels)`; `columns["scores"]` the model's scores
    `(N, classes)`. `about` holds the layers with their layouts, the classes, the items that were
    skipped, and the record of model and data.
    """

    folder: Path
    about: Mapping[str, Any]
    _files: Mapping[str, str]
    _keeper: Any = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"<Columns of {len(self)} items: {', '.join(self.columns)}>"

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> NDArray[Any]:
        """One column, mapped. Raises `InputError` for an unknown one."""
        if name not in self.columns:
            raise InputError(f"There is no column {name!r}.", suggest(name, self.columns))
        return _mapped(self.folder / self._files[name])

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(name for name in self._files if name not in ("ids", "label codes"))

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """The items' places in the data set."""
        return np.asarray(_mapped(self.folder / self._files["ids"]))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The items' names."""
        return tuple(json.loads(read_bytes(self.folder / "names.json")))

    @cached_property
    def labels(self) -> tuple[int | str | None, ...]:
        """The items' labels as the data set has them."""
        known = list(self.about["labels"])
        codes = _mapped(self.folder / self._files["label codes"])
        return tuple(known[code] for code in codes)

    def blocks(self, rows: int = 4096) -> Iterator[Block]:
        """All columns, some rows at a time."""
        arrays = {name: self[name] for name in self.columns}
        for start in range(0, len(self), rows):
            part = slice(start, start + rows)
            yield Block(
                self.ids[part],
                self.names[part],
                self.labels[part],
                {name: array[part] for name, array in arrays.items()},
                len(self.ids[part]),
            )


def load_columns(folder: PathLike) -> Columns:
    """Read what a pass kept. Raises `FileError` for anything else."""
    source = Path(folder)
    try:
        manifest = json.loads(read_bytes(source / MANIFEST))
        known, version = manifest["format"] == FORMAT, int(manifest["version"])
        about, files = manifest["about"], manifest["files"]
    except _BROKEN:
        raise _damaged(source) from None
    if not known:
        raise _damaged(source)
    if version > VERSION:
        raise FileError(f"{source} was written by a newer Pellucid.", "Upgrade Pellucid.")
    return Columns(source, about, files)


def is_columns(folder: Path) -> bool:
    """Whether a folder holds what a pass kept."""
    return (folder / MANIFEST).is_file() and FORMAT in (folder / MANIFEST).read_text("utf-8")[:200]


class ColumnWriter:
    """Writes blocks one after the other into a folder that appears when all is written.

    Without a folder they go into a temporary one, which goes with the `Columns`.
    """

    def __init__(self, folder: PathLike | None) -> None:
        self.target = None if folder is None else Path(folder)
        if self.target is not None and self.target.exists() and not _is_free(self.target):
            raise FileError(f"{self.target} exists and holds something else.", "Give a new folder.")
        try:
            if self.target is not None:
                self.target.parent.mkdir(parents=True, exist_ok=True)
            place = None if self.target is None else self.target.parent
            # not removed by its name alone: it is renamed when all is written
            self._keeper = tempfile.TemporaryDirectory(prefix=".pellucid-", dir=place)
        except OSError as error:
            raise FileError(
                f"{self.target} cannot be written: {error.strerror}.", "Choose another place."
            ) from None
        self.folder = Path(self._keeper.name)
        self._open: dict[str, IO[bytes]] = {}
        self._shapes: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {}
        self._names: list[str] = []
        self._codes: dict[int | str | None, int] = {}
        self.count = 0

    def __enter__(self) -> "ColumnWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._open.values():
            file.close()
        if kind is not None:
            self._keeper.cleanup()

    def append(self, block: Block) -> None:
        """Add a block's rows to every column."""
        codes = [self._codes.setdefault(label, len(self._codes)) for label in block.labels]
        own = {"ids": block.ids, "label codes": np.array(codes, np.int32)}
        for name, rows in {**own, **block.columns}.items():
            self._append(name, np.ascontiguousarray(rows))
        self._names += block.names
        self.count += len(block)

    def finish(self, about: Mapping[str, Any]) -> Columns:
        """Close all files, put the folder into its place, and open it."""
        for name, file in self._open.items():
            shape, dtype = self._shapes[name]
            file.seek(0)
            _write_header(file, (self.count, *shape), dtype)
            file.close()
        files = {name: f"{i}.npy" for i, name in enumerate(self._open)}
        about = {**about, "labels": list(self._codes)}
        manifest = {"format": FORMAT, "version": VERSION, "about": about, "files": files}
        write_text(self.folder / "names.json", json.dumps(self._names))
        write_text(self.folder / MANIFEST, json.dumps(manifest))
        if self.target is None:
            return Columns(self.folder, about, files, self._keeper)
        if self.target.exists():
            shutil.rmtree(self.target)
        self.folder.replace(self.target)
        self._keeper._finalizer.detach()  # type: ignore[attr-defined]
        return load_columns(self.target)

    def _append(self, name: str, rows: NDArray[Any]) -> None:
        shape, dtype = rows.shape[1:], rows.dtype
        if name not in self._open:
            if self.count:
                raise InputError(f"The column {name!r} begins late.", "Collect it from the start.")
            file = self._open[name] = (self.folder / f"{len(self._open)}.npy").open("w+b")
            self._shapes[name] = shape, dtype
            _write_header(file, (0, *shape), dtype)
        known = self._shapes[name]
        if known != (shape, dtype):
            raise InputError(
                f"The column {name!r} has {known[0]} values an item, and {shape} for "
                f"{len(rows)} others.",
                "Give inputs of one size, or pool the layer by mean or max.",
            )
        rows.tofile(self._open[name])


def _write_header(file: IO[bytes], shape: Sequence[int], dtype: np.dtype[Any]) -> None:
    """The header of a `.npy` file; its length does not hang on the number of rows."""
    descr = np.lib.format.dtype_to_descr(dtype)
    header = {"descr": descr, "fortran_order": False, "shape": tuple(shape)}
    np.lib.format.write_array_header_1_0(file, header)


def _mapped(path: Path) -> NDArray[Any]:
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except _BROKEN:
        raise _damaged(path.parent) from None
    return np.asarray(found)


def _is_free(folder: Path) -> bool:
    """Whether a folder may be written over: an empty one, or one that a pass kept."""
    return folder.is_dir() and (is_columns(folder) or not any(folder.iterdir()))


def _damaged(folder: Path) -> FileError:
    return FileError(f"{folder} is damaged or holds no columns of a pass.", "Collect them again.")
