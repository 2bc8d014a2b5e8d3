"""What an evaluation found: values by metric and method, with intervals; immutable."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from ..core.services import service
from ..errors import ParameterError, suggest
from ..ops.bootstrap import interval
from .metric import Better

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class Score:
    """One metric on one explanation: a value for every row, their mean and its interval."""

    metric: str
    title: str
    method: str
    better: Better
    values: Array
    """One for every row of the explanation."""
    mean: float
    low: float
    high: float
    """95 % bootstrap interval of the mean over the rows; NaN for a single row."""
    params: Mapping[str, Any]
    flaw: str
    curve: Array | None = None
    """The scores behind the value, `(rows, points)`, where it is the area below a curve."""
    at: tuple[float, ...] = ()
    """Where the points of the curve lie, as shares of the features."""

    def __post_init__(self) -> None:
        for name in ("values", "curve"):
            array = getattr(self, name)
            if array is not None:
                fixed = np.array(array, np.float64)
                fixed.setflags(write=False)
                object.__setattr__(self, name, fixed)
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))

    def __float__(self) -> float:
        return self.mean

    def __str__(self) -> str:
        arrow = "↑" if self.better == "higher" else "↓"
        spread = "" if math.isnan(self.low) else f" [{self.low:.3g}, {self.high:.3g}]"
        return f"{self.metric} {arrow} {self.method}: {self.mean:.3g}{spread}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values; numbers that are not finite become None."""
        return {
            "metric": self.metric,
            "method": self.method,
            "better": self.better,
            "mean": _plain(self.mean),
            "interval": [_plain(self.low), _plain(self.high)],
            "values": [_plain(value) for value in self.values.tolist()],
            "params": {key: _plain(value) for key, value in self.params.items()},
            "flaw": self.flaw,
            **({} if self.curve is None else {"at": list(self.at), "curve": self.curve.tolist()}),
        }


@final
@dataclass(frozen=True, eq=False)
class Evaluation:
    """Metrics of several explanations; `evaluation["deletion", "grad_cam"]` is one `Score`.

    `refused` says by metric and method why there is no score; `forwards` counts the passes of one
    input that the metrics shared.
    """

    scores: tuple[Score, ...]
    refused: Mapping[tuple[str, str], str]
    forwards: int
    seconds: float

    def __iter__(self) -> Iterator[Score]:
        return iter(self.scores)

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, key: str | tuple[str, str]) -> Any:
        """The score of a metric, or of a metric and a method; a tuple where there are several."""
        metric, method = (key, None) if isinstance(key, str) else key
        found = tuple(s for s in self.scores if s.metric == metric and method in (None, s.method))
        if not found:
            names = [s.metric for s in self.scores]
            why = self.refused.get((metric, method or ""))
            raise ParameterError(
                f"There is no score {key!r}. {why or ''}".strip(), suggest(metric, names)
            )
        return found[0] if len(found) == 1 else found

    def __str__(self) -> str:
        lines = [str(score) for score in self.scores]
        lines += [f"{metric} {method}: {why}" for (metric, method), why in self.refused.items()]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "scores": [score.as_dict() for score in self.scores],
            "refused": [
                {"metric": metric, "method": method, "reason": why}
                for (metric, method), why in self.refused.items()
            ],
            "forwards": self.forwards,
            "seconds": self.seconds,
        }

    def to_json(self, **options: Any) -> str:
        """Everything as JSON."""
        return json.dumps(self.as_dict(), allow_nan=False, **options)

    def plot(self) -> Any:
        """A figure: the means with their intervals, and the curves below."""
        return service("plot_scores")(self)

    def _repr_html_(self) -> str:
        found: str = service("scores_html")(self)
        return found


def joined(parts: Sequence[Evaluation]) -> Evaluation:
    """The evaluations of several batches as one of all their rows; the metrics and methods that
    each of them has."""
    keys = [[(s.metric, s.method) for s in part] for part in parts]
    common = [key for key in keys[0] if all(key in own for own in keys)]
    return Evaluation(
        tuple(_row_by_row([part[key] for part in parts]) for key in common),
        {key: why for part in parts for key, why in part.refused.items()},
        sum(part.forwards for part in parts),
        sum(part.seconds for part in parts),
    )


def _row_by_row(scores: Sequence[Score]) -> Score:
    values = np.concatenate([score.values for score in scores])
    low, high = interval(torch.from_numpy(values))
    alike = all(score.at == scores[0].at and score.curve is not None for score in scores)
    return replace(
        scores[0], values=values, mean=float(values.mean()), low=low, high=high,
        curve=np.concatenate([s.curve for s in scores if s.curve is not None]) if alike else None,
        at=scores[0].at if alike else (),
    )  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | str | None) else str(value)
