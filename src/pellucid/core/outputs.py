"""Finds the scores in whatever a network returns."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import OutputError
from .structure import at, leaves, spell

OutputLike = str | int | Callable[[Any], Tensor] | None

_EMBEDDINGS = ("embed", "hidden", "pooler", "feature")


def scores(raw: Any, n: int, select: OutputLike = None) -> Tensor:
    """The score tensor `(N, K, …)` in the raw output of a batch of `n`.

    A lone number per sample becomes `(N, 1)`. Raises `OutputError` where the choice is ambiguous.
    """
    found = _select(raw, select)
    if found is None:
        found = _only(raw, n)
    if found.ndim == 0 or found.shape[0] != n:
        raise OutputError(
            f"The model gave an output of shape {tuple(found.shape)} for a batch of {n}.",
            "Give the input batch-first, (N, …), and a model that answers per sample.",
        )
    return found[:, None] if found.ndim == 1 else found


def _select(raw: Any, select: OutputLike) -> Tensor | None:
    if select is None:
        return None
    if callable(select):
        chosen = select(raw)
    else:
        keys = [int(k) if k.lstrip("-").isdigit() else k for k in str(select).split(".")]
        try:
            chosen = at(raw, tuple(keys))
        except (KeyError, IndexError, AttributeError, TypeError):
            chosen = None
    if not isinstance(chosen, Tensor):
        raise OutputError(
            f"output={select!r} does not lead to a tensor in the model's output.",
            f"It holds {_listing(raw)}.",
        )
    return chosen


def _only(raw: Any, n: int) -> Tensor:
    if isinstance(raw, Tensor):
        return raw
    if isinstance(raw, np.ndarray):
        return torch.from_numpy(np.array(raw))
    found = {
        path: tensor
        for path, tensor in leaves(raw)
        if tensor.is_floating_point() and tensor.shape[:1] == (n,)
    }
    named = [path for path in found if path and path[-1] == "logits"]
    if len(named) == 1:
        return found[named[0]]
    flat = {path: tensor for path, tensor in found.items() if tensor.ndim <= 2}
    usable = flat or found
    if len(usable) == 1:
        path, tensor = next(iter(usable.items()))
        if not any(word in spell(path).lower() for word in _EMBEDDINGS):
            return tensor
    raise OutputError(
        f"Which output holds the scores? The model returns {_listing(raw)}.",
        "Say pl.Model(net, output='name'), a position, or a function of the output; "
        "or give a target that is a function of the output.",
    )


def _listing(raw: Any) -> str:
    entries = [f"{spell(p) or 'a tensor'} {tuple(t.shape)}" for p, t in leaves(raw)]
    return f"{type(raw).__name__} with " + (", ".join(entries[:8]) or "no tensor")
