"""Series from files, arrays and data frames: long or wide, of any lengths, in the user's time."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, ParameterError, suggest
from .frames import is_frame
from .images import read_bytes
from .tables import is_table, read_table

Array = NDArray[np.float32]
Times = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """Several series with the same channels; `read_series` makes it.

    `values` are `(channels, time)` each, `times` `(time,)` in the units of `label`, which is what
    the time axis of a figure is called. `names` are those of the series.
    """

    values: tuple[Array, ...]
    times: tuple[Times, ...] | None = None
    channels: tuple[str, ...] = ()
    label: str = "time step"
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.values:
            raise InputError("There is no series.", "Give at least one.")
        counts = sorted({len(one) for one in self.values})
        if len(counts) > 1:
            raise InputError(
                f"The series have different numbers of channels: {counts[0]} and {counts[1]}.",
                "Give all of them the same channels.",
            )
        for i, one in enumerate(self.values):
            if not np.isfinite(one).all():
                name = self.names[i] if self.names else i
                raise InputError(
                    f"Series {name} has missing or infinite values.", "Fill them in first."
                )

    def __len__(self) -> int:
        return len(self.values)

    @property
    def lengths(self) -> tuple[int, ...]:
        """The number of time steps of every series."""
        return tuple(one.shape[1] for one in self.values)

    def batch(self, rows: Sequence[int]) -> Array:
        """Series of one length as `(N, channels, time)`."""
        return np.stack([self.values[row] for row in rows])

    def padded(self) -> tuple[Array, NDArray[np.bool_]]:
        """All of them as `(N, channels, longest)` with zeros behind each, and a mask
        `(N, longest)`, true where there are values."""
        most = max(self.lengths)
        whole = np.zeros((len(self), len(self.values[0]), most), np.float32)
        for row, one in zip(whole, self.values, strict=True):
            row[:, : one.shape[1]] = one
        return whole, np.arange(most) < np.array(self.lengths)[:, None]


def read_series(
    given: Any,
    *,
    time: str | None = None,
    series: str | None = None,
    channel: str | None = None,
    value: str | None = None,
    channels: Sequence[str] | None = None,
    unit: str = "",
    lengths: Sequence[int] | None = None,
) -> Series:
    """Series from a CSV, Parquet or NPY file, a data frame, an array or a list of arrays.

    A wide table has a row for every time step and a column for every channel; a long one a row for
    every reading, with the columns that `channel` and `value` name. `time` names the column of
    times, in which `unit` they are; dates become seconds from each series' first. `series` names
    the column that tells several series apart, which may differ in length. `channels` picks columns
    of a table, or names the channels of an array. Arrays are `(N, channels, time)` or
    `(channels, time)`; `lengths` says where the padding of each begins.

    Raises `FileError`, `InputError` and `ParameterError`.
    """
    if isinstance(given, str | os.PathLike):
        path = Path(given)
        given = read_table(path) if is_table(path) else _array(path)
    if not is_frame(given):
        return _of_arrays(given, channels, unit, lengths)
    for word in (time, series, channel, value, *(channels or ())):
        if word is not None and word not in given.columns:
            raise ParameterError(
                f"The table has no column {word!r}.", suggest(word, map(str, given.columns))
            )
    if (channel is None) != (value is None):
        raise ParameterError("A long table needs both channel= and value=.", "Give both.")
    parts = [("", given)] if series is None else list(given.groupby(series, sort=False))
    found = [_of_part(part, time, series, channel, value, channels, unit) for _, part in parts]
    names = tuple(str(name) for name, _ in parts) if series is not None else ()
    label = found[0][3]
    times = tuple(one[1] for one in found) if time is not None else None
    known = [one[2] for one in found]
    if any(own != known[0] for own in known):
        raise InputError(
            "The series have different channels.", "Give all of them the same, or channels=."
        )
    return Series(tuple(one[0] for one in found), times, known[0], label, names)


def _of_part(
    part: Any,
    time: str | None,
    series: str | None,
    channel: str | None,
    value: str | None,
    channels: Sequence[str] | None,
    unit: str,
) -> tuple[Array, Times, tuple[str, ...], str]:
    """One series: its values, times, channels, and what its time axis is called."""
    if channel is not None:
        if time is None:
            raise ParameterError("A long table needs the column of its times.", "Give time=.")
        try:
            part = part.pivot(index=time, columns=channel, values=value).reset_index()
        except ValueError:
            raise InputError(
                "A channel has two readings at one time.", "Name the column of series: series=."
            ) from None
        part.columns.name = None
    if time is not None:
        part = part.sort_values(time, kind="stable")
    wanted = list(channels) if channels else [c for c in part.columns if c not in (time, series)]
    wrong = [c for c in wanted if getattr(part[c].dtype, "kind", "O") not in "biuf"]
    if wrong:
        raise InputError(
            f"The column {str(wrong[0])!r} holds no numbers, so it is no channel.",
            "Say which are: channels=[…].",
        )
    values = part[wanted].to_numpy(dtype=np.float32, na_value=np.nan).T
    times, label = _times(part, time, unit)
    return np.ascontiguousarray(values), times, tuple(map(str, wanted)), label


def _times(part: Any, time: str | None, unit: str) -> tuple[Times, str]:
    if time is None:
        return np.arange(len(part), dtype=np.float64), "time step"
    column = part[time]
    if getattr(column.dtype, "kind", "O") == "M":
        since = (column - column.iloc[0]).dt.total_seconds()
        return since.to_numpy(dtype=np.float64), f"{time}, seconds from the first"
    try:
        found = column.to_numpy(dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"The column {time!r} holds no times.", "Give numbers, or dates by pandas.to_datetime."
        ) from None
    return found, f"{time} ({unit})" if unit else time


def _of_arrays(
    given: Any, channels: Sequence[str] | None, unit: str, lengths: Sequence[int] | None
) -> Series:
    several = given if isinstance(given, list | tuple) else None
    if several is None:
        array = np.asarray(given)
        several = [array] if array.ndim == 2 else list(array)
    found = [np.atleast_2d(np.asarray(one, dtype=np.float32)) for one in several]
    if lengths is not None:
        if len(lengths) != len(found):
            raise ParameterError(
                f"{len(lengths)} lengths for {len(found)} series.", "Give one for each."
            )
        found = [one[:, :length] for one, length in zip(found, lengths, strict=True)]
    names = tuple(channels) if channels else tuple(f"channel {i}" for i in range(len(found[0])))
    if len(names) != len(found[0]):
        raise ParameterError(
            f"{len(names)} names for {len(found[0])} channels.", "Name every channel."
        )
    return Series(tuple(found), None, names, f"time step ({unit})" if unit else "time step")


def _array(path: Path) -> Any:
    read_bytes(path)
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, SyntaxError, MemoryError):
        raise InputError(
            f"{path} is no table and no plain .npy array.", "Write it with numpy.save."
        ) from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf" or array.ndim > 3:
        raise InputError(
            f"{path} holds no series.", "Give an array (channels, time) or (N, channels, time)."
        )
    return array
