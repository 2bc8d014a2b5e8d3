"""Peak memory of one piece of work in a fresh process.

    python bench/memory.py resnet18 score_cam --threads 1

prints the peak resident bytes. `idle` builds and traces the network; `forward` is one plain forward
pass of as many rows as Pellucid plans to run at once on it.
"""

import argparse
import re
import resource
import subprocess
import sys
from pathlib import Path

MEASURED = ("score_cam", "ablation_cam", "eigen_cam")


def peak(model: str, work: str, threads: int) -> int:
    """Peak resident bytes of `work` on `model` in a process of its own."""
    command = [sys.executable, __file__, model, work, "--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{work} on {model} failed:\n{done.stderr[-2000:]}")
    return int(done.stdout.split()[-1])


def resident() -> int:
    """Peak resident bytes of this process."""
    status = Path("/proc/self/status")
    if status.exists():
        # ru_maxrss of a child starts at its parent's; this one starts at exec.
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text())
        if found:
            return int(found[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def work(model: str, name: str) -> None:
    """Do the work whose memory is measured."""
    import torch

    import nets
    import pellucid as pl
    from pellucid.core.allocator import tune
    from pellucid.core.batching import plan
    from pellucid.core.layers import structure_of

    tune()
    net, x = nets.build(model), nets.image()
    wrapped = pl.Model(net)
    row_bytes = structure_of(wrapped, wrapped.inputs(x)).trace.row_bytes
    if name == "forward":
        with torch.no_grad():
            net(x.repeat(plan(row_bytes, torch.device("cpu")), 1, 1, 1))
    if name in MEASURED:
        pl.explain(wrapped, x, name, target=0, layer=nets.SUBJECTS[model].layer)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("work", choices=("idle", "forward", *MEASURED))
    parser.add_argument("--threads", type=int, default=1)
    words = parser.parse_args()

    import torch

    torch.set_num_threads(words.threads)
    work(words.model, words.work)
    print(resident())  # noqa: T201


if __name__ == "__main__":
    main()
