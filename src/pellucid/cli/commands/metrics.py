"""`pellucid metrics`."""

from typing import Annotated

import typer

from ..app import app
from ..arguments import JsonOption, metric_names


@app.command(
    help="List the metrics of explanations, or tell about one: its direction, range and flaw."
)
def metrics(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", autocompletion=metric_names)
    ] = None,
    json: JsonOption = False,
) -> None:
    """List metrics."""
    from ..metrics import run

    run(name, json)
