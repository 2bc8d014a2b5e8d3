"""Times of two workers on one machine, taken in turns, and what can be said about their ratio."""

import random
import statistics
from dataclasses import dataclass

from worker import Worker


@dataclass(frozen=True)
class Pair:
    """Seconds of `ours` and `theirs`; `ratio` is theirs / ours with its 95 % interval."""

    ours: float
    theirs: float
    ratio: float
    low: float
    high: float


def median(one: Worker, times: int) -> float:
    """Median seconds after one run that does not count."""
    one.seconds()
    return statistics.median(one.seconds() for _ in range(times))


def compare(ours: Worker, theirs: Worker, pairs: int, scale: float = 1.0) -> Pair:
    """Run ours, theirs, theirs, ours, `pairs` times, so that a drift of the machine cancels.

    `scale` multiplies their seconds, where they are timed on a part of the work.
    """
    ours.seconds()
    theirs.seconds()
    mine, others, ratios = [], [], []
    for _ in range(pairs):
        a, b, c, d = ours.seconds(), theirs.seconds(), theirs.seconds(), ours.seconds()
        mine += [a, d]
        others += [b * scale, c * scale]
        ratios.append((b + c) * scale / (a + d))
    low, high = interval(ratios)
    return Pair(
        statistics.median(mine), statistics.median(others), statistics.median(ratios), low, high
    )


def interval(ratios: list[float], draws: int = 2000) -> tuple[float, float]:
    """Bootstrap 95 % interval of the median."""
    generator = random.Random(0)
    medians = sorted(
        statistics.median(generator.choices(ratios, k=len(ratios))) for _ in range(draws)
    )
    return medians[int(0.025 * draws)], medians[int(0.975 * draws)]
