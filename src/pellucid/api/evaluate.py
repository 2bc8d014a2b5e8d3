"""How faithful, stable, simple and well placed explanations are: metrics, with intervals."""

from collections.abc import Sequence
from typing import Any

from ..core.explanation import Explanation
from ..core.progress import Progress
from ..evaluation import registry
from ..evaluation.evaluating import evaluated
from ..evaluation.scores import Evaluation


def evaluate(
    model: Any,
    explanations: Explanation | Sequence[Explanation],
    metrics: Any = None,
    *,
    x: Any = None,
    masks: Any = None,
    boxes: Any = None,
    method: Any = None,
    progress: Progress | None = None,
    batch_size: int | None = None,
) -> Evaluation:
    """Measure explanations with `metrics`: names, or objects such as `pl.Deletion(steps=64)`.

    `x` is the input where the explanations come from a file, and `method` the method object where
    its parameters hold arrays, which no file keeps. `masks` `(N, *places)` or `boxes` say
    where the evidence is known to lie: `(x0, y0, x1, y1)` in pixels, `(start, stop)` in a series.
    Metrics of several explanations share their forward passes. Left out, `metrics` are deletion,
    insertion, faithfulness correlation, sparseness and complexity, and with masks or boxes those of
    localisation.

    The result has the value of every row, the mean and its 95 % bootstrap interval over the rows.
    """
    several = [explanations] if isinstance(explanations, Explanation) else list(explanations)
    chosen = [metrics] if metrics is not None and not isinstance(metrics, list | tuple) else metrics
    return evaluated(
        model, several, chosen, x=x, masks=masks, boxes=boxes, method=method,
        progress=progress, batch_size=batch_size,
    )  # fmt: skip


def metrics() -> dict[str, str]:
    """Every metric by its standard name, with one line on what it measures."""
    return registry.catalogue()
