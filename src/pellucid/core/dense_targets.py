"""Targets in outputs that are not one row of scores: regions, boxes, embeddings."""

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from ..errors import TargetError, suggest
from .target import Target, View, class_index, named, need_classes, sizes

_REDUCE = ("mean", "sum")


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
        index = class_index(self.index, classes)
        if view.scores.ndim < 3:
            raise TargetError(
                f"Region needs a dense output (N, K, H, W); the model gives "
                f"{tuple(view.scores.shape)}.",
                "Use Class(i) for a classifier.",
            )
        need_classes(view.scores, index, least=1, dense=True)
        if self.reduce not in _REDUCE:
            raise TargetError(
                f"Region(reduce={self.reduce!r}) is unknown.", suggest(str(self.reduce), _REDUCE)
            )
        mask = self._mask(view.scores[sample], index, sample, len(view.scores))
        if not mask.any():
            raise TargetError(
                f"The region of {named(index, classes)} is empty in sample {sample}.",
                "Give where='all', a mask, or a class that the model predicts.",
            )
        return Region(index, mask, self.reduce)

    def _mask(self, scores: Tensor, index: int, sample: int, n: int) -> Tensor:
        shape = scores.shape[1:]
        if isinstance(self.where, str):
            if self.where == "all":
                return torch.ones(shape, dtype=torch.bool, device=scores.device)
            if self.where == "predicted":
                return scores[0] > 0 if len(scores) == 1 else scores.argmax(0) == index
            raise TargetError(
                f"Region(where={self.where!r}) is unknown.",
                suggest(self.where, ["all", "predicted"]),
            )
        given = _numbers(self.where, "Region's mask or box").to(scores.device)
        if given.shape == (2 * len(shape),):
            low, high = given[: len(shape)].tolist(), given[len(shape) :].tolist()
            mask = torch.zeros(shape, dtype=torch.bool, device=scores.device)
            mask[tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))] = True
            return mask
        if given.ndim == len(shape) + 1:
            if len(given) != n:
                raise TargetError(
                    f"Region has {len(given)} masks for {n} sample{'s' * (n > 1)}.",
                    "Give one mask for all, or one per sample.",
                )
            given = given[sample]
        return _resized(given.bool(), tuple(shape))

    def of(self, view: View) -> Tensor:
        scores = view.over_classes() if view.scores.shape[1] > 1 else view.each(view.scores)
        mask: Tensor = self.where
        places = scores[:, self.index][:, mask]  # type: ignore[index]
        return places.mean(1) if self.reduce == "mean" else places.sum(1)

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"region of {named(self.index, classes)}"


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
        if self.measure not in ("cosine", "dot"):
            raise TargetError(
                f"Similarity(measure={self.measure!r}) is unknown.", "Give 'cosine' or 'dot'."
            )
        reference = _numbers(self.reference, "The reference").to(view.scores).detach()
        if reference.ndim == 2:
            reference = reference[sample if len(reference) > 1 else 0]
        if reference.shape != width:
            raise TargetError(
                f"The reference is {tuple(reference.shape)}, the output (N, {sizes(width)}).",
                "Give the reference's embedding from the same model.",
            )
        return Similarity(reference, self.measure)

    def of(self, view: View) -> Tensor:
        if self.measure == "dot":
            return view.scores @ self.reference  # type: ignore[no-any-return]
        return torch.cosine_similarity(view.scores, self.reference[None], dim=1)

    def label(self, classes: tuple[str, ...] | None) -> str:
        return f"{self.measure} similarity"


def _numbers(given: Any, what: str) -> Tensor:
    try:
        return torch.as_tensor(given)
    except (TypeError, ValueError, RuntimeError):
        raise TargetError(f"{what} is not numeric.", "Give an array or a tensor.") from None


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
        "Use Class(i) for a classifier, or give a function of the output.",
    )
