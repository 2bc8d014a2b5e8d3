"""Times of two workers on one machine, taken in turns, and what can be said about their ratio."""

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from worker import Worker


@dataclass(frozen=True)
class Pair:
    """Seconds of `ours` and `theirs`; `ratio` is theirs / ours with its 95 % interval, `processor`
    the same ratio in processor time."""

    ours: float
    theirs: float
    ratio: float
    low: float
    high: float
    processor: float


def median(one: Worker, times: int) -> float:
    """Median seconds after one run that does not count."""
    one.seconds()
    return statistics.median(one.seconds() for _ in range(times))


def compare(ours: Worker, theirs: Worker, pairs: int, scale: float = 1.0) -> Pair:
    """Run ours, theirs, theirs, ours, `pairs` times, so that a drift of the machine cancels.

    `scale` multiplies their seconds, where they are timed on a part of the work.
    """
    return compare_all(ours, [(theirs, scale)], pairs)[0]


def compare_all(ours: Worker, others: Sequence[tuple[Worker, float]], pairs: int) -> list[Pair]:
    """Ours beside several others, each with its scale, all in one turn."""
    turn = [(ours, 1.0), *others]
    for one, _ in turn:
        if not one.warm:
            one.seconds()
    wall: list[list[float]] = [[] for _ in turn]
    processor: list[list[float]] = [[] for _ in turn]
    for _ in range(pairs):
        for i in [*range(len(turn)), *reversed(range(len(turn)))]:
            one, scale = turn[i]
            times = one.times()
            wall[i].append(times[0] * scale)
            processor[i].append(times[1] * scale)
    return [_pair(wall, processor, i) for i in range(1, len(turn))]


def _pair(wall: list[list[float]], processor: list[list[float]], other: int) -> Pair:
    ratios = _ratios(wall[other], wall[0])
    low, high = interval(ratios)
    medians = [statistics.median(wall[i]) for i in (0, other)]
    work = statistics.median(_ratios(processor[other], processor[0]))
    return Pair(*medians, statistics.median(ratios), low, high, work)


def _ratios(theirs: list[float], ours: list[float]) -> list[float]:
    """Of every turn, there and back."""
    sums = [[own[i] + own[i + 1] for i in range(0, len(own), 2)] for own in (theirs, ours)]
    return [b / a for b, a in zip(*sums, strict=True)]


def interval(ratios: list[float], draws: int = 2000) -> tuple[float, float]:
    """Bootstrap 95 % interval of the median."""
    generator = random.Random(0)
    medians = sorted(
        statistics.median(generator.choices(ratios, k=len(ratios))) for _ in range(draws)
    )
    return medians[int(0.025 * draws)], medians[int(0.975 * draws)]
