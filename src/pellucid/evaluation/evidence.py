"""Where the evidence is known to lie: masks and boxes, as one mask for every row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import ParameterError


def evidence_mask(
    masks: Any, boxes: Any, places: tuple[int, ...], sources: Sequence[int]
) -> Tensor | None:
    """A bool mask `(rows, *places)`; row r is that of input `sources[r]`.

    `masks` is `(N, *places)`, or `(*places)` for all. `boxes` has for every input one box or a list
    of them: `(x0, y0, x1, y1)` in pixels for pictures, `(start, stop)` for series and tokens; the
    ends lie outside.
    """
    if masks is not None and boxes is not None:
        raise ParameterError("Both masks and boxes were given.", "Give one of them.")
    if masks is None and boxes is None:
        return None
    n = max(sources) + 1
    found = _from_boxes(boxes, places, n) if masks is None else _from_masks(masks, places, n)
    empty = (~found.flatten(1).any(1)).nonzero().flatten().tolist()
    if empty:
        raise ParameterError(
            f"The mask of input {empty[0]} is empty: there is nothing to find.",
            "Leave that input out, or give the places that count.",
        )
    return found[list(sources)]


def _from_masks(masks: Any, places: tuple[int, ...], n: int) -> Tensor:
    array = torch.as_tensor(np.asarray(masks) != 0)
    if tuple(array.shape) == places:
        return array.expand(n, *places)
    if tuple(array.shape[1:]) == places and len(array) >= n:
        return array
    raise ParameterError(
        f"Masks of shape {tuple(array.shape)} for {n} inputs with places {places}.",
        f"Give ({n}, {', '.join(map(str, places))}).",
    )


def _from_boxes(boxes: Any, places: tuple[int, ...], n: int) -> Tensor:
    if len(boxes) < n:
        raise ParameterError(f"{len(boxes)} boxes for {n} inputs.", "Give every input its own.")
    found = torch.zeros(n, *places, dtype=torch.bool)
    for row in range(n):
        for box in np.atleast_2d(np.asarray(boxes[row], dtype=float)):
            if len(box) != 2 * len(places):
                raise ParameterError(
                    f"A box of {len(box)} numbers for {len(places)} axes.",
                    "Give (x0, y0, x1, y1) for pictures, (start, stop) for series.",
                )
            half = len(places)
            # x comes first in a box and last among the axes
            low, high = box[:half][::-1], box[half:][::-1]
            cut = tuple(
                slice(max(0, int(a)), int(np.ceil(b))) for a, b in zip(low, high, strict=True)
            )
            found[row][cut] = True
    return found
