"""What the columns of a table are: numbers, categories, ordinal codes, and groups of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import torch
from torch import Tensor

from ..core.axes import FEATURE
from ..core.encoding import MISSING
from ..core.inputs import Inputs
from ..errors import NotApplicable, ParameterError, suggest

Kind = Literal["numeric", "categorical", "ordinal"]


@dataclass(frozen=True)
class Schema:
    """The kind of every column, and the columns of every feature."""

    kinds: tuple[Kind, ...]
    features: tuple[tuple[int, ...], ...]

    @property
    def labels(self) -> Tensor:
        """The number of the feature that every column belongs to."""
        found = torch.zeros(len(self.kinds), dtype=torch.long)
        for feature, columns in enumerate(self.features):
            found[list(columns)] = feature
        return found


def schema_of(
    inputs: Inputs,
    columns: Mapping[Any, str] | None = None,
    groups: Mapping[str, Sequence[Any]] | None = None,
) -> Schema:
    """The schema of a table `(N, F)`.

    `columns` gives kinds by column (a name or a number); what it leaves out is as the table was
    read, or else numeric. `groups` puts columns together that move together.
    """
    if len(inputs.changeable) != 1 or FEATURE not in inputs.axes():
        raise NotApplicable(
            "columns, groups and background describe a table; this input is none.",
            "Leave them out, or give one table (N, F).",
        )
    count = next(iter(inputs.changeable.values())).shape[1]
    encoding = inputs.encoding
    names = tuple(encoding.names) if encoding is not None else ()
    known = encoding.kinds if encoding is not None else ()
    kinds: list[Any] = list(known) if len(known) == count else ["numeric"] * count
    for column, kind in (columns or {}).items():
        if kind not in get_args(Kind):
            raise ParameterError(
                f"The column {column!r} cannot be {kind!r}.", suggest(str(kind), get_args(Kind))
            )
        kinds[_place(column, names, count)] = kind
    owner: dict[int, str] = {}
    for group, members in (groups or {}).items():
        for member in members:
            place = _place(member, names, count)
            if owner.setdefault(place, group) != group:
                raise ParameterError(
                    f"The column {member!r} is in two groups, {owner[place]!r} and {group!r}.",
                    "Put it in one.",
                )
    features: dict[Any, list[int]] = {}
    for column in range(count):
        features.setdefault(owner.get(column, column), []).append(column)
    return Schema(tuple(kinds), tuple(tuple(own) for own in features.values()))


def _place(column: Any, names: tuple[str, ...], count: int) -> int:
    if isinstance(column, str) and column in names:
        return names.index(column)
    if isinstance(column, str) and not column.lstrip("-").isdigit():
        help_ = suggest(column, names) if names else f"Give its number, 0 to {count - 1}."
        raise ParameterError(f"There is no column {column!r}.", help_)
    place = int(column)
    if not -count <= place < count:
        raise ParameterError(f"There is no column {place} of {count}.", "Count from 0.")
    return place % count


def background_rows(inputs: Inputs, background: Any) -> Tensor:
    """The data `(B, F)` around a table, double precision; a data frame through the way in which
    the table itself was read."""
    x = next(iter(inputs.changeable.values()))
    background = inputs.encoded(background)
    try:
        array = background.cpu() if isinstance(background, Tensor) else np.asarray(background)
        rows = torch.as_tensor(array).double()
    except (TypeError, ValueError, RuntimeError) as error:
        raise ParameterError(
            f"The background is no array of numbers ({type(background).__name__}).",
            "Give background=(B, F) with categories as the codes that the model takes.",
        ) from error
    if (rows == MISSING).any():
        raise NotApplicable(
            "The background has missing numbers, of which there are no quartiles.",
            "Fill them in, or leave those rows out; kernel_shap takes them as they are.",
        )
    if rows.ndim != 2 or rows.shape[1:] != x.shape[1:] or len(rows) < 2:
        raise ParameterError(
            f"The background has shape {tuple(rows.shape)}, the table {tuple(x.shape)}.",
            "Give background=(B, F), two rows or more, with the table's columns.",
        )
    if not torch.isfinite(rows).all():
        raise ParameterError(
            "The background holds NaN or infinite values.", "Replace them before explaining."
        )
    return rows
