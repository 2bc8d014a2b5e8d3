"""`pellucid benchmark`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app
from ..arguments import JsonOption, SeedOption, method_names

_EXAMPLES = """
Examples

pellucid benchmark

pellucid benchmark --task patch --task watermark --method grad_cam --method occlusion

pellucid benchmark --level full --items 100 --seed 1 --out league.html
"""


@app.command(
    help="Which method finds what a network looks at: tasks whose answer is known.",
    epilog=_EXAMPLES.strip(),
)
def benchmark(
    task: Annotated[
        list[str] | None,
        typer.Option(
            "--task", metavar="NAME", help="A task; repeat it for several.", show_default="all"
        ),
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            metavar="NAME",
            help="A method; repeat it for several.",
            show_default="all that explain an input",
            autocompletion=method_names,
        ),
    ] = None,
    level: Annotated[
        str,
        typer.Option(
            "--level",
            metavar="quick|full",
            help="About 4 minutes of one core; or more items and samples, half an hour.",
        ),
    ] = "quick",
    items: Annotated[
        int | None,
        typer.Option(
            "--items", help="Items of each task.", show_default="24, or 200 with --level full"
        ),
    ] = None,
    seed: SeedOption = 0,
    out: Annotated[Path, typer.Option("--out", "-o", help="The page (.html).")] = Path(
        "pellucid-benchmark.html"
    ),
    json: JsonOption = False,
) -> None:
    """Run the benchmark."""
    from ..benchmark import run

    run(task, method, level, items, seed, out, json)
