"""Occlusion beside captum's: the same windows, the same values, the time of both in turns."""

import argparse
import json
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import memory
import numpy as np
import torch
from timing import compare_all
from torch import Tensor
from torch.nn import functional as F
from worker import Absent, worker

import nets
import pellucid as pl

CLASS = 3
AT_ONCE = (1, 8, 16, 32, 64)
"""Windows at once among which captum's best is taken."""


@dataclass(frozen=True)
class Task:
    """A network, the side of its input, our stride and window, and the side of the few large
    windows that captum is timed with: its time is the same for every window, so it is multiplied.
    """

    model: str
    side: int = 224
    stride: int = 8
    large: int = 32
    window: int = 16

    @property
    def name(self) -> str:
        """Its name in the table."""
        return f"{self.model} {self.side}²"

    @property
    def count(self) -> int:
        """How many windows we try."""
        return (1 + -((self.window - self.side) // self.stride)) ** 2

    @property
    def few(self) -> int:
        """How many windows captum tries."""
        return (self.side // self.large) ** 2

    def thinner(self) -> "Task":
        """The same with fewer windows, for a quick look: less to share the preparation."""
        stride = min(2 * self.stride, self.window)
        return replace(self, stride=stride, large=2 * self.large)


TASKS = (
    Task("vgg16"),
    Task("resnet18"),
    Task("resnet50"),
    Task("resnet18", 448, 16, 64),
    Task("resnet18", 1024, 32, 256, window=32),
    Task("efficientnet_lite0"),
    Task("mobilenet_v2"),
    Task("se_resnet18"),
    Task("convnext_tiny"),
    Task("vit_small", stride=16),
)


@dataclass
class Row:
    """One line of the table."""

    task: str
    windows: int
    cells: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)


def image(side: int) -> Tensor:
    """Noise at several scales, `(1, 3, side, side)`."""
    return F.interpolate(nets.image("resnet18"), side, mode="bilinear", align_corners=False)


def ours(model: str, side: int, window: int, stride: int, engine: str) -> Callable[[], Any]:
    """Our map and the value of every window."""
    net, x = pl.Model(nets.build(model)), image(side)
    method = pl.Occlusion(window=window, stride=stride, engine=engine)

    def run() -> Any:
        before = memory.forget_the_peak()
        e = pl.explain(net, x, method, CLASS, space="logit")
        return {
            "map": e.values,
            "engine": e.record["engine"],
            "gain": e.record["predicted_gain"],
            "peak": memory.resident("VmHWM") - before,
        }

    return run


def captum(model: str, side: int, window: int, at_once: int) -> Callable[[], Any]:
    """Captum's map of windows side by side, `at_once` perturbations per evaluation."""
    try:
        attr = import_module("captum.attr")
    except ImportError as error:
        raise Absent(f"captum: {error}") from None
    made, x = attr.Occlusion(nets.build(model)), image(side)

    def run() -> Any:
        before = memory.forget_the_peak()
        with torch.no_grad():
            found = made.attribute(
                x,
                sliding_window_shapes=(3, window, window),
                strides=(3, window, window),
                target=CLASS,
                perturbations_per_eval=at_once,
            )
        return {"map": found[:, 0].numpy(), "peak": memory.resident("VmHWM") - before}

    return run


def measured(task: Task, pairs: int, threads: int) -> Row:
    """Ours by itself, beside captum's best, and beside our own whole inference."""
    row = Row(task.name, task.count)
    same = {"model": task.model, "side": task.side}
    scale = task.count / task.few
    try:
        windows = {"window": task.window, "stride": task.stride, "engine": "auto"}
        with worker(threads, "occlusion", "ours", **same, **windows) as mine:
            facts = mine.result()
            row.numbers |= {"engine": facts["engine"], "predicted_gain": facts["gain"]}
            row.numbers["difference"] = _difference(task, threads)
            at_once = _best(task, threads)
            peer = {**same, "window": task.large, "at_once": at_once}
            side = max(task.window, task.side // 7)
            whole = {**same, "window": side, "stride": side, "engine": "dense"}
            with (
                worker(threads, "occlusion", "captum", **peer) as theirs,
                worker(threads, "occlusion", "ours", **whole) as dense,
            ):
                share = task.count / (1 + -((side - task.side) // side)) ** 2
                found = compare_all(mine, [(theirs, scale), (dense, share)], pairs)
                row.numbers |= {"captum": asdict(found[0]), "at_once": at_once}
                row.numbers["dense"] = asdict(found[1])
                row.numbers["peaks"] = [facts["peak"], theirs.result()["peak"]]
    except Absent as absent:
        row.cells["captum"] = f"not installed ({absent})"
        return row
    row.cells = _cells(row.numbers)
    return row


def _difference(task: Task, threads: int) -> float:
    """The largest difference of the two maps on the large windows, relative to the maximum."""
    same = {"model": task.model, "side": task.side, "window": task.large}
    with worker(threads, "occlusion", "captum", **same, at_once=16) as theirs:
        wanted = theirs.result()["map"]
    with worker(
        threads, "occlusion", "ours", **same, stride=task.large, engine="incremental"
    ) as mine:
        found = mine.result()["map"]
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


def _best(task: Task, threads: int) -> int:
    """Captum's fastest number of windows at once."""
    seconds = {}
    for at_once in AT_ONCE:
        peer = {"model": task.model, "side": task.side, "window": task.large}
        with worker(threads, "occlusion", "captum", **peer, at_once=at_once) as theirs:
            theirs.seconds()
            seconds[at_once] = min(theirs.times())  # with one thread, processor time
    return min(seconds, key=lambda at_once: seconds[at_once])


def _cells(numbers: dict[str, Any]) -> dict[str, str]:
    pair, dense = numbers["captum"], numbers["dense"]
    short = numbers["engine"] if numbers["engine"] == "incremental" else "dense"
    return {
        "ours": f"{pair['ours']:.1f} s, {short}",
        "captum": f"{pair['theirs']:.1f} s, {_ratio(pair)} ({numbers['at_once']} at once)",
        "our dense": f"{dense['theirs']:.1f} s, {_ratio(dense)}",
        "predicted": f"{numbers['predicted_gain']:.2f}×",
        "difference": f"{numbers['difference']:.0e}",
        "memory": ", ".join(f"{peak / 2**20:.0f} MiB" for peak in numbers["peaks"]),
    }


def _ratio(pair: dict[str, float]) -> str:
    ends = f"{pair['low']:.2f}, {pair['high']:.2f}"
    return f"{pair['ratio']:.2f}× [{ends}], processor {pair['processor']:.2f}×"


COLUMNS = ("ours", "captum", "our dense", "predicted", "difference", "memory")


def table(rows: list[Row]) -> str:
    """The rows in Markdown."""
    head = ("network", "windows", *COLUMNS)
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    for row in rows:
        cells = (row.task, str(row.windows), *(row.cells.get(c, "") for c in COLUMNS))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [task.name for task in TASKS]
    parser.add_argument("--tasks", nargs="+", choices=names, default=names)
    parser.add_argument("--pairs", type=int, default=3, help="turns of ours, theirs, theirs, ours")
    parser.add_argument("--quick", action="store_true", help="fewer windows")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write every number here")
    words = parser.parse_args(arguments)
    rows = []
    for task in TASKS:
        if task.name in words.tasks:
            chosen = task.thinner() if words.quick else task
            rows.append(measured(chosen, words.pairs, words.threads))
            sys.stderr.write(f"{rows[-1]}\n")
    sys.stdout.write(table(rows) + "\n")
    if words.json:
        facts = {
            "threads": words.threads,
            "machine": platform.machine(),
            "torch": torch.__version__,
        }
        found = {"environment": facts, "rows": [asdict(row) for row in rows]}
        words.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
