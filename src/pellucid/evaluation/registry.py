"""Finds metrics by name: one per file of `pellucid.evaluation.metrics`."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import ParameterError, suggest


@cache
def _files() -> dict[str, Path]:
    folder = Path(__file__).parent / "metrics"
    return {path.stem: path for path in sorted(folder.glob("[a-z]*.py"))}


def names() -> list[str]:
    """The standard names of all metrics, without importing any."""
    return list(_files())


def find(name: str) -> str:
    """The standard name meant by `name`; case, dashes, underscores and spaces do not matter."""
    wanted = _bare(name)
    for known in names():
        if _bare(known) == wanted:
            return known
    raise ParameterError(f"There is no metric {name!r}.", suggest(name.lower(), names()))


def get(name: str) -> Any:
    """The metric class with this name."""
    known = find(name)
    module = importlib.import_module(f"{__package__}.metrics.{known}")
    declared = (
        value for value in vars(module).values() if "card" in getattr(value, "__dict__", ())
    )
    return next(value for value in declared if value.card.name == known)


def catalogue() -> dict[str, str]:
    """Every metric by its standard name, with one line on what it measures; nothing is imported."""
    found = {}
    for name, path in _files().items():
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or name
        found[name] = text.splitlines()[0]
    return found


@cache
def class_names() -> dict[str, str]:
    """Class name to metric name, read without importing them."""
    found = {}
    for name, path in _files().items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.decorator_list:
                found[node.name] = name
    return found


def _bare(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()
