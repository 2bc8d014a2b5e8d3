"""Peak memory of one piece of work in a fresh process, on Linux.

    python bench/memory.py resnet18 score_cam --threads 1

prints the bytes at the peak beyond those resident before, with the network built and traced.
`forward` is one plain forward pass of as many rows as Pellucid plans to run at once on it.
"""

import argparse
import ctypes
import re
import subprocess
import sys
from pathlib import Path

MEASURED = ("score_cam", "ablation_cam", "eigen_cam")


def peak(model: str, work: str, threads: int) -> int:
    """Peak bytes of `work` on `model` in a process of its own."""
    command = [sys.executable, __file__, model, work, "--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{work} on {model} failed:\n{done.stderr[-2000:]}")
    return int(done.stdout.split()[-1])


def run(model: str, name: str) -> int:
    """Do the work and measure it."""
    import torch

    import nets
    import pellucid as pl
    from pellucid.core.allocator import tune
    from pellucid.core.batching import plan
    from pellucid.core.layers import structure_of

    tune()
    net, x = nets.build(model), nets.image(model)
    wrapped = pl.Model(net)
    row_bytes = structure_of(wrapped, wrapped.inputs(x)).trace.row_bytes
    rows = x.repeat(plan(row_bytes, torch.device("cpu")), 1, 1, 1)
    before = forget_the_peak()
    if name == "forward":
        with torch.no_grad():
            net(rows)
    else:
        pl.explain(wrapped, x, name, target=0, layer=nets.SUBJECTS[model].layer)
    return resident("VmHWM") - before


def forget_the_peak() -> int:
    """Give freed memory back to the system; the resident bytes from which the peak counts."""
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return resident("VmRSS")


def resident(kind: str) -> int:
    """Resident bytes of a kind: `VmRSS` now, `VmHWM` at the peak."""
    found = re.search(rf"{kind}:\s*(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    assert found is not None
    return int(found[1]) * 1024


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("work", choices=("forward", *MEASURED))
    parser.add_argument("--threads", type=int, default=1)
    words = parser.parse_args()

    import torch

    torch.set_num_threads(words.threads)
    print(run(words.model, words.work))  # noqa: T201


if __name__ == "__main__":
    main()
