"""A training as one page: what was seen of every item, epoch by epoch, and how metrics went."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..render.categories import categories
from ..render.encode import data_address
from ..render.scale import number
from .pages import static, template

SHOWN = 24
"""Epochs on the page, evenly chosen, the first and the last among them; the folder has all."""

_WIDE, _TALL, _EDGE = 280.0, 110.0, 6.0


@dataclass(frozen=True)
class Seen:
    """An epoch as its folder holds it."""

    folder: Path
    epoch: int
    panels: list[dict[str, Any]]
    measures: list[dict[str, Any]]
    failures: dict[str, str]


@dataclass(frozen=True)
class Cell:
    """One picture of a strip; without a picture, why there is none."""

    epoch: int
    picture: str | None
    score: str
    target: str
    verdict: str
    failure: str


@dataclass(frozen=True)
class Strip:
    """One item: a row of cells a method; `target` where it is the same in all."""

    name: str
    target: str
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Line:
    """How one method's metric went: points `x,y` of a polyline, and its last value."""

    method: str
    colour: str
    points: str
    last: str


@dataclass(frozen=True)
class Chart:
    """One metric of all methods over the epochs, with the ends of its axes."""

    metric: str
    better: str
    lines: tuple[Line, ...]
    low: str
    high: str
    first: int
    last: int


def training_page(epochs: Sequence[Seen]) -> str:
    """The page of the epochs; it opens offline and fetches nothing."""
    shown = _spread(epochs)
    return template("training.html").render(
        title="What the network saw as it learned",
        facts=f"{len(epochs)} epochs from {epochs[0].epoch} to {epochs[-1].epoch}"
        + (f", {len(shown)} of them below" if len(shown) < len(epochs) else "")
        + " · below each picture: the score of its target",
        shown=shown,
        strips=_strips(epochs, shown),
        charts=_charts(epochs),
        failures=_failures(epochs),
        size=(_WIDE, _TALL),
        style=static("page.css", "training.css"),
    )


def _spread(epochs: Sequence[Seen]) -> list[Seen]:
    if len(epochs) <= SHOWN:
        return list(epochs)
    last = len(epochs) - 1
    return [epochs[round(k * last / (SHOWN - 1))] for k in range(SHOWN)]


def _strips(epochs: Sequence[Seen], shown: Sequence[Seen]) -> list[Strip]:
    panels = [panel for seen in epochs for panel in seen.panels]
    methods = [p["method"] for p in panels] + [m for seen in epochs for m in seen.failures]
    strips = []
    for item, name in sorted({p["item"]: p["name"] for p in panels}.items()):
        targets = {p["target"] for p in panels if p["item"] == item}
        rows = [(m, tuple(_cell(s, m, item) for s in shown)) for m in dict.fromkeys(methods)]
        strips.append(Strip(name, targets.pop() if len(targets) == 1 else "", tuple(rows)))
    return strips


def _failures(epochs: Sequence[Seen]) -> list[tuple[str, str, str]]:
    """Epochs, method and reason, each reason once."""
    found: dict[tuple[str, str], list[int]] = {}
    for seen in epochs:
        for method, why in seen.failures.items():
            found.setdefault((method, why), []).append(seen.epoch)
    return [(", ".join(map(str, numbers)), *key) for key, numbers in found.items()]


def _cell(seen: Seen, method: str, item: int) -> Cell:
    own = [p for p in seen.panels if p["method"] == method and p["item"] == item]
    if not own:
        return Cell(seen.epoch, None, "", "", "", seen.failures.get(method, "not made"))
    panel = own[0]
    picture = data_address((seen.folder / panel["picture"]).read_bytes())
    score = "" if panel["score"] is None else number(panel["score"])
    return Cell(seen.epoch, picture, score, panel["target"], panel["verdict"], "")


def _charts(epochs: Sequence[Seen]) -> list[Chart]:
    found: dict[str, dict[str, list[tuple[int, float]]]] = {}
    better = {}
    for seen in epochs:
        for measure in seen.measures:
            better[measure["metric"]] = measure["better"]
            if measure["mean"] is not None:
                lines = found.setdefault(measure["metric"], {})
                lines.setdefault(measure["method"], []).append((seen.epoch, measure["mean"]))
    span = (epochs[0].epoch, epochs[-1].epoch)
    methods = list(dict.fromkeys(method for lines in found.values() for method in lines))
    colours = dict(zip(methods, categories(len(methods)), strict=True))
    return [_chart(metric, better[metric], lines, span, colours) for metric, lines in found.items()]


def _chart(
    metric: str,
    better: str,
    lines: dict[str, list[tuple[int, float]]],
    span: tuple[int, int],
    colours: dict[str, str],
) -> Chart:
    values = [value for points in lines.values() for _, value in points]
    low, high = min(values), max(values)
    drawn = tuple(
        Line(method, colours[method], _points(points, span, low, high), number(points[-1][1]))
        for method, points in lines.items()
    )
    return Chart(metric.replace("_", " "), better, drawn, number(low), number(high), *span)


def _points(
    points: Sequence[tuple[int, float]], span: tuple[int, int], low: float, high: float
) -> str:
    """Where the values lie in the picture; y grows downwards."""

    def share(value: float, start: float, end: float) -> float:
        return (value - start) / (end - start) if end > start else 0.5

    places = [
        (
            _EDGE + share(epoch, *span) * (_WIDE - 2 * _EDGE),
            _EDGE + (1 - share(value, low, high)) * (_TALL - 2 * _EDGE),
        )
        for epoch, value in points
    ]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places if math.isfinite(y))
