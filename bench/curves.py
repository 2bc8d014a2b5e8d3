"""Error against cost, and how many times more one costs than another where they err alike."""

import itertools
import math
import random
import statistics
from dataclasses import dataclass, field


@dataclass
class Point:
    """What runs of one budget cost and how they erred, one number a seed."""

    budget: int
    evaluations: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    """Mean squared error relative to the variance of the truth."""

    def cost(self, kind: str) -> float:
        """Mean evaluations, or median seconds."""
        if kind == "seconds":
            return statistics.median(self.seconds)
        return statistics.fmean(self.evaluations)


@dataclass(frozen=True)
class Ratio:
    """Their cost over ours at equal error, the median over our budgets; with its 95 % interval."""

    ratio: float
    low: float
    high: float
    extrapolated: bool
    """Whether one of our errors lies outside of theirs, which then were continued as 1 / cost."""


def ratio(ours: list[Point], theirs: list[Point], kind: str, draws: int = 400) -> Ratio:
    """The ratio of costs of a `kind`, and its interval from redrawing the seeds."""
    generator = random.Random(0)
    best, outside = _ratio(ours, theirs, kind, None)
    seeds = len(ours[0].errors)
    found = sorted(
        _ratio(ours, theirs, kind, generator.choices(range(seeds), k=seeds))[0]
        for _ in range(draws)
    )
    return Ratio(best, found[int(0.025 * draws)], found[int(0.975 * draws)], outside)


def _ratio(
    ours: list[Point], theirs: list[Point], kind: str, seeds: list[int] | None
) -> tuple[float, bool]:
    curve = [(math.log(_error(p, seeds)), math.log(p.cost(kind))) for p in theirs]
    errors = [_error(p, seeds) for p in ours]
    found = [
        math.exp(at(curve, math.log(e))) / p.cost(kind) for e, p in zip(errors, ours, strict=True)
    ]
    low, high = min(curve)[0], max(curve)[0]
    outside = any(not low <= math.log(e) <= high for e in errors)
    return statistics.median(found), outside


def at(curve: list[tuple[float, float]], error: float) -> float:
    """The log cost of a log error, interpolated; beyond the ends the cost goes as 1 / error."""
    points = sorted(curve)
    if error <= points[0][0]:
        return points[0][1] + points[0][0] - error
    if error >= points[-1][0]:
        return points[-1][1] + points[-1][0] - error
    for (e0, c0), (e1, c1) in itertools.pairwise(points):
        if e0 <= error <= e1:
            return c0 if e0 == e1 else c0 + (c1 - c0) * (error - e0) / (e1 - e0)
    raise AssertionError("an error between the ends lies in some interval")


def _error(point: Point, seeds: list[int] | None) -> float:
    chosen = point.errors if seeds is None else [point.errors[s] for s in seeds]
    return statistics.fmean(chosen)
