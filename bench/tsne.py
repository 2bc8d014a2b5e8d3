"""t-SNE by us, openTSNE and scikit-learn on the same features: time, KL divergence, neighbours.

python bench/inside.py --part tsne --sizes 10000 70000 --threads 2 --json found.json
"""

import argparse
import gzip
import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import memory
import numpy as np
from worker import Absent, worker

LIBRARIES = ("ours", "opentsne", "scikit-learn")
_FEATURES = 50


def mixture(n: int) -> np.ndarray:
    """Twenty groups of unlike width, each on a curved sheet of five dimensions, in 50."""
    generator = np.random.default_rng(0)
    group = generator.integers(0, 20, n)
    sheet = generator.normal(size=(n, 5)) * generator.uniform(0.5, 2, 20)[group, None]
    turns = generator.normal(size=(20, 5, _FEATURES)) / 5**0.5
    bends = generator.normal(size=(20, 5, _FEATURES)) / 5**0.5
    flat = np.einsum("nd,ndf->nf", sheet, turns[group])
    curved = np.einsum("nd,ndf->nf", np.sin(2 * sheet), bends[group])
    centres = generator.normal(size=(20, _FEATURES)) * 1.5
    noise = 0.2 * generator.normal(size=(n, _FEATURES))
    return (centres[group] + flat + curved + noise).astype(np.float32)


def pictures(folder: str, n: int) -> np.ndarray:
    """The first n pictures of a folder of IDX files, on their first 50 principal components."""
    found = []
    for path in sorted(Path(folder).glob("*images-idx3-ubyte.gz"), reverse=True):
        data = gzip.decompress(path.read_bytes())
        count = int.from_bytes(data[4:8], "big")
        found.append(np.frombuffer(data, np.uint8, offset=16).reshape(count, -1))
    x = np.concatenate(found).astype(np.float32) / 255
    x -= x.mean(0)
    axes = np.linalg.eigh(x.T @ x)[1][:, ::-1][:, :_FEATURES]
    return (x @ axes)[:n].astype(np.float32)


def features_of(data: str, n: int) -> np.ndarray:
    """The features `(n, 50)`."""
    return mixture(n) if data == "mixture" else pictures(data, n)


def ready(
    library: str, data: str, n: int, jobs: int, steps: Sequence[int] | None
) -> Callable[[], dict[str, Any]]:
    """A run of one library in this process: its points, seconds, processor seconds and memory."""
    x = features_of(data, n)
    fit = _FITS[library](jobs, steps)

    def run() -> dict[str, Any]:
        before = memory.forget_the_peak()
        wall, cpu = time.perf_counter(), time.process_time()
        points = np.asarray(fit(x), np.float32)
        return {
            "points": points,
            "seconds": time.perf_counter() - wall,
            "processor": time.process_time() - cpu,
            "memory": (memory.resident("VmHWM") - before) / 2**20,
        }

    return run


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Absent(str(error)) from None


def _ours(jobs: int, steps: Sequence[int] | None) -> Callable[[np.ndarray], Any]:
    pl = _imported("pellucid")
    given = dict(zip(("early_iterations", "iterations"), steps or (), strict=False))
    return lambda x: pl.TSNE(neighbours="exact", **given).fit(x).points


def _opentsne(jobs: int, _: object) -> Callable[[np.ndarray], Any]:
    library = _imported("openTSNE")
    return lambda x: library.TSNE(perplexity=30, n_jobs=jobs, random_state=0).fit(x)


def _scikit_learn(jobs: int, _: object) -> Callable[[np.ndarray], Any]:
    library = _imported("sklearn.manifold")
    made = library.TSNE(perplexity=30, n_jobs=jobs, random_state=0)
    return lambda x: made.fit_transform(x)


_FITS = {"ours": _ours, "opentsne": _opentsne, "scikit-learn": _scikit_learn}


class Judge:
    """One evaluator for all: exact neighbours, exact sums."""

    def __init__(self, x: np.ndarray) -> None:
        import torch

        from pellucid import TSNE

        self.features = torch.from_numpy(x)
        self.p, _ = TSNE(neighbours="exact").affinities(self.features)

    def __call__(self, points: np.ndarray) -> dict[str, float]:
        """KL divergence over all pairs and recall of the 10 nearest neighbours."""
        import torch

        from pellucid.ops.map_quality import neighbour_recall
        from pellucid.ops.tsne import kl_divergence

        made = torch.from_numpy(points)
        return {
            "kl": kl_divergence(self.p, made),
            "recall": neighbour_recall(self.features, made),
        }


def measure(words: argparse.Namespace, n: int) -> list[dict[str, Any]]:
    """All libraries on n items, ours before and after the others."""
    judge = Judge(features_of(words.data, n))
    rows: dict[str, list[dict[str, Any]]] = {}
    order = [*words.libraries, *(["ours"] if len(words.libraries) > 1 else [])]
    for library in order:
        if library == "scikit-learn" and n > words.most_for_scikit_learn:
            continue
        given = {"library": library, "data": words.data, "n": n}
        given |= {"jobs": words.threads, "steps": words.steps}
        try:
            with worker(words.threads, "tsne", "ready", **given) as one:
                found = one.result()
        except Absent as error:
            sys.stderr.write(f"{library} is left out: {error}\n")
            continue
        found |= judge(found.pop("points"))
        rows.setdefault(library, []).append(found)
        sys.stderr.write(f"{n} {library}: {found}\n")
    return [_row(n, library, runs, rows["ours"]) for library, runs in rows.items()]


def _row(
    n: int, library: str, runs: list[dict[str, Any]], ours: list[dict[str, Any]]
) -> dict[str, Any]:
    def mean(name: str, of: list[dict[str, Any]]) -> float:
        return float(np.mean([run[name] for run in of]))

    row: dict[str, Any] = {"n": n, "library": library}
    row |= {name: mean(name, runs) for name in runs[0]}
    for name in ("seconds", "processor"):
        row[f"ratio of {name}"] = mean(name, runs) / mean(name, ours)
    return row


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 70_000])
    parser.add_argument("--data", default="mixture", help="mixture, or a folder of IDX files")
    parser.add_argument("--libraries", nargs="+", default=list(LIBRARIES), choices=LIBRARIES)
    parser.add_argument("--steps", type=int, nargs=2, help="ours: exaggerated and plain steps")
    parser.add_argument("--most-for-scikit-learn", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="1000 and 3000 items")
    parser.add_argument("--json", type=Path)
    words = parser.parse_args(argv)
    rows = [
        row for n in ([1000, 3000] if words.quick else words.sizes) for row in measure(words, n)
    ]
    heads = ("n", "library", "seconds", "processor", "ratio of seconds", "ratio of processor",
             "kl", "recall", "memory")  # fmt: skip
    sys.stdout.write("  ".join(f"{head:>18}" for head in heads) + "\n")
    for row in rows:
        cells = [row[h] if isinstance(row[h], int | str) else f"{row[h]:.4g}" for h in heads]
        sys.stdout.write("  ".join(f"{cell:>18}" for cell in cells) + "\n")
    if words.json:
        words.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")
