"""`pellucid layers`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app
from ..arguments import JsonOption, ModelOption, TrustOption, WeightsOption


@app.command(help="List a model's layers and mark the one that is chosen where none is named.")
def layers(
    model: ModelOption,
    input: Annotated[  # noqa: A002 - the word a user sees
        Path | None, typer.Option("--input", "-i", help="An input to trace the shapes with.")
    ] = None,
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """List layers."""
    from ..layers import run

    run(model, input, weights, trust_pickle, json)
