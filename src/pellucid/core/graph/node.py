"""A recorded graph: operations in the order in which they ran, and the values between them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ..structure import Path


@dataclass(frozen=True)
class Ref:
    """Stands in a node's arguments for a value that depends on the input."""

    index: int


@dataclass(frozen=True, eq=False)
class Node:
    """One operation. `args` and `kwargs` hold a `Ref` for what depends on the input, and constants
    (weights) as they are; `outputs` are the numbers of the values that it gave."""

    op: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    outputs: tuple[int | None, ...]
    layer: str
    """The innermost module by its dotted name."""
    kind: str
    """The class of that module."""
    line: str
    """Where the network's own code asks for it."""
    rest: tuple[Any, ...] = ()
    """What it gave beside values: the indices of a max-pooling."""

    @cached_property
    def name(self) -> str:
        """The operation's name without overload: `convolution`, `add`."""
        return str(self.op._schema.name).partition("::")[2]

    @cached_property
    def refs(self) -> tuple[Ref, ...]:
        """Every `Ref` of its arguments, in their order."""
        return tuple(_refs((self.args, *self.kwargs.values())))

    @cached_property
    def inputs(self) -> tuple[int, ...]:
        """The numbers of the values it takes, each once."""
        return tuple(dict.fromkeys(ref.index for ref in self.refs))

    @property
    def place(self) -> str:
        """The layer and the operation, for messages and tables."""
        return f"{self.layer}.{self.name}" if self.layer else self.name

    def run(self, value: Callable[[int], Tensor]) -> Any:
        """The operation on other values."""
        args = _filled(self.args, value)
        return self.op(*args, **{k: _filled(v, value) for k, v in self.kwargs.items()})


@dataclass(eq=False)
class Graph:
    """What ran between the inputs and the outputs; values that are constant are not in it."""

    nodes: list[Node] = field(default_factory=list)
    values: list[Tensor] = field(default_factory=list)
    sources: dict[str, int] = field(default_factory=dict)
    """The values that can be explained, by input name."""
    exits: dict[Path, int] = field(default_factory=dict)
    """Where the outputs lie in what the network returned."""
    raw: Any = None
    """What the network returned."""

    @cached_property
    def maker(self) -> dict[int, Node]:
        """The node that gave each value."""
        return {i: node for node in self.nodes for i in node.outputs if i is not None}

    @cached_property
    def uses(self) -> dict[int, int]:
        """How many nodes and outputs take each value."""
        count: dict[int, int] = {}
        for i in [*(i for node in self.nodes for i in node.inputs), *self.exits.values()]:
            count[i] = count.get(i, 0) + 1
        return count

    def between(self, ends: Iterable[int]) -> list[Node]:
        """The nodes through which a source reaches one of the values `ends`, last one first."""
        reached = set(self.sources.values())
        for node in self.nodes:
            if reached & set(node.inputs):
                reached.update(i for i in node.outputs if i is not None)
        wanted, found = set(ends) & reached, []
        for node in reversed(self.nodes):
            if wanted & set(node.outputs):
                found.append(node)
                wanted.update(reached & set(node.inputs))
        return found


def pull_back(
    node: Node, value: Callable[[int], Tensor], gradients: Iterable[Tensor | None]
) -> dict[int, Tensor]:
    """Jᵀ g: the gradients at the node's inputs from those at its outputs (None: zero)."""
    at = {i: value(i).detach().requires_grad_() for i in node.inputs}
    with torch.enable_grad():
        found = node.run(at.__getitem__)
        outputs = [found] if isinstance(found, Tensor) else list(found)
        pairs = [
            (y, g)
            for y, g in zip(outputs, gradients, strict=True)
            if g is not None and isinstance(y, Tensor) and y.requires_grad
        ]
        if not pairs:
            return {}
        ys, gs = zip(*pairs, strict=True)
        back = torch.autograd.grad(ys, list(at.values()), gs, allow_unused=True)
    return {i: g for i, g in zip(at, back, strict=True) if g is not None}


def _refs(argument: Any) -> Iterator[Ref]:
    if type(argument) is Ref:
        yield argument
    elif isinstance(argument, list | tuple):
        for item in argument:
            yield from _refs(item)


def _filled(argument: Any, value: Callable[[int], Tensor]) -> Any:
    if isinstance(argument, Ref):
        return value(argument.index)
    if isinstance(argument, list | tuple):
        return type(argument)(_filled(item, value) for item in argument)
    return argument
