"""Keeps similarity distances in one `.npz` file."""

from dataclasses import asdict, fields
from pathlib import Path

from ..core.checks import Check
from ..core.similarity import SimilarityDistance
from .archives import BROKEN, read_archive, unreadable, write_archive
from .packing import Arrays, pack, unpack
from .writing import PathLike

_KIND, _VERSION = "similarity_distance", 1


def save_similarity(found: SimilarityDistance, path: PathLike) -> Path:
    """Write to `path` (`.npz` is added where it is missing); returns the path."""
    arrays: Arrays = {}
    state = {field.name: getattr(found, field.name) for field in fields(found)}
    state["checks"] = [asdict(check) for check in found.checks]
    return write_archive(path, _KIND, _VERSION, pack(state, arrays), arrays)


def load_similarity(path: PathLike) -> SimilarityDistance:
    """Read what `save_similarity` wrote. Raises `FileError` for anything else."""
    packed, arrays = read_archive(path, _KIND, _VERSION)
    try:
        state = unpack(packed, arrays)
        checks = tuple(Check(**check) for check in state.pop("checks"))
        return SimilarityDistance(**state, checks=checks)
    except BROKEN:
        raise unreadable(Path(path), _KIND) from None
