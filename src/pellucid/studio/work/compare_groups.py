"""The cross-entropy test between groups of a map."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.path import Path as Line
from numpy.typing import NDArray

from ...api import compare_groups as verb
from ...core.item_map import ItemMap
from ...errors import InputError
from ..requests import CompareGroups, Group
from .artefacts import write_view
from .context import Context
from .project import MAP

QUANTILES = 101
MOST_POINTS = 5000
"""Of each group; more say the same more slowly."""


def compare_groups(context: Context, asked: CompareGroups) -> None:
    """Distances and p-values of every pair, and the distribution of each group."""
    folder = Path(context.sources[asked.results[0]]["folder"])
    made = ItemMap.load(folder / MAP)
    groups = _groups(folder, made, asked.groups)
    found = verb.compare_groups(made, groups, most=MOST_POINTS)
    shares = np.linspace(0, 1, QUANTILES)
    view = {
        "kind": "compare_groups",
        **found.as_dict(),
        "at": shares.tolist(),
        "quantiles": [np.quantile(found.values(name), shares).tolist() for name in found.groups],
        "partial": False,
        "revision": 0,
    }
    write_view(context.folder / "0", view)
    context.result("0")


def _groups(folder: Path, made: ItemMap, asked: list[Group]) -> list[str | None]:
    """The group of every point; the first that it belongs to, None where there is none."""
    found: list[str | None] = [None] * len(made)
    for group in reversed(asked):
        for point in np.flatnonzero(_within(folder, made, group)).tolist():
            found[point] = group.name
    for group in asked:
        if found.count(group.name) < 2:
            raise InputError(
                f"{group.name} has fewer than two items of its own.",
                "An item counts for the first group that it is in; choose others.",
            )
    return found


def _within(folder: Path, made: ItemMap, group: Group) -> NDArray[np.bool_]:
    inside = np.ones(len(made), bool)
    if group.line is not None:
        inside &= Line(np.asarray(group.line)).contains_points(made.points)
    if group.classes is not None:
        inside &= np.isin(_classes(folder, group.by), group.classes)
    return inside


def _classes(folder: Path, by: str) -> NDArray[Any]:
    view = json.loads((folder / "view.json").read_text(encoding="utf-8"))
    return np.frombuffer((folder / view["arrays"][by]["file"]).read_bytes(), "<i4")
