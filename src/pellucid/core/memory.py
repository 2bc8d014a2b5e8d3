"""A predictor that is asked only once for every row."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import update_wrapper
from hashlib import blake2b
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..errors import InputError, OutputError
from .predictors import as_answer
from .structure import leaves, map_leaves


def remembering(function: Callable[..., Any]) -> "Remembering":
    """`function` with a memory; refuses torch modules, whose layers and gradients it would hide."""
    if isinstance(function, nn.Module):
        raise InputError(
            "remember=True is for functions, estimators and sessions, not for torch modules.",
            "Leave it out.",
        )
    return Remembering(function)


class Remembering:
    """Keeps what `function` answered, row by row, also when it fails later.

    It takes batches as arrays, tensors, lists or data frames, in any number of arguments, and must
    answer a row by itself: as it would in any other batch, and the same every time.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self.function = function
        self._known: dict[Hashable, list[Tensor]] = {}
        self._last: Any = None

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The answers for a batch."""
        parts = [*args, *named.values()]
        keys = list(zip(*map(_keys, parts), strict=True))
        new = {key: row for row, key in reversed(list(enumerate(keys))) if key not in self._known}
        if new:
            self._ask(sorted(new.values()), keys, args, named)
        rows = zip(*(self._known[key] for key in keys), strict=True)
        stacked = iter([torch.stack(rows_of_leaf) for rows_of_leaf in rows])
        whole = map_leaves(lambda _: next(stacked), _tensors(self._last))
        return whole.numpy() if isinstance(self._last, np.ndarray) else whole

    def _ask(self, rows: list[int], keys: Sequence[Hashable], args: Any, named: Any) -> None:
        answer = as_answer(self.function(*_take(args, rows), **_take(named, rows)))
        found = [tensor for _, tensor in leaves(_tensors(answer))]
        if not found or any(tensor.shape[:1] != (len(rows),) for tensor in found):
            shapes = ", ".join(str(tuple(tensor.shape)) for tensor in found) or "none"
            raise OutputError(
                f"The model gave answers of shape {shapes} for {len(rows)} inputs.",
                "Return one row for every input, or leave out remember=True.",
            )
        self._last = answer
        for place, row in enumerate(rows):
            self._known[keys[row]] = [tensor[place].clone() for tensor in found]


def _tensors(answer: Any) -> Any:
    return torch.from_numpy(answer) if isinstance(answer, np.ndarray) else answer


def _keys(part: Any) -> list[Hashable]:
    """What tells the rows of a batch apart."""
    if isinstance(part, Mapping | tuple):
        inside = part.values() if isinstance(part, Mapping) else part
        return list(zip(*map(_keys, inside), strict=True))
    if hasattr(part, "itertuples"):
        return [repr(row) for row in part.itertuples(index=False, name=None)]
    if isinstance(part, Tensor):
        flat = part.detach().cpu().reshape(len(part), -1).contiguous().view(torch.uint8).numpy()
        return _hashes(flat, f"{part.dtype}{tuple(part.shape[1:])}")
    if isinstance(part, np.ndarray) and part.dtype != object:
        return _hashes(part, f"{part.dtype}{part.shape[1:]}")
    return [repr(item) for item in part]


def _hashes(rows: NDArray[Any], about: str) -> list[Hashable]:
    return [(about, blake2b(row.tobytes(), digest_size=16).digest()) for row in rows]


def _take(part: Any, rows: list[int]) -> Any:
    if isinstance(part, Mapping):
        return {key: _take(item, rows) for key, item in part.items()}
    if isinstance(part, tuple):
        return tuple(_take(item, rows) for item in part)
    if hasattr(part, "iloc"):
        return part.iloc[rows]
    return part[rows] if isinstance(part, np.ndarray | Tensor) else [part[row] for row in rows]
