"""What a benchmark with ground truth found: methods by task, with intervals; immutable."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, final

import torch
from numpy.typing import NDArray

from ..core.services import service
from ..errors import ParameterError, suggest
from ..ops.bootstrap import interval
from .scores import Score
from .task import Planted, TaskCard

Measure = Literal["pointing_game", "relevance_mass_accuracy"]
MEASURES: tuple[Measure, ...] = ("pointing_game", "relevance_mass_accuracy")


@final
@dataclass(frozen=True, eq=False)
class Entry:
    """One method on one task, scored on the same items as the others."""

    method: str
    title: str
    family: str
    control: bool
    """Whether it asks no network: the random map, and the input alone."""
    scores: Mapping[str, Score]
    """By measure: the pointing game and the relevance mass accuracy."""
    seconds: float
    """For one item."""
    passes: float
    """Forward passes that one item cost, or as many as it would have been."""


@final
@dataclass(frozen=True, eq=False)
class TaskResult:
    """One task: how well the network knows it, and how well methods find what it looks at."""

    card: TaskCard
    accuracy: float
    exchanged: float
    """Accuracy with all but the evidence taken from other items: 1 if nothing else counts."""
    without: float
    """Accuracy where the evidence is taken away: chance, if it is all that counts."""
    rest: float
    """How far the score moves when all else is exchanged, as a share of what it loses without the
    evidence."""
    area: float
    """Mean share of the places that are evidence: what a random map scores."""
    items: int
    entries: tuple[Entry, ...]
    refused: Mapping[str, str]
    """By method, why it has no map here."""
    planted: Planted | None = field(default=None, repr=False)
    """The first item, to be drawn."""
    examples: Mapping[str, NDArray[Any]] = field(default_factory=dict, repr=False)
    """What each place of it counts by method, to be drawn."""

    def best(self, measure: Measure) -> frozenset[str]:
        """The methods that the items do not tell apart from the one with the highest mean: the
        95 % interval of the paired difference holds 0."""
        return self._best[measure]

    def chance(self, measure: Measure) -> frozenset[str]:
        """The methods that are not shown to beat the random map."""
        return self._chance[measure]

    @cached_property
    def _best(self) -> dict[Measure, frozenset[str]]:
        own = [e for e in self.entries if not e.control]
        return {m: _unbeaten(own, m) for m in MEASURES}

    @cached_property
    def _chance(self) -> dict[Measure, frozenset[str]]:
        own = [e for e in self.entries if not e.control]
        random = [e for e in self.entries if e.method == "random_map"]
        return {
            m: frozenset(e.method for e in own if any(not _beats(e, r, m) for r in random))
            for m in MEASURES
        }

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "task": self.card.name,
            "title": self.card.title,
            "question": self.card.question,
            "evidence": self.card.evidence,
            "trap": self.card.trap,
            "accuracy": self.accuracy,
            "accuracy_exchanged": self.exchanged,
            "accuracy_without": self.without,
            "rest": self.rest,
            "area": self.area,
            "items": self.items,
            "best": {m: sorted(self.best(m)) for m in MEASURES},
            "chance": {m: sorted(self.chance(m)) for m in MEASURES},
            "methods": [
                {
                    "method": e.method,
                    "family": e.family,
                    "control": e.control,
                    "seconds": e.seconds,
                    "passes": e.passes,
                    **{m: _score(e.scores[m]) for m in MEASURES},
                }
                for e in self.entries
            ],
            "refused": dict(self.refused),
        }


@final
@dataclass(frozen=True, eq=False)
class Benchmark:
    """The league table: `benchmark["patch"]` is one task."""

    tasks: tuple[TaskResult, ...]
    level: str
    seed: int
    seconds: float

    def __getitem__(self, name: str) -> TaskResult:
        found = next((t for t in self.tasks if t.card.name == name), None)
        if found is None:
            known = [t.card.name for t in self.tasks]
            raise ParameterError(f"There is no task {name!r}.", suggest(name, known))
        return found

    @property
    def methods(self) -> tuple[str, ...]:
        """All methods, those with the higher mean over their tasks first, controls last."""
        every = {e.method: e.control for t in self.tasks for e in t.entries}
        return tuple(sorted(every, key=lambda name: (every[name], -self.mean(name))))

    def entry(self, method: str, task: TaskResult) -> Entry | None:
        """A method's line on a task; None where it was refused."""
        return next((e for e in task.entries if e.method == method), None)

    def mean(self, method: str, measure: Measure | None = None) -> float:
        """The mean over the tasks on which the method has a map, of one measure or of both."""
        chosen = MEASURES if measure is None else (measure,)
        found = [
            e.scores[m].mean
            for t in self.tasks
            if (e := self.entry(method, t)) is not None
            for m in chosen
        ]
        return sum(found) / len(found) if found else float("nan")

    def __str__(self) -> str:
        wide = max(map(len, self.methods), default=6)
        names = [t.card.name for t in self.tasks]
        lines = ["pointing game / mass accuracy; * not told apart from the best, ~ from chance"]
        lines.append(" ".join([f"{'':<{wide}}", *(f"{name:>15}" for name in names)]))
        for method in self.methods:
            cells = (f"{self._cell(method, task):>15}" for task in self.tasks)
            lines.append(" ".join([f"{method:<{wide}}", *cells]).rstrip())
        return "\n".join(lines)

    def _cell(self, method: str, task: TaskResult) -> str:
        entry = self.entry(method, task)
        if entry is None:
            return "–"
        marks = []
        for measure in MEASURES:
            mark = "*" if method in task.best(measure) else ""
            mark = "~" if method in task.chance(measure) else mark
            marks.append(f"{entry.scores[measure].mean:.2f}{mark}")
        return " / ".join(marks)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "level": self.level,
            "seed": self.seed,
            "seconds": self.seconds,
            "tasks": [task.as_dict() for task in self.tasks],
        }

    def to_json(self, **options: Any) -> str:
        """Everything as JSON."""
        return json.dumps(self.as_dict(), allow_nan=False, **options)

    def save(self, path: Any) -> Any:
        """Write the page (.html); returns the path."""
        return service("benchmark_page")(self, path)


def _unbeaten(entries: Sequence[Entry], measure: Measure) -> frozenset[str]:
    if not entries:
        return frozenset()
    top = max(entries, key=lambda e: e.scores[measure].mean)
    return frozenset(e.method for e in entries if e is top or not _beats(top, e, measure))


def _beats(a: Entry, b: Entry, measure: Measure) -> bool:
    difference = torch.tensor(a.scores[measure].values - b.scores[measure].values)
    low, _ = interval(difference)
    return low > 0


def _score(score: Score) -> dict[str, Any]:
    return {
        "mean": score.mean,
        "interval": [None if math.isnan(v) else v for v in (score.low, score.high)],
        "values": score.values.tolist(),
    }
