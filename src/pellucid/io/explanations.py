"""Keeps explanations in one `.npz` file: plain arrays and JSON, never pickle."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from ..core.checks import Check
from ..core.explanation import Explanation
from .archives import BROKEN, read_archive, unreadable, write_archive
from .packing import Arrays, pack, unpack
from .writing import PathLike

VERSION = 1


def save(e: Explanation, path: PathLike) -> Path:
    """Write an explanation to `path` (`.npz` is added where it is missing); returns the path."""
    arrays: Arrays = {}
    packed = _packed(e, arrays)
    return write_archive(path, "explanation", VERSION, packed, arrays)


def load(path: PathLike) -> Explanation:
    """Read what `save` wrote. Raises `FileError` for anything else."""
    packed, arrays = read_archive(path, "explanation", VERSION)
    try:
        return _unpacked(packed, arrays)
    except BROKEN:
        raise unreadable(Path(path), "explanation") from None


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
