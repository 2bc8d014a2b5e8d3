"""What was seen of a network in training after one epoch: pictures, scores and metrics."""

from dataclasses import dataclass
from typing import Any

from .checks import Verdict
from .explanation import Explanation


@dataclass(frozen=True)
class Panel:
    """One item, explained by one method: what was explained, and the picture as RGB `(H, W, 3)`."""

    method: str
    item: int
    name: str
    target: str
    score: float | None
    verdict: Verdict
    picture: Any


@dataclass(frozen=True)
class Measure:
    """One metric of one method: the mean over the items with its 95 % interval, and every item's
    value; None where it is not finite."""

    method: str
    metric: str
    better: str
    mean: float | None
    low: float | None
    high: float | None
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class TrainingEpoch:
    """All panels and measures of one epoch; `failures` say by method what could not be made."""

    epoch: int
    explanations: dict[str, Explanation]
    panels: tuple[Panel, ...]
    measures: tuple[Measure, ...]
    failures: dict[str, str]
