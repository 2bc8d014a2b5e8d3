"""What the model said about an input: its most probable classes, or its value."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..core.explanation import Explanation, Floats

Kind = Literal["probabilities", "labels", "classes"]

MOST = 5
"""Classes listed."""


@dataclass(frozen=True)
class Row:
    """One class with its share of the probability; `explained` where it is a target."""

    name: str
    index: int
    share: float
    raw: float
    explained: bool


@dataclass(frozen=True)
class Outcome:
    """The model's answer. `rows` are empty where it gives one `value`, or no scores at all."""

    rows: tuple[Row, ...]
    value: float | None
    origin: str
    """How the shares came about, in words."""


def outcome_of(e: Explanation, source: int, targets: tuple[str, ...]) -> Outcome:
    """The best classes of an input, and the explained ones even where they are not among them."""
    if e.outputs is None or source >= len(e.outputs):
        return Outcome((), None, "")
    scores = e.outputs[source]
    if scores.ndim != 1 or len(scores) < 2:
        return Outcome((), float(scores.ravel()[0]) if scores.size == 1 else None, "")
    shares, origin = probabilities(scores, _kind(e, targets))
    wanted = {index for index in map(class_index, targets) if index is not None}
    best = [int(i) for i in np.argsort(-shares, kind="stable")]
    kept = best[:MOST] + [i for i in best[MOST:] if i in wanted]
    rows = [Row(_name(e, i), i, float(shares[i]), float(scores[i]), i in wanted) for i in kept]
    return Outcome(tuple(rows), None, origin)


def probabilities(scores: Floats, kind: Kind) -> tuple[NDArray[np.float64], str]:
    """Shares of the classes and where they come from: the scores themselves, their sigmoids where
    each is a label of its own, or their softmax."""
    plain = np.nan_to_num(np.asarray(scores, np.float64))
    if kind == "probabilities":
        return plain, "the model's probabilities"
    if kind == "labels":
        return 1 / (1 + np.exp(-plain)), "sigmoid of the model's scores"
    powers = np.exp(plain - plain.max())
    return powers / powers.sum(), "softmax of the model's scores"


def _kind(e: Explanation, targets: tuple[str, ...]) -> Kind:
    if e.record.get("probabilities"):
        return "probabilities"
    labels = targets and all(re.search(r"(?:^|\()label \d+\)?$", target) for target in targets)
    return "labels" if labels else "classes"


def class_index(target: str) -> int | None:
    """The class number in a target's own words, such as `tabby (class 281)`; None where none is."""
    found = re.search(r"(?:^|\()class (\d+)\)?$", target)
    return int(found[1]) if found else None


def _name(e: Explanation, index: int) -> str:
    known = e.classes is not None and index < len(e.classes)
    return e.classes[index] if known and e.classes else f"class {index}"
