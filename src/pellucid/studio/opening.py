"""From where an item lies to what `pl.explain` takes; runs in the worker."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileError
from ..io import tables
from ..io.images import read_image
from ..io.texts import Text
from .files import read_inside

LARGEST_PICTURE = 40_000_000
"""Pixels."""


@dataclass(frozen=True)
class Opened:
    """An input; `others` are rows of the same table, for backgrounds."""

    given: Any
    others: Any = None


def open_source(source: dict[str, Any], live: tuple[Any, Any] | None) -> Opened:
    """What the source names. Raises `FileError`."""
    kind = source["kind"]
    if kind == "live":
        assert live is not None
        return open_live(live[1], source["row"])
    if kind == "row":
        return _row(Path(source["root"]), source["row"], source["drop"])
    if kind == "series":
        return Opened(tables.read_series(Path(source["root"]), source["drop"]))
    data = read_inside(Path(source["root"]), tuple(source["parts"]))
    if kind == "image":
        return Opened(read_image(data, LARGEST_PICTURE))
    if kind == "text":
        line = data.decode("utf-8", "replace").splitlines()[source["row"]]
        return Opened(Text([line]))
    return Opened(_array(data, source))


def _row(path: Path, row: int, drop: list[str]) -> Opened:
    frame = tables.read_table(path, drop)
    others = [i for i in range(len(frame)) if i != row]
    return Opened(frame.iloc[[row]], frame.iloc[others] if others else None)


def _array(data: bytes, source: dict[str, Any]) -> Any:
    name = "/".join(source["parts"]) or Path(source["root"]).name
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except (OSError, ValueError, EOFError, SyntaxError, MemoryError):
        raise FileError(
            f"{name} is damaged or no plain .npy array.", "Write it with numpy.save."
        ) from None
    if not isinstance(array, np.ndarray):
        raise FileError(f"{name} is an archive of several arrays.", "Save the one you mean.")
    return array if source.get("row") is None else array[[source["row"]]]


def open_live(data: Any, row: int) -> Opened:
    """An item of a Python session's own data."""
    if hasattr(data, "iloc"):
        others = [i for i in range(len(data)) if i != row]
        return Opened(data.iloc[[row]], data.iloc[others] if others else None)
    item = data[row]
    if isinstance(item, tuple) and len(item) == 2 and not hasattr(data, "shape"):
        item = item[0]  # a data set of (input, label)
    if isinstance(item, str) and not Path(item).is_file():
        return Opened(Text([item]))
    if hasattr(item, "shape") and hasattr(item, "dtype"):
        return Opened(item[None])
    return Opened(item)
