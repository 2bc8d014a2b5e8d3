"""One `.npz` file of plain arrays and JSON for a result; never pickle."""

import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileError, PellucidError
from .images import read_bytes
from .packing import Arrays
from .writing import PathLike, write_bytes

_META = "meta"
_MOST_INFLATION, _MOST_ZEROS = 100, 2**26
"""Times the size of the file, and bytes, of what a result may unpack to."""

_OTHER = frozenset({".png", ".jpg", ".jpeg", ".svg", ".pdf", ".html"})
BROKEN = (
    *(ValueError, KeyError, TypeError, IndexError, EOFError, OSError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, PellucidError, MemoryError),
)
"""What a damaged archive may raise while it is read."""


def write_archive(path: PathLike, kind: str, version: int, packed: Any, arrays: Arrays) -> Path:
    """Write what `pack` gave, as `kind`; `.npz` is added where it is missing. Returns the path."""
    target = Path(path)
    if target.suffix.lower() in _OTHER:
        raise FileError(
            f"{_article(kind)} {_words(kind)} is saved as .npz, not as {target.suffix}: {target}.",
            "Give a .npz file; for a picture say plot().savefig(path).",
        )
    if target.is_dir():
        raise FileError(f"{target} is a folder.", "Give a file in it.")
    if target.suffix != ".npz":
        target = target.with_name(f"{target.name}.npz")
    meta = {"format": f"pellucid.{kind}", "version": version, kind: packed}
    arrays = {**arrays, _META: np.frombuffer(json.dumps(meta).encode(), np.uint8)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return write_bytes(target, buffer.getvalue())


def read_archive(path: PathLike, kind: str, version: int) -> tuple[Any, Arrays]:
    """What was packed as `kind`, and its arrays. Raises `FileError` for anything else."""
    source = Path(path)
    data = read_bytes(source)
    try:
        _refuse_inflated(data)
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        meta = json.loads(arrays[_META].tobytes())
        found, written = str(meta["format"]).removeprefix("pellucid."), int(meta["version"])
        packed = meta.get(kind)
    except BROKEN:
        raise unreadable(source, kind) from None
    if found != kind:
        raise FileError(
            f"{source} holds {found!r}, not {_article(kind).lower()} {_words(kind)}.",
            "Load it with the class that saved it.",
        )
    if written > version:
        raise FileError(
            f"{source} was written by a newer Pellucid (format {written}).", "Upgrade Pellucid."
        )
    return packed, arrays


def _refuse_inflated(data: bytes) -> None:
    """Zeros pack well, but not so much of them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > max(_MOST_ZEROS, _MOST_INFLATION * len(data)):
        raise ValueError(unpacked)


def kind_of(path: PathLike) -> str:
    """As what a file was written (`item_map`, `projection` …); nothing where it is no archive."""
    try:
        with np.load(Path(path), allow_pickle=False) as archive:
            found = str(json.loads(archive[_META].tobytes())["format"])
    except BROKEN:
        return ""
    return found.removeprefix("pellucid.")


def unreadable(path: Path, kind: str) -> FileError:
    """The error for a file that is no such archive."""
    return FileError(
        f"{path} is damaged or was not written by {kind.title().replace('_', '')}.save.",
        f"Save the {_words(kind)} again.",
    )


def _article(kind: str) -> str:
    return "An" if kind[0] in "aeiou" else "A"


def _words(kind: str) -> str:
    return kind.replace("_", " ")
