"""A comparison: methods or layers beside each other, on items, targets and models."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from ..core.checks import Check
from ..core.explanation import Explanation
from ..core.guard import undisturbed
from ..core.services import service
from ..errors import PellucidError
from .likeness import likeness
from .randomisation import badge, random_network
from .resuming import resumed
from .subject import Subject

MEASURES = ("spearman", "overlap", "ssim")
"""Correlation of ranks, overlap of the greatest tenth, structural similarity."""

Matrix = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class Comparison:
    """A grid of explanations: `explanations[r][c]` is one row, explained in column c.

    `agreement` has a matrix `(columns, columns)` for every measure, the mean over the rows.
    `badges` say by column what was measured on the model at hand.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    explanations: tuple[tuple[Explanation, ...], ...]
    agreement: Mapping[str, Matrix]
    badges: Mapping[str, Check]

    def plot(self, scale: str = "own", **options: Any) -> Any:
        """A figure of the grid with its agreement and badges. `scale` is `own` for each picture,
        `column` to compare rows within a column, or `shared` by all."""
        return service("plot_comparison")(self, scale, **options)

    def as_dict(self) -> dict[str, Any]:
        """Names, agreement and badges as plain values."""
        return {
            "rows": list(self.rows),
            "columns": list(self.columns),
            "agreement": {name: np.round(m, 6).tolist() for name, m in self.agreement.items()},
            "badges": {
                name: {"value": found.value, "verdict": found.verdict, "meaning": found.meaning}
                for name, found in self.badges.items()
            },
        }

    def to_json(self, **options: Any) -> str:
        """The same as JSON."""
        return json.dumps(self.as_dict(), **options)

    def __str__(self) -> str:
        wide = max(map(len, self.columns))
        lines = [f"{len(self.rows)} rows; agreement by Spearman's correlation"]
        for name, row in zip(self.columns, self.agreement["spearman"], strict=True):
            told = " ".join(f"{value:6.2f}" for value in row)
            mark = f"  {self.badges[name].verdict}" if name in self.badges else ""
            lines.append(f"{name:<{wide}} {told}{mark}")
        return "\n".join(lines)


def compared(
    columns: Mapping[str, Sequence[Explanation]],
    models: Sequence[str],
    items: Sequence[str] | None,
    with_badges: bool,
) -> Comparison:
    """The comparison of columns that have one explanation for every model, all of the same rows."""
    names = list(columns)
    first = columns[names[0]]
    rows = [
        _row_name(e, row, model if len(models) > 1 else "", items)
        for e, model in zip(first, models, strict=True)
        for row in range(len(e))
    ]
    grid = [
        tuple(columns[name][k][row] for name in names)
        for k, e in enumerate(first)
        for row in range(len(e))
    ]
    subjects = {name: [resumed(e) for e in columns[name]] for name in names}
    return Comparison(
        tuple(rows), tuple(names), tuple(grid), _agreement(subjects),
        _badges(subjects) if with_badges else {},
    )  # fmt: skip


def _row_name(e: Explanation, row: int, model: str, items: Sequence[str] | None) -> str:
    source = e.sample_of([row])[0]
    several = max(e.sample_of(list(range(len(e))))) > 0
    item = items[source] if items else f"input {source}" if several else ""
    target = e.target[row] if row < len(e.target) else ""
    return " · ".join(part for part in (model, item, target) if part)


def _agreement(subjects: Mapping[str, Sequence[Subject]]) -> dict[str, Matrix]:
    names = list(subjects)
    found = {measure: np.eye(len(names)) for measure in MEASURES}
    for i, a in enumerate(names):
        for j in range(i):
            pairs = zip(subjects[a], subjects[names[j]], strict=True)
            alike = [likeness(x, y) for x, y in pairs]
            for measure in MEASURES:
                mean = float(torch.cat([getattr(one, measure) for one in alike]).mean())
                found[measure][i, j] = found[measure][j, i] = mean
    return found


def _badges(subjects: Mapping[str, Sequence[Subject]]) -> dict[str, Check]:
    """What each column owes to the weights; none for what has no weights to draw anew."""
    found = {}
    for name, several in subjects.items():
        one = several[0]
        try:
            with undisturbed(one.model.net, one.seed):
                found[name] = badge(random_network(one, 2))
        except PellucidError:
            continue
    return found
