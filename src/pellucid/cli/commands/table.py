"""`pellucid table`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app
from ..arguments import (
    ClassesOption,
    DropOption,
    JsonOption,
    ModelOption,
    SeedOption,
    TrustOption,
    WeightsOption,
    method_names,
)

_EXAMPLES = """
Examples

pellucid table data.csv --answer bought -m pipeline.py:load --out views/

pellucid table data.csv --drop bought -m pipeline.py:load --view effects -f age --out age.png

pellucid table data.csv --drop bought -m net.onnx --view tree --json
"""


@app.command(
    help="Show what counts for a model over a whole table: importance, effects of columns, a tree.",
    epilog=_EXAMPLES.strip(),
)
def table(
    data: Annotated[Path, typer.Argument(metavar="TABLE", help="A CSV, TSV or Parquet file.")],
    model: ModelOption,
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    classes: ClassesOption = None,
    view: Annotated[
        list[str] | None,
        typer.Option(
            "--view",
            metavar="importance|permutation|dependence|effects|tree",
            help="Mean |φ| with a beeswarm; the drop when a column is shuffled; partial "
            "dependence; accumulated local effects; a surrogate tree. Repeatable.",
            show_default="importance, tree, and permutation with --answer",
        ),
    ] = None,
    feature: Annotated[
        list[str] | None,
        typer.Option(
            "--feature",
            "-f",
            metavar="COLUMN",
            help="A column of dependence and effects; repeatable.",
            show_default="every column, of effects the numeric ones",
        ),
    ] = None,
    answer: Annotated[
        str | None,
        typer.Option(
            "--answer",
            metavar="COLUMN",
            help="The true answers, which the model does not take; permutation needs them.",
        ),
    ] = None,
    drop: DropOption = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target", "-t", help="A class index or name.", show_default="the last class"
        ),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            "--method", autocompletion=method_names, help="What explains the rows for importance."
        ),
    ] = "kernel_shap",
    rows: Annotated[
        int, typer.Option("--rows", min=2, help="Rows drawn at random for importance.")
    ] = 100,
    seed: SeedOption = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="A folder for a figure of every view, or .png, .svg, .pdf for one."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show global views."""
    from ..table import Job, run

    run(
        Job(
            data=data, model=model, weights=weights, trust_pickle=trust_pickle, classes=classes,
            views=view or [], features=feature or [], answer=answer, drop=drop or [],
            target=target, method=method, rows=rows, seed=seed, out=out, json=json,
        )
    )  # fmt: skip
