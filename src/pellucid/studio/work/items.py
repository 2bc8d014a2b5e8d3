"""The items of a data set as the library takes them, opened one by one."""

from collections.abc import Sequence
from typing import Any

from ...core.model import Model
from ...io.datasets import Dataset, Item
from ...io.datasets.arrays import stacked
from ...io.datasets.tables import join_texts
from ...io.inputs import read
from ...io.texts import Text
from .context import Context


def items_of(context: Context, model: Model) -> Dataset:
    """All of them, in the order of the job's sources."""
    ids, sources = list(context.sources), list(context.sources.values())

    def one(place: int) -> Item:
        value = _value(model, context.open(ids[place]).given)
        return Item(place, sources[place]["title"], value=value)

    return Dataset("the data set", "tensors", one, None, _joined, len(ids))


def _value(model: Model, given: Any) -> Any:
    """A text or a row as it is, for the model's own preprocessing; else what the network takes."""
    if isinstance(given, Text):
        return given.several[0]
    return given if hasattr(given, "iloc") else read(model, given)[0][0]


def _joined(items: Sequence[Item]) -> Any:
    first = items[0].value
    if isinstance(first, str):
        return join_texts(items)
    if hasattr(first, "iloc"):
        import pandas as pd

        return pd.concat([item.value for item in items])
    return stacked(items)
