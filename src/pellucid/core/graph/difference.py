"""Two recordings of one network: on an input, and on a baseline that it is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ...errors import NotApplicable
from .node import Graph, Node, Ref


@dataclass(frozen=True)
class Difference:
    """The same operations with two sets of values, numbered alike.

    Raises `NotApplicable` where the network does something else on the baseline.
    """

    graph: Graph
    base: Graph

    def __post_init__(self) -> None:
        ours, theirs = self.graph.nodes, self.base.nodes
        for a, b in zip(ours, theirs, strict=False):
            if not _alike(a, b):
                raise _otherwise(a)
        if len(ours) != len(theirs):
            raise _otherwise(max(ours, theirs, key=len)[min(len(ours), len(theirs))])

    def delta(self, index: int) -> Tensor:
        """Δ: a value less its baseline."""
        return self.graph.values[index] - self.base.values[index]

    def at(self, part: float, index: int) -> Tensor:
        """A value a part of the way from the baseline to the input."""
        if part in (0, 1):
            return (self.base, self.graph)[int(part)].values[index]
        return torch.lerp(self.base.values[index], self.graph.values[index], part)


def _alike(a: Node, b: Node) -> bool:
    same = a.op is b.op and a.outputs == b.outputs and a.kwargs.keys() == b.kwargs.keys()
    return same and _equal(a.args, b.args) and _equal(a.kwargs, b.kwargs)


def _equal(a: Any, b: Any) -> bool:
    """Whether two arguments are the same, constants by their values."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        if a is b:
            return True
        there = a.data_ptr() == b.data_ptr() and a.stride() == b.stride()
        return a.shape == b.shape and (there or torch.equal(a, b))
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, Ref | Tensor) or isinstance(b, Ref | Tensor):
        return bool(isinstance(a, Ref) and a == b)
    return bool(a == b)


def _otherwise(node: Node) -> NotApplicable:
    return NotApplicable(
        f"The network computes otherwise on the baseline than on the input, at {node.place} "
        f"({node.line}): what it does depends on the values.",
        "Use integrated_gradients, or another baseline.",
    )
