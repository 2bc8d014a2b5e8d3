"""Explanations against their model: what `e.verify()` finds, as it is found."""

from typing import Any

from ...errors import PellucidError
from ...evaluation.verifying import verified
from ..requests import Verify
from .artefacts import next_revision, write_view
from .context import Context
from .explain import remade


def verify(context: Context, asked: Verify) -> None:
    """One verdict with its reasons for each; what is refused says why."""
    model, opened = context.library.model(asked.model), context.open(asked.item)
    rows: list[dict[str, Any]] = []
    for result in asked.results:
        e = context.explanation(result)
        try:
            found = verified(
                e,
                model,
                opened.given,
                level=asked.level,
                method=remade(e, opened),
                progress=context.telling.progress,
            ).as_dict()
        except PellucidError as error:
            found = {"method": e.method, "refused": error.cause}
        rows.append({"result": result, **found})
        _write(context, asked, rows)


def _write(context: Context, asked: Verify, rows: list[dict[str, Any]]) -> None:
    folder, partial = context.folder / "0", len(rows) < len(asked.results)
    view = {"kind": "verify", "level": asked.level, "rows": rows, "partial": partial}
    write_view(folder, {**view, "revision": next_revision(folder)})
    context.result("0", partial)
