"""Extreme items of a data set: ours against a full forward pass with a full sort.

    python bench/inside.py --part extremes --quick

The peer is what one writes by hand: every picture through the whole network, a hook that pools the
layer, all values kept, and a full stable sort. `lists` asks for no more than that; `first` adds
what the network predicts for the listed pictures. `later` is the next question on another channel:
ours from the columns that the first pass kept, theirs again.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import timing
from worker import worker

TOP = 9
QUESTIONS = ("lists", "first", "later")
SUBJECTS = {
    "resnet18": ("layer1", "layer2", "layer3"),
    "efficientnet_lite0": ("_blocks.2", "_blocks.5", "_blocks.11"),
}
MIDDLE = {"resnet18": "layer2", "efficientnet_lite0": "_blocks.5"}


def _data(model: str, count: int) -> tuple[Any, Any]:
    import torch

    import nets

    torch.manual_seed(0)
    return nets.build(model), torch.randn(count, 3, nets.SIDE, nets.SIDE)


def lists(model: str, layer: str, count: int, peer: bool) -> Callable[[], Any]:
    """The lists of one channel of a layer, from the pictures."""
    net, x = _data(model, count)
    return _by_hand(net, x, layer, 3) if peer else _ours(net, x, layer, 3, False)


def first(model: str, layer: str, count: int, peer: bool) -> Callable[[], Any]:
    """The same; ours with what the network predicts for the listed pictures."""
    net, x = _data(model, count)
    return _by_hand(net, x, layer, 3) if peer else _ours(net, x, layer, 3, True)


def later(model: str, layer: str, count: int, peer: bool) -> Callable[[], Any]:
    """The lists of another channel, after the first question."""
    net, x = _data(model, count)
    if peer:
        return _by_hand(net, x, layer, 5)
    import pellucid as pl

    columns = pl.collect(net, x, layer, pool="max", scores=False)
    return lambda: _ids(pl.extremes(None, columns, layer=layer, channels=5, top=TOP))


def peak(model: str, layer: str, count: int, peer: bool) -> Callable[[], Any]:
    """Peak bytes of the first question beyond what was resident before."""
    import memory

    run = first(model, layer, count, peer)

    def measured() -> int:
        before = memory.forget_the_peak()
        run()
        return memory.resident("VmHWM") - before

    return measured


def _ours(net: Any, x: Any, layer: str, channel: int, predict: bool) -> Callable[[], Any]:
    import pellucid as pl

    asked = {"layer": layer, "channels": channel, "top": TOP, "crop": False, "predict": predict}
    return lambda: _ids(pl.extremes(net, x, **asked))


def _ids(gallery: Any) -> list[list[int]]:
    return [list(listing.ids) for listing in gallery.listings]


def _by_hand(net: Any, x: Any, layer: str, channel: int, rows: int = 16) -> Callable[[], Any]:
    import torch

    def run() -> list[list[int]]:
        kept: list[Any] = []
        hook = net.get_submodule(layer).register_forward_hook(
            lambda module, given, output: kept.append(output.amax((2, 3)))
        )
        with torch.no_grad():
            for batch in x.split(rows):
                net(batch)
        hook.remove()
        values = torch.cat(kept)
        high = values.argsort(dim=0, descending=True, stable=True)
        low = values.argsort(dim=0, stable=True)
        return [high[:TOP, channel].tolist(), low[:TOP, channel].tolist()]

    return run


def measure(model: str, layer: str, words: argparse.Namespace) -> dict[str, Any]:
    """One line: the questions, whether the lists are the same, and memory."""
    own = {"model": model, "layer": layer, "count": words.items}
    line: dict[str, Any] = {**own, "threads": words.threads}
    for name in QUESTIONS:
        with (
            worker(words.threads, "extremes", name, **own, peer=False) as ours,
            worker(words.threads, "extremes", name, **own, peer=True) as theirs,
        ):
            line[f"{name} same lists"] = ours.result() == theirs.result()
            line[name] = vars(timing.compare(ours, theirs, words.pairs))
    for name, peer in (("ours", False), ("theirs", True)):
        with worker(words.threads, "extremes", "peak", **own, peer=peer) as one:
            line[f"memory {name}"] = one.result()
    return line


def show(line: dict[str, Any]) -> str:
    """A row of the table."""
    parts = [f"{line['model']:<20}{line['layer']:<12}"]
    for name in QUESTIONS:
        pair, same = line[name], "" if line[f"{name} same lists"] else " LISTS DIFFER"
        parts.append(
            f"{pair['ours']:>8.3f} s {pair['theirs']:>8.2f} s {pair['ratio']:>8.1f}× "
            f"({pair['low']:.1f}–{pair['high']:.1f}){same}  "
        )
    parts.append(f"{line['memory ours'] / 2**20:>6.0f} {line['memory theirs'] / 2**20:>6.0f} MB")
    return "".join(parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=list(SUBJECTS), choices=list(SUBJECTS))
    parser.add_argument("--items", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="64 items, mid-net only, 2 pairs")
    parser.add_argument("--json", type=Path)
    words = parser.parse_args(arguments)
    if words.quick:
        words.items, words.pairs = min(words.items, 64), min(words.pairs, 2)
    heads = "".join(f"{f'{name}: ours, theirs, ratio':<46}" for name in QUESTIONS)
    print(f"{'model':<20}{'layer':<12}{heads}memory")  # noqa: T201
    lines = []
    for model in words.models:
        for layer in (MIDDLE[model],) if words.quick else SUBJECTS[model]:
            lines.append(measure(model, layer, words))
            print(show(lines[-1]), flush=True)  # noqa: T201
    if words.json:
        words.json.write_text(json.dumps(lines, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
