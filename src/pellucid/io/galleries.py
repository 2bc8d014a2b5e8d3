"""Keeps galleries in one `.npz` file."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..core.checks import Check
from ..core.gallery import Entry, Gallery, Listing
from ..core.model import as_model
from .archives import BROKEN, read_archive, unreadable, write_archive
from .datasets import open_dataset
from .packing import Arrays, pack, unpack
from .writing import PathLike

_VERSION = 1
_KEPT = ("data", "items", "unit", "layer", "skipped", "record")


def save_gallery(gallery: Gallery, path: PathLike) -> Path:
    """Write a gallery to `path` (`.npz` is added where it is missing); returns the path."""
    arrays: Arrays = {}
    state: dict[str, Any] = {name: getattr(gallery, name) for name in _KEPT}
    state["checks"] = [asdict(check) for check in gallery.checks]
    state["listings"] = [
        {**vars(listing), "entries": [dict(vars(entry)) for entry in listing.entries]}
        for listing in gallery.listings
    ]
    return write_archive(path, "gallery", _VERSION, pack(state, arrays), arrays)


def load_gallery(path: PathLike, model: Any = None, source: Any = None) -> Gallery:
    """Read what `save_gallery` wrote. Raises `FileError` for anything else."""
    packed, arrays = read_archive(path, "gallery", _VERSION)
    try:
        state = unpack(packed, arrays)
        listings = [
            Listing(**{**found, "entries": tuple(Entry(**entry) for entry in found["entries"])})
            for found in state.pop("listings")
        ]
        checks = tuple(Check(**check) for check in state.pop("checks"))
        gallery = Gallery(
            tuple(listings),
            **state,
            checks=checks,
            model=None if model is None else as_model(model),
            source=None if source is None else open_dataset(source),
        )
    except BROKEN:
        raise unreadable(Path(path), "gallery") from None
    return gallery
