"""`pellucid metrics`: what can be measured of an explanation, and how each measure misleads."""

import json as json_format
import math
from typing import Any

from rich.table import Table

from ..core.method import parameters
from ..evaluation import registry
from ..evaluation.metric import MetricCard
from .methods import parameter_json, parameter_table
from .terminal import answer, show


def run(name: str | None, json: bool) -> None:
    """List all metrics, or describe one."""
    if name is None:
        _list(json)
    else:
        _describe(name, json)


def _list(json: bool) -> None:
    cards = [registry.get(name).card for name in registry.names()]
    if json:
        answer(json_format.dumps([_about(card) for card in cards], indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("metric", "better", "range", "known flaw"):
        table.add_column(heading, no_wrap=heading != "known flaw")
    for card in cards:
        table.add_row(card.name, card.better, _range(card), card.flaw)
    show(table)


def _describe(name: str, json: bool) -> None:
    cls = registry.get(name)
    card, found = cls.card, parameters(cls)
    if json:
        about = {**_about(card), "parameters": [parameter_json(p) for p in found]}
        answer(json_format.dumps(about, indent=2))
        return
    answer(f"{card.name}: {registry.catalogue()[card.name]}")
    answer(f"Source: {card.paper}")
    answer(f"Better: {card.better}. Range: {_range(card)}. Family: {card.family}.")
    needs = [text for text, true in _needs(card).items() if true]
    if needs:
        answer(f"Needs: {', '.join(needs)}.")
    answer(f"Known flaw: {card.flaw}")
    if found:
        show(parameter_table(found))


def _needs(card: MetricCard) -> dict[str, bool]:
    return {"a mask or box": card.needs_mask, "the method to run again": card.reruns}


def _range(card: MetricCard) -> str:
    low, high = card.range
    left = "(−∞" if math.isinf(low) else f"[{low:g}"
    return f"{left}, {'∞)' if math.isinf(high) else f'{high:g}]'}"


def _about(card: MetricCard) -> dict[str, Any]:
    return {
        "name": card.name,
        "title": card.title,
        "paper": card.paper,
        "family": card.family,
        "better": card.better,
        "range": [None if math.isinf(end) else end for end in card.range],
        "flaw": card.flaw,
        "needs_mask": card.needs_mask,
        "reruns": card.reruns,
    }
