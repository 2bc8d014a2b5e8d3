"""Targets by name: classes, labels, values, and what a user may write for them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from torch import Tensor

from ..errors import TargetError
from .batching import out_of_memory
from .dense_targets import Region
from .target import Target, View, class_index, named, need_classes, need_one_output, sizes


@dataclass(frozen=True)
class Predicted(Target):
    """The class that the model predicts; the value of a model with one output."""

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        scores = view.scores
        if scores.ndim > 2:
            return Region(_commonest(scores[sample])).resolve(view, sample, classes)
        if scores.shape[1] > 1:
            return Class(int(scores[sample].argmax()))
        if classes is not None and len(classes) == 2:
            border = 0.5 if view.normalised else 0.0
            return Positive() if scores[sample, 0] > border else Negative()
        return Value()

    def of(self, view: View) -> Tensor:
        raise NotImplementedError("resolved before use")


@dataclass(frozen=True)
class Class(Target):
    """One of several classes that exclude each other, by index or name; a list gives one
    explanation each."""

    index: "int | str | Sequence[int | str]"

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        index = class_index(self.index, classes)
        need_classes(view.scores, index)
        return Class(index % view.scores.shape[1])

    def of(self, view: View) -> Tensor:
        return view.over_classes()[:, _index(self.index)]

    def label(self, classes: tuple[str, ...] | None) -> str:
        return named(self.index, classes)


@dataclass(frozen=True)
class Positive(Target):
    """The positive answer of a model with one logit."""

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        need_one_output(view.scores, self)
        return self

    def of(self, view: View) -> Tensor:
        return view.each(view.scores[:, 0])

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"positive ({classes[1]})" if classes and len(classes) == 2 else "positive"


@dataclass(frozen=True)
class Negative(Target):
    """The negative answer of a model with one logit: the logit with its sign turned."""

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        need_one_output(view.scores, self)
        return self

    def of(self, view: View) -> Tensor:
        score = view.each(view.scores[:, 0])
        return -score if view.space == "logit" and not view.normalised else 1 - score

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"negative ({classes[0]})" if classes and len(classes) == 2 else "negative"


@dataclass(frozen=True)
class Label(Target):
    """One label of a multi-label model (a sigmoid each); a list gives one explanation each."""

    index: "int | str | Sequence[int | str]"

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        index = class_index(self.index, classes)
        need_classes(view.scores, index, least=1)
        return Label(index % view.scores.shape[1])

    def of(self, view: View) -> Tensor:
        return view.each(view.scores[:, _index(self.index)])

    def label(self, classes: tuple[str, ...] | None) -> str:
        return named(self.index, classes, "label")


@dataclass(frozen=True)
class Value(Target):
    """The output of a regression model with one output; `sign=-1` asks what lowers it."""

    sign: Literal[1, -1] = 1

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        if self.sign not in (1, -1):
            raise TargetError(f"Value(sign={self.sign!r}) is no sign.", "Give 1 or -1.")
        need_one_output(view.scores, self)
        return self

    def of(self, view: View) -> Tensor:
        return self.sign * view.scores[:, 0]

    def label(self, classes: tuple[str, ...] | None) -> str:
        return "value" if self.sign == 1 else "value, turned"


@dataclass(frozen=True)
class Output(Target):
    """One entry of the output `(N, …)` by its index without the sample axis."""

    index: int | tuple[int, ...]

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        given = self.index if isinstance(self.index, tuple | list) else (self.index,)
        if not given or not all(isinstance(i, int | np.integer) for i in given):
            raise TargetError(
                f"Output({self.index!r}) is no index.", "Give an integer, or a tuple of them."
            )
        index, shape = tuple(int(i) for i in given), tuple(view.scores.shape[1:])
        fits = len(index) == len(shape)
        if not fits or any(not -s <= i < s for i, s in zip(index, shape, strict=True)):
            raise TargetError(
                f"Output({self.index}) is not an entry of an output of shape (N, {sizes(shape)}).",
                f"Give {len(shape)} indices within it.",
            )
        return Output(index)

    def of(self, view: View) -> Tensor:
        found = view.scores
        for index in (self.index,) if isinstance(self.index, int) else self.index:
            found = found[:, index]
        return found

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"output {self.index}"


@dataclass(frozen=True)
class Contrast(Target):
    """Why `a` rather than `b`: the difference of two targets (ints and names mean classes)."""

    a: Any
    b: Any

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        a, b = (_one(t).resolve(view, sample, classes) for t in (self.a, self.b))
        if a == b:
            raise TargetError(
                f"Contrast compares {a.label(classes)} with itself.", "Give two different targets."
            )
        return Contrast(a, b)

    def of(self, view: View) -> Tensor:
        a: Tensor = self.a.of(view)
        return a - self.b.of(view)  # type: ignore[no-any-return]

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"{self.a.label(classes)} rather than {self.b.label(classes)}"


@dataclass(frozen=True)
class Function(Target):
    """Any function of what the model returns, `outputs -> (N,)`."""

    function: Callable[[Any], Tensor]

    def of(self, view: View) -> Tensor:
        try:
            found = self.function(view.raw)
        except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
            if out_of_memory(error):
                raise
            raise TargetError(
                f"The target function failed with {type(error).__name__}: {error}.",
                "It is given what the model returns, and has to return one number per sample.",
            ) from error
        wanted = (len(view.samples),)
        if not isinstance(found, Tensor) or found.shape != wanted:
            tensor = isinstance(found, Tensor)
            gave = f"shape {tuple(found.shape)}" if tensor else type(found).__name__
            raise TargetError(
                f"The target function gave {gave}.",
                f"Return a tensor of one number per sample, ({wanted[0]},).",
            )
        return found

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"function {getattr(self.function, '__name__', type(self.function).__name__)}"


def as_target(spec: Any) -> Target:
    """One target from what a user writes: an index, a class name, a target, a function."""
    if spec is None:
        return Predicted()
    if isinstance(spec, Target):
        return spec
    if isinstance(spec, np.generic) or (isinstance(spec, Tensor | np.ndarray) and spec.ndim == 0):
        spec = spec.item()
    if isinstance(spec, bool | float):
        raise TargetError(f"{spec!r} is not a target.", "Give a class index, a name or a Target.")
    if isinstance(spec, int | str):
        return Class(spec)
    if isinstance(spec, type) and issubclass(spec, Target):
        raise TargetError(
            f"{spec.__name__} is a kind of target.", f"Build one: pl.{spec.__name__}(…)."
        )
    if callable(spec):
        return Function(spec)
    raise TargetError(
        f"{type(spec).__name__} is not a target.",
        "Give a class index, a name, a Target, a function of the output, or a list of these.",
    )


def expanded(target: Target) -> list[Target]:
    """The targets that `Class([...])` and `Label([...])` stand for; any other alone."""
    if not isinstance(target, Class | Label) or isinstance(target.index, int | str):
        return [target]
    found: Any = target.index
    if isinstance(found, np.generic | np.ndarray | Tensor):
        found = found.tolist()
    indices = list(found) if isinstance(found, Iterable) and not isinstance(found, str) else [found]
    if not indices or not all(isinstance(i, int | str | np.integer) for i in indices):
        raise TargetError(
            f"{target.index!r} is not a class.", "Give an index or a name, or a list of these."
        )
    return [
        replace(target, index=index if isinstance(index, str) else int(index)) for index in indices
    ]


def _one(spec: Any) -> Target:
    """The one target that `spec` means."""
    found = expanded(as_target(spec))
    if len(found) != 1:
        raise TargetError(
            f"A contrast is between two targets, not {len(found)}.", "Give one class on each side."
        )
    return found[0]


def _commonest(scores: Tensor) -> int:
    if len(scores) == 1:
        return 0
    return int(scores.argmax(0).flatten().bincount().argmax())


def _index(index: object) -> int:
    assert isinstance(index, int), "resolved before use"
    return index


def class_of(target: Target) -> int:
    """The index of a resolved class."""
    assert isinstance(target, Class)
    return _index(target.index)
