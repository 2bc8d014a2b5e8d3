"""LRP beside zennit and DeepLIFT beside captum: time, and how far the maps differ.

    python bench/relevance.py --pairs 5 --threads 2 --json found.json

Prints a Markdown table; bench/README.md says what its columns mean.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gradient_methods import environment
from timing import compare, median
from torch import Tensor
from worker import Absent, worker

CLASS = 281
MODELS = ("vgg16", "vgg16_average", "resnet50")
COMPOSITES = ("epsilon", "epsilon_plus", "epsilon_alpha2_beta1", "epsilon_gamma_box")
HEAD = ("model", "task", "ours", "peer", "ratio", "difference", "note")


@dataclass
class Row:
    """One line of the table: its cells, and the numbers behind them."""

    cells: list[str]
    numbers: dict[str, Any] = field(default_factory=dict)


def lrp(model: str, composite: str, pairs: int, threads: int, unit: float) -> Row:
    """One composite, one class."""
    job = {"model": model, "composite": composite, "index": CLASS}
    with (
        worker(threads, "ours", "lrp", **job) as ours,
        worker(threads, "relevance_peers", "zennit_lrp", **job) as peer,
    ):
        return _row(model, f"LRP {composite}", "zennit", ours, peer, pairs, unit)


def deeplift(model: str, pairs: int, threads: int, unit: float) -> Row:
    """Rescale from zero, one class."""
    job = {"model": model, "index": CLASS}
    with (
        worker(threads, "ours", "deeplift", **job) as ours,
        worker(threads, "relevance_peers", "captum_deeplift", **job) as peer,
        worker(threads, "relevance_peers", "change", **job) as change,
    ):
        row = _row(model, "DeepLIFT", "captum", ours, peer, pairs, unit)
        wanted = float(change.result())
        gaps = [abs(float(w.result().double().sum()) / wanted - 1) for w in (ours, peer)]
    row.numbers["completeness_gap"] = gaps
    row.cells[-1] = f"the sum misses the score's change by {gaps[0]:.1e}; captum's by {gaps[1]:.1e}"
    return row


def _row(model: str, task: str, peer: str, ours: Any, theirs: Any, pairs: int, unit: float) -> Row:
    pair = compare(ours, theirs, pairs)
    gap = _difference(ours.result(), theirs.result())
    numbers = {"model": model, "task": task, "peer": peer, "difference": gap, **asdict(pair)}
    cells = [
        model,
        task,
        f"{pair.ours * 1e3:.0f} ms, {pair.ours / unit:.1f} F",
        f"{peer} {pair.theirs * 1e3:.0f} ms, {pair.theirs / unit:.1f} F",
        f"{pair.ratio:.2f}× [{pair.low:.2f}, {pair.high:.2f}]",
        f"{gap:.1e}",
        "",
    ]
    return Row(cells, numbers)


def _difference(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference of two maps, relative to the largest value."""
    return float((ours - theirs).abs().max() / theirs.abs().max())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--composites", nargs="*", choices=COMPOSITES, default=list(COMPOSITES))
    parser.add_argument("--pairs", type=int, default=5, help="turns of ours, theirs, theirs, ours")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write every number here")
    words = parser.parse_args()
    rows: list[Row] = []
    write = sys.stdout.write
    write("| " + " | ".join(HEAD) + " |\n| " + " | ".join("---" for _ in HEAD) + " |\n")
    for model in words.models:
        with worker(words.threads, "ours", "forward", model=model) as one:
            unit = median(one, 5)
        tasks = [(lrp, (model, composite)) for composite in words.composites]
        for task, given in [*tasks, (deeplift, (model,))]:
            try:
                row = task(*given, words.pairs, words.threads, unit)  # type: ignore[operator]
            except Absent as absent:
                row = Row([*given, *[""] * (len(HEAD) - 1 - len(given)), str(absent)])
            rows.append(row)
            write("| " + " | ".join(row.cells) + " |\n")
            sys.stdout.flush()
    facts = environment(words.threads, ("torch", "captum", "zennit"))
    write("\n" + ", ".join(f"{key} {value}" for key, value in facts.items()) + "\n")
    if words.json:
        found = {"environment": facts, "rows": [row.numbers for row in rows]}
        words.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
