"""`pellucid extremes`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app
from ..arguments import (
    ClassesOption,
    DeviceOption,
    JsonOption,
    LabelOption,
    ModelOption,
    TrustOption,
    WeightsOption,
    method_names,
)

_EXAMPLES = """
Examples

pellucid extremes photos/ -m efficientnet_lite0 --class "tabby cat" --class espresso

pellucid extremes photos/ -m efficientnet_lite0 --layer _blocks.5 --channel 27 --out unit.html

pellucid extremes photos/ -m net.py:build --layer layer3 --store kept/

pellucid extremes test.csv -m pipeline.py:load --label answer --top 5 --json
"""


@app.command(
    help="Show the items of a data set with the most extreme scores of classes, or the strongest "
    "and weakest response of units.",
    epilog=_EXAMPLES.strip(),
)
def extremes(
    dataset: Annotated[
        Path,
        typer.Argument(
            metavar="DATASET",
            help="A folder (its sub-folders are the labels), a table, .npy, .npz or .txt.",
        ),
    ],
    model: ModelOption,
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            "--target",
            "-t",
            help="A class by name or index; repeatable.",
            show_default="the classes of the labels",
        ),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option("--layer", "-l", help="Rank the channels of this layer instead of classes."),
    ] = None,
    channel: Annotated[
        list[int] | None,
        typer.Option(
            "--channel", help="A channel of the layer; repeatable.", show_default="the strongest 12"
        ),
    ] = None,
    pool: Annotated[
        str, typer.Option("--pool", metavar="max|mean", help="A channel's value over its places.")
    ] = "max",
    top: Annotated[int, typer.Option("--top", min=1, help="Items in a list.")] = 9,
    space: Annotated[
        str, typer.Option("--space", metavar="logit|probability", help="Of the scores.")
    ] = "logit",
    label: LabelOption = None,
    reading: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="KIND", help="images, arrays, table, series or text, where it is open."
        ),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(
            "--store", help="Keep the responses of all items here; the next question runs no pass."
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            autocompletion=method_names,
            help="Explain every listed item with this method, on the page.",
        ),
    ] = None,
    classes: ClassesOption = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at an item that cannot be read.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="A file: .html, .png, .svg, .pdf, .json or .npz.",
            show_default="pellucid-extremes.html",
        ),
    ] = None,
    json: JsonOption = False,
    device: DeviceOption = None,
) -> None:
    """Rank the items of a data set."""
    from ..extremes import Job, run

    options = {
        "pool": pool,
        "top": top,
        "space": space,
        "label": label,
        "kind": reading,
        "store": store,
        "on_error": "raise" if strict else "skip",
    }
    run(
        Job(
            data=dataset,
            model=model,
            weights=weights,
            trust_pickle=trust_pickle,
            classes=classes,
            device=device,
            targets=target or [],
            layer=layer,
            channels=channel or [],
            options=options,
            method=method,
            out=out,
            json=json,
        )
    )
