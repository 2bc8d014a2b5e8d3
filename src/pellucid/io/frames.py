"""Data frames as numbers: a code for every category, and the way back to the same frame."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..core.axes import FEATURE, SAMPLE
from ..core.encoding import MISSING, Encoding, as_read
from ..core.inputs import Inputs
from ..errors import InputError, suggest


def is_frame(x: Any) -> bool:
    """Whether something is a data frame, or a row of one."""
    return hasattr(x, "iloc") and hasattr(x, "index")


def read_frame(x: Any, prepare: Callable[[Any], Any] | None) -> Inputs:
    """The rows `(N, columns)` in double precision; `prepare` turns a frame into what the model
    takes, if it takes no frames. Missing values of numbers are kept, and given back as missing."""
    codes = Codes(as_frame(x))

    def decode(value: Tensor) -> Any:
        frame = codes.frame(value)
        return frame if prepare is None else prepare(frame)

    return Inputs(
        torch.from_numpy(codes.numbers(codes.like)),
        display=codes.display(),
        axes_hint=(SAMPLE, FEATURE),
        encoding=Encoding(decode, codes.names, codes.kinds, encode=codes.encode, frame=codes.frame),
    )


def as_frame(x: Any) -> Any:
    """A frame of several rows, also of one row alone."""
    frame = x
    if not hasattr(x, "columns"):
        import pandas as pd

        frame = pd.DataFrame([x.to_dict()])
    if len(frame) == 0 or len(frame.columns) == 0:
        raise InputError("The data frame is empty.", "Give at least one row and one column.")
    return frame


class Codes:
    """Numbers stay numbers; every other value of a column has a code, in the order of their first
    appearance (of a categorical column, its own order)."""

    def __init__(self, like: Any) -> None:
        self.like = like
        self.names = tuple(str(name) for name in like.columns)
        self._places = range(len(like.columns))
        numeric = [_is_number(self._column(like, i)) for i in self._places]
        self.kinds = tuple("numeric" if yes else "categorical" for yes in numeric)
        self._values: list[list[Any]] = [
            list(getattr(like.dtypes.iloc[i], "categories", ())) for i in self._places
        ]

    def encode(self, other: Any) -> Tensor:
        """The rows of another frame with these columns; new categories get new codes."""
        frame = as_frame(other)
        missing = [name for name in self.like.columns if name not in frame.columns]
        if missing:
            raise InputError(
                f"The data frame has no column {missing[0]!r}.",
                suggest(str(missing[0]), [str(name) for name in frame.columns]),
            )
        return torch.from_numpy(self.numbers(frame[list(self.like.columns)]))

    def numbers(self, frame: Any) -> NDArray[np.float64]:
        """The frame as numbers `(rows, columns)`."""
        return np.stack([self._coded(frame, i) for i in self._places], 1)

    def frame(self, value: Tensor) -> Any:
        """Numbers `(rows, columns)` as a frame with the columns and types of the first."""
        import pandas as pd

        array = value.detach().cpu().double().numpy()
        columns = {i: self._decoded(array[:, i], i) for i in self._places}
        made = pd.DataFrame(columns)
        made.columns = self.like.columns
        return made

    def display(self) -> NDArray[Any]:
        """What a reader sees: the numbers, or all values as text where some are none."""
        numbers = self.numbers(self.like)
        if "categorical" not in self.kinds and (numbers != MISSING).all():
            return numbers
        columns = [self._column(self.like, i) for i in self._places]
        return np.array([[_shown(v) for v in column] for column in columns], dtype=np.str_).T

    def _column(self, frame: Any, place: int) -> Any:
        return frame.iloc[:, place]

    def _coded(self, frame: Any, place: int) -> NDArray[np.float64]:
        column = self._column(frame, place)
        if self.kinds[place] == "numeric":
            numbers = self._numeric(column, place)
            if np.isinf(numbers).any():
                raise InputError(
                    f"Column {self.names[place]!r} holds infinite values.", "Replace them first."
                )
            return np.where(np.isnan(numbers), MISSING, numbers)
        return np.array([self._code(value, place) for value in column], dtype=np.float64)

    def _numeric(self, column: Any, place: int) -> NDArray[np.float64]:
        try:
            numbers: NDArray[np.float64] = column.to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError):
            raise InputError(
                f"Column {self.names[place]!r} holds numbers in the rows explained, and something "
                "else in the others.",
                "Give both frames the same types, for example by explaining data.iloc[[17]].",
            ) from None
        return numbers

    def _code(self, value: Any, place: int) -> int:
        known = self._values[place]
        if isinstance(value, list | np.ndarray | dict | set):
            raise InputError(
                f"Column {self.names[place]!r} holds a {type(value).__name__} in a cell.",
                "Give one number, text or category per cell.",
            )
        for code, other in enumerate(known):
            if other is value or (_is_missing(other) and _is_missing(value)):
                return code
            if not _is_missing(other) and not _is_missing(value) and bool(other == value):
                return code
        known.append(value)
        return len(known) - 1

    def _decoded(self, numbers: NDArray[np.float64], place: int) -> Any:
        import pandas as pd

        kind = self.like.dtypes.iloc[place]
        if self.kinds[place] == "numeric":
            found = pd.Series(np.where(numbers == MISSING, np.nan, numbers))
            if getattr(kind, "kind", "f") not in "iu":
                return found.astype(kind)
            return found.astype(_whole(kind, numbers)) if _fits(numbers) else found
        known = self._values[place]
        codes = np.clip(np.round(numbers), 0, len(known) - 1).astype(int)
        values = pd.Series([known[code] for code in codes], dtype=object)
        if hasattr(kind, "categories"):
            named = [value for value in known if not _is_missing(value)]
            return values.astype(pd.CategoricalDtype(named, kind.ordered))
        return values.astype(kind)


def _fits(numbers: NDArray[np.float64]) -> bool:
    """Whether all numbers are whole."""
    return bool((numbers == np.round(numbers)).all()) and not bool((numbers == MISSING).any())


def _whole(kind: Any, numbers: NDArray[np.float64]) -> Any:
    """The type of whole numbers, wide enough for all of them."""
    plain = getattr(kind, "numpy_dtype", kind)
    limits = np.iinfo(plain)
    inside = bool((numbers >= limits.min).all() and (numbers <= limits.max).all())
    return kind if inside else np.int64


def _is_number(column: Any) -> bool:
    kind = column.dtype
    return getattr(kind, "kind", "O") in "iuf" and not hasattr(kind, "categories")


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))


def _shown(value: Any) -> str:
    if _is_missing(value):
        return "missing"
    return as_read(value)
