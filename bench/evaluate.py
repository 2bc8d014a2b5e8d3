"""Deletion and insertion over a batch of pictures, beside Quantus' batched pixel flipping.

The curves are the same to rounding before anything is timed. Ours and theirs run in one process
on one thread, in turns; the time is that of the processor.
"""

import argparse
import importlib.util
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from packaged import digits
from timing import interval

import nets
import pellucid as pl

Array = Any


_find_spec = importlib.util.find_spec


def _without_zennit(name: str, *rest: Any) -> Any:
    """Quantus imports zennit where it finds it, and that imports torchvision."""
    return None if name == "zennit" else _find_spec(name, *rest)


class Grey(torch.nn.Module):
    """A network for colours on pictures of one channel."""

    def __init__(self, net: torch.nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The scores of the grey picture."""
        return self.net(x.expand(-1, 3, -1, -1))


def network(name: str) -> tuple[torch.nn.Module, int]:
    """A network of one channel, and its side. With colours the curves would not be equal: Quantus
    counts every channel as a feature of its own."""
    if name == "digits":
        return digits()[0], 32
    return Grey(nets.build(name)).eval().requires_grad_(False), 64


def theirs(net: torch.nn.Module, x: Array, y: Array, maps: Array, steps: int) -> list[Array]:
    """Curves by Quantus: most relevant first, and least relevant first read backwards."""
    with patch("importlib.util.find_spec", _without_zennit):
        import quantus

    flip = quantus.PixelFlipping(
        features_in_step=maps[0].size // steps,
        perturb_baseline="black",
        normalise=False,
        disable_warnings=True,
        return_aggregate=False,
    )
    curves = []
    for values in (maps, maps.max() - maps):  # it takes no map below zero
        found = flip(
            model=net, x_batch=x, y_batch=y, a_batch=values, softmax=True, batch_size=len(x)
        )
        curves.append(np.asarray(found))
    return curves


def ours(net: torch.nn.Module, e: pl.Explanation, steps: int) -> list[Array]:
    """The same curves by `pl.evaluate`."""
    how = {"steps": steps, "baseline": 0.0}
    found = pl.evaluate(net, e, [pl.Deletion(**how), pl.Insertion(**how)])
    deletion, insertion = found["deletion"].curve, found["insertion"].curve
    return [deletion[:, 1:], insertion[:, ::-1][:, 1:]]


def compare(name: str, n: int, steps: int, pairs: int) -> dict[str, Any]:
    """Time both on one network, in turns."""
    net, side = network(name)
    x = torch.rand(n, 1, side, side, generator=torch.Generator().manual_seed(0))
    x[:, :, 0, 0] = 0  # black is the least value, which Quantus takes from the batch
    e = pl.explain(net, x, "gradient", reduce="sum_abs")
    ties = 1e-6 * np.abs(e.values).max() * np.random.default_rng(0).random(e.values.shape)
    e = replace(e, values=e.values + ties)  # of equals each takes another first
    y = torch.tensor(e.outputs).argmax(1).numpy()
    maps = np.array(e.values).reshape(n, 1, side, side)
    a = ours(net, e, steps)
    b = theirs(net, x.numpy(), y, maps, steps)
    gap = max(float(np.abs(p - q).max()) for p, q in zip(a, b, strict=True))
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    ratios = []
    for _ in range(pairs):
        first = timed(lambda: ours(net, e, steps))
        second = timed(lambda: theirs(net, x.numpy(), y, maps, steps))
        third = timed(lambda: theirs(net, x.numpy(), y, maps, steps))
        fourth = timed(lambda: ours(net, e, steps))
        times["ours"] += [first, fourth]
        times["theirs"] += [second, third]
        ratios.append((second + third) / (first + fourth))
    low, high = interval(ratios)
    return {
        "network": name, "pictures": n, "side": side, "steps": steps, "difference": gap,
        "ours": statistics.median(times["ours"]), "quantus": statistics.median(times["theirs"]),
        "ratio": statistics.median(ratios), "low": low, "high": high,
    }  # fmt: skip


def timed(run: Callable[[], Any]) -> float:
    """Seconds of the processor for one run, so that other work on the machine does not count."""
    start = time.process_time()
    run()
    return time.process_time() - start


def tell(line: str) -> None:
    """A line of the table."""
    sys.stdout.write(line + "\n")


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", default=["digits", "resnet18"])
    parser.add_argument("--pictures", type=int, default=64)
    parser.add_argument("--steps", type=int, default=32)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    rows = [compare(name, given.pictures, given.steps, given.pairs) for name in given.networks]
    tell(f"{'network':<12}{'ours':>9}{'quantus':>10}{'ratio':>8}   95 %           difference")
    for row in rows:
        spread = f"{row['low']:.2f} to {row['high']:.2f}"
        tell(
            f"{row['network']:<12}{row['ours']:>8.2f}s{row['quantus']:>9.2f}s{row['ratio']:>8.2f}"
            f"   {spread:<14} {row['difference']:.1e}"
        )
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
