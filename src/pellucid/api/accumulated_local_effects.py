"""The verb accumulated_local_effects: how the score changes along one column, near real rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ..core.checks import Check
from ..core.dependence import Dependence
from ..core.encoding import MISSING
from ..core.guard import undisturbed
from ..core.model import as_model
from ..core.progress import Event, Progress
from ..core.table_scores import TableScores
from ..core.target import Space
from ..errors import NotApplicable
from ..io.inputs import inputs_of
from ..ops.dependence import accumulated, interval_of, quantile_edges
from .listening import listening

FEW = 5
"""Rows in an interval below which its mean says little."""


def accumulated_local_effects(
    model: Any,
    data: Any,
    feature: str | int,
    target: Any = None,
    *,
    intervals: int = 20,
    space: Space = "probability",
    progress: Progress | Callable[[Event], None] | bool = False,
) -> Dependence:
    """ALE: mean changes of the score within narrow intervals of `feature`, added up.

    Every row is moved only to the ends of its own interval, so that columns which depend on each
    other stay together. The curve's mean over the data is zero. Categories have no order and are
    refused. Standard errors are those of the intervals' means, added up.

    Raises `PellucidError`. **Source:** Apley & Zhu 2020, arXiv:1612.08468.
    """
    wrapped = as_model(model)
    inputs = inputs_of(wrapped, data, black_box=True)
    with listening(progress) as listener, undisturbed(wrapped.net):
        scores = TableScores(wrapped, inputs, target, space, listener)
        place = scores.place(feature)
        name = scores.names[place]
        if scores.kinds[place] != "numeric":
            raise NotApplicable(
                f"The column {name!r} holds categories, which have no order to accumulate along.",
                "Use partial_dependence.",
            )
        column = scores.rows[:, place].double().cpu().numpy()
        there = column != MISSING
        edges = quantile_edges(column[there], intervals)
        if len(edges) < 2:
            raise NotApplicable(
                f"The column {name!r} has one value only.", "Give rows with several."
            )
        interval = interval_of(column[there], edges)
        low, high = (scores.rows[torch.as_tensor(there)].clone() for _ in range(2))
        low[:, place] = torch.as_tensor(edges[interval]).to(low)
        high[:, place] = torch.as_tensor(edges[interval + 1]).to(high)
        differences = scores(high) - scores(low)
        values, error = accumulated(differences, interval, len(edges) - 1)
        fewest = int(np.bincount(interval, minlength=len(edges) - 1).min())
        text = f"The emptiest interval holds {fewest} rows; give fewer intervals or more rows."
        return Dependence(
            kind="accumulated_local_effects",
            feature=name,
            grid=edges,
            values=values,
            std_error=error,
            target=scores.target,
            unit=scores.unit,
            column=column[there],
            checks=(
                Check("rows per interval", float(fewest), "ok" if fewest >= FEW else "poor", text),
            ),
        )
