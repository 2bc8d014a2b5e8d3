"""`pellucid methods`: what can be asked."""

import json as json_format
from typing import Any

from rich.table import Table

from ..core import registry
from ..core.method import Parameter, describe_value, parameters
from .results import plain
from .terminal import answer, show


def run(name: str | None, json: bool) -> None:
    """List all methods, or describe one."""
    if name is None:
        _list(json)
    else:
        _describe(registry.find(name), json)


def _list(json: bool) -> None:
    summaries = {name: registry.summary(name) for name in registry.names()}
    if json:
        answer(json_format.dumps(summaries, indent=2))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for name, summary in summaries.items():
        table.add_row(name, summary)
    show(table)


def _describe(name: str, json: bool) -> None:
    cls = registry.get(name)
    card, found = cls.card, parameters(cls)
    if json:
        about = {
            "name": card.name,
            "title": card.title,
            "paper": card.paper,
            "scope": card.scope,
            "access": card.access,
            "modalities": list(card.modalities),
            "promises": list(card.promises),
            "caution": card.caution,
            "parameters": [parameter_json(p) for p in found],
        }
        answer(json_format.dumps(about, indent=2))
        return
    answer(f"{card.name}: {registry.summary(name)}")
    answer(f"Source: {card.paper}")
    answer(f"Needs: {card.access.replace('_', ' ')}. For: {', '.join(card.modalities)}.")
    if card.promises:
        answer(f"Promises: {', '.join(card.promises)}.")
    if card.caution:
        answer(f"Caution: {card.caution}")
    if found:
        show(parameter_table(found))


def parameter_json(p: Parameter) -> dict[str, Any]:
    """A parameter as plain values."""
    return {
        "name": p.name,
        "default": plain(p.default),
        "kind": p.kind,
        "description": p.description,
        "choices": plain(list(p.choices)),
        "minimum": p.minimum,
        "maximum": p.maximum,
    }


def parameter_table(found: tuple[Parameter, ...]) -> Table:
    """Parameters with their defaults, kinds and meanings."""
    table = Table(box=None, pad_edge=False)
    for heading in ("parameter", "default", "kind", "meaning"):
        table.add_column(heading)
    for p in found:
        kind = " | ".join(str(choice) for choice in p.choices) or p.kind
        table.add_row(p.name, str(describe_value(p.default)), kind, p.description)
    return table
