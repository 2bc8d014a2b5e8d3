"""What maps owe to the weights: the table of docs/trust.md.

    python bench/sanity.py --draws 20

A network learns a task of `pellucid benchmark`; its layers are drawn anew from the output on, and
every map is compared with the original one (Adebayo et al. 2018). Prints a Markdown table.
"""

import argparse
import sys

import torch

import pellucid as pl
from pellucid.evaluation.ground_truth import task_of, trained

METHODS = ("gradient", "grad_cam", "guided_backprop", "guided_grad_cam")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", default="patch", choices=list(pl.tasks()))
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--items", type=int, default=8)
    parser.add_argument("--draws", type=int, default=20, help="random networks a stage")
    parser.add_argument("--seed", type=int, default=0)
    words = parser.parse_args()

    task = task_of(words.task)
    net, _ = trained(task, seed=words.seed)
    x = task.draw(words.items, torch.Generator().manual_seed(words.seed + 1)).x
    found = pl.randomisation(pl.explain(net, x, words.methods), draws=words.draws)
    stages = found.curves[0][1].stages
    write = sys.stdout.write
    write("| | " + " | ".join(f"from `{stage}` on" for stage in stages) + " |\n")
    write("| " + " | ".join("---" for _ in range(len(stages) + 1)) + " |\n")
    for name, curve in found.curves:
        means = curve.similarity.mean(1).tolist()
        write(f"| {name} | " + " | ".join(f"{mean:.2f}" for mean in means) + " |\n")


if __name__ == "__main__":
    main()
