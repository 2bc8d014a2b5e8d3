"""Metrics of explanations that lie ready: how far they can be trusted, side by side."""

from typing import Any

from ...api import evaluate as verb
from ...errors import PellucidError
from ...evaluation import registry
from ..requests import Trust
from .artefacts import write_view
from .context import Context
from .explain import remade


def trust(context: Context, asked: Trust) -> None:
    """Every metric on every explanation; what a metric refuses is told with its reason."""
    model, opened = context.library.model(asked.model), context.open(asked.item)
    rows: list[dict[str, Any]] = []
    for result in context.telling.progress.track(asked.results, "Measuring"):
        e = context.explanation(result)
        method, metrics = remade(e, opened), list(asked.metrics)
        try:
            found = verb.evaluate(model, e, metrics, x=opened.given, method=method).as_dict()
        except PellucidError as error:
            reasons = [{"metric": name, "reason": error.cause} for name in metrics]
            found = {"scores": [], "refused": reasons}
        rows.append({"result": result, "method": e.method, **found})
    view = {
        "kind": "trust",
        "rows": rows,
        "metrics": [_metric(name) for name in asked.metrics],
        "partial": False,
        "revision": 0,
    }
    write_view(context.folder / "0", view)
    context.result("0")


def _metric(name: str) -> dict[str, str]:
    card = registry.get(name).card
    return {
        "name": card.name,
        "title": card.title,
        "better": card.better,
        "paper": card.paper,
        "flaw": card.flaw,
        "summary": registry.catalogue()[card.name],
    }
