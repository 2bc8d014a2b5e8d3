"""Replaces the backward pass of every ReLU at the level of functions.

Modules, functional, in-place and reused ReLUs all end in the same few functions, which a torch
function mode intercepts. What it cannot intercept is found afterwards in the autograd graph.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from ..errors import NotApplicable
from ..ops.kinks import passing
from .hooks import RELUS

Rule = Callable[[Tensor, Tensor], Tensor]
"""`(derivative of the rectifier at the input, gradient from above) -> gradient`."""

Derivative = Callable[[Tensor, float | None], Tensor]
"""`(input of the rectifier, its upper limit) -> derivative`, boolean or between 0 and 1."""

_OTHERS = {
    "Gelu": "GELU",
    "Silu": "SiLU",
    "LeakyRelu": "LeakyReLU",
    "PreluKernel": "PReLU",
    "Elu": "ELU, SELU or CELU",
    "Mish": "Mish",
    "Hardswish": "Hardswish",
    "RreluWithNoise": "RReLU",
    "Softplus": "Softplus",
    "LogSigmoid": "LogSigmoid",
}
_MISSED = {
    "Relu": "ReLU",
    "Threshold": "Threshold",
    "Hardtanh": "ReLU6",
    "Clamp": "clamp",
    "ClampMin": "clamp",
    "Maximum": "maximum",
    "Where": "where",
}
_CLAMPS = {
    *(torch.clamp, torch.clip, torch.clamp_min, Tensor.clamp, Tensor.clip, Tensor.clamp_min),
}
_CLAMPS_IN_PLACE = {
    *(torch.clamp_, torch.clip_, torch.clamp_min_),
    *(Tensor.clamp_, Tensor.clip_, Tensor.clamp_min_),
}


class _Rectifier(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, top: float | None, rule: Rule, derivative: Derivative
    ) -> Tensor:
        ctx.save_for_backward(derivative(x, top))
        ctx.rule = rule
        return x.clamp(0, top)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (derivative,) = ctx.saved_tensors
        (gradient,) = gradients
        return ctx.rule(derivative.to(gradient.dtype), gradient), None, None, None


class _Rewriting(TorchFunctionMode):
    def __init__(self, rule: Rule, derivative: Derivative, count: Counter[str]) -> None:
        super().__init__()
        self.rule, self.derivative, self.count = rule, derivative, count

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        top = _rectifies(func, args, kwargs)
        x = args[0] if args else kwargs.get("input")
        if top is False or not (isinstance(x, Tensor) and x.is_floating_point()):
            return func(*args, **kwargs)
        self.count["ReLU" if top is None else f"ReLU{top:g}"] += 1
        apply = _Rectifier.apply
        y: Tensor = apply(x, top, self.rule, self.derivative)  # type: ignore[no-untyped-call]
        return _in_place(x, y) if _overwrites(func, args, kwargs) else y


@contextmanager
def rewriting(rule: Rule, derivative: Derivative = passing) -> Iterator[Counter[str]]:
    """Every ReLU and ReLU6 in the body has `rule` as its backward pass; yields their counts."""
    count: Counter[str] = Counter()
    with _Rewriting(rule, derivative, count):
        yield count


def refuse_unsound(scores: Tensor, count: Counter[str], method: str) -> None:
    """Refuse a graph in which the rule is undefined or was not applied everywhere."""
    nodes = _nodes(scores)
    others = [f"{name} ({nodes[kind]}×)" for kind, name in _OTHERS.items() if nodes[kind]]
    if others:
        raise NotApplicable(
            f"{method} is defined for ReLU only; this model has {', '.join(others)}.",
            "Use gradient, integrated_gradients or grad_cam.",
        )
    missed = [f"{name} ({nodes[kind]}×)" for kind, name in _MISSED.items() if nodes[kind]]
    if missed:
        raise NotApplicable(
            f"{method} could not intercept {', '.join(missed)} of this model (compiled code, or "
            "another way to write a rectifier).",
            "Use gradient, integrated_gradients or grad_cam.",
        )
    if not count:
        raise NotApplicable(
            f"The model has no ReLU, so {method} would equal the plain gradient.",
            "Use gradient.",
        )


def _nodes(scores: Tensor) -> Counter[str]:
    """Kinds of nodes in the graph behind `scores`, without the number of the backward pass."""
    found: Counter[str] = Counter()
    seen: set[Any] = set()
    stack = [scores.grad_fn]
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        found[node.name().split("Backward")[0]] += 1
        stack.extend(parent for parent, _ in node.next_functions)
    return found


def _rectifies(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> float | bool | None:
    """The upper limit of a rectifier (None for a ReLU); False for any other function."""
    if func in RELUS:
        return None
    if func is F.relu6:
        return 6.0
    if func in (F.hardtanh, F.hardtanh_):
        low = kwargs.get("min_val", args[1] if len(args) > 1 else -1.0)
        high = kwargs.get("max_val", args[2] if len(args) > 2 else 1.0)
        return float(high) if low == 0 else False
    if func in _CLAMPS or func in _CLAMPS_IN_PLACE:
        low = kwargs.get("min", args[1] if len(args) > 1 else None)
        high = kwargs.get("max", args[2] if len(args) > 2 else None)
        zero = isinstance(low, int | float) and low == 0
        if zero and (high is None or isinstance(high, int | float)):
            return None if high is None else float(high)
    return False


def _overwrites(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    if func in (F.relu_, torch.relu_, Tensor.relu_, F.hardtanh_) or func in _CLAMPS_IN_PLACE:
        return True
    position = {F.relu: 1, F.relu6: 1, F.hardtanh: 3}.get(func)
    flag = len(args) > position and args[position] if position is not None else False
    return bool(kwargs.get("inplace", flag))


def _in_place(x: Tensor, y: Tensor) -> Tensor:
    """`x` overwritten with `y`, for networks that go on with the name of the input."""
    return x.copy_(y)
