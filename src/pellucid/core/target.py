"""What is explained: one number per sample, read from the model's output."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
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
        """This target made concrete on the clean output of one sample; refuses what is not there."""
        return self

    def label(self, classes: tuple[str, ...] | None) -> str:
        """The target in words."""
        return str(self)


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
        index = _class_index(self.index, classes)
        _need_classes(view.scores, index)
        return Class(index % view.scores.shape[1])

    def of(self, view: View) -> Tensor:
        return view.over_classes()[:, self.index]  # type: ignore[call-overload,no-any-return]

    def label(self, classes: tuple[str, ...] | None) -> str:
        return _named(self.index, classes)


@dataclass(frozen=True)
class Positive(Target):
    """The positive answer of a model with one logit."""

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        _need_one_output(view.scores, self)
        return self

    def of(self, view: View) -> Tensor:
        return view.each(view.scores[:, 0])

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"positive ({classes[1]})" if classes and len(classes) == 2 else "positive"


@dataclass(frozen=True)
class Negative(Target):
    """The negative answer of a model with one logit: the logit with its sign turned."""

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        _need_one_output(view.scores, self)
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
        index = _class_index(self.index, classes)
        _need_classes(view.scores, index, least=1)
        return Label(index % view.scores.shape[1])

    def of(self, view: View) -> Tensor:
        return view.each(view.scores[:, self.index])  # type: ignore[call-overload]

    def label(self, classes: tuple[str, ...] | None) -> str:
        return _named(self.index, classes, "label")


@dataclass(frozen=True)
class Value(Target):
    """The output of a regression model with one output; `sign=-1` asks what lowers it."""

    sign: Literal[1, -1] = 1

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        _need_one_output(view.scores, self)
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
        index = (self.index,) if isinstance(self.index, int) else tuple(self.index)
        shape = tuple(view.scores.shape[1:])
        fits = len(index) == len(shape)
        if not fits or any(not -s <= i < s for i, s in zip(index, shape, strict=True)):
            raise TargetError(
                f"Output({self.index}) is not an entry of an output of shape (N, {_sizes(shape)}).",
                f"Give {len(shape)} indices within it.",
            )
        return Output(index)

    def of(self, view: View) -> Tensor:
        index = (self.index,) if isinstance(self.index, int) else self.index
        return view.scores[(slice(None), *index)]

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"output {self.index}"


@dataclass(frozen=True)
class Contrast(Target):
    """Why `a` rather than `b`: the difference of two targets (ints and names mean classes)."""

    a: Any
    b: Any

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        a, b = (as_target(t).resolve(view, sample, classes) for t in (self.a, self.b))
        return Contrast(a, b)

    def of(self, view: View) -> Tensor:
        a: Tensor = self.a.of(view)
        return a - self.b.of(view)  # type: ignore[no-any-return]

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"{self.a.label(classes)} rather than {self.b.label(classes)}"


@dataclass(frozen=True, eq=False)
class Region(Target):
    """A class over a region of a dense output `(N, K, H, W)` (any rank).

    `where` is `all`, `predicted` (the places where the model says this class), a mask `(H, W)` or
    `(N, H, W)`, or a box `(top, left, bottom, right)`; `reduce` is over those places.
    """

    index: "int | str"
    where: Any = "predicted"
    reduce: Literal["mean", "sum"] = "mean"

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        index = _class_index(self.index, classes)
        if view.scores.ndim < 3:
            raise TargetError(
                f"Region needs a dense output (N, K, H, W); the model gives "
                f"{tuple(view.scores.shape)}.",
                "Use Class(i) for a classifier.",
            )
        _need_classes(view.scores, index, least=1, dense=True)
        mask = self._mask(view.scores[sample], index, sample)
        if not mask.any():
            raise TargetError(
                f"The region of class {_named(index, classes)} is empty in sample {sample}.",
                "Give where='all', a mask, or a class that the model predicts.",
            )
        return Region(index, mask, self.reduce)

    def _mask(self, scores: Tensor, index: int, sample: int) -> Tensor:
        shape = scores.shape[1:]
        if isinstance(self.where, str):
            if self.where == "all":
                return torch.ones(shape, dtype=torch.bool, device=scores.device)
            if self.where == "predicted":
                return scores[0] > 0 if len(scores) == 1 else scores.argmax(0) == index
            raise TargetError(
                f"Region(where={self.where!r}) is unknown.", suggest(self.where, ["all", "predicted"])
            )
        given = torch.as_tensor(self.where, device=scores.device)
        if given.shape == (2 * len(shape),):
            low, high = given[: len(shape)].tolist(), given[len(shape) :].tolist()
            mask = torch.zeros(shape, dtype=torch.bool, device=scores.device)
            mask[tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))] = True
            return mask
        if given.ndim == len(shape) + 1:
            given = given[sample]
        return _resized(given.bool(), tuple(shape))

    def of(self, view: View) -> Tensor:
        scores = view.over_classes() if view.scores.shape[1] > 1 else view.each(view.scores)
        mask: Tensor = self.where
        places = scores[:, self.index][:, mask]  # type: ignore[index]
        return places.mean(1) if self.reduce == "mean" else places.sum(1)

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"region of {_named(self.index, classes)}"


@dataclass(frozen=True)
class Box(Target):
    """The score of detection `i` of a detector that returns one dict per image."""

    index: int = 0

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        found = len(_detections(view.raw)[sample]["scores"])
        if not 0 <= self.index < found:
            raise TargetError(
                f"Box({self.index}) does not exist: {found} detections in sample {sample}.",
                "Choose a lower index or an image with a detection.",
            )
        return self

    def of(self, view: View) -> Tensor:
        rows = [entry["scores"] for entry in _detections(view.raw)]
        absent = view.scores.new_zeros(())
        return torch.stack([row[self.index] if len(row) > self.index else absent for row in rows])

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"box {self.index}"


@dataclass(frozen=True, eq=False)
class Similarity(Target):
    """Likeness of the output, an embedding `(N, D)`, to a reference `(D,)` or `(N, D)`."""

    reference: Any
    measure: Literal["cosine", "dot"] = "cosine"

    def resolve(self, view: View, sample: int, classes: tuple[str, ...] | None) -> Target:
        width = view.scores.shape[1:]
        reference = torch.as_tensor(self.reference).to(view.scores).detach()
        if reference.ndim == 2:
            reference = reference[sample if len(reference) > 1 else 0]
        if reference.shape != width:
            raise TargetError(
                f"The reference has shape {tuple(reference.shape)}, the output (N, {_sizes(width)}).",
                "Give the reference's embedding from the same model.",
            )
        return Similarity(reference, self.measure)

    def of(self, view: View) -> Tensor:
        if self.measure == "dot":
            return view.scores @ self.reference  # type: ignore[no-any-return]
        return torch.cosine_similarity(view.scores, self.reference[None], dim=1)

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"{self.measure} similarity"


@dataclass(frozen=True)
class Function(Target):
    """Any function of what the model returns, `outputs -> (N,)`."""

    function: Callable[[Any], Tensor]

    def of(self, view: View) -> Tensor:
        score = torch.as_tensor(self.function(view.raw))
        if score.shape != (len(view.samples),):
            raise TargetError(
                f"The target function gave shape {tuple(score.shape)}.",
                f"Return one number per sample, ({len(view.samples)},).",
            )
        return score

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
    if isinstance(spec, bool) or isinstance(spec, float):
        raise TargetError(f"{spec!r} is not a target.", "Give a class index, a name or a Target.")
    if isinstance(spec, int | str):
        return Class(spec)
    if callable(spec):
        return Function(spec)
    raise TargetError(
        f"{type(spec).__name__} is not a target.",
        "Give a class index, a name, a Target, a function of the output, or a list of these.",
    )


def target_grid(spec: Any, n: int) -> list[list[Target]]:
    """Targets by sample and then by explanation: `n` rows of equal length.

    One target serves all samples. A list gives one per sample; with a single sample it gives one
    explanation each, and so do `Class([...])` and `Label([...])` for every sample.
    """
    if isinstance(spec, Tensor | np.ndarray) and spec.ndim == 1:
        spec = spec.tolist()
    if not isinstance(spec, list | tuple):
        return [_expanded(as_target(spec))] * n
    if len(spec) == n:
        rows = [_row(item) for item in spec]
        if len({len(row) for row in rows}) != 1:
            raise TargetError(
                "The samples have different numbers of targets.", "Give every sample as many."
            )
        return rows
    if n == 1:
        return [[target for item in spec for target in _row(item)]]
    raise TargetError(
        f"{len(spec)} targets for {n} samples.",
        "Give one target for all, or one per sample.",
    )


def _row(item: Any) -> list[Target]:
    if isinstance(item, list | tuple):
        return [target for part in item for target in _row(part)]
    return _expanded(as_target(item))


def _expanded(target: Target) -> list[Target]:
    if isinstance(target, Class | Label) and isinstance(target.index, Sequence | range):
        if not isinstance(target.index, str):
            return [replace(target, index=index) for index in target.index]
    return [target]


def _class_index(index: Any, classes: tuple[str, ...] | None) -> int:
    if not isinstance(index, str):
        return int(index)
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


def _need_classes(scores: Tensor, index: int, least: int = 2, dense: bool = False) -> None:
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
    if not -count <= index < count:
        raise TargetError(
            f"There is no class {index}: the model has {count} outputs.",
            f"Choose 0 to {count - 1}.",
        )


def _need_one_output(scores: Tensor, target: Target) -> None:
    if scores.ndim != 2 or scores.shape[1] != 1:
        raise TargetError(
            f"{type(target).__name__}() needs a model with one output; this one gives "
            f"{tuple(scores.shape)}.",
            "Use Class(i), Label(i) or Output(index).",
        )


def _commonest(scores: Tensor) -> int:
    if len(scores) == 1:
        return 0
    return int(scores.argmax(0).flatten().bincount().argmax())


def _named(index: Any, classes: tuple[str, ...] | None, word: str = "class") -> str:
    known = classes is not None and isinstance(index, int) and 0 <= index < len(classes)
    return f"{classes[index]} ({word} {index})" if known and classes else f"{word} {index}"


def _sizes(shape: Sequence[int]) -> str:
    return ", ".join(str(size) for size in shape)


def _resized(mask: Tensor, shape: tuple[int, ...]) -> Tensor:
    if tuple(mask.shape) == shape:
        return mask
    if mask.ndim != len(shape):
        raise TargetError(
            f"The mask has shape {tuple(mask.shape)}, the output's places {shape}.",
            "Give a mask with the axes of the output's places.",
        )
    grown = torch.nn.functional.interpolate(mask[None, None].float(), shape, mode="nearest")
    return grown[0, 0] > 0.5


def _detections(raw: Any) -> list[dict[str, Tensor]]:
    if isinstance(raw, list) and raw and all(isinstance(e, dict) and "scores" in e for e in raw):
        return raw
    raise TargetError(
        "Box needs a detector that returns a list of dicts with 'boxes', 'labels' and 'scores'.",
        "Give a function of the output as the target.",
    )
