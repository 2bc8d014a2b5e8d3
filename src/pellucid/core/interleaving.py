"""Explanations of the same samples for several targets, put together sample by sample."""

from dataclasses import replace
from typing import Any

import numpy as np

from .checks import woven
from .explanation import Explanation


def interleaved(parts: list[Explanation]) -> Explanation:
    """One explanation of many targets, input by input."""
    first, count = parts[0], len(parts)

    def rows(name: str) -> Any:
        arrays = [getattr(part, name) for part in parts]
        if arrays[0] is None:
            return None
        return np.stack(arrays, 1).reshape(-1, *arrays[0].shape[1:])

    n = len(first)
    cost = {key: sum(part.cost[key] for part in parts) for key in first.cost}
    cost["peak_batch"] = max(part.cost["peak_batch"] for part in parts)
    return replace(
        first,
        values=rows("values"),
        coarse=rows("coarse"),
        std_error=rows("std_error"),
        segments=rows("segments"),
        score=rows("score"),
        curve=rows("curve"),
        target=tuple(part.target[i] for i in range(n) for part in parts),
        checks=woven([part.checks for part in parts], n),
        cost=cost,
        record={**first.record, "input_of_sample": [i for i in range(n) for _ in range(count)]},
        parts={name: interleaved([part.parts[name] for part in parts]) for name in first.parts},
    )
