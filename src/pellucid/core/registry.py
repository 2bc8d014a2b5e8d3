"""Finds methods by name: our own, one per file of `pellucid.methods`, and those of plug-ins."""

import ast
import importlib
import os
import re
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from ..errors import ParameterError, suggest
from .method import Card, Method

GROUP = "pellucid.methods"
"""The entry-point group through which other packages add methods."""


@cache
def _files() -> dict[str, Path]:
    folder = Path(__file__).parent.parent / "methods"
    return {path.stem: path for path in sorted(folder.glob("[a-z]*.py"))}


@cache
def _plugins() -> dict[str, EntryPoint]:
    if os.environ.get("PELLUCID_PLUGINS") == "0":
        return {}
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def names() -> list[str]:
    """The standard names of all methods, without importing any."""
    return sorted({*_files(), *_plugins()})


def find(name: str) -> str:
    """The standard name meant by `name`; case, dashes, underscores and spaces do not matter."""
    wanted = _bare(name)
    for known in names():
        if _bare(known) == wanted:
            return known
    raise ParameterError(f"There is no method {name!r}.", suggest(name.lower(), names()))


def get(name: str) -> type[Method]:
    """The method class with this name."""
    known = find(name)
    if known in _plugins():
        return _checked(known, _plugins()[known].load())
    module = importlib.import_module(f"pellucid.methods.{known}")
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Method) and "card" in vars(value)
    ]
    return _checked(known, next((c for c in classes if c.card.name == known), None))


def card(name: str) -> Card:
    """The declaration of the method with this name."""
    return get(name).card


def create(name: str, params: dict[str, Any] | None = None) -> Method:
    """The method with this name and these parameters."""
    return get(name)(**(params or {}))


def summary(name: str) -> str:
    """One line about a method, read without importing ours."""
    known = find(name)
    if known in _plugins():
        return (get(known).__doc__ or known).strip().splitlines()[0]
    text = ast.get_docstring(ast.parse(_files()[known].read_text(encoding="utf-8"))) or known
    return text.splitlines()[0]


def catalogue() -> dict[str, str]:
    """Every method by its standard name, with one line on what it shows."""
    return {name: summary(name) for name in names()}


@cache
def class_names() -> dict[str, str]:
    """Class name to method name for our own methods, read without importing them."""
    found = {}
    for name, path in _files().items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.decorator_list:
                found[node.name] = name
    return found


def _bare(name: str) -> str:
    return re.sub(r"[\s_-]", "", name.replace("+", "plus")).lower()


def _checked(name: str, found: Any) -> type[Method]:
    if not (isinstance(found, type) and issubclass(found, Method) and hasattr(found, "card")):
        raise ParameterError(
            f"The entry for method {name!r} is not a Method with a card: {found!r}.",
            "Decorate the class with @pellucid.method(Card(...)).",
        )
    return found
