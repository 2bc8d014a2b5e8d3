"""`pellucid compare-groups`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app
from ..arguments import (
    DropOption,
    JsonOption,
    PerplexityOption,
    SeedOption,
    TrustOption,
    WeightsOption,
)

_EXAMPLES = """
Examples

pellucid compare-groups cells.csv --by condition --units donor

pellucid compare-groups maps.npz --layer layer3 --out groups.png

pellucid compare-groups photos/ -m efficientnet_lite0 --layer _conv_head --test rank
"""


@app.command(
    name="compare-groups",
    help="Test whether groups of items differ in one t-SNE or UMAP map (cross-entropy test).",
    epilog=_EXAMPLES.strip(),
)
def compare_groups(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATASET",
            help="A data set as for `pellucid project`, or the maps it saved (.npz).",
        ),
    ],
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="NAME",
            help="The column or array that names each item's group.",
            show_default="the true classes",
        ),
    ] = None,
    units: Annotated[
        str | None,
        typer.Option(
            "--units",
            metavar="COLUMN",
            help="A column that names what was drawn as a whole (a donor, a session): random "
            "labels then move units, not items. For tables.",
        ),
    ] = None,
    drop: DropOption = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="MODEL", help="As for `pellucid explain`."),
    ] = None,
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    layer: Annotated[
        str | None, typer.Option("--layer", "-l", help="The layer that is mapped.")
    ] = None,
    method: Annotated[
        str, typer.Option("--method", metavar="tsne|umap", help="What makes the map.")
    ] = "tsne",
    perplexity: PerplexityOption = 30.0,
    test: Annotated[
        str,
        typer.Option(
            "--test",
            metavar="ks|rank",
            help="Kolmogorov–Smirnov; or Wilcoxon for two groups, else Kruskal–Wallis and Dunn.",
        ),
    ] = "ks",
    permutations: Annotated[
        int, typer.Option("--permutations", help="Random labellings for the honest p-values.")
    ] = 999,
    seed: SeedOption = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A figure (.png, .svg, .pdf).", show_default="none"),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare groups."""
    from ..compare_groups import run
    from ..project import Job

    run(
        Job(
            data=data,
            model=model,
            weights=weights,
            trust_pickle=trust_pickle,
            layers=[layer] if layer else [],
            method=method,
            perplexity=perplexity,
            label=by,
            drop=drop or [],
            seed=seed,
        ),
        units,
        test,
        permutations,
        out,
        json,
    )
