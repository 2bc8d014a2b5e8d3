"""What a quirk is: a model that troubles explainers, its inputs, and its plain twin."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from .nets import built, with_weights

Build = Callable[[], Any]


@dataclass(frozen=True)
class Quirk:
    """A model with one quirk. An explanation of it equals the twin's, or is refused.

    `build`, `inputs` and `twin` give new, equal objects at every call and leave the global random
    state alone.
    """

    name: str
    build: Build
    """Makes the model: a module or a callable."""
    inputs: Build
    """Makes what the model takes: a batch of 2."""
    twin: Callable[[], nn.Module] | None
    """Makes the plain net with the same weights whose output is the tensor of scores; None where
    nothing but a refusal is right."""
    note: str
    """What the quirk is, in one line."""
    twin_inputs: Callable[[Any], Any] | None = None
    """Turns the inputs into the twin's; None: they are the same."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What `pl.Model` has to be told."""
    target: Any = None
    """What to explain; it means the same on the twin's output."""
    twin_target: Any = None
    """The twin's target where it has to be written differently."""
    tolerance: float = 1e-5
    """How far the outputs, and the maps relative to their largest value, may differ."""

    def inputs_of_twin(self) -> Any:
        """New inputs in the form that the twin takes."""
        given = self.inputs()
        return given if self.twin_inputs is None else self.twin_inputs(given)


def pair(
    name: str,
    note: str,
    make: Callable[[], nn.Module],
    twin: Callable[[], nn.Module],
    inputs: Build,
    **more: Any,
) -> Quirk:
    """A quirk that is a class of its own: `make()` built from a seed, and `twin()` with its
    weights."""

    def plain() -> nn.Module:
        return with_weights(built(twin), built(make))

    return Quirk(name, partial(built, make), inputs, plain, note, **more)


def batch(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Callable[[], Tensor]:
    """Makes a batch of 2 of standard normal values, `(2, *shape)`, always the same."""

    def make() -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return torch.randn(2, *shape, generator=generator).to(dtype)

    return make


def ids(length: int, most: int, seed: int = 0) -> Callable[[], Tensor]:
    """Makes a batch of 2 of integers below `most`, `(2, length)`, always the same."""

    def make() -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return torch.randint(0, most, (2, length), generator=generator)

    return make


def together(*parts: Callable[[], Tensor]) -> Callable[[], tuple[Tensor, ...]]:
    """Makes a tuple of several inputs."""
    return lambda: tuple(part() for part in parts)
