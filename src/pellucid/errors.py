"""One family of errors; every message names the cause and the remedy."""

import difflib
from collections.abc import Iterable
from typing import Any


class PellucidError(Exception):
    """Anything Pellucid refuses or cannot do.

    `cause` says what is wrong and where, with the values; `remedy` says what to do about it.
    """

    def __init__(self, cause: str, remedy: str) -> None:
        self.cause = cause
        self.remedy = remedy
        super().__init__(f"{cause} {remedy}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.cause, self.remedy)


class InputError(PellucidError):
    """The input does not fit the model, or holds values that cannot be explained."""


class OutputError(PellucidError):
    """The model's output cannot be read as scores."""


class TargetError(PellucidError):
    """The target does not exist in this model's output, or is ambiguous."""


class LayerError(PellucidError):
    """The layer does not exist, is ambiguous, or holds no usable map."""


class ParameterError(PellucidError):
    """A method's parameter has no such name or no such value."""


class NotApplicable(PellucidError):
    """The method has no meaning on this model: refused rather than drawn wrongly."""


class FileError(PellucidError):
    """A file cannot be read or written safely."""


class MissingExtra(PellucidError):
    """An optional library is not installed."""


class Cancelled(PellucidError):
    """The work was cancelled; `partial` is the explanation so far, or None."""

    def __init__(
        self,
        cause: str = "Cancelled.",
        remedy: str = "Run it again to finish.",
        partial: Any = None,
    ) -> None:
        super().__init__(cause, remedy)
        self.partial = partial


class PredictorError(PellucidError):
    """The model failed on a batch of changed inputs; `partial` is the explanation so far, or
    None."""

    partial: Any = None


def suggest(word: str, known: Iterable[str], most: int = 8) -> str:
    """The sentence that helps with an unknown `word`: the nearest known ones, or the first few."""
    names = list(dict.fromkeys(known))
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.55)
    if near:
        return f"Did you mean {' or '.join(repr(name) for name in near)}?"
    shown = ", ".join(repr(name) for name in names[:most])
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"Known: {shown}{more}." if names else "There are none."
