"""The league table of methods as one self-contained HTML page; it fetches nothing."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..evaluation.league import MEASURES, Benchmark, Entry, Measure, TaskResult
from ..evaluation.scores import Score
from ..io.writing import PathLike, write_text
from ..render.encode import data_address, png
from ..render.ground_truth import evidence_tile, input_tile
from .pages import static, template


@dataclass(frozen=True)
class Mark:
    """A number as the page shows it, with its interval; among the best, or at chance."""

    text: str
    interval: str
    share: float
    kind: str


@dataclass(frozen=True)
class Line:
    """One method on one task."""

    title: str
    control: bool
    marks: tuple[Mark, ...]
    milliseconds: str
    passes: str


@dataclass(frozen=True)
class Section:
    """One task."""

    task: TaskResult
    facts: tuple[tuple[str, str], ...]
    tiles: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    answers: tuple[str, ...]


def benchmark_page(found: Benchmark, path: PathLike) -> Path:
    """Write the page; returns the path."""
    return write_text(path, page_of(found))


def page_of(found: Benchmark) -> str:
    """The page as text."""
    titles = {e.method: _title(e) for t in found.tasks for e in t.entries}
    table = [
        (titles[name], [_cell(found.entry(name, task), task) for task in found.tasks])
        for name in found.methods
    ]
    return template("benchmark.html").render(
        title="Which method finds what the network looks at?",
        facts=f"{len(found.tasks)} tasks · seed {found.seed} · {found.level} · "
        f"{found.seconds:.0f} s",
        sections=[_section(task) for task in found.tasks],
        table=table,
        style=static("page.css", "benchmark.css"),
    )


def _title(entry: Entry) -> str:
    number = entry.method.partition(" ")[2]
    return f"{entry.title} {number}".strip()


def _section(task: TaskResult) -> Section:
    order = sorted(task.entries, key=lambda e: (e.control, -sum(s.mean for s in e.scores.values())))
    lines = tuple(
        Line(
            _title(e), e.control, tuple(_mark(task, e, m) for m in MEASURES),
            f"{1000 * e.seconds:.{0 if e.seconds >= 0.01 else 1}f}", f"{e.passes:.0f}",
        )
        for e in order
    )  # fmt: skip
    facts = (
        ("The network's accuracy", f"{task.accuracy:.1%}"),
        ("with all else exchanged", f"{task.exchanged:.1%}"),
        ("without the evidence", f"{task.without:.1%}"),
        ("the rest moves the score by", f"{task.rest:.0%} of what the evidence does"),
        ("Evidence covers", f"{task.area:.1%} of the places"),
        ("Items", str(task.items)),
    )
    answers = tuple(
        ", ".join(_title(e) for e in order if e.method in task.best(m)) for m in MEASURES
    )
    return Section(task, facts, _tiles(task, order), lines, answers)


def _cell(entry: Entry | None, task: TaskResult) -> list[Mark] | None:
    return None if entry is None else [_mark(task, entry, measure) for measure in MEASURES]


def _mark(task: TaskResult, entry: Entry, measure: Measure) -> Mark:
    score = entry.scores[measure]
    best, chance = entry.method in task.best(measure), entry.method in task.chance(measure)
    kind = "control" if entry.control else "best" if best else "chance" if chance else ""
    return Mark(f"{score.mean:.2f}", _interval(score), round(score.mean, 3), kind)


def _interval(score: Score) -> str:
    return "" if math.isnan(score.low) else f"{score.low:.2f} to {score.high:.2f}"


def _tiles(task: TaskResult, order: list[Entry]) -> tuple[tuple[str, str], ...]:
    """The first item and its maps, by title."""
    if task.planted is None or not task.examples:
        return ()
    mask = task.planted.masks[0].numpy()
    found: list[tuple[str, Any]] = []
    if task.planted.x.is_floating_point():
        found.append(("Input", input_tile(task.planted.x[0].numpy(), mask)))
    for entry in order:
        values = task.examples[entry.method]
        tile = evidence_tile(values, mask, signed=bool((values < 0).any()))
        found.append((_title(entry), tile))
    return tuple((title, data_address(png(pixels))) for title, pixels in found)
