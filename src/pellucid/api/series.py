"""Series of any lengths: explained as long as each is, so that padding changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from typing import Any

import numpy as np
import torch

from ..core.explanation import Explanation
from ..core.model import Model
from ..core.uneven import by_length, joined
from ..io.series import Series

_MASKS = ("mask", "attention_mask", "padding_mask", "lengths")
"""Names of what a network may ask for beside padded series."""


def explained_series(
    model: Model, series: Series, target: Any, explain: Callable[[Any, Any], Any]
) -> Any:
    """What `explain(x, target)` gives for all series; those of one length go together.

    A network that asks for a mask or for lengths gets them.
    """
    groups = by_length(series.lengths)
    each = isinstance(target, list | tuple | np.ndarray) and len(target) == len(series) > 1
    made = [
        explain(
            _asked(model, series.batch(rows)), [target[row] for row in rows] if each else target
        )
        for rows in groups
    ]
    if not isinstance(made[0], list):
        return _with_times(joined(made, groups), series)
    columns = zip(*made, strict=True)
    return [_with_times(joined(list(column), groups), series) for column in columns]


def _asked(model: Model, batch: Any) -> Any:
    """The batch, with a mask or lengths where the network's forward has such a parameter."""
    if model.net is None:
        return batch
    names = list(signature(model.net.forward).parameters)
    found = [name for name in names[1:] if name in _MASKS]
    if not found:
        return batch
    n, _, time = batch.shape
    given: dict[str, Any] = {names[0]: torch.from_numpy(batch)}
    for name in found:
        full = torch.ones(n, time, dtype=torch.bool)
        full = ~full if name == "padding_mask" else full
        given[name] = torch.full((n,), time) if name == "lengths" else full
    return given


def _with_times(e: Explanation, series: Series) -> Explanation:
    """The explanation with the names of channels, and the time of every step."""
    facts: dict[str, Any] = {
        "channel_names": list(series.channels),
        "time_label": series.label,
        "lengths": list(series.lengths),
    }
    if series.times is not None:
        facts["times"] = [times.tolist() for times in series.times]
    if series.names:
        facts["series_names"] = list(series.names)
    parts = {name: replace(part, record={**part.record, **facts}) for name, part in e.parts.items()}
    return replace(e, record={**e.record, **facts}, parts=parts)
