"""The verb `extremes`: the items of a data set that drive a score or a unit to its extremes."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.gallery import Gallery
from ..core.model import as_model
from ..core.progress import Event, Progress
from ..core.target import Target
from ..core.targets import as_target, expanded
from ..errors import ParameterError, TargetError
from ..io.columns import Columns, is_columns, load_columns
from ..io.datasets import Dataset, open_dataset
from ..io.writing import PathLike
from ..run.extremes import Course, Question
from ..run.extremes import extremes as found_extremes
from .listening import listening


def extremes(
    model: Any,
    data: Any,
    target: Any = None,
    *,
    layer: Any = None,
    channels: int | Sequence[int] | None = None,
    pool: str | tuple[int, ...] = "max",
    top: int = 9,
    space: str = "logit",
    crop: bool = True,
    predict: bool = True,
    label: Any = None,
    kind: str | None = None,
    aliases: Mapping[str, int | str] | None = None,
    store: PathLike | None = None,
    batch_size: int | None = None,
    on_error: str = "skip",
    progress: Progress | Callable[[Event], None] | bool = False,
) -> Gallery:
    """The items of a data set with the most extreme scores of classes, or activations of units.

    Without `layer`, the scores of `target` are ranked (a class, a name, any target, or a list; left
    out, the classes that the items are labelled with). A class of labelled items has three lists:
    the `strongest` and the `weakest` of the class, and the surest `fooled` of other classes. Any
    other scalar has two: `top` and `bottom`. `space` is `logit` or `probability`.

    With `layer`, its `channels` are ranked (where none is named all of them, and the strongest
    twelve are listed) by `pool`: the `max` or `mean` over the places, or the value at one place of
    the grid. The network runs only to that layer. `crop` finds the receptive field of the greatest
    value. `predict` runs the listed items through the whole network, for the classes that it sees
    in them.

    `data`, `label` and `kind` are as for `pl.dataset`; `aliases` maps names of labels to classes.
    `store` is a folder to keep the pooled activations of every item in: the next question with the
    same store, model and data runs no pass. What `pl.collect` returned, or its folder, may stand
    for the data, and the model may then be None. Equal values are in the order of the items, so the
    lists do not hang on batches. **Memory:** one batch and the lists.

    The model is left as it was. Raises `PellucidError`.
    """
    if not isinstance(top, int) or top < 1:
        raise ParameterError(f"top={top!r} is no number of items.", "Give an integer from 1.")
    if layer is not None and target is not None:
        raise ParameterError("Both layer and target were given.", "Rank one or the other.")
    if layer is None and channels is not None:
        raise ParameterError("channels without a layer.", "Say whose: layer=….")
    if isinstance(pool, str) and pool not in ("max", "mean"):
        raise ParameterError(f"pool={pool!r} is unknown.", "Say 'max', 'mean', or a place (y, x).")
    asked = Question(
        targets=tuple(_targets(target)),
        space=_space(space),  # type: ignore[arg-type]
        layer=layer,
        channels=(channels,) if isinstance(channels, int) else _tuple(channels),
        pool=pool,  # type: ignore[arg-type]
        top=top,
        crop=crop,
        predict=predict,
        aliases=aliases,
    )
    with listening(progress) as listener:
        return found_extremes(
            None if model is None else as_model(model),
            data_or_columns(data, label, kind),
            asked,
            Course(store, batch_size, on_error, listener),
        )


def _targets(target: Any) -> list[Target]:
    if target is None:
        return []
    several = target if isinstance(target, list | tuple) else [target]
    return [found for one in several for found in expanded(as_target(one))]


def _space(space: str) -> str:
    if space not in ("logit", "probability"):
        raise TargetError(f"space={space!r} is unknown.", "Give 'logit' or 'probability'.")
    return space


def _tuple(channels: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if channels is None else tuple(int(channel) for channel in channels)


def data_or_columns(data: Any, label: Any = None, kind: str | None = None) -> Dataset | Columns:
    """A data set, or what an earlier pass kept, where that stands for it."""
    if isinstance(data, Columns):
        return data
    folder = isinstance(data, str | Path) and Path(data).is_dir() and is_columns(Path(data))
    return load_columns(data) if folder else open_dataset(data, label, kind)
