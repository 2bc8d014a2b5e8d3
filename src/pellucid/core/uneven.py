"""Explanations of series of different lengths, each explained as long as it is, put together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import NotApplicable
from .checks import Check
from .explanation import PER_INPUT, Explanation

_ARRAYS = ("values", "std_error", "segments")


def by_length(lengths: Sequence[int]) -> list[list[int]]:
    """The numbers of the samples that are equally long, the shortest first."""
    found: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        found.setdefault(length, []).append(row)
    return [found[length] for length in sorted(found)]


def joined(parts: list[Explanation], groups: list[list[int]]) -> Explanation:
    """One explanation of all samples in their order; `groups` are the samples of each part.

    Where a series has ended its values are zero, and what was seen of it is missing (NaN).
    """
    if len(parts) == 1:
        return parts[0]
    first = parts[-1]
    if any(len(part) != len(group) for part, group in zip(parts, groups, strict=True)):
        raise NotApplicable(
            "Series of different lengths have one target each.", "Ask for the targets one by one."
        )
    order = np.argsort([row for group in groups for row in group], kind="stable")

    def rows(name: str, fill: float = 0.0) -> Any:
        arrays = [getattr(part, name) for part in parts]
        if any(array is None for array in arrays):
            return None
        most = tuple(max(a.shape[i] for a in arrays) for i in range(1, arrays[0].ndim))
        grown = [_grown(array, most, fill) for array in arrays]
        return np.concatenate(grown)[order]

    cost = {key: sum(part.cost[key] for part in parts) for key in first.cost}
    cost["peak_batch"] = max(part.cost["peak_batch"] for part in parts)
    record = {**first.record, "input_of_sample": list(range(len(order)))}
    for name in PER_INPUT:
        if name in record:
            whole = [item for part in parts for item in part.record[name]]
            record[name] = [whole[i] for i in order]
    return replace(
        first,
        values=rows("values"),
        std_error=rows("std_error"),
        segments=rows("segments", -1),
        coarse=None,
        score=rows("score"),
        outputs=rows("outputs"),
        display=rows("display", np.nan),
        target=tuple(np.concatenate([np.array(p.target, object) for p in parts])[order].tolist()),
        checks=_checks(parts, order.tolist()),
        cost=cost,
        record=record,
        parts={},
        origin=None,
    )


def _grown(array: Any, shape: tuple[int, ...], fill: float) -> Any:
    """The array with `fill` behind its end along every axis but the first."""
    ends = [(0, 0), *((0, most - own) for most, own in zip(shape, array.shape[1:], strict=True))]
    return np.pad(array, ends, constant_values=fill) if any(e[1] for e in ends) else array


def _checks(parts: list[Explanation], order: list[int]) -> tuple[Check, ...]:
    """Checks sample by sample; what was said of a whole part counts for each of its samples."""
    names = dict.fromkeys(check.name for part in parts for check in part.checks)
    found = []
    for name in names:
        verdicts: list[Any] = []
        values: list[float] = []
        meaning, text = "", None
        for part in parts:
            own = next((check for check in part.checks if check.name == name), None)
            n = len(part)
            meaning = own.meaning if own is not None and not meaning else meaning
            text = own.value if own is not None and isinstance(own.value, str) else text
            alone = None if own is None else own.verdict
            verdicts += list(own.verdicts) if own is not None and own.verdicts else [alone] * n
            value = None if own is None else own.value
            numbers = list(value) if isinstance(value, tuple) else [value] * n
            values += [v if isinstance(v, float | int) else float("nan") for v in numbers]
        check = Check(name, tuple(values), "ok", meaning, tuple(verdicts)).of(order)
        if check is not None:
            found.append(replace(check, value=text) if text is not None else check)
    return tuple(found)
