"""One estimate of a sampled method after the other, by us and by others.

`serve` is what a worker runs: it builds the model, then makes the estimates of a schedule.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import memory
import numpy as np
import packaged
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from worker import Absent

import pellucid as pl

Array = NDArray[Any]
Estimate = Callable[[int, int], tuple[Array, float]]
"""`estimate(budget, seed)` gives values `(samples, …)` and the evaluations of one sample."""

CELLS, KEEP = 7, 0.5
SEGMENTS = {"digits": 4, "digits, fine": 8}
"""Segments of LIME along each axis."""
WARM = 256
"""Budget of the first estimate, which does not count."""
WIDTH = 0.25
"""Kernel width of LIME for pictures, the default of the package lime."""


def serve(
    task: str, subject: str, side: str, schedule: list[tuple[int, int]]
) -> Callable[[], dict[str, Any]]:
    """A run that makes the next estimate of the schedule of budgets and seeds."""
    estimate = TASKS[task, side](subject)
    jobs: Iterator[tuple[int, int]] = iter(schedule)
    estimate(WARM, 10**6)

    def run() -> dict[str, Any]:
        budget, seed = next(jobs)
        before = memory.forget_the_peak()
        start = time.perf_counter()
        values, evaluations = estimate(budget, seed)
        seconds = time.perf_counter() - start
        peak = memory.resident("VmHWM") - before
        return {"values": np.asarray(values, float), "evaluations": evaluations,
                "seconds": seconds, "peak": peak}  # fmt: skip

    return run


# RISE


def rise(subject: str, estimator: str = "adjusted") -> Estimate:
    """Ours, all samples in one call."""
    net, x = packaged.PICTURES[subject]()

    def estimate(budget: int, seed: int) -> tuple[Array, float]:
        method = pl.RISE(n_masks=budget, cells=CELLS, p=KEEP, tolerance=0, estimator=estimator)
        found = pl.explain(net, x, method, seed=seed)
        return found.values, found.cost["forwards"] / len(x) - 1

    return estimate


def original_rise(subject: str) -> Estimate:
    """The paper's recipe: all masks in memory, then Σ f(x ⊙ M) M / (n p)."""
    net, x = packaged.PICTURES[subject]()
    with torch.no_grad():
        classes = net(x).argmax(1)

    def masks(budget: int, generator: torch.Generator) -> Tensor:
        cell = [-(-size // CELLS) for size in x.shape[2:]]
        low = (torch.rand(budget, 1, CELLS, CELLS, generator=generator) < KEEP).float()
        made = torch.empty(budget, *x.shape[2:])
        for i, one in enumerate(low):
            grown = F.interpolate(one[None], [(CELLS + 1) * c for c in cell], mode="bilinear")
            top, left = (int(torch.randint(0, c, (), generator=generator)) for c in cell)
            made[i] = grown[0, 0, top : top + x.shape[2], left : left + x.shape[3]]
        return made

    @torch.no_grad()
    def estimate(budget: int, seed: int) -> tuple[Array, float]:
        made = masks(budget, torch.Generator().manual_seed(seed))
        found = []
        for one, index in zip(x, classes, strict=True):
            rows = [net(one * part[:, None]).softmax(1)[:, index] for part in made.split(100)]
            found.append((torch.cat(rows) @ made.flatten(1)).reshape(x.shape[2:]) / budget / KEEP)
        return torch.stack(found).numpy(), float(budget)

    return estimate


# KernelSHAP


def kernel_shap(subject: str) -> Estimate:
    """Ours, all rows in one call; an evaluation is one row of the predictor."""
    table = packaged.TABLES[subject]()
    predict = packaged.Counted(table.predict)
    target = table.column if table.classes else pl.Value()

    def estimate(budget: int, seed: int) -> tuple[Array, float]:
        predict.rows = 0
        method = pl.KernelSHAP(n_samples=budget, tolerance=None, background=table.background)
        found = pl.explain(predict, table.rows, method, target=target, space="logit", seed=seed)
        return found.values, predict.rows / len(table.rows)

    return estimate


def shap_kernel(subject: str) -> Estimate:
    """The package shap, without its selection of ten features, which would bias it."""
    shap = _module("shap")
    table = packaged.TABLES[subject]()
    predict = packaged.Counted(table.predict)
    made = shap.KernelExplainer(lambda a: predict(a)[:, table.column], table.background)

    def estimate(budget: int, seed: int) -> tuple[Array, float]:
        predict.rows = 0
        np.random.seed(seed)  # noqa: NPY002 - the generator that shap draws from
        found = made.shap_values(table.rows, nsamples=budget, l1_reg=False, silent=True)
        return np.asarray(found), predict.rows / len(table.rows)

    return estimate


# LIME


def lime(subject: str) -> Estimate:
    """Ours on the same segments, hidden as zero, one coefficient a segment."""
    if not hasattr(pl, "LIME"):
        raise Absent("pellucid has no LIME here")
    net, x = packaged.PICTURES[subject]()
    labels = grid(subject, x)

    def estimate(budget: int, seed: int) -> tuple[Array, float]:
        method = pl.LIME(n_samples=budget, segments=labels, baseline="zero", stop="budget")
        found = pl.explain(net, x, method, seed=seed)
        return found.coarse, found.cost["forwards"] / len(x)

    return estimate


def lime_package(subject: str) -> Estimate:
    """`lime_image` with its defaults, on the same segments, hidden as zero."""
    image = _module("lime.lime_image")
    image.tqdm = lambda rows: rows  # no progress bar on either side
    net, x = packaged.PICTURES[subject]()
    labels, channels = grid(subject, x), x.shape[1]
    with torch.no_grad():
        classes = net(x).argmax(1).tolist()

    @torch.no_grad()
    def predict(pictures: Array) -> Array:
        seen = torch.as_tensor(np.asarray(pictures), dtype=torch.float32).movedim(-1, 1)
        return net(seen[:, :channels]).softmax(1).numpy()

    def estimate(budget: int, seed: int) -> tuple[Array, float]:
        made, found = image.LimeImageExplainer(random_state=seed), []
        for one, index in zip(x, classes, strict=True):
            picture = one.movedim(0, -1).expand(*one.shape[1:], 3).double().numpy()
            explained = made.explain_instance(
                picture, predict, labels=(index,), top_labels=None, hide_color=0,
                num_samples=budget, batch_size=100,
                segmentation_fn=lambda _: labels,
            )  # fmt: skip
            found.append([weight for _, weight in sorted(explained.local_exp[index])])
        return np.asarray(found), float(budget)

    return estimate


def grid(subject: str, x: Tensor) -> Array:
    """Segments `(H, W)` as cells of a grid."""
    count = SEGMENTS[subject]
    rows, columns = (np.arange(size) * count // size for size in x.shape[2:])
    return rows[:, None] * count + columns


def lime_limit(net: nn.Module, x: Tensor, labels: Array, most: int) -> Array:
    """The coefficients that both converge to, `(samples, segments)`: weighted least squares over
    all masks where they are at most `most`, else over that many random ones."""
    d = int(labels.max()) + 1
    if 2**d <= most:
        held = torch.arange(2**d)[:, None] >> torch.arange(d) & 1
    else:
        held = torch.randint(0, 2, (most, d), generator=torch.Generator().manual_seed(10**6))
    share = (held.sum(1).double() / d).sqrt()
    root = torch.exp(-((1 - share) ** 2) / (4 * WIDTH**2))[:, None]
    design = torch.cat([torch.ones(len(held), 1), held], 1).double()
    with torch.no_grad():
        classes, found = net(x).argmax(1), []
        for one, index in zip(x, classes, strict=True):
            parts = [net(one * part[:, labels][:, None]).softmax(1)[:, index]
                     for part in held.float().split(256)]  # fmt: skip
            y = torch.cat(parts).double()[:, None]
            found.append(torch.linalg.lstsq(root * design, root * y).solution[1:, 0])
    return torch.stack(found).numpy()


def _module(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except Exception as error:
        raise Absent(f"{type(error).__name__}: {error}") from error


TASKS: dict[tuple[str, str], Callable[[str], Estimate]] = {
    ("rise", "ours"): rise,
    ("rise", "theirs"): original_rise,
    ("kernel_shap", "ours"): kernel_shap,
    ("kernel_shap", "theirs"): shap_kernel,
    ("lime", "ours"): lime,
    ("lime", "theirs"): lime_package,
}
