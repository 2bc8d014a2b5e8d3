"""RISE, KernelSHAP and LIME: error against cost beside the original recipe, shap and lime.

    python bench/perturbation.py --part sampling --quick --json found.json

Prints a Markdown table; bench/README.md says what its columns mean.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import gradient_methods
import numpy as np
import packaged
import sampled
from curves import Point, Ratio, ratio
from numpy.typing import NDArray
from worker import Absent, worker

Array = NDArray[Any]
PEERS = {"rise": "original RISE", "kernel_shap": "shap", "lime": "lime"}
NAMES = {"rise": "RISE", "kernel_shap": "KernelSHAP", "lime": "LIME"}
GOALS = {"rise": 8, "kernel_shap": 2, "lime": 3}
LONG = 64
"""How many times the largest budget the reference of an estimator takes."""


@dataclass(frozen=True)
class Case:
    """A method on a subject: our budgets and theirs, and how errors are taken."""

    method: str
    subject: str
    ours: tuple[int, ...]
    theirs: tuple[int, ...]
    seeds: int = 20
    quick: bool = True
    """Whether the quick run has it, with fewer budgets."""

    def shorter(self) -> "Case":
        """The same for a quick run."""
        return Case(self.method, self.subject, self.ours[:3], self.theirs[:5], self.seeds // 2)


CASES = (
    Case("rise", "digits", (128, 256, 512, 1024), (256, 512, 1024, 2048, 4096, 8192, 16384)),
    Case("rise", "photograph", (64, 128, 256), (128, 512, 1536), quick=False),
    Case("kernel_shap", "diabetes", (32, 64, 128, 256), (32, 64, 128, 256, 512)),
    Case("kernel_shap", "wine", (64, 128, 256, 512), (64, 128, 256, 512, 1024, 2048)),
    Case("kernel_shap", "breast_cancer", (128, 256, 512, 1024), (128, 256, 512, 1024, 2048)),
    Case("lime", "digits", (64, 128, 256, 512), (64, 128, 256, 512, 1024, 2048, 4096)),
    Case("lime", "digits, fine", (256, 512, 1024), (256, 512, 1024, 2048, 4096)),
)


@dataclass
class Row:
    """One line of the table, and the numbers behind it."""

    method: str
    subject: str
    error: str
    cells: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)


Truths = dict[str, dict[str, Array]]
"""By kind of error: what ours and theirs are compared with."""


def measured(case: Case, threads: int) -> list[Row]:
    """The rows of one case: one for every kind of error."""
    try:
        runs = _runs(case, threads)
    except Absent as absent:
        return [Row(case.method, case.subject, "", {"ratio": "not there"}, {"absent": str(absent)})]
    rows = []
    for kind, truths in _truths(case).items():
        flat = kind == "contrast"
        ours = _points(runs["ours"], truths["ours"], flat)
        theirs = _points(runs["theirs"], truths["theirs"], flat)
        rows.append(_row(case, kind, ours, theirs))
    _memory(rows, case, threads)
    return rows


def _runs(case: Case, threads: int) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """What every run gave, by side, with its budget; the sides take turns, seed by seed."""
    budgets = {"ours": case.ours, "theirs": case.theirs}
    plans = {
        side: [(budget, seed) for seed in range(case.seeds) for budget in few]
        for side, few in budgets.items()
    }
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {"ours": [], "theirs": []}
    work = {"task": case.method, "subject": case.subject}
    with (
        worker(threads, "sampled", "serve", **work, side="ours", schedule=plans["ours"]) as mine,
        worker(
            threads, "sampled", "serve", **work, side="theirs", schedule=plans["theirs"]
        ) as other,
    ):
        for seed in range(case.seeds):
            turn = [("ours", mine), ("theirs", other)]
            for side, one in turn if seed % 2 == 0 else turn[::-1]:
                found[side] += [(budget, one.result()) for budget in budgets[side]]
    return found


def _points(runs: list[tuple[int, dict[str, Any]]], truth: Array, flat: bool) -> list[Point]:
    points: dict[int, Point] = {}
    places = tuple(range(1, truth.ndim))
    spread = truth.var(places)
    for budget, run in runs:
        off = run["values"].reshape(truth.shape) - truth
        if flat:
            off = off - off.mean(places, keepdims=True)
        point = points.setdefault(budget, Point(budget))
        point.errors.append(float(((off**2).mean(places) / spread).mean()))
        point.evaluations.append(run["evaluations"])
        point.seconds.append(run["seconds"])
    return list(points.values())


def _truths(case: Case) -> Truths:
    if case.method == "kernel_shap":
        truth = packaged.TABLES[case.subject]().truth
        return {"values": {"ours": truth, "theirs": truth}}
    net, x = packaged.PICTURES[case.subject]()
    if case.method == "lime":
        limit = sampled.lime_limit(net, x, sampled.grid(case.subject, x), LONG * max(case.theirs))
        return {"coefficients": {"ours": limit, "theirs": limit}}
    return _rise_truths(case)


def _rise_truths(case: Case) -> Truths:
    """References by our own estimators with a long budget; the original's is the centred map and
    the mean score, which differ by a constant."""
    budget = LONG * max(case.ours)
    centred = sampled.rise(case.subject)(budget, 10**6)[0].astype(float)
    raw = sampled.rise(case.subject, "original")(budget, 10**6 + 1)[0].astype(float)
    mean = (raw - centred).mean((1, 2), keepdims=True)
    each = {"ours": centred, "theirs": centred + mean}
    return {"contrast": each, "map": each}


def _row(case: Case, kind: str, ours: list[Point], theirs: list[Point]) -> Row:
    row = Row(case.method, case.subject, kind)
    evaluations, seconds = (ratio(ours, theirs, cost) for cost in ("evaluations", "seconds"))
    row.cells = {
        "ours": _curve(ours),
        "theirs": _curve(theirs),
        "evaluations": f"{_told(evaluations)} (goal {GOALS[case.method]}×)",
        "time": _told(seconds),
    }
    row.numbers = {
        "ours": [asdict(p) for p in ours],
        "theirs": [asdict(p) for p in theirs],
        "evaluations": asdict(evaluations),
        "seconds": asdict(seconds),
    }
    return row


def _memory(rows: list[Row], case: Case, threads: int) -> None:
    """Peak memory where both err alike: our middle budget, and theirs times the ratio."""
    middle = case.ours[len(case.ours) // 2]
    peaks: dict[int, int] = {}
    mine = _peak(case, "ours", middle, threads)
    for row in rows:
        other = min(int(middle * row.numbers["evaluations"]["ratio"]), max(case.theirs))
        if other not in peaks:
            peaks[other] = _peak(case, "theirs", other, threads)
        row.cells["memory"] = f"{mine / 2**20:.1f} MiB, {peaks[other] / 2**20:.1f} MiB"
        row.numbers["memory"] = {"ours": mine, "theirs": peaks[other], "budgets": [middle, other]}


def _peak(case: Case, side: str, budget: int, threads: int) -> int:
    work = {"task": case.method, "subject": case.subject, "side": side}
    with worker(threads, "sampled", "serve", **work, schedule=[(budget, 0)]) as one:
        return int(one.result()["peak"])


def _curve(points: list[Point]) -> str:
    return ", ".join(f"{p.cost('evaluations'):.0f}: {np.mean(p.errors):.2g}" for p in points)


def _told(found: Ratio) -> str:
    mark = "*" if found.extrapolated else ""
    return f"{found.ratio:.2g}×{mark} [{found.low:.2g}, {found.high:.2g}]"


COLUMNS: dict[str, Callable[[Row], str]] = {
    "method": lambda row: f"{NAMES[row.method]} / {PEERS[row.method]}",
    "subject": lambda row: row.subject,
    "error of": lambda row: row.error,
    "evaluations": lambda row: row.cells.get("evaluations", row.cells.get("ratio", "")),
    "time": lambda row: row.cells.get("time", ""),
    "memory, ours and theirs": lambda row: row.cells.get("memory", ""),
    "ours, evaluations: error": lambda row: row.cells.get("ours", ""),
    "theirs": lambda row: row.cells.get("theirs", ""),
}


def table(rows: list[Row]) -> str:
    """The rows in Markdown."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "| " + " | ".join("---" for _ in COLUMNS) + " |"]
    lines += ["| " + " | ".join(cell(row) for cell in COLUMNS.values()) + " |" for row in rows]
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--subjects", nargs="+", default=sorted({case.subject for case in CASES}))
    parser.add_argument(
        "--quick", action="store_true", help="fewer budgets and seeds, small models"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write every number here")
    words = parser.parse_args(arguments)
    chosen = [c for c in CASES if c.method in words.methods and c.subject in words.subjects]
    if words.quick:
        chosen = [case.shorter() for case in chosen if case.quick]
    rows = []
    for case in chosen:
        sys.stderr.write(f"{NAMES[case.method]} on {case.subject}\n")
        rows += measured(case, words.threads)
    facts = gradient_methods.environment(words.threads, ("torch", "shap", "lime", "scikit-learn"))
    write = sys.stdout.write
    write(table(rows) + "\n\n" + ", ".join(f"{key} {value}" for key, value in facts.items()) + "\n")
    if words.json:
        found = {"environment": facts, "rows": [asdict(row) for row in rows]}
        words.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
