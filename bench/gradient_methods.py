"""Grad-CAM, integrated gradients and peak memory beside captum, grad-cam and torchcam.

    python bench/gradient_methods.py --models resnet18 vgg16 --pairs 10 --threads 2 --json out.json

Prints a Markdown table; bench/README.md says what its columns mean.
"""

import argparse
import json
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import memory
import peers
import torch
from timing import Pair, compare, median
from torch import Tensor

import nets
import pellucid as pl

CLASS = 281
STEPS = (4, 6, 8, 12, 16, 20, 24, 32, 40, 50, 64, 96, 128, 192, 288)
PEER_CLASSES = 4
COLUMNS = ("ours", *peers.NAMES)


@dataclass
class Row:
    """One line of the table: cells by column, and the numbers behind them."""

    model: str
    task: str
    cells: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    note: str = ""


class Bench:
    """One network on one input, and the plain forward pass F as the unit of time."""

    def __init__(self, name: str, pairs: int, threads: int, reference: int) -> None:
        self.name, self.pairs, self.threads, self.reference = name, pairs, threads, reference
        self.subject, self.net, self.x = nets.SUBJECTS[name], nets.build(name), nets.image()
        self.model = pl.Model(self.net)
        self.unit = median(self._forward, max(5, pairs))

    def _forward(self) -> Tensor:
        with torch.no_grad():
            return self.net(self.x)

    def forward(self) -> Row:
        """The unit itself."""
        row = Row(self.name, "forward pass F", numbers={"seconds": self.unit})
        row.cells["ours"] = _time(self.unit)
        return row

    def grad_cam(self) -> Row:
        """One class, one map at the input's size."""
        ours = self._ours("grad_cam", CLASS, layer=self.subject.layer)
        return self._against("Grad-CAM, one class", ours, [CLASS], True, 1.0)

    def grad_cam_classes(self) -> Row:
        """All classes at the layer's own size."""
        classes = pl.Class(range(nets.CLASSES))
        ours = self._ours("grad_cam", classes, layer=self.subject.layer, upsample=False)
        few = [CLASS + i for i in range(PEER_CLASSES)]
        row = self._against(
            f"Grad-CAM, {nets.CLASSES} classes", ours, few, False, nets.CLASSES / len(few)
        )
        row.note = f"peers timed on {len(few)} classes and multiplied"
        return row

    def integrated_gradients(self) -> Row:
        """Ours with the fewest steps of a ladder that err no more than captum's default."""
        row = Row(self.name, "integrated gradients, equal error")
        try:
            default = peers.integrated_gradients(self.net, self.x, CLASS, None)
        except peers.Absent as absent:
            return self._missing(row, "captum", absent)
        truth = self._reference()
        theirs = _error(default(), truth)
        steps, error, ours = self._steps(theirs, truth)
        pair = compare(ours, default, self.pairs)
        few = peers.integrated_gradients(self.net, self.x, CLASS, 10)
        batched = compare(ours, few, self.pairs)
        row.cells = {
            "ours": f"{self._cell(pair.ours)}, {steps} steps, error {error:.1e}",
            "captum": f"{self._ratio(pair)}, 50 steps, error {theirs:.1e}; "
            f"10 rows at once {self._ratio(batched)}",
        }
        row.note = f"error: relative L2 to {self.reference} midpoint steps"
        if error > theirs:
            row.note += "; no step count of the ladder reaches captum's error"
        row.numbers = {
            "steps": steps,
            "error": error,
            "captum_error": theirs,
            "captum": asdict(pair),
            "captum_10_rows": asdict(batched),
        }
        return row

    def memory(self) -> Row:
        """Peak memory of the methods that run many rows, in planned forward passes."""
        row = Row(self.name, "peak memory")
        idle = memory.peak(self.name, "idle", self.threads)
        unit = memory.peak(self.name, "forward", self.threads) - idle
        peaks = {name: memory.peak(self.name, name, self.threads) for name in memory.MEASURED}
        found = {name: most - idle for name, most in peaks.items()}
        row.numbers = {"idle": idle, "forward": unit, **found}
        row.cells["ours"] = ", ".join(
            f"{name} {size / 2**20:.0f} MiB ({size / unit:.2f}×)" for name, size in found.items()
        )
        row.note = (
            f"beyond idle; × one planned batch's forward, {unit / 2**20:.0f} MiB; goal ≤ 1.5×"
        )
        return row

    def _ours(self, method: str, target: Any, **params: Any) -> Callable[[], Any]:
        return lambda: pl.explain(self.model, self.x, method, target=target, **params)

    def _against(
        self, task: str, ours: Callable[[], Any], classes: list[int], up: bool, scale: float
    ) -> Row:
        row = Row(self.name, task)
        for peer in peers.NAMES:
            try:
                run = peers.grad_cam(peer, self.net, self.subject.layer, self.x, classes, up)
            except peers.Absent as absent:
                self._missing(row, peer, absent)
                continue
            pair = compare(ours, run, self.pairs, scale)
            row.cells[peer] = self._ratio(pair)
            row.numbers[peer] = asdict(pair)
        found = sorted(pair["ours"] for pair in row.numbers.values() if "ours" in pair)
        seconds = found[len(found) // 2] if found else median(ours, self.pairs)
        row.cells["ours"], row.numbers["seconds"] = self._cell(seconds), seconds
        return row

    def _missing(self, row: Row, peer: str, absent: peers.Absent) -> Row:
        gone = "ModuleNotFoundError" in str(absent)
        row.cells[peer] = "not installed" if gone else "does not import"
        row.numbers[peer] = {"absent": str(absent)}
        return row

    def _steps(self, limit: float, truth: Tensor) -> tuple[int, float, Callable[[], Any]]:
        for steps in STEPS:
            ours = self._ours("integrated_gradients", CLASS, n_steps=steps, max_steps=steps)
            error = _error(torch.tensor(ours().values), truth)
            if error <= limit:
                break
        return steps, error, ours

    def _reference(self) -> Tensor:
        """The integral from zero with many midpoint steps, summed in double precision."""
        return self.x.double() * sum(self._gradients(8)) / self.reference

    def _gradients(self, rows: int) -> Any:
        for start in range(0, self.reference, rows):
            at = torch.arange(start, min(start + rows, self.reference))
            points = ((at + 0.5) / self.reference).view(-1, 1, 1, 1) * self.x
            points.requires_grad_()
            score = self.net(points)[:, CLASS].sum()
            yield torch.autograd.grad(score, points)[0].double().sum(0, keepdim=True)

    def _cell(self, seconds: float) -> str:
        return f"{_time(seconds)}, {seconds / self.unit:.2f} F"

    def _ratio(self, pair: Pair) -> str:
        return f"{self._cell(pair.theirs)}, {pair.ratio:.2f}× [{pair.low:.2f}, {pair.high:.2f}]"


TASKS: dict[str, Callable[[Bench], Row]] = {
    "forward": Bench.forward,
    "grad_cam": Bench.grad_cam,
    "grad_cam_classes": Bench.grad_cam_classes,
    "integrated_gradients": Bench.integrated_gradients,
    "memory": Bench.memory,
}


def _error(found: Tensor, truth: Tensor) -> float:
    return float((found.detach().double() - truth).norm() / truth.norm())


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if seconds < 10 else f"{seconds:.1f} s"


def table(rows: list[Row]) -> str:
    """The rows in Markdown."""
    head = ("model", "task", *COLUMNS, "note")
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    for row in rows:
        cells = (row.model, row.task, *(row.cells.get(c, "") for c in COLUMNS), row.note)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def environment(threads: int) -> dict[str, Any]:
    """What the numbers depend on."""
    known = {}
    for name in ("pellucid", "torch", "captum", "grad-cam", "torchcam"):
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            known[name] = "not installed"
    known["pellucid"] = pl.__version__
    capability = torch.backends.cpu.get_cpu_capability()
    return {"threads": threads, "machine": platform.machine(), "vectors": capability, **known}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=nets.SUBJECTS, default=list(nets.SUBJECTS))
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--pairs", type=int, default=10, help="turns of ours, theirs, theirs, ours")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--reference-steps", type=int, default=2000)
    parser.add_argument("--json", type=Path, help="write every number here")
    words = parser.parse_args()
    torch.set_num_threads(words.threads)
    rows = []
    for name in words.models:
        bench = Bench(name, words.pairs, words.threads, words.reference_steps)
        for task in words.tasks:
            if task == "grad_cam_classes" and not bench.subject.pooled:
                continue
            rows.append(TASKS[task](bench))
    facts = environment(words.threads)
    write = sys.stdout.write
    write(table(rows) + "\n\n" + ", ".join(f"{key} {value}" for key, value in facts.items()) + "\n")
    if words.json:
        found = {"environment": facts, "rows": [asdict(row) for row in rows]}
        words.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
