"""Feature visualisation beside lucent: the same layer, channel, size and steps, in turns.

Both maximise the mean of one channel over pictures in a Fourier basis with decorrelated colours,
under random turns, zooms and shifts, with Adam at 0.05. The objective that each reached is measured
by one common evaluator on its finished picture, without transforms.
"""

import argparse
import contextlib
import importlib.util
import json
import statistics
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from timing import interval
from torch import Tensor, nn
from worker import Absent, Worker

import nets
import pellucid as pl

MEAN, SCALE = 127 / 128, 255 / 128
"""From pixels between 0 and 1 to what the bundled network takes."""

TASKS = {
    "efficientnet_lite0 at 0.4 of its depth": ("efficientnet_lite0", "_blocks.6", 3),
    "efficientnet_lite0 at its last block": ("efficientnet_lite0", "_blocks.15", 3),
    "resnet18 (random weights) layer3": ("resnet18", "layer3", 3),
}
Run = Callable[[], list[float]]


def network(name: str) -> nn.Module:
    """The network of a task, in eval mode."""
    return nets.build(name)


def ours(model: str, layer: str, channel: int, size: int, steps: int) -> Run:
    """One call of `pl.explain`, with its checks."""
    net = network(model)
    bounds = (-MEAN, SCALE - MEAN)

    def run() -> list[float]:
        e = pl.explain(
            net, (1, 3, size, size), "feature_visualization",
            layer=layer, channel=channel, steps=steps, bounds=bounds,
        )  # fmt: skip
        return evaluated(net, layer, channel, torch.from_numpy(e.values.copy()))

    return run


def lucent(model: str, layer: str, channel: int, size: int, steps: int) -> Run:
    """One call of `render_vis` with its standard transforms, at the same size."""
    render, param, transform = _lucent()
    net = network(model)
    name = layer.replace(".", "_")

    def into_range(x: Tensor) -> Tensor:
        return x * SCALE - MEAN

    def run() -> list[float]:
        torch.manual_seed(0)
        with contextlib.redirect_stdout(sys.stderr):
            found = render.render_vis(
                net, f"{name}:{channel}", lambda: param.image(size),
                transforms=[*transform.standard_transforms, into_range], preprocess=False,
                thresholds=(steps,), show_image=False, progress=False, fixed_image_size=size,
            )  # fmt: skip
        picture = torch.from_numpy(found[-1]).permute(0, 3, 1, 2).float()
        return evaluated(net, layer, channel, into_range(picture))

    return run


ASIDE = {
    "torchvision": {},
    "torchvision.transforms": {"Normalize": nn.Identity},
    "IPython": {},
    "IPython.display": {},
}
"""What lucent imports and does not need for this: stands in where it is not installed."""


def _lucent() -> tuple[Any, Any, Any]:
    absent = [n for n in ASIDE if "." not in n and importlib.util.find_spec(n) is None]
    for name, content in ASIDE.items():
        if name.partition(".")[0] in absent:
            sys.modules[name] = types.ModuleType(name)
            vars(sys.modules[name]).update(content)
    try:
        from lucent.optvis import param, render, transform
    except ImportError as error:
        raise Absent(f"lucent: {error}") from error
    return render, param, transform


def evaluated(net: nn.Module, layer: str, channel: int, x: Tensor) -> list[float]:
    """The mean of the channel on a finished picture, by a plain forward pass."""
    activation = pl.explain(net, x, "activations", layer=layer).values
    return [float(activation[0, channel].mean())]


def measure(task: str, size: int, steps: int, pairs: int, threads: int) -> dict[str, Any]:
    """Ours, theirs, theirs, ours; times, their ratios, and what each reached."""
    model, layer, channel = TASKS[task]
    arguments = {"model": model, "layer": layer, "channel": channel, "size": size}
    workers = {
        side: Worker(threads, "visualisation", side, steps=steps, **arguments)
        for side in ("ours", "lucent")
    }
    try:
        reached = {side: one.result()[0] for side, one in workers.items()}
        wall: dict[str, list[float]] = {"ours": [], "lucent": []}
        work: dict[str, list[float]] = {"ours": [], "lucent": []}
        for _ in range(pairs):
            for side in ("ours", "lucent", "lucent", "ours"):
                seconds, processor = workers[side].times()
                wall[side].append(seconds)
                work[side].append(processor)
    finally:
        for one in workers.values():
            one.stop()
    ratios = [b / a for a, b in zip(wall["ours"], wall["lucent"], strict=True)]
    low, high = interval(ratios)
    return {
        "task": task,
        "ours": statistics.median(wall["ours"]),
        "lucent": statistics.median(wall["lucent"]),
        "ratio": statistics.median(ratios),
        "interval": [low, high],
        "processor ratio": sum(work["lucent"]) / sum(work["ours"]),
        "reached": reached,
    }


def main(words: list[str]) -> None:
    """The command line of this part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tasks", nargs="*", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--quick", action="store_true", help="112 pixels, 16 steps, one pair")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(words)
    size, steps, pairs = (112, 16, 1) if given.quick else (given.size, given.steps, given.pairs)
    found = []
    sys.stdout.write("task | ours s | lucent s | lucent / ours | processor | reached by each\n")
    for task in given.tasks:
        row = measure(task, size, steps, pairs, given.threads)
        found.append(row)
        low, high = row["interval"]
        reached = ", ".join(f"{side} {value:.4g}" for side, value in row["reached"].items())
        sys.stdout.write(
            f"{task} | {row['ours']:.2f} | {row['lucent']:.2f} | {row['ratio']:.2f} "
            f"[{low:.2f}, {high:.2f}] | {row['processor ratio']:.2f} | {reached}\n"
        )
        sys.stdout.flush()
    if given.json is not None:
        given.json.write_text(json.dumps(found, indent=2), encoding="utf-8")
