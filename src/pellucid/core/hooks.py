"""The one place that hooks a network: visits the output of modules and functional activations.

A *place* is a layer and one of its calls. Modules have their dotted names; activations that a
module computes by a function (`F.relu(x)`) are called `block.relu()` after the module that does.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

Visitor = Callable[[str, int, nn.Module | None, tuple[Any, ...], Any], Any]
"""`visit(name, call, module, arguments, output)`; a result that is not None replaces the output."""

RELUS: frozenset[Any] = frozenset(
    {F.relu, F.relu_, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_}
)
"""The functions that compute max(x, 0)."""

ACTIVATIONS: frozenset[Any] = RELUS | {
    F.relu6,
    F.hardtanh,
    F.gelu,
    F.silu,
    F.leaky_relu,
    F.elu,
    F.celu,
    F.selu,
    F.mish,
    F.hardswish,
    F.softplus,
    F.tanh,
    torch.tanh,
    Tensor.tanh,
}
"""Functions whose output is a layer of its own when no module stands for it."""


@contextmanager
def visiting(
    net: nn.Module,
    visit: Visitor,
    only: Iterable[str] | None = None,
    functional: bool = False,
) -> Iterator[None]:
    """Call `visit` after every module call (or after those named), in order of completion.

    With `functional`, also after functional activations; names in `only` that end in `()` need it.
    """
    wanted = None if only is None else set(only)
    calls: Counter[str] = Counter()
    handles = []

    def after(name: str, module: nn.Module, arguments: tuple[Any, ...], output: Any) -> Any:
        call = calls[name]
        calls[name] += 1
        return visit(name, call, module, arguments, output)

    with ExitStack() as stack:
        try:
            for name, module in _places(net, wanted):
                handles.append(module.register_forward_hook(partial(after, name)))
            if functional:
                running: list[tuple[str, nn.Module]] = []
                stack.enter_context(_tracking(net, running))
                stack.enter_context(_FunctionalActivations(visit, running, calls, wanted))
            yield
        finally:
            for handle in handles:
                handle.remove()


def _places(net: nn.Module, wanted: set[str] | None) -> Iterable[tuple[str, nn.Module]]:
    if wanted is None:
        every: Iterable[tuple[str, nn.Module]] = net.named_modules()
        return every
    return [(name, net.get_submodule(name)) for name in wanted if not name.endswith("()")]


@contextmanager
def _tracking(net: nn.Module, running: list[tuple[str, nn.Module]]) -> Iterator[None]:
    """Keep `running` the stack of modules whose forward is under way."""
    handles = []

    def enter(name: str, module: nn.Module, _: Any) -> None:
        running.append((name, module))

    def leave(module: nn.Module, _: Any, __: Any) -> None:
        while running and running.pop()[1] is not module:
            pass

    try:
        for name, module in net.named_modules():
            handles.append(module.register_forward_pre_hook(partial(enter, name)))
            handles.append(module.register_forward_hook(leave))
        yield
    finally:
        for handle in handles:
            handle.remove()


class _FunctionalActivations(TorchFunctionMode):
    def __init__(
        self,
        visit: Visitor,
        running: list[tuple[str, nn.Module]],
        calls: Counter[str],
        wanted: set[str] | None,
    ) -> None:
        super().__init__()
        self.visit, self.running, self.calls, self.wanted = visit, running, calls, wanted

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        output = func(*args, **(kwargs or {}))
        if func not in ACTIVATIONS or not self.running or _is_activation(self.running[-1][1]):
            return output
        owner = self.running[-1][0]
        kind = func.__name__.rstrip("_") + "()"
        name = f"{owner}.{kind}" if owner else kind
        call = self.calls[name]
        self.calls[name] += 1
        if self.wanted is not None and name not in self.wanted:
            return output
        changed = self.visit(name, call, None, args, output)
        return output if changed is None else changed


def _is_activation(module: nn.Module) -> bool:
    return type(module).__module__ == "torch.nn.modules.activation"
