"""What a conformance check works with: a method, and the nets and batches to try it on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor, nn

from ..api.explain import explain
from ..core import registry
from ..core.explanation import Explanation
from ..core.method import Card, Method, Modality
from ..errors import ParameterError
from .nets import Plain, built, mlp
from .recurrent import EmbedLSTM

MethodLike = str | type[Method] | Method | Callable[[Tensor], Method]
"""A name, a class, an object, or a function that makes the object for a batch `(N, …)` where the
method needs data (baselines of the input's shape)."""


@dataclass(frozen=True)
class Trial:
    """A seeded net of one modality, the shape of one sample, and the axes that an input has."""

    make: Callable[[], nn.Module]
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    ids: int = 0
    """Not 0: the input is integers below this."""

    def batch(self, n: int = 3) -> Tensor:
        """`(n, *shape)`, always the same; the scale differs between samples."""
        generator = torch.Generator().manual_seed(1)
        if self.ids:
            return torch.randint(0, self.ids, (n, *self.shape), generator=generator)
        size = torch.linspace(1, 2, n).reshape(-1, *(1,) * len(self.shape))
        return size * torch.randn(n, *self.shape, generator=generator)

    def axes_of(self, kind: str) -> tuple[str, ...]:
        """The axes of values declared as `input` or `space`."""
        kept = [a for a in self.axes if kind == "input" or a != "channel"]
        return ("sample", *kept)


_PLANE = ("channel", "height", "width")

TRIALS: dict[Modality, Trial] = {
    "image": Trial(partial(built, Plain), (3, 16, 16), _PLANE),
    "volume": Trial(
        partial(built, partial(Plain, 1, 3, 3)), (1, 8, 8, 12), ("channel", "depth", *_PLANE[1:])
    ),
    "series": Trial(partial(built, partial(Plain, 5, 3, 1)), (5, 32), ("channel", "time")),
    "table": Trial(mlp, (6,), ("feature",)),
    "text": Trial(partial(built, EmbedLSTM), (9,), ("token",), ids=20),
}
"""One net for every modality."""

SIZES: dict[str, Trial] = {
    "one channel": Trial(partial(built, partial(Plain, 1)), (1, 16, 16), _PLANE),
    "16×28 pixels": Trial(partial(built, Plain), (3, 16, 28), _PLANE),
    "15×17 pixels": Trial(partial(built, Plain), (3, 15, 17), _PLANE),
}
"""Pictures of other sizes."""


@dataclass(frozen=True)
class Subject:
    """A method under test."""

    card: Card
    cls: type[Method]
    make: Callable[[Tensor], Method]
    by_default: bool
    """Whether it is made without parameters."""

    @property
    def home(self) -> Trial:
        """The net and batch on which it must work: those of its first modality."""
        return TRIALS[self.card.modalities[0]]

    def explain(self, net: Any, x: Any, **more: Any) -> Explanation:
        """The explanation of `net` on `x`."""
        found: Explanation = explain(net, x, self.make(x), **more)
        return found

    @cached_property
    def net(self) -> nn.Module:
        """The home net, for checks that do not change it."""
        return self.home.make()

    @cached_property
    def explained(self) -> Explanation:
        """The explanation of the home net and batch."""
        return self.at_home()

    def at_home(self, **more: Any) -> Explanation:
        """A new explanation of the home net and batch."""
        return self.explain(self.net, self.home.batch(), **more)


def subject(method: MethodLike) -> Subject:
    """The method behind any way to give one."""
    if isinstance(method, str):
        method = registry.get(method)
    if isinstance(method, type) and issubclass(method, Method):
        cls = method
        return Subject(_card(cls), cls, lambda x: cls(), by_default=True)
    if isinstance(method, Method):
        one = method
        return Subject(_card(type(one)), type(one), lambda x: one, by_default=False)
    if isinstance(method, type) or not callable(method):
        raise ParameterError(
            f"{getattr(method, '__name__', type(method).__name__)} is not a method.",
            "Give a name, a class, an object, or a function from a batch to an object.",
        )
    example = method(TRIALS["image"].batch())
    return Subject(_card(type(example)), type(example), method, by_default=False)


def _card(cls: type[Method]) -> Card:
    card = getattr(cls, "card", None)
    if not isinstance(card, Card):
        raise ParameterError(
            f"{cls.__name__} has no card.", "Decorate it with @pellucid.method(Card(...))."
        )
    return card
