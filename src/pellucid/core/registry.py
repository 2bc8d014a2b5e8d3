"""Finds methods by name: our own, one per file of `pellucid.methods`, and those of plug-ins."""

import os
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ..errors import ParameterError
from .catalogue import Catalogue, standard_name
from .method import Card, Method

GROUP = "pellucid.methods"
"""The entry-point group through which other packages add methods."""


_OURS = Catalogue("pellucid.methods")


@cache
def _plugins() -> dict[str, EntryPoint]:
    if os.environ.get("PELLUCID_PLUGINS") == "0":
        return {}
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def names() -> list[str]:
    """The standard names of all methods, without importing any."""
    return sorted({*_OURS.files, *_plugins()})


def load() -> None:
    """Import our own methods, for processes that will be forked."""
    for name in _OURS.files:
        _OURS.get(name)


def find(name: str) -> str:
    """The standard name meant by `name`; case, dashes, underscores and spaces do not matter."""
    return standard_name(name, names(), "method")


def get(name: str) -> type[Method]:
    """The method class with this name."""
    known = find(name)
    if known in _plugins():
        return _checked(known, _plugins()[known].load())
    return _checked(known, _OURS.get(known))


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
    return _OURS.summary(known)


def catalogue() -> dict[str, str]:
    """Every method by its standard name, with one line on what it shows."""
    return {name: summary(name) for name in names()}


def class_names() -> dict[str, str]:
    """Class name to method name for our own methods, read without importing them."""
    return _OURS.class_names


def _checked(name: str, found: Any) -> type[Method]:
    if not (isinstance(found, type) and issubclass(found, Method) and hasattr(found, "card")):
        raise ParameterError(
            f"The entry for method {name!r} is not a Method with a card: {found!r}.",
            "Decorate the class with @pellucid.method(Card(...)).",
        )
    return found
