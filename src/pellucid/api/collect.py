"""The verb `collect`: one pass over a data set, kept as columns."""

from collections.abc import Callable, Sequence
from typing import Any

from ..core.model import as_model
from ..core.progress import Event, Progress
from ..io.columns import Columns
from ..io.datasets import Dataset, open_dataset
from ..io.writing import PathLike
from ..run.collecting import collect as collected
from ..run.features import Pool
from .listening import listening


def collect(
    model: Any,
    data: Any,
    layers: Any = (),
    *,
    pool: Pool | Sequence[Pool] = "mean",
    scores: bool = True,
    store: PathLike | None = None,
    label: Any = None,
    kind: str | None = None,
    batch_size: int | None = None,
    on_error: str = "skip",
    progress: Progress | Callable[[Event], None] | bool = False,
) -> Columns:
    """What layers and scores give for every item of a data set, in one pass.

    `data` is what `pl.dataset` takes; `label` and `kind` are passed on to it. `layers` is one layer
    or several, as `pl.layers` lists them. `pool` is `mean` or `max` over the places of every
    channel, `place` (where the maximum lies), `flat` (every value), one place of the layer's grid,
    or several of these. Without `scores` the network runs only to the deepest layer. `store` is a
    new folder to keep the columns in; without it they go with the result.

    `found[f"{layer}:{pool}"]` is an array `(N, channels)`, mapped from its file; `found["scores"]`
    `(N, classes)`; `found.ids`, `found.names` and `found.labels` tell whose rows these are. An item
    that cannot be read is left out and listed in `found.about["skipped"]`, or raises with
    `on_error="raise"`.
    """
    several = isinstance(layers, list | tuple)
    pools = [pool] if isinstance(pool, str) or _is_place(pool) else list(pool)
    with listening(progress) as listener:
        return collected(
            as_model(model),
            open_dataset(data, label, kind),
            list(layers) if several else [layers],
            pools,  # type: ignore[arg-type]
            scores,
            store,
            batch_size,
            listener,
            on_error,
        )


def dataset(source: Any, label: Any = None, kind: str | None = None) -> Dataset:
    """A data set as a stream of items with an id, a name and a label, read when it is needed.

    `source` is a folder (sub-folders are labels), a CSV, TSV or Parquet file (a table, or files
    by a column `path`, or texts by a column `text`), a `.npy` or `.npz` file, a `.txt` file of one
    text a line, an array or tensor `(N, …)`, a data frame, a list of texts or files, a torch data
    set or loader, or anything that can be gone through more than once and gives samples or pairs of
    sample and label. `label` names the column or array of labels, or holds them. `kind` is
    `images`, `arrays`, `table`, `series` or `text` where the source leaves it open.

    `pl.explain(model, data.input(i), …)` explains item i.
    """
    return open_dataset(source, label, kind)


def _is_place(pool: Any) -> bool:
    return isinstance(pool, tuple) and all(isinstance(i, int) for i in pool)
