"""A network traced as a graph, with what every node gives on one unchanged input."""

import copy
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import Parameter, signature
from operator import eq
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.utils.flop_counter import FlopCounterMode

from ..model import FAILURES
from .patch import Space
from .rules import Known, Rule, rule_of

_IN_PLACE = {
    operator.iadd: operator.add,
    operator.isub: operator.sub,
    operator.imul: operator.mul,
    operator.itruediv: operator.truediv,
}


@dataclass
class Network:
    """The graph, the value of every node on the clean input, the rules for patches, and the
    multiplications of every node."""

    graph: fx.GraphModule
    values: dict[fx.Node, Any] = field(default_factory=dict)
    rules: dict[fx.Node, Rule] = field(default_factory=dict)
    spaces: dict[fx.Node, Space] = field(default_factory=dict)
    work: dict[fx.Node, float] = field(default_factory=dict)

    @property
    def entry(self) -> fx.Node:
        """The node of the input."""
        found: fx.Node = next(n for n in self.graph.graph.nodes if n.op == "placeholder")
        return found

    @property
    def output(self) -> Any:
        """What the graph gave for the clean input."""
        return self.values[next(n for n in self.graph.graph.nodes if n.op == "output")]


def traced(net: nn.Module) -> Network | str:
    """The graph of a network of one input, or why there is none."""
    given = signature(net.forward).parameters.values()
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    places = [p for p in given if p.kind in kinds]
    fixed = {p.name: p.default for p in places[1:] if p.default is not Parameter.empty}
    if len(places) != 1 + len(fixed):
        return "it takes several inputs"
    try:
        tracer = fx.Tracer()
        graph = tracer.trace(net, concrete_args=fixed or None)
        _without_defaults(graph)
        module = fx.GraphModule(net, graph)
    except (*FAILURES, fx.proxy.TraceError) as error:
        return f"its forward cannot be traced ({type(error).__name__})"
    _write_nowhere(module)
    if sum(node.op == "placeholder" for node in module.graph.nodes) != 1:
        return "it takes several inputs"
    return Network(module)


def _without_defaults(graph: fx.Graph) -> None:
    """Leave out the arguments that have their defaults, and the assertions that they do."""
    for node in reversed(list(graph.nodes)):
        said = getattr(node.target, "__name__", "").startswith("_assert")
        unused = node.op == "placeholder" or (node.op == "call_function" and node.target is eq)
        if not node.users and (said or unused):
            graph.erase_node(node)


def _write_nowhere(module: fx.GraphModule) -> None:
    """Turn operations in place into ones that make a new tensor; clean values stay clean."""
    for node in module.graph.nodes:
        if node.op == "call_function":
            node.target = _IN_PLACE.get(node.target, node.target)
            name = getattr(node.target, "__name__", "")
            plain = getattr(torch, name.rstrip("_"), None)
            if name.endswith("_") and not name.startswith("_") and plain is not None:
                node.target = plain
        elif node.op == "call_method" and node.target.endswith("_") and node.target[0] != "_":
            node.target = node.target.rstrip("_")
        elif node.op == "call_module":
            layer = module.get_submodule(node.target)
            if getattr(layer, "inplace", False):
                layer = copy.copy(layer)
                layer.inplace = False  # type: ignore[assignment]
                parent, _, name = node.target.rpartition(".")
                setattr(module.get_submodule(parent), name, layer)
        if node.kwargs.get("inplace"):
            node.kwargs = {**node.kwargs, "inplace": False}
    module.recompile()


class _Clean(fx.Interpreter):
    """Runs the graph once and keeps every value, with the multiplications it took."""

    def __init__(self, network: Network, counter: FlopCounterMode) -> None:
        super().__init__(network.graph, garbage_collect_values=False)
        self.network, self.counter = network, counter

    def run_node(self, n: fx.Node) -> Any:
        before = self.counter.get_total_flops()
        value = super().run_node(n)
        self.network.work[n] = (self.counter.get_total_flops() - before) / 2
        self.network.values[n] = value
        return value


def run_clean(network: Network, x: Tensor) -> None:
    """Fill in values, rules and work for the clean input `(1, …)`; `spaces` has those of the
    entry."""
    network.values.clear()
    with FlopCounterMode(display=False) as counter:
        _Clean(network, counter).run(x)
    if network.rules:
        return
    modules: Mapping[str, nn.Module] = dict(network.graph.named_modules())
    known = Known(modules, network.values, network.spaces)
    for node in network.graph.graph.nodes:
        rule = rule_of(node, known) if set(node.all_input_nodes) & set(network.spaces) else None
        if rule is not None and isinstance(network.values[node], Tensor):
            network.rules[node] = rule
            network.spaces[node] = rule.space
