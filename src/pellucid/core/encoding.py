"""How what a user gave became tensors, and the way back to what the model takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .checks import Check

MISSING = -1.5e308
"""A missing number: tensors of inputs hold finite values."""


@dataclass(frozen=True)
class Encoding:
    """A table with texts and a text itself are no tensors; here is what they became.

    `decode(value)` turns the tensors of a batch back into what the model takes: a data frame, a
    list of texts. `names` are those of the features; `words` those of every sample's tokens.
    """

    decode: Callable[[Any], Any]
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()
    encode: Callable[[Any], Any] | None = None
    frame: Callable[[Any], Any] | None = None
    """Numbers `(rows, columns)` of a table as the data frame that they stand for."""
    spans: tuple[tuple[tuple[int, int] | None, ...], ...] = ()
    """Where every token stands in its text; None for one that stands for nothing there."""
    groups: tuple[tuple[int, ...], ...] = ()
    """The word that every token is a part of; −1 where it stands alone."""
    read_to: tuple[int | None, ...] = ()
    """Where in each text the model's reading ends; None where it reads all."""
    checks: tuple[Check, ...] = ()
    """What is to be said of every explanation of these inputs."""


def as_read(value: Any) -> str:
    """A value of the input as people read it: whole numbers in full, others in six digits."""
    if not isinstance(value, float | np.floating):
        return str(value)
    number = float(value)
    return f"{number:.0f}" if number.is_integer() and abs(number) < 1e15 else f"{number:.6g}"
