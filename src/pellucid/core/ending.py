"""Whether scores are probabilities already: the network ends in a softmax or sigmoid."""

from typing import Any

import torch
from torch import Tensor

from ..errors import PellucidError
from .guard import undisturbed
from .inputs import Inputs
from .model import Model

_NORMALISING = ("Softmax", "Sigmoid")
_PASSING = frozenset(
    {
        *("View", "UnsafeView", "ReshapeAlias", "AsStrided", "Alias", "Clone", "ToCopy"),
        *("Squeeze", "Unsqueeze", "Select", "Slice", "Index", "Unbind", "Expand"),
        *("Permute", "Transpose", "T", "Stack", "Cat"),
    }
)
"""Functions that hand values on as they are."""


def ends_in_probabilities(model: Model, sample: Inputs) -> bool:
    """Read from the graph that leads to the scores; False where the network leaves none."""
    start = {name: x.detach().clone().requires_grad_() for name, x in sample.explained.items()}
    try:
        with undisturbed(model.net), torch.enable_grad():
            scores = model.scores(model.run(sample.replaced(start)), sample.n)
    except PellucidError:
        return False
    node: Any = scores.grad_fn
    while node is not None and _kind(node) in _PASSING:
        node = node.next_functions[0][0]
    return node is not None and _kind(node) in _NORMALISING


def sum_to_one(scores: Tensor) -> bool:
    """Whether scores `(N, K)` are probabilities of exclusive classes, however they came about."""
    if scores.ndim != 2 or scores.shape[1] < 2:
        return False
    total = scores.float().sum(1)
    close = torch.allclose(total, torch.ones_like(total), atol=1e-3)
    return bool(close and (scores >= 0).all() and (scores <= 1).all())


def _kind(node: Any) -> str:
    return str(node.name()).split("Backward")[0]
