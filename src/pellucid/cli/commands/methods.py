"""`pellucid methods`."""

from typing import Annotated

import typer

from ..app import app
from ..arguments import JsonOption, method_names


@app.command(help="List the methods, or tell about one: its parameters, promises and cautions.")
def methods(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", autocompletion=method_names)
    ] = None,
    json: JsonOption = False,
) -> None:
    """List methods."""
    from ..methods import run

    run(name, json)
