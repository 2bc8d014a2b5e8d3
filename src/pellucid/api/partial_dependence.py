"""The verb partial_dependence: the mean score as one column takes other values."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..core.dependence import Dependence
from ..core.encoding import MISSING
from ..core.guard import undisturbed
from ..core.model import as_model
from ..core.progress import Event, Progress
from ..core.table_scores import TableScores
from ..core.target import Space
from ..errors import ParameterError
from ..io.inputs import inputs_of
from ..ops.dependence import grid_of
from .listening import listening


def partial_dependence(
    model: Any,
    data: Any,
    feature: str | int,
    target: Any = None,
    *,
    grid: int | Sequence[Any] | NDArray[Any] = 30,
    space: Space = "probability",
    progress: Progress | Callable[[Event], None] | bool = False,
) -> Dependence:
    """The mean score over the rows of `data` when all of them have one value of `feature`.

    `grid` is a number of points, or the values themselves; categories are all asked for. Every
    row's own curve (individual conditional expectation, ICE) is in `curves`. Where columns depend
    on each other, it asks about rows that do not occur: see `accumulated_local_effects`.

    Raises `PellucidError`. **Source:** Friedman 2001; Goldstein et al. 2015, arXiv:1309.6392.
    """
    wrapped = as_model(model)
    inputs = inputs_of(wrapped, data, black_box=True)
    with listening(progress) as listener, undisturbed(wrapped.net):
        scores = TableScores(wrapped, inputs, target, space, listener)
        place = scores.place(feature)
        column = scores.rows[:, place].double().cpu().numpy()
        known = column[column != MISSING]
        points = _points(scores, place, known, grid)
        n, count = len(column), len(points)
        rows = scores.rows.repeat_interleave(count, 0)
        rows[:, place] = torch.as_tensor(np.tile(points, n)).to(rows)
        curves = scores(rows).reshape(n, count)
        categorical = scores.kinds[place] != "numeric"
        return Dependence(
            kind="partial_dependence",
            feature=scores.names[place],
            grid=points,
            values=curves.mean(0),
            curves=curves,
            target=scores.target,
            unit=scores.unit,
            column=known,
            labels=tuple(scores.spelled(place, points)) if categorical else None,
        )


def _points(
    scores: TableScores, place: int, known: Any, grid: int | Sequence[Any] | NDArray[Any]
) -> Any:
    if scores.kinds[place] != "numeric":
        return np.unique(known)
    if isinstance(grid, int):
        if grid < 2:
            raise ParameterError(f"grid={grid} are too few points.", "Give 2 or more.")
        return grid_of(known, grid)
    return np.asarray(grid, dtype=np.float64)
