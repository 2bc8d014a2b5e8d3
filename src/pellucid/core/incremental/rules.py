"""What each operation of a network does to a patch; operations without a rule end the patch."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from ...ops.sliding import Sliding
from .patch import Space
from .windows import Window, window_of

Apply = Callable[[Sequence[Tensor]], Tensor]


@dataclass(frozen=True)
class Rule:
    """`apply` turns rectangles of the `maps` (all at the same places) into one of the output.

    With a `window`, that slides over the one map, and the rectangles are what it reads.
    """

    maps: tuple[fx.Node, ...]
    space: Space
    apply: Apply
    window: Window | None = None

    @property
    def slides(self) -> tuple[Sliding, ...]:
        """The window of every axis of space; without one, a place reads its own place."""
        return self.window.slides if self.window else (Sliding(),) * len(self.space.axes)


@dataclass(frozen=True)
class Known:
    """What is known of a traced network on the unchanged input."""

    modules: Mapping[str, nn.Module]
    values: Mapping[fx.Node, Any]
    spaces: Mapping[fx.Node, Space]
    """The axes of every node whose value is a map that the window can change."""

    def given(self, argument: Any) -> Any:
        """An argument with nodes replaced by their values."""
        return fx.map_arg(argument, lambda node: self.values[node])

    def is_map(self, argument: Any) -> bool:
        """Whether an argument is such a map."""
        return isinstance(argument, fx.Node) and argument in self.spaces

    def depends(self, argument: Any) -> bool:
        """Whether an argument is a node at all whose value may change with the input."""
        return isinstance(argument, fx.Node) and argument.op != "get_attr"


_POINTWISE_MODULES = (
    *(nn.ReLU, nn.ReLU6, nn.Hardtanh, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU),
    *(nn.Mish, nn.Sigmoid, nn.Tanh, nn.Hardswish, nn.Hardsigmoid, nn.Softplus, nn.Softsign),
    *(nn.LogSigmoid, nn.Threshold, nn.Hardshrink, nn.Softshrink, nn.Tanhshrink, nn.Identity),
    *(nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout),
    *(nn.FeatureAlphaDropout,),
)
_PER_CHANNEL_MODULES = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.PReLU)

_POINTWISE = {
    *("relu", "relu6", "hardtanh", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish"),
    *("sigmoid", "tanh", "hardswish", "hardsigmoid", "softplus", "softsign", "logsigmoid"),
    *("threshold", "abs", "neg", "exp", "log", "sqrt", "rsqrt", "square", "pow", "sin", "cos"),
    *("clamp", "clip", "clamp_min", "clamp_max", "dropout", "alpha_dropout", "contiguous"),
    *("float", "to", "clone", "detach", "feature_dropout", "dropout1d", "dropout2d", "dropout3d"),
    *("erf", "log1p", "expm1", "reciprocal"),
}
_JOINT = {
    *("add", "sub", "mul", "div", "truediv", "true_divide", "multiply", "subtract", "divide"),
    *("maximum", "minimum", "radd", "rsub", "rmul", "rtruediv", "iadd", "isub", "imul"),
}
_HOMES = (torch, F, Tensor, torch._C._nn, operator)


def rule_of(node: fx.Node, known: Known) -> Rule | None:
    """The rule of a node with at least one map among its arguments; None where it has none."""
    if node.op == "call_module":
        return _of_module(node, known)
    if node.op not in ("call_function", "call_method"):
        return None
    name = _name(node)
    if name in ("cat", "concat", "concatenate"):
        return _joined(node, known)
    if name in _JOINT:
        return _joint(node, known)
    if name == "permute":
        return _turned(node, known)
    if name in ("layer_norm", "linear", "batch_norm"):
        return _along_channels(node, known, name)
    if name in _POINTWISE:
        return _pointwise(node, known)
    return _sliding(node, known, name, None)


def _name(node: fx.Node) -> str:
    """The usual name of a function or method, without underscores around it."""
    if node.op == "call_method":
        return str(node.target).strip("_")
    name = str(getattr(node.target, "__name__", "")).strip("_")
    here = any(getattr(home, name, None) is not None for home in _HOMES)
    return name if here or name in _JOINT else ""


def _call(node: fx.Node, known: Known, arguments: Mapping[fx.Node, Tensor]) -> Any:
    """The node's own function on other values for some of its arguments."""

    def value(argument: fx.Node) -> Any:
        return arguments[argument] if argument in arguments else known.values[argument]

    args, kwargs = fx.map_arg(node.args, value), fx.map_arg(node.kwargs, value)
    if node.op == "call_module":
        return known.modules[str(node.target)](*args, **kwargs)
    if node.op == "call_method":
        return getattr(args[0], str(node.target))(*args[1:], **kwargs)
    return node.target(*args, **kwargs)  # type: ignore[operator]


def _applied(node: fx.Node, known: Known, maps: tuple[fx.Node, ...]) -> Apply:
    return lambda tiles: _call(node, known, dict(zip(maps, tiles, strict=True)))


def _others_are_constants(node: fx.Node, known: Known, maps: Sequence[fx.Node]) -> bool:
    return not any(known.depends(n) for n in node.all_input_nodes if n not in maps)


def _pointwise(node: fx.Node, known: Known, along: bool = False) -> Rule | None:
    """One map and constants; `along` where those belong to the channels."""
    source = node.args[0] if node.args else None
    if not isinstance(source, fx.Node) or not known.is_map(source):
        return None
    if not _others_are_constants(node, known, [source]):
        return None
    space, rank = known.spaces[source], known.values[source].ndim
    others = [known.values[n] for n in node.all_input_nodes if n is not source]
    if not along and not all(_same_everywhere(value, space, rank) for value in others):
        return None
    return Rule((source,), space, _applied(node, known, (source,)))


def _of_module(node: fx.Node, known: Known) -> Rule | None:
    module, source = known.modules[str(node.target)], node.args[0] if node.args else None
    if not known.is_map(source) or len(node.all_input_nodes) != 1 or _hooked(module):
        return None
    assert isinstance(source, fx.Node)
    space = known.spaces[source]
    if type(module) in _POINTWISE_MODULES:
        return _pointwise(node, known)
    if type(module) in _PER_CHANNEL_MODULES:
        still = getattr(module, "running_mean", module) is not None
        return _pointwise(node, known) if space.channel == 1 and still else None
    last = space.channel == known.values[source].ndim - 1
    if type(module) is nn.Linear or (
        type(module) is nn.LayerNorm and len(module.normalized_shape) == 1
    ):
        return _pointwise(node, known) if last else None
    return _sliding(node, known, "", module)


def _hooked(module: nn.Module) -> bool:
    return bool(module._forward_hooks or module._forward_pre_hooks)


def _along_channels(node: fx.Node, known: Known, name: str) -> Rule | None:
    """Functions that mix or scale the channels of each place."""
    source = node.args[0] if node.args else None
    if not isinstance(source, fx.Node) or not known.is_map(source):
        return None
    space, rank = known.spaces[source], known.values[source].ndim
    if name == "batch_norm":
        arguments = dict(zip(("x", "mean", "var", "w", "b", "training"), node.args, strict=False))
        training = node.kwargs.get("training", arguments.get("training", False))
        return None if training or space.channel != 1 else _pointwise(node, known, along=True)
    if name == "layer_norm":
        shape = known.given(node.args[1] if len(node.args) > 1 else node.kwargs["normalized_shape"])
        if len(shape) != 1:
            return None
    return _pointwise(node, known, along=True) if space.channel == rank - 1 else None


def _joint(node: fx.Node, known: Known) -> Rule | None:
    """Two maps, or a map and a constant, place by place."""
    operands = node.args[:2]
    if len(operands) < 2 or any(isinstance(v, fx.Node) for v in node.kwargs.values()):
        return None
    maps = [n for n in node.all_input_nodes if n in operands and known.is_map(n)]
    if not maps or not _others_are_constants(node, known, maps) or not _alike(maps, known):
        return None
    space, rank = known.spaces[maps[0]], known.values[maps[0]].ndim
    constants = [known.given(operand) for operand in operands if operand not in maps]
    if not all(_same_everywhere(value, space, rank) for value in constants):
        return None
    return Rule(tuple(maps), space, _applied(node, known, tuple(maps)))


def _alike(maps: Sequence[fx.Node], known: Known) -> bool:
    """Whether maps have the same places on the same axes."""
    return len({(known.spaces[m], known.spaces[m].sizes(known.values[m].shape)) for m in maps}) == 1


def _same_everywhere(value: Any, space: Space, rank: int) -> bool:
    """Whether a constant broadcasts over space."""
    if not isinstance(value, Tensor):
        return True
    sizes = (1,) * (rank - value.ndim) + tuple(value.shape)
    return value.ndim <= rank and sizes[0] == 1 and all(sizes[axis] == 1 for axis in space.axes)


def _joined(node: fx.Node, known: Known) -> Rule | None:
    """Maps one after the other along the channels."""
    parts = node.args[0] if node.args else ()
    dim = node.args[1] if len(node.args) > 1 else node.kwargs.get("dim", 0)
    maps = node.all_input_nodes
    if not isinstance(parts, Sequence) or not maps or not all(map(known.is_map, parts)):
        return None
    space, rank = known.spaces[maps[0]], known.values[maps[0]].ndim
    if not _alike(maps, known) or not isinstance(dim, int) or dim % rank != space.channel:
        return None
    return Rule(tuple(maps), space, _applied(node, known, tuple(maps)))


def _turned(node: fx.Node, known: Known) -> Rule | None:
    source = node.args[0]
    if not isinstance(source, fx.Node) or not known.is_map(source):
        return None
    given = node.args[1:] or (node.kwargs.get("dims"),)
    order = given[0] if len(given) == 1 else given
    rank = known.values[source].ndim
    if not isinstance(order, Sequence):
        return None
    axes = [axis % rank for axis in order if isinstance(axis, int)]
    if len(axes) != rank or axes[0] != 0:
        return None
    old = known.spaces[source]
    space = Space(tuple(axes.index(axis) for axis in old.axes), axes.index(old.channel))
    return Rule((source,), space, _applied(node, known, (source,)))


def _sliding(node: fx.Node, known: Known, name: str, module: nn.Module | None) -> Rule | None:
    source = node.args[0] if node.args else node.kwargs.get("input")
    if not isinstance(source, fx.Node) or not known.is_map(source):
        return None
    if not _others_are_constants(node, known, [source]):
        return None
    space, value, output = known.spaces[source], known.values[source], known.values[node]
    rank = len(space.axes)
    channels_first = space.channel == 1 and space.axes == tuple(range(2, rank + 2))
    if not channels_first or not isinstance(output, Tensor) or output.ndim != rank + 2:
        return None
    arguments = known.given(node.args[1:]), known.given(dict(node.kwargs))
    window = window_of(name, module, arguments, value, output)
    if window is None:
        return None
    return Rule((source,), space, lambda tiles: window.apply(tiles[0]), window)
