"""The layers with weights of a recorded graph, batch normalisation folded into those before it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from torch import Tensor

from .families import family_of
from .linear import LinearMap, folded, gain_and_shift, linear_map
from .node import Graph, Node

Kind = Literal["conv", "linear", "norm"]


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer z = x w + b; `node` is the one that names it, `source` the number of its input."""

    node: Node
    source: int
    map: LinearMap
    kind: Kind
    first: bool
    """Whether nothing but movements and constants lie between an input and it."""


def weighted_layers(
    graph: Graph, nodes: Iterable[Node], zero_bias: bool = False
) -> tuple[dict[Node, Layer], set[Node]]:
    """The layers by the node that gives their output, and the nodes folded into those.

    With `zero_bias` they have no biases, and what the layer gives is taken to have none.
    """
    found: dict[Node, Layer] = {}
    inside: set[Node] = set()
    for node in nodes:
        family = family_of(node)
        if node in inside or family not in ("weighted", "batch_norm"):
            continue
        named = node
        if family == "batch_norm":
            pair = folded(graph, node)
            named, layer = pair or (node, _alone(graph, node))
            inside |= {named} - {node}
        else:
            layer = linear_map(graph, node)
        if zero_bias and layer.bias is not None:
            layer = replace(layer, bias=None, z=layer.z - layer.bias)
        source = named.inputs[0]
        kind: Kind = "conv" if "conv" in named.name else "norm" if named is node and (
            family == "batch_norm") else "linear"  # fmt: skip
        found[node] = Layer(named, source, layer, kind, _begins(graph, source))
    return found, inside


def _begins(graph: Graph, value: int) -> bool:
    while (node := graph.maker.get(value)) is not None:
        if family_of(node) not in ("movement", "scale", "shift") or len(node.inputs) != 1:
            return False
        value = node.inputs[0]
    return True


def _alone(graph: Graph, norm: Node) -> LinearMap:
    """A batch normalisation as the linear map that it is in eval mode."""
    x = graph.values[norm.inputs[0]]
    first = norm.outputs[0]
    assert first is not None
    gain, shift = (t.reshape(1, -1, *(1,) * (x.ndim - 2)) for t in gain_and_shift(norm))
    return LinearMap(x, gain, shift, graph.values[first], _times, _times)


def _times(x: Tensor, weight: Tensor) -> Tensor:
    return x * weight
