"""What is typed becomes a value of the declared kind."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import ExpectedGradients, FileError
from pellucid.cli.options import read_value
from pellucid.core.method import Parameter, parameters


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "3", 3),
        ("number", "1e-3", 0.001),
        ("string", "3", "3"),
        ("string", "true", "true"),
        ("string or null", "none", None),
        ("string or null", "layer4.1", "layer4.1"),
        ("boolean", "yes", True),
        ("boolean", "OFF", False),
        ("integer or array", "8,16", [8, 16]),
        ("array", "[8, 16]", [8, 16]),
        ("integer", "many", "many"),
    ],
)
def test_read_value(kind: str, text: str, value: Any) -> None:
    found = read_value(text, Parameter("name", None, kind, ""))
    assert found == value
    assert type(found) is type(value)


def test_a_choice_is_a_word_even_where_it_looks_like_a_number() -> None:
    assert read_value("1", Parameter("p", "1", "string or integer", "", choices=("1", "2"))) == "1"


def test_an_array_comes_from_a_file(tmp_path: Path) -> None:
    """As the data of expected gradients, or a baseline."""
    path = tmp_path / "background.npy"
    np.save(path, np.arange(6.0).reshape(2, 3))
    background = next(p for p in parameters(ExpectedGradients) if p.name == "background")
    assert np.array_equal(read_value(str(path), background), np.arange(6.0).reshape(2, 3))
    with pytest.raises(FileError, match="does not exist"):
        read_value("absent.npy", background)
