"""Features by name, with what the input has there."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.axes import FEATURE, SAMPLE
from ..core.encoding import as_read
from ..core.explanation import Explanation


def labelled(names: Sequence[Any], seen: Any) -> list[str]:
    """Names with the values of the input, where there are as many."""
    values = None if seen is None else np.asarray(seen).ravel()
    if values is None or len(values) != len(names):
        return [str(name) for name in names]
    return [f"{name} = {as_read(value)}" for name, value in zip(names, values, strict=True)]


def of_features(e: Explanation, sample: int, labels: Sequence[str]) -> list[tuple[str, int]]:
    """The labels of the columns, each with its place in the values; columns that are one feature
    have one label together."""
    if e.segments is None or e.axes != (SAMPLE, FEATURE):
        return [(label, place) for place, label in enumerate(labels)]
    members: dict[tuple[int, int], list[int]] = {}
    for place, number in enumerate(e.segments[sample].tolist()):
        members.setdefault((number, 0) if number >= 0 else (number, place), []).append(place)
    return [(", ".join(labels[p] for p in places), places[0]) for places in members.values()]
