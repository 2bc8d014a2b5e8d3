"""Tables from files: some of their rows, without the columns that a model must not see."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.extras import require
from ..errors import FileError, InputError, ParameterError, suggest
from .images import read_bytes

SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".parquet", ".pq"})
"""What is taken for a table."""

_TABS = (".tsv", ".tab")
_PARQUET = (".parquet", ".pq")
_SAFE_PYARROW = (14, 0, 1)
"""Earlier ones ran code that a Parquet file held (CVE-2023-47248)."""
_MOST_COLUMNS, _MOST_CELLS = 10_000, 2**30
"""Of a Parquet file, which may unpack to far more than it takes."""


def is_table(path: Path) -> bool:
    """Whether a file is a table by its ending."""
    return path.suffix.lower() in SUFFIXES


def read_table(path: Path, drop: Sequence[str] = ()) -> Any:
    """The table in a CSV, TSV or Parquet file as a data frame, without the columns in `drop`.

    Raises `FileError`, `ParameterError` for unknown columns, and `MissingExtra`.
    """
    read_bytes(path)
    pandas = require("pandas", "Reading tables", "'pellucid[tables]'")
    frame = _parquet(pandas, path) if path.suffix.lower() in _PARQUET else _csv(pandas, path)
    if len(frame) == 0:
        raise FileError(f"{path} is a table without rows.", "Give at least one below the header.")
    return without_columns(frame, drop, path)


def without_columns(frame: Any, drop: Sequence[str], path: Path) -> Any:
    """The frame without some columns, by name. Raises `ParameterError` for unknown ones."""
    names = {str(name): name for name in frame.columns}
    for word in drop:
        if word not in names:
            raise ParameterError(f"{path} has no column {word!r}.", suggest(word, names))
    left = frame.drop(columns=[names[word] for word in drop])
    if len(left.columns) == 0:
        raise ParameterError(f"No column of {path} is left.", "Drop fewer.")
    return left


def need_rows(rows: Sequence[int], count: int, path: Path) -> None:
    """Raise `ParameterError` where a row, counted from 0, does not exist."""
    for row in rows:
        if row >= count:
            held = f"{count} rows, 0 to {count - 1}" if count > 1 else "one row, 0"
            header = "; the header does not count" if is_table(path) else ""
            raise ParameterError(f"{path} has no row {row}.", f"It has {held}{header}.")


def read_series(path: Path, drop: Sequence[str] = ()) -> NDArray[np.float32]:
    """A table as one series `(1, channels, time)`: its rows are time steps, its columns channels.

    Raises `FileError`, `InputError` for columns that hold no numbers, and `MissingExtra`.
    """
    frame = read_table(path, drop)
    for name, kind in zip(frame.columns, frame.dtypes, strict=True):
        if getattr(kind, "kind", "O") not in "biuf":
            raise InputError(
                f"The column {str(name)!r} of {path} holds no numbers, so it is no channel.",
                f"Leave it out: --drop {name}",
            )
    values = frame.to_numpy(dtype=np.float32, na_value=np.nan)
    return np.ascontiguousarray(values.T)[None]


def _csv(pandas: Any, path: Path) -> Any:
    separator = "\t" if path.suffix.lower() in _TABS else ","
    try:
        return pandas.read_csv(path, sep=separator)
    except UnicodeDecodeError:
        reason, remedy = "it is no text in UTF-8", "Save it as UTF-8."
    except pandas.errors.EmptyDataError:
        reason, remedy = "it is empty", "Give a header and at least one row."
    except (pandas.errors.ParserError, ValueError) as error:
        reason = str(error).partition("\n")[0].strip().rstrip(".")
        remedy = "Give a header and as many values in every row."
    raise FileError(f"{path} is no table: {reason}.", remedy)


def _parquet(pandas: Any, path: Path) -> Any:
    pyarrow = require("pyarrow", "Reading Parquet files", "pyarrow")
    if tuple(map(int, re.findall(r"\d+", pyarrow.__version__)[:3])) < _SAFE_PYARROW:
        raise FileError(
            f"pyarrow {pyarrow.__version__} may run code that {path} holds.",
            "pip install --upgrade pyarrow",
        )
    try:
        size = require("pyarrow.parquet", "Reading Parquet files", "pyarrow").read_metadata(path)
        if size.num_columns <= _MOST_COLUMNS and size.num_columns * size.num_rows <= _MOST_CELLS:
            return pandas.read_parquet(path, engine="pyarrow")
    except (OSError, ValueError, NotImplementedError) as error:  # kinds of pyarrow's errors
        reason = str(error).partition("\n")[0].strip().rstrip(".")
        raise FileError(
            f"{path} cannot be read as Parquet: {reason}.", "Write it with DataFrame.to_parquet."
        ) from None
    raise FileError(
        f"{path} has {size.num_rows:,} rows of {size.num_columns:,} columns; the limits are "
        f"{_MOST_COLUMNS:,} columns and {_MOST_CELLS:,} values.",
        "Save the rows and columns that are needed.",
    )
