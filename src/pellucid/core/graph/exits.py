"""Where a target's score hangs on the outputs of a recorded graph."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ...errors import NotApplicable
from ..call import Call
from ..cut import found_gradient
from ..structure import replace_leaf
from .node import Graph

Slopes = dict[int, Tensor]
"""The derivative of a score by the values that leave the graph, by their numbers."""


def slopes(
    call: Call, graph: Graph, samples: Tensor, values: Mapping[int, Tensor] | None = None
) -> tuple[Tensor, list[Slopes]]:
    """The targets' scores `(rows, K)`, and for each target its derivative by every output.

    `values` are other outputs in the place of the recorded ones. Raises `NotApplicable` where the
    score does not depend on any output that the input leads to.
    """
    raw, leaves = graph.raw, {}
    for path, index in graph.exits.items():
        value = graph.values[index] if values is None else values[index]
        leaves[path] = value.detach().clone().requires_grad_()
        raw = replace_leaf(raw, path, leaves[path])
    with torch.enable_grad():
        scores = call.scores(raw, samples)
        columns = scores.unbind(1)
    found: list[Slopes] = []
    for k, column in enumerate(columns):
        if not column.requires_grad:
            raise _unreached()
        last = k == len(columns) - 1
        back = found_gradient(column, list(leaves.values()), keep=not last)
        slope: Slopes = {}
        for path, gradient in zip(leaves, back, strict=True):
            if gradient is not None and bool((gradient != 0).any()):
                index = graph.exits[path]
                slope[index] = slope[index] + gradient if index in slope else gradient
        found.append(slope)
    return scores.detach(), found


def _unreached() -> NotApplicable:
    return NotApplicable(
        "No recorded operation leads from the input to the score: on the way the values leave "
        "torch, or become whole numbers.",
        "Keep the forward pass in torch operations, or use a black-box method.",
    )
