"""Keeps maps in one `.npz` file: plain arrays and JSON, never pickle."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..core.checks import Check
from ..core.item_map import ItemMap
from ..core.projection import Projection
from .archives import BROKEN, read_archive, unreadable, write_archive
from .packing import Arrays, pack, unpack
from .writing import PathLike

VERSION = 1
_KINDS: dict[type, str] = {ItemMap: "item_map", Projection: "projection"}
M = TypeVar("M", ItemMap, Projection)


def save_map(made: ItemMap | Projection, path: PathLike) -> Path:
    """Write a map or several to `path` (`.npz` is added where it is missing); returns the path."""
    arrays: Arrays = {}
    packed = _packed(made, arrays)
    return write_archive(path, _KINDS[type(made)], VERSION, packed, arrays)


def load_map(path: PathLike, kind: type[M]) -> M:
    """Read what `save_map` wrote. Raises `FileError` for anything else."""
    packed, arrays = read_archive(path, _KINDS[kind], VERSION)
    try:
        return _unpacked(packed, arrays, kind)
    except BROKEN:
        raise unreadable(Path(path), _KINDS[kind]) from None


def _packed(made: ItemMap | Projection, arrays: Arrays) -> Any:
    state = {field.name: getattr(made, field.name) for field in fields(made)}
    if isinstance(made, ItemMap):
        return pack({**state, "checks": [asdict(check) for check in made.checks]}, arrays)
    pictures = made.thumbnails
    state["thumbnails"] = np.frombuffer(b"".join(pictures), np.uint8)
    state["sizes"] = np.array([len(picture) for picture in pictures], np.int64)
    packed = pack({**state, "maps": {}}, arrays)
    packed["maps"] = {name: _packed(one, arrays) for name, one in made.maps.items()}
    return packed


def _unpacked(packed: dict[str, Any], arrays: Arrays, kind: type[M]) -> M:
    if kind is ItemMap:
        state = unpack(packed, arrays)
        checks = tuple(Check(**check) for check in state["checks"])
        return kind(**{**state, "checks": checks})
    maps = {name: _unpacked(one, arrays, ItemMap) for name, one in packed["maps"].items()}
    state = unpack({**packed, "maps": {}}, arrays)
    whole: bytes = state["thumbnails"].tobytes()
    ends: list[int] = np.cumsum(state.pop("sizes")).tolist()
    starts = [0, *ends][: len(ends)]
    state["thumbnails"] = tuple(whole[a:b] for a, b in zip(starts, ends, strict=True))
    return kind(**{**state, "maps": maps})
