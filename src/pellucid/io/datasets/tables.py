"""Data sets in tables: every row is an item, one column may be its label."""

from collections.abc import Sequence
from typing import Any

from ...errors import ParameterError, suggest
from ..texts import Text
from .arrays import checked_labels
from .files import label_column, labels_of
from .item import Dataset, Item

TEXT_COLUMNS = ("text", "sentence", "comment", "review", "content")


def from_frame(frame: Any, label: Any = None, name: str = "the table") -> Dataset:
    """The rows of a data frame; `label` is the column of labels, or holds them."""
    names = [str(column) for column in frame.columns]
    given = label is not None and not isinstance(label, str)
    own = None if given else _known(names, label_column(names, label), name)
    if given:
        labels = list(checked_labels(label, len(frame), name))
    else:
        labels = [None] * len(frame) if own is None else labels_of(frame.iloc[:, names.index(own)])
    kept = [i for i, column in enumerate(names) if column != own]
    rows = frame.iloc[:, kept]

    def read(index: int) -> Item:
        return Item(index, f"row {index}", labels[index], rows.iloc[[index]])

    def join(items: Sequence[Item]) -> Any:
        return rows.iloc[[item.id for item in items]]

    return Dataset(name, "table", read, None, _joined(join), len(frame), labels)


def from_text_frame(frame: Any, column: str, label: str | None, name: str) -> Dataset:
    """The texts of one column with the labels of another."""
    names = [str(one) for one in frame.columns]
    own = _known(names, label_column(names, label), name)
    labels = [None] * len(frame) if own is None else labels_of(frame[own])
    return from_texts([str(text) for text in frame[column]], labels, name)


def from_texts(texts: Sequence[str], labels: Sequence[Any] | None, name: str) -> Dataset:
    """A list of texts."""
    own = labels if labels is not None else [None] * len(texts)

    def read(index: int) -> Item:
        return Item(index, f"text {index}", own[index], texts[index])

    return Dataset(name, "text", read, None, join_texts, len(texts), own)


def join_texts(items: Sequence[Item]) -> Text:
    """Texts as `pl.explain` takes them."""
    return Text([item.value for item in items])


def _joined(join: Any) -> Any:
    """Rows of the frame at once; those of a subset, which have new ids, one by one."""

    def joined(items: Sequence[Item]) -> Any:
        import pandas as pd

        own = all(item.name == f"row {item.id}" for item in items)
        return join(items) if own else pd.concat([item.value for item in items])

    return joined


def _known(names: Sequence[str], column: str | None, name: str) -> str | None:
    if column is not None and column not in names:
        raise ParameterError(f"{name} has no column {column!r}.", suggest(column, names))
    return column
