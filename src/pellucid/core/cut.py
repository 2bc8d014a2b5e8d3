"""Forward passes that take out, replace or start at the output of a layer."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import NotApplicable
from .hooks import visiting
from .inputs import Inputs
from .model import Model, replace_first
from .trace import Visit


def forward_from(
    model: Model, inputs: Inputs, visit: Visit, without: Visit | None = None
) -> tuple[Any, Tensor]:
    """The raw output of `inputs` and the output of the layer at `visit`, a leaf of its graph.

    What runs before the layer, and what bypasses it, is constant: the partial derivative. So is the
    output of a later layer, `without`: the ways that lead past it are left.
    """
    kept: list[Tensor] = []

    def leaf(tensor: Tensor) -> Tensor:
        kept.append(tensor.detach().clone().requires_grad_())
        torch.set_grad_enabled(True)
        return kept[0].clone()  # what follows may overwrite it in place

    new: dict[str, Callable[[Tensor], Tensor]] = {visit.place: leaf}
    if without is not None:
        new[without.place] = Tensor.detach

    def at_layer(name: str, call: int, module: nn.Module | None, _: Any, output: Any) -> Any:
        place = f"{name}@{call}"
        return replace_first(output, new[place]) if place in new else None

    with (
        torch.no_grad(),
        _visiting(model, at_layer, [visit] if without is None else [visit, without]),
    ):
        return model.run(inputs), kept[0]


def gradient_of(scores: Tensor, at: list[Tensor], keep: bool = False) -> list[Tensor]:
    """d scores.sum() / d tensor for every tensor, zero where it is not used; never touches
    `.grad`."""
    if not scores.requires_grad:
        raise NotApplicable(
            "No gradient reaches the input: the model leaves the graph "
            "(forward under no_grad, detach, argmax, NumPy).",
            "Remove that from forward or from the target, or use a black-box method.",
        )
    found = found_gradient(scores, at, keep)
    return [
        torch.zeros_like(tensor) if gradient is None else gradient
        for tensor, gradient in zip(at, found, strict=True)
    ]


def found_gradient(
    scores: Tensor, at: list[Tensor], keep: bool = False
) -> tuple[Tensor | None, ...]:
    """d scores.sum() / d tensor for every tensor, None for one that the graph does not lead to."""
    ones = torch.ones_like(scores)
    return torch.autograd.grad(scores, at, ones, retain_graph=keep, allow_unused=True)


class _Stop(BaseException):
    """Ends a forward pass at the deepest layer that is needed."""


def capture(
    model: Model, inputs: Inputs, visits: Iterable[Visit], stop: bool = False
) -> tuple[Any, dict[str, Tensor]]:
    """The raw output and copies of the layers' outputs by place; with `stop` the pass ends at the
    last of them and the raw output is None."""
    wanted = {visit.place: visit for visit in visits}
    found: dict[str, Tensor] = {}

    def at_layer(name: str, call: int, module: nn.Module | None, _: Any, output: Any) -> None:
        place = f"{name}@{call}"
        if place in wanted and place not in found:
            replace_first(output, lambda tensor: found.setdefault(place, tensor.detach().clone()))
            if stop and len(found) == len(wanted):
                raise _Stop

    with torch.no_grad(), _visiting(model, at_layer, wanted.values()):
        try:
            return model.run(inputs), found
        except _Stop:
            return None, found


def forward_to(model: Model, inputs: Inputs, visit: Visit) -> Tensor:
    """The output of the layer at `visit` with the graph that leads to it; the pass ends there."""
    found: list[Tensor] = []

    def keep(tensor: Tensor) -> Tensor:
        found.append(tensor)
        return tensor

    def at_layer(name: str, call: int, module: nn.Module | None, _: Any, output: Any) -> None:
        if call == visit.call:
            replace_first(output, keep)
            raise _Stop

    with torch.enable_grad(), _visiting(model, at_layer, [visit]), suppress(_Stop):
        model.run(inputs)
    return found[0]


def forward_replacing(
    model: Model, inputs: Inputs, visit: Visit, new: Callable[[Tensor], Tensor]
) -> Any:
    """The raw output of `inputs` when the layer's output becomes `new(output)`."""

    def at_layer(name: str, call: int, module: nn.Module | None, _: Any, output: Any) -> Any:
        return replace_first(output, new) if call == visit.call else None

    with torch.no_grad(), _visiting(model, at_layer, [visit]):
        return model.run(inputs)


def _visiting(model: Model, visit: Any, visits: Iterable[Visit]) -> AbstractContextManager[None]:
    names = {v.name for v in visits}
    return visiting(model.module, visit, names, any(name.endswith("()") for name in names))
