"""Mean explanations: of every class, or of a whole data set."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.axes import TOKEN
from ..core.checks import Check
from ..core.explanation import PER_INPUT, Explanation
from ..errors import InputError, NotApplicable
from .maps import Explained, Maps

Numbers = NDArray[np.float64]
WHOLE = -9
"""Stands for the whole data set among the indices of classes."""


@dataclass
class Mean:
    """A running mean and the sum of squares around it (Welford 1962), of maps and of pictures."""

    count: int = 0
    mean: Numbers = field(default_factory=lambda: np.zeros(()))
    square: Numbers = field(default_factory=lambda: np.zeros(()))
    picture: Numbers | None = None
    score: float = 0.0

    def add(self, values: Numbers, picture: Any, score: float) -> None:
        """One more map."""
        if self.count and values.shape != self.mean.shape:
            raise InputError(
                f"Maps of {values.shape} and of {self.mean.shape} have no mean.",
                "Let the preprocessing give every item one size.",
            )
        self.count += 1
        apart = values - self.mean
        self.mean = self.mean + apart / self.count
        self.square = self.square + apart * (values - self.mean)
        self.score += (score - self.score) / self.count
        if picture is not None and np.asarray(picture).dtype.kind in "uif":
            shown = np.asarray(picture, np.float64)
            before = np.zeros_like(shown) if self.picture is None else self.picture
            self.picture = before + (shown - before) / self.count

    @property
    def std_error(self) -> Numbers:
        """Of the mean; infinite for a single map."""
        if self.count < 2:
            return np.full_like(self.mean, np.inf)
        found: Numbers = np.sqrt(self.square / (self.count - 1) / self.count)
        return found


def average(maps: Maps, by_class: bool, absolute: bool, normalise: bool) -> Explanation:
    """The mean of the maps of every class, or of all, as an explanation of one sample each.

    `absolute` takes sizes without sign; `normalise` divides every map by its greatest size first.
    **Memory:** one map and one picture a class.
    """
    means: dict[int, Mean] = {}
    last: Explained | None = None
    for found in maps:
        last = found
        e = found.explanation
        if TOKEN in e.axes:
            raise NotApplicable(
                "The tokens of different texts have no mean.", "Average tables, series or pictures."
            )
        for row in range(len(e)):
            values = np.asarray(e.values[row], np.float64)
            values = np.abs(values) if absolute else values
            size = float(np.abs(values).max())
            values = values / size if normalise and size > 0 else values
            index = int(found.truth[row]) if by_class else WHOLE
            picture = None if e.display is None else e.display[row]
            score = float(e.score[row]) if len(e.score) else 0.0
            means.setdefault(index, Mean()).add(values, picture, score)
    assert last is not None
    return _explanation(maps, last.explanation, means)


def _explanation(maps: Maps, like: Explanation, means: dict[int, Mean]) -> Explanation:
    order = sorted(means, key=lambda index: (index < 0, index))
    own = [means[index] for index in order]
    shared = {k: v for k, v in like.record.items() if k not in PER_INPUT}
    pictures = [mean.picture for mean in own]
    whole = like.display is not None and np.asarray(like.display).dtype == np.uint8
    display = None
    if all(picture is not None for picture in pictures):
        stacked = np.stack([picture for picture in pictures if picture is not None])
        display = stacked.round().astype(np.uint8) if whole else stacked
    counts = [mean.count for mean in own]
    few = [mean.count for mean in own if mean.count < 2]
    text = f"means of {', '.join(map(str, counts[:6]))}{' …' if len(counts) > 6 else ''} maps"
    checks = [Check("mean of maps", float(min(counts)), "poor" if few else "ok", f"{text}.")]
    if maps.skipped:
        text = f"{len(maps.skipped)} items were left out, the first: {maps.skipped[0][2]}"
        checks.append(Check("items left out", float(len(maps.skipped)), "poor", text))
    return Explanation(
        values=np.stack([mean.mean for mean in own]).astype(np.float32),
        axes=like.axes,
        method=like.method,
        params=like.params,
        target=tuple(
            _title(maps, index, mean.count) for index, mean in zip(order, own, strict=True)
        ),
        score=np.array([mean.score for mean in own], np.float32),
        seed=like.seed,
        checks=tuple(checks),
        std_error=np.stack([mean.std_error for mean in own]).astype(np.float32),
        record={
            **shared,
            "counts": counts,
            "data": maps.data.name,
            "input_of_sample": list(range(len(own))),
        },
        classes=like.classes,
        display=display,
    )


def _title(maps: Maps, index: int, count: int) -> str:
    if index == WHOLE:
        return f"mean of {count} items"
    name = maps.truth.name(index) if index >= 0 else "no known class"
    return f"{name}, mean of {count}"
