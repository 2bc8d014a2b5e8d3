"""What stands in for features that are taken away: one baseline, or rows of the data."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.inputs import Inputs
from ..errors import ParameterError
from .background_rows import need_rows
from .baselines import baselines, need_whole
from .coalitions import Off

MOST = 100
"""Rows of a background: every coalition is evaluated with each of them."""


def backgrounds(inputs: Inputs, baseline: Any, background: Any, seed: int) -> list[Off]:
    """The stand-ins, each with a tensor `(N, …)` or `(1, …)` for every input by name.

    `background` `(B, …)` holds rows like those of the input (a dict of them by name for several
    inputs, a table with a column for each feature); without one, `baseline` as in `baselines`.
    """
    if background is None:
        return [tensors for _, tensors in baselines(inputs, baseline, seed)]
    background = inputs.encoded(background)
    given = {name: _rows(name, x, background) for name, x in inputs.changeable.items()}
    count = len(next(iter(given.values())))
    if any(len(rows) != count for rows in given.values()):
        listing = ", ".join(f"{name} {len(rows)}" for name, rows in given.items())
        raise ParameterError(
            f"The backgrounds of the inputs have different numbers of rows: {listing}.",
            "Give as many rows for every input.",
        )
    if count > MOST:
        raise ParameterError(
            f"A background of {count} rows: every coalition would be evaluated {count} times.",
            f"Give at most {MOST} rows, drawn at random or the centres of clusters.",
        )
    return [{name: rows[b : b + 1] for name, rows in given.items()} for b in range(count)]


def _rows(name: str, x: Tensor, background: Any) -> Tensor:
    by_name = isinstance(background, Mapping)
    given = background.get(name) if by_name else background
    try:
        array = given if isinstance(given, Tensor) else torch.as_tensor(np.asarray(given))
        need_whole(x, array)
        rows = array.to(x).detach()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ParameterError(
            f"The background of input {name!r} is no array of numbers ({type(given).__name__}).",
            "Give background=(B, …) with the input's shape after the first axis; words and "
            "categories as the numbers that the input has for them.",
        ) from error
    need_rows(name, x, rows)
    if not torch.isfinite(rows).all():
        raise ParameterError(
            f"The background of input {name!r} holds NaN or infinite values.",
            "Replace them before explaining.",
        )
    return rows
