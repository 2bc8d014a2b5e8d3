"""Keeps explanations in one `.npz` file: plain arrays and JSON, never pickle."""

import io
import json
import zipfile
import zlib
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..core.checks import Check
from ..core.explanation import Explanation
from ..errors import FileError, PellucidError
from .images import read_bytes
from .packing import Arrays, pack, unpack
from .writing import PathLike, write_bytes

FORMAT, VERSION = "pellucid.explanation", 1
_META = "meta"
_OTHER = frozenset({".png", ".jpg", ".jpeg", ".svg", ".pdf", ".html"})
_BROKEN = (
    *(ValueError, KeyError, TypeError, IndexError, EOFError, OSError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, PellucidError),
)


def save(e: Explanation, path: PathLike) -> Path:
    """Write an explanation to `path` (`.npz` is added where it is missing); returns the path."""
    target = Path(path)
    if target.suffix.lower() in _OTHER:
        raise FileError(
            f"An explanation is saved as .npz, not as {target.suffix}: {target}.",
            "Give a .npz file; for a picture say e.plot().savefig(path).",
        )
    if target.is_dir():
        raise FileError(f"{target} is a folder.", "Give a file in it.")
    if target.suffix != ".npz":
        target = target.with_name(f"{target.name}.npz")
    arrays: Arrays = {}
    meta = {"format": FORMAT, "version": VERSION, "explanation": _packed(e, arrays)}
    arrays[_META] = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return write_bytes(target, buffer.getvalue())


def load(path: PathLike) -> Explanation:
    """Read what `save` wrote. Raises `FileError` for anything else."""
    source = Path(path)
    data = read_bytes(source)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        meta = json.loads(arrays[_META].tobytes())
        known, version = meta["format"] == FORMAT, int(meta["version"])
    except _BROKEN:
        raise _unreadable(source) from None
    if not known:
        raise _unreadable(source)
    if version > VERSION:
        raise FileError(
            f"{source} was written by a newer Pellucid (format {version}).", "Upgrade Pellucid."
        )
    try:
        return _unpacked(meta["explanation"], arrays)
    except _BROKEN:
        raise _unreadable(source) from None


def _unreadable(path: Path) -> FileError:
    return FileError(
        f"{path} is damaged or was not written by Explanation.save.", "Save the explanation again."
    )


def _packed(e: Explanation, arrays: Arrays) -> Any:
    state = {field.name: getattr(e, field.name) for field in fields(e)}
    del state["origin"]
    state["checks"] = [asdict(check) for check in e.checks]
    state["parts"] = {}
    packed = pack(state, arrays)
    packed["parts"] = {name: _packed(part, arrays) for name, part in e.parts.items()}
    return packed


def _unpacked(packed: dict[str, Any], arrays: Arrays) -> Explanation:
    parts = {name: _unpacked(part, arrays) for name, part in packed["parts"].items()}
    state = unpack({**packed, "parts": {}}, arrays)
    checks = tuple(Check(**check) for check in state["checks"])
    return Explanation(**{**state, "checks": checks, "parts": parts})
