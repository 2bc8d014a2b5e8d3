"""A pass over a data set, kept as columns so that the next question needs no model."""

from collections.abc import Callable, Sequence
from typing import Any

from ..core.model import Model
from ..core.progress import Progress
from ..core.record import model_fingerprint, versions
from ..io.columns import Block, Columns, ColumnWriter
from ..io.datasets import Dataset
from ..io.writing import PathLike
from .features import Pool
from .sweep import Sweep


def collect(
    model: Model,
    data: Dataset,
    layers: Sequence[Any] = (),
    pools: Sequence[Pool] = ("mean",),
    scores: bool = True,
    store: PathLike | None = None,
    batch_size: int | None = None,
    progress: Progress | None = None,
    on_error: str = "skip",
) -> Columns:
    """One pass of `data` through the network, kept as columns in the folder `store`.

    `columns[f"{layer}:{pool}"]` is `(N, channels)` for the pools `mean`, `max`, `place` (where the
    maximum lies) and a place of the grid, `(N, values)` for `flat`; `columns["scores"]` is
    `(N, classes)`. `ids`, `names` and `labels` go with the rows. Without `scores` the network stops
    at the deepest layer. Without `store` the folder is temporary.
    **Memory:** one batch; nothing is left in the folder unless the pass ends.
    """
    sweep = Sweep(model, data, layers, pools, scores, batch_size, progress, on_error)
    return keep(sweep, store)


def keep(
    sweep: Sweep, store: PathLike | None = None, also: Callable[[Block], None] | None = None
) -> Columns:
    """Run a pass and keep its columns; `also` is given every block."""
    with ColumnWriter(store) as writer:
        for block in sweep:
            writer.append(block)
            if also is not None:
                also(block)
        return writer.finish(about(sweep))


def about(sweep: Sweep) -> dict[str, Any]:
    """What is known of a pass that ended: data, layers, classes, what was skipped, versions."""
    model, data = sweep.model, sweep.data
    return {
        "data": data.name,
        "kind": data.kind,
        "layers": sweep.found,
        "classes": None if model.classes is None else list(model.classes),
        "probabilities": bool(sweep.normalised),
        "skipped": [{"id": i, "name": name, "reason": why} for i, name, why in sweep.skipped],
        "notes": list(data.notes),
        "model": type(model.net).__name__ if model.net is not None else "function",
        "model_fingerprint": model_fingerprint(model),
        "versions": dict(versions()),
    }
