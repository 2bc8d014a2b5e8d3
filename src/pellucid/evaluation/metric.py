"""What a metric is: a frozen parameter object, one declaration, one verb."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar, dataclass_transform

import pydantic
from torch import Tensor

from ..core.method import declared
from ..core.target import Space
from ..errors import ParameterError
from .probe import Probe
from .subject import Subject

Better = Literal["higher", "lower"]
Family = Literal["faithfulness", "robustness", "axioms", "complexity", "localisation"]


@dataclass(frozen=True)
class MetricCard:
    """What a metric declares about itself; help, tables and tests come from it."""

    name: str
    """The field's standard name in snake_case."""
    title: str
    paper: str
    family: Family
    better: Better
    range: tuple[float, float]
    """Least and greatest value there can be; infinite where there is no bound."""
    flaw: str
    """How this metric is known to mislead."""
    reruns: bool = False
    """Whether the method is run again."""
    needs_mask: bool = False
    """Whether it needs to be told where the evidence lies."""

    @property
    def help(self) -> str:
        """Where more is told."""
        return f"See the docstring of {self.title}."


@dataclass(frozen=True)
class Measured:
    """What a metric found: one value a row, and the curve behind it where there is one.

    `curve` is `(N, points)` over `at` (shares of what was taken away).
    """

    values: Tensor
    curve: Tensor | None = None
    at: tuple[float, ...] = ()


@dataclass(frozen=True)
class Bench:
    """What a metric may use: the probes, shared between metrics and methods, and where the evidence
    is known to lie."""

    probe_of: Callable[[Subject, Space], Probe]
    inside: Tensor | None = None
    """True where the evidence lies, `(N, *places)` of the first input."""
    remembered: Callable[[Hashable, Callable[[], Any]], Any] = lambda key, ask: ask()
    """`remembered(key, ask)` keeps what is expensive and serves several metrics."""

    def evidence(self, values: Tensor) -> Tensor:
        """The mask, flat as `values` `(N, places)`; refuses what does not fit."""
        if self.inside is None:
            raise ParameterError(
                "Nothing says where the evidence lies.", "Give masks= or boxes= to pl.evaluate."
            )
        flat = self.inside.flatten(1)
        if flat.shape != values.shape:
            raise ParameterError(
                f"A mask of shape {tuple(self.inside.shape)} for {values.shape[1]} places.",
                "Give masks (N, height, width), (N, time) or (N, features), as the input.",
            )
        return flat


class Metric(ABC):
    """Base of all metrics; holds no state. Subclasses are frozen and final."""

    card: ClassVar[MetricCard]

    @abstractmethod
    def measure(self, subject: Subject, bench: Bench) -> Measured:
        """One value for every row of the explanation."""

    def params(self) -> dict[str, Any]:
        """Every parameter with its value, defaults included."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]


M = TypeVar("M", bound=type[Metric])


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(pydantic.Field,))
def metric(card: MetricCard) -> Callable[[M], M]:
    """Make a class a metric: frozen, validated parameters, and its declaration as `card`."""

    def decorate(cls: M) -> M:
        return declared(cls, card)

    return decorate
