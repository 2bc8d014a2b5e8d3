"""One line of the tables of misuses, and what holds for every error."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

import pellucid as pl

LEAKS = (
    "Traceback",
    "pydantic",
    "0x",
    "torch.Size",
    "NotImplemented",
    " object at ",
    "expected one of",
)
"""What no sentence for a user holds."""


class Misuse(NamedTuple):
    """What is done wrong, the error, and words of its cause and of its remedy."""

    do: Callable[..., Any]
    error: type[pl.PellucidError]
    cause: str
    remedy: str


def assert_told(misuse: Misuse, *places: Any) -> None:
    """One error of this very kind, in whole sentences, that names the cause and the remedy."""
    with pytest.raises(pl.PellucidError) as caught:
        misuse.do(*places)
    error = caught.value
    assert type(error) is misuse.error
    assert re.search(misuse.cause, error.cause), error.cause
    assert re.search(misuse.remedy, error.remedy), error.remedy
    assert str(error) == f"{error.cause} {error.remedy}"
    assert "\n" not in str(error)
    assert len(str(error)) < 400
    assert not [leak for leak in LEAKS if leak in str(error)]
    for sentence in (error.cause, error.remedy):
        assert sentence.rstrip()[-1] in ".?"
        assert ".." not in sentence.replace("...", "")
