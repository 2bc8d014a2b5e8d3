"""Grad-CAM, integrated gradients and peak memory beside captum, grad-cam and torchcam.

    python bench/gradient_methods.py --models resnet18 vgg16 --pairs 10 --threads 2 --json out.json

Prints a Markdown table; bench/README.md says what its columns mean.
"""

import argparse
import json
import platform
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import memory
import peers
import torch
from timing import Pair, compare, median
from torch import Tensor
from worker import Absent, Worker, worker

import nets
import pellucid as pl

CLASS = 281
STEPS = ((6, 6), (8, 8), (10, 10), (12, 12), (14, 14), (16, 16), (6, 12), (20, 20), (8, 16),
         (10, 20), (12, 24), (6, 24), (8, 32), (10, 40), (12, 48), (8, 64), (12, 96),
         (8, 128), (8, 256))  # fmt: skip
"""First and last number of steps, which doubles in between; in the order of passes."""
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
        self.subject = nets.SUBJECTS[name]
        with self._ours("forward") as one:
            self.unit = median(one, max(9, pairs))

    def forward(self) -> Row:
        """The unit itself."""
        row = Row(self.name, "forward pass F", numbers={"seconds": self.unit})
        row.cells["ours"] = _time(self.unit)
        return row

    def grad_cam(self) -> Row:
        """One class, one map at the input's size."""
        row = self._against("Grad-CAM, one class", [CLASS], [CLASS], upsample=True)
        one = {"classes": [CLASS], "upsample": True}
        with self._ours("forward") as plain, self._ours("grad_cam", **one) as ours:
            passes = compare(plain, ours, self.pairs)
        row.numbers["forwards"] = asdict(passes)
        row.note = f"in turns with F: {passes.ratio:.2f} F [{passes.low:.2f}, {passes.high:.2f}]"
        return row

    def grad_cam_classes(self) -> Row:
        """All classes at the layer's own size."""
        few = [CLASS + i for i in range(PEER_CLASSES)]
        every = list(range(nets.CLASSES))
        row = self._against(f"Grad-CAM, {nets.CLASSES} classes", every, few, upsample=False)
        row.note = f"peers timed on {len(few)} classes and multiplied"
        return row

    def integrated_gradients(self) -> Row:
        """Ours with the fewest steps of a ladder that err no more than captum's default."""
        row = Row(self.name, "integrated gradients, equal error")
        work = "integrated_gradients"
        try:
            theirs = self._peer(work, model=self.name, index=CLASS, rows=None)
            with theirs as default, self._peer(work, model=self.name, index=CLASS, rows=10) as ten:
                with self._ours("integral", index=CLASS, steps=self.reference) as integral:
                    truth = integral.result()
                error = _error(default.result(), truth)
                steps, own = self._steps(error, truth)
                with self._ours(work, index=CLASS, n_steps=steps[0], max_steps=steps[1]) as ours:
                    pair = compare(ours, default, self.pairs)
                    few = compare(ours, ten, self.pairs)
        except Absent as absent:
            return _missing(row, "captum", absent)
        passes = sum(steps[0] << k for k in range((steps[1] // steps[0]).bit_length()))
        row.cells = {
            "ours": f"{self._cell(pair.ours)}, {passes} passes, error {own:.1e}",
            "captum": f"{self._ratio(pair)}, 50 passes, error {error:.1e}; "
            f"10 rows at once {self._ratio(few)}",
        }
        row.note = f"error: relative L2 to {self.reference} midpoint steps"
        if own > error:
            row.note += "; no step count of the ladder reaches captum's error"
        row.numbers = {"steps": steps, "passes": passes, "error": own, "captum_error": error}
        row.numbers |= {"captum": asdict(pair), "captum_10_rows": asdict(few)}
        return row

    def memory(self) -> Row:
        """Peak memory of the methods that run many rows, in planned forward passes."""
        row = Row(self.name, "peak memory")
        unit = memory.peak(self.name, "forward", self.threads)
        found = {name: memory.peak(self.name, name, self.threads) for name in memory.MEASURED}
        row.numbers = {"forward": unit, **found}
        row.cells["ours"] = ", ".join(
            f"{name} {size / 2**20:.0f} MiB ({size / unit:.2f}×)" for name, size in found.items()
        )
        row.note = f"beyond the network; × one planned batch's forward, {unit / 2**20:.0f} MiB"
        return row

    def _ours(self, work: str, **arguments: Any) -> AbstractContextManager[Worker]:
        return worker(self.threads, "ours", work, model=self.name, **arguments)

    def _peer(self, work: str, **arguments: Any) -> AbstractContextManager[Worker]:
        return worker(self.threads, "peers", work, **arguments)

    def _against(self, task: str, classes: list[int], few: list[int], upsample: bool) -> Row:
        row, scale = Row(self.name, task), len(classes) / len(few)
        with self._ours("grad_cam", classes=classes, upsample=upsample) as ours:
            for peer in peers.NAMES:
                work = {"peer": peer, "model": self.name, "classes": few, "upsample": upsample}
                try:
                    with self._peer("grad_cam", **work) as theirs:
                        pair = compare(ours, theirs, self.pairs, scale)
                except Absent as absent:
                    _missing(row, peer, absent)
                    continue
                row.cells[peer], row.numbers[peer] = self._ratio(pair), asdict(pair)
            seconds = median(ours, self.pairs)
        row.cells["ours"], row.numbers["seconds"] = self._cell(seconds), seconds
        return row

    def _steps(self, limit: float, truth: Tensor) -> tuple[tuple[int, int], float]:
        for steps in STEPS:
            work = {"index": CLASS, "n_steps": steps[0], "max_steps": steps[1]}
            with self._ours("integrated_gradients", **work) as ours:
                error = _error(ours.result(), truth)
            if error <= limit:
                break
        return steps, error

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


def _missing(row: Row, peer: str, absent: Absent) -> Row:
    gone = "ModuleNotFoundError" in str(absent)
    row.cells[peer] = "not installed" if gone else "does not import"
    row.numbers[peer] = {"absent": str(absent)}
    return row


def _error(found: Tensor, truth: Tensor) -> float:
    return float((found.double() - truth).norm() / truth.norm())


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


def environment(
    threads: int, libraries: Sequence[str] = ("torch", "captum", "grad-cam", "torchcam")
) -> dict[str, Any]:
    """What the numbers depend on."""
    known = {}
    for name in libraries:
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
    known = [name for name, subject in nets.SUBJECTS.items() if subject.tasks]
    parser.add_argument("--models", nargs="+", choices=known, default=known)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--pairs", type=int, default=10, help="turns of ours, theirs, theirs, ours")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--reference-steps", type=int, default=2000)
    parser.add_argument("--json", type=Path, help="write every number here")
    words = parser.parse_args()
    rows = []
    for name in words.models:
        bench = Bench(name, words.pairs, words.threads, words.reference_steps)
        rows += [TASKS[task](bench) for task in words.tasks if task in bench.subject.tasks]
    facts = environment(words.threads)
    write = sys.stdout.write
    write(table(rows) + "\n\n" + ", ".join(f"{key} {value}" for key, value in facts.items()) + "\n")
    if words.json:
        found = {"environment": facts, "rows": [asdict(row) for row in rows]}
        words.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
