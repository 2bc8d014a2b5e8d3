"""`pellucid project`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app
from ..arguments import (
    DeviceOption,
    DropOption,
    JsonOption,
    LabelOption,
    PerplexityOption,
    SeedOption,
    TrustOption,
    WeightsOption,
)

_EXAMPLES = """
Examples

pellucid project digits.npz

pellucid project photos/ -m efficientnet_lite0 --layer input --layer _blocks.10 --layer _conv_head

pellucid project data.csv --label answer --method umap --out maps.png
"""


@app.command(
    help="Map a data set by t-SNE: its items, or what layers make of them.",
    epilog=_EXAMPLES.strip(),
)
def project(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATASET",
            help="A folder (sub-folders are classes), a table, a .npy or .npz file.",
        ),
    ],
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="MODEL", help="As for `pellucid explain`."),
    ] = None,
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    layer: Annotated[
        list[str] | None,
        typer.Option(
            "--layer",
            "-l",
            help="A layer's name, or `input` for the items themselves; repeatable.",
            show_default="input",
        ),
    ] = None,
    method: Annotated[
        str, typer.Option("--method", metavar="tsne|opentsne|umap", help="What makes the maps.")
    ] = "tsne",
    perplexity: PerplexityOption = 30.0,
    pool: Annotated[
        str,
        typer.Option(
            "--pool", metavar="mean|max|flat", help="What stands for a channel; flat: every value."
        ),
    ] = "mean",
    label: LabelOption = None,
    drop: DropOption = None,
    kind: Annotated[
        str | None,
        typer.Option("--as", metavar="KIND", help="images, arrays, table, series or text."),
    ] = None,
    seed: SeedOption = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="A page (.html), a figure (.png, .svg, .pdf), the maps themselves (.npz), or a "
            "folder for all of them.",
            show_default="pellucid-maps.html",
        ),
    ] = None,
    json: JsonOption = False,
    device: DeviceOption = None,
) -> None:
    """Map a data set."""
    from ..project import Job, run

    run(
        Job(
            data=data,
            model=model,
            weights=weights,
            trust_pickle=trust_pickle,
            layers=layer or [],
            method=method,
            perplexity=perplexity,
            pool=pool,
            label=label,
            drop=drop or [],
            kind=kind,
            seed=seed,
            device=device,
        ),
        out,
        json,
    )
