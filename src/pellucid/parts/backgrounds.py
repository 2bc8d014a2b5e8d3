"""What stands in for features that are taken away: one baseline, or rows of the data."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.inputs import Inputs
from ..errors import ParameterError
from .background_rows import need_rows, need_whole
from .baselines import baselines
from .coalitions import Off
from .token_baselines import token_background

MOST = 100
"""Rows of a background: each of them is evaluated with everything."""


def backgrounds(inputs: Inputs, baseline: Any, background: Any, seed: int) -> list[Off]:
    """The stand-ins, each with a tensor `(N, …)` or `(1, …)` for every input by name.

    `background` `(B, …)` holds rows like those of the input (a dict of them by name for several
    inputs, a table with a column for each feature); without one, `baseline` as in `baselines`.
    """
    if background is None:
        return [tensors for _, tensors in baselines(inputs, baseline, seed)]
    given = background_rows(inputs, background)
    count = len(next(iter(given.values())))
    if count > MOST:
        raise ParameterError(
            f"A background of {count} rows: everything would be evaluated {count} times.",
            f"Give at most {MOST} rows, drawn at random or the centres of clusters.",
        )
    return [{name: rows[b : b + 1] for name, rows in given.items()} for b in range(count)]


def background_rows(inputs: Inputs, background: Any) -> dict[str, Tensor]:
    """Rows of the data `(B, …)` for every input by name; where gradients begin at the vectors that
    are looked up for ids, rows of ids become vectors."""
    background = inputs.encoded(background)
    embedding = inputs.embedding
    sources = {} if embedding is None else {n: embedding.source_of(n).name for n in embedding.axes}
    owners = {name: sources.get(name, name) for name in inputs.changeable}
    first = next(iter(owners.values()))
    by_name = background if isinstance(background, Mapping) else {first: background}
    found = {}
    for name, x in inputs.changeable.items():
        given = by_name.get(owners[name])
        if given is None:
            every = ", ".join(dict.fromkeys(owners.values()))
            raise ParameterError(
                f"The background has no rows for input {owners[name]!r}.",
                f"Give a dict with an array for each of {every}.",
            )
        look_up = name in sources
        found[name] = token_background(inputs, name, given) if look_up else _rows(name, x, given)
    if len({len(rows) for rows in found.values()}) > 1:
        listing = ", ".join(f"{name} {len(rows)}" for name, rows in found.items())
        raise ParameterError(
            f"The backgrounds of the inputs have different numbers of rows: {listing}.",
            "Give as many rows for every input.",
        )
    return found


def _rows(name: str, x: Tensor, given: Any) -> Tensor:
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
