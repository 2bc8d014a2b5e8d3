"""Keeps clusters of explanations in one `.npz` file."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..core.checks import Check
from ..core.relevance_clusters import ClassClusters, Cluster, RelevanceClusters
from .archives import BROKEN, read_archive, unreadable, write_archive
from .packing import Arrays, pack, unpack
from .writing import PathLike

_KIND, _VERSION = "relevance_clusters", 1


def save_clusters(found: RelevanceClusters, path: PathLike) -> Path:
    """Write to `path` (`.npz` is added where it is missing); returns the path."""
    arrays: Arrays = {}
    classes = [
        {**vars(own), "clusters": [dict(vars(cluster)) for cluster in own.clusters]}
        for own in found.classes
    ]
    checks = [asdict(check) for check in found.checks]
    state = {**vars(found), "classes": classes, "checks": checks}
    return write_archive(path, _KIND, _VERSION, pack(state, arrays), arrays)


def load_clusters(path: PathLike) -> RelevanceClusters:
    """Read what `save_clusters` wrote. Raises `FileError` for anything else."""
    packed, arrays = read_archive(path, _KIND, _VERSION)
    try:
        state = unpack(packed, arrays)
        classes = tuple(_class(own) for own in state.pop("classes"))
        checks = tuple(Check(**check) for check in state.pop("checks"))
        return RelevanceClusters(**state, classes=classes, checks=checks)
    except BROKEN:
        raise unreadable(Path(path), _KIND) from None


def _class(own: dict[str, Any]) -> ClassClusters:
    clusters = tuple(Cluster(**cluster) for cluster in own["clusters"])
    return ClassClusters(**{**own, "clusters": clusters})
