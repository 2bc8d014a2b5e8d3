"""Finds metrics by name: one per file of `pellucid.evaluation.metrics`."""

from typing import Any

from ..core.catalogue import Catalogue, standard_name

_OURS = Catalogue("pellucid.evaluation.metrics")


def names() -> list[str]:
    """The standard names of all metrics, without importing any."""
    return list(_OURS.files)


def get(name: str) -> Any:
    """The metric class with this name, in any spelling."""
    return _OURS.get(standard_name(name, names(), "metric"))


def catalogue() -> dict[str, str]:
    """Every metric by its standard name, with one line on what it measures; nothing is imported."""
    return {name: _OURS.summary(name) for name in names()}


def class_names() -> dict[str, str]:
    """Class name to metric name, read without importing them."""
    return _OURS.class_names
