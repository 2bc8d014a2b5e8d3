"""`pellucid demo`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app


@app.command(help="Explain a bundled photograph with a bundled model; needs no network.")
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")] = Path(
        "pellucid-demo"
    ),
    sample: Annotated[str, typer.Option("--sample", help="chelsea (a cat) or coffee.")] = "chelsea",
    seed: Annotated[int, typer.Option("--seed", help="Seed of the sampled methods.")] = 0,
) -> None:
    """Run the demonstration."""
    from ..demo import run

    run(out, sample, seed)
