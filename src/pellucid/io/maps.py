"""Keeps maps in one `.npz` file: plain arrays and JSON, never pickle."""

import io
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..core.checks import Check
from ..core.item_map import ItemMap
from ..core.projection import Projection
from ..errors import FileError
from .archives import BROKEN
from .images import read_bytes
from .packing import Arrays, pack, unpack
from .writing import PathLike, write_bytes

VERSION = 1
_FORMATS: dict[type, str] = {ItemMap: "pellucid.item_map", Projection: "pellucid.projection"}
_META = "meta"
M = TypeVar("M", ItemMap, Projection)


def save_map(made: ItemMap | Projection, path: PathLike) -> Path:
    """Write a map or several to `path` (`.npz` is added where it is missing); returns the path."""
    target = Path(path)
    if target.suffix not in ("", ".npz"):
        raise FileError(
            f"A map is saved as .npz, not as {target.suffix}: {target}.",
            "Give a .npz file; for a picture say plot().savefig(path), for a page html(path).",
        )
    arrays: Arrays = {}
    packed = _packed(made, arrays)
    meta = {"format": _FORMATS[type(made)], "version": VERSION, "map": packed}
    arrays[_META] = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return write_bytes(target.with_suffix(".npz"), buffer.getvalue())


def load_map(path: PathLike, kind: type[M]) -> M:
    """Read what `save_map` wrote. Raises `FileError` for anything else."""
    source = Path(path)
    data = read_bytes(source)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        meta = json.loads(arrays[_META].tobytes())
        found, version = meta["format"], int(meta["version"])
        if found == _FORMATS[kind] and version <= VERSION:
            return _unpacked(meta["map"], arrays, kind)
    except BROKEN:
        raise FileError(f"{source} is damaged or holds no map.", "Save the map again.") from None
    if version > VERSION:
        raise FileError(f"{source} was written by a newer Pellucid.", "Upgrade Pellucid.")
    raise FileError(
        f"{source} holds {str(found).removeprefix('pellucid.')!r}, not what was asked for.",
        "Load it with the class that saved it.",
    )


def holds(path: PathLike) -> str:
    """`item_map`, `projection`, or nothing: what kind of map a file keeps."""
    try:
        with np.load(Path(path), allow_pickle=False) as archive:
            found = str(json.loads(archive[_META].tobytes())["format"])
    except BROKEN:
        return ""
    return found.removeprefix("pellucid.") if found in _FORMATS.values() else ""


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
