"""What is explained: one number per sample, read from the model's output."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from torch import Tensor

from ..errors import TargetError, suggest

Space = Literal["logit", "probability"]


@dataclass(frozen=True)
class View:
    """The output of a batch, as targets see it.

    `scores` is `(rows, K, …)`; `raw` is what the model returned; `normalised` tells that the scores
    are probabilities already; `samples` tells to which clean sample each row belongs.
    """

    scores: Tensor
    raw: Any
    space: Space
    samples: Tensor
    normalised: bool = False

    def over_classes(self) -> Tensor:
        """Scores in the wanted space where the classes exclude each other."""
        if self.space == "logit" or self.normalised:
            return self.scores
        return self._shares

    @cached_property
    def _shares(self) -> Tensor:
        """The softmax over the classes, taken once for all targets of a batch."""
        return self.scores.softmax(1)

    def each(self, logits: Tensor) -> Tensor:
        """`logits` of independent yes/no outputs in the wanted space."""
        return logits if self.space == "logit" or self.normalised else logits.sigmoid()


class Target(ABC):
    """A scalar per sample. Immutable; prints itself."""

    @abstractmethod
    def of(self, view: View) -> Tensor:
        """The score of every row, `(rows,)`."""

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> "Target":
        """This target made concrete on one sample's clean output; refuses what is not there."""
        return self

    def label(self, classes: tuple[str, ...] | None) -> str:
        """The target in words."""
        return str(self)


def class_index(index: Any, classes: tuple[str, ...] | None) -> int:
    """The index of a class given by index or name."""
    if not isinstance(index, str):
        label, number = str(int(index)), int(index)
        if classes is not None and label in classes and classes.index(label) != number:
            raise TargetError(
                f"{number} may mean the class called {label!r} (index {classes.index(label)}) or "
                f"the class with index {number}.",
                f"Give the class by its name: target={label!r}.",
            )
        return number
    if classes is None:
        raise TargetError(
            f"The class {index!r} cannot be looked up: the model has no class names.",
            "Give pl.Model(net, classes=[...]) or the class index.",
        )
    folded = [name.casefold() for name in classes]
    hits = [i for i, name in enumerate(folded) if name == index.casefold().strip()]
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise TargetError(f"{len(hits)} classes are called {index!r}: {hits}.", "Give the index.")
    raise TargetError(f"There is no class {index!r}.", suggest(index, classes))


def need_classes(scores: Tensor, index: int, least: int = 2, dense: bool = False) -> None:
    """Refuse an index that the output does not have."""
    count = scores.shape[1]
    if scores.ndim > 2 and not dense:
        raise TargetError(
            f"The model gives a dense output {tuple(scores.shape)}; class {index} has one score "
            "per place.",
            f"Use Region({index}, where='predicted') or Output((…)).",
        )
    if count < least:
        raise TargetError(
            f"The model has one output, so there is no class {index}.",
            "Use Positive() or Negative() for a yes/no model, Value() for a regression.",
        )
    if not 0 <= index < count:
        raise TargetError(
            f"There is no class {index}: the model has {count} outputs.",
            f"Choose 0 to {count - 1}.",
        )


def need_one_output(scores: Tensor, target: Target) -> None:
    """Refuse an output of more than one number per sample."""
    if scores.ndim != 2 or scores.shape[1] != 1:
        raise TargetError(
            f"{type(target).__name__}() needs a model with one output; this one gives "
            f"{tuple(scores.shape)}.",
            "Use Class(i), Label(i) or Output(index).",
        )


def named(index: Any, classes: tuple[str, ...] | None, word: str = "class") -> str:
    """A class in words, with its name where it is known."""
    known = classes is not None and isinstance(index, int) and 0 <= index < len(classes)
    return f"{classes[index]} ({word} {index})" if known and classes else f"{word} {index}"


def sizes(shape: Sequence[int]) -> str:
    """A shape for messages."""
    return ", ".join(str(size) for size in shape)
