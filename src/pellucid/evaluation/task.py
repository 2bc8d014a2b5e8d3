"""What a task with a known answer is: items, where their evidence was planted, and a network."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar, dataclass_transform

import torch
from torch import Generator, Tensor, nn

from ..core.method import Modality, declared


@dataclass(frozen=True)
class TaskCard:
    """What a task declares about itself; help, tables and pages come from it."""

    name: str
    title: str
    modality: Modality
    question: str
    """What a user would ask of a model like this."""
    evidence: str
    """What was planted, and alone decides the class."""
    trap: str
    """What else is there that a wrong map may mark."""
    classes: tuple[str, ...]
    steps: int = 300
    """Steps of training until the network knows the answer."""
    loss: float = 0.02
    """The mean loss at which training ends before."""

    @property
    def help(self) -> str:
        """Where more is told."""
        return "See docs/benchmark.md."


@dataclass(frozen=True)
class Planted:
    """Items of a task, all drawn together.

    `x` is `(N, …)` and `without` the same items without what was planted. `y` is the class to
    explain `(N,)`; `labels` `(N, K)` says which classes are there, where several may be. `masks` is
    true where the evidence for `y` lies, `(N, *places)`.
    """

    x: Tensor
    without: Tensor
    y: Tensor
    masks: Tensor
    labels: Tensor | None = None

    def __getitem__(self, rows: Tensor) -> "Planted":
        labels = None if self.labels is None else self.labels[rows]
        return Planted(self.x[rows], self.without[rows], self.y[rows], self.masks[rows], labels)

    def exchanged(self) -> Tensor:
        """The items with everything but their evidence taken from their neighbours, `(N, …)`."""
        masks = self.masks
        while masks.ndim < self.x.ndim:  # places come after the channels
            masks = masks.unsqueeze(1)
        return torch.where(masks, self.x, self.without.roll(1, 0))


class Task(ABC):
    """Base of all tasks; holds no state. Subclasses are frozen and final."""

    card: ClassVar[TaskCard]

    @abstractmethod
    def draw(self, n: int, generator: Generator) -> Planted:
        """`n` items."""

    @abstractmethod
    def network(self) -> nn.Module:
        """A small network that can learn the task, with weights drawn from torch's generator."""


T = TypeVar("T", bound=type[Task])


@dataclass_transform(frozen_default=True, kw_only_default=True)
def task(card: TaskCard) -> Callable[[T], T]:
    """Make a class a task: frozen, validated parameters, and its declaration as `card`."""

    def decorate(cls: T) -> T:
        return declared(cls, card)

    return decorate
