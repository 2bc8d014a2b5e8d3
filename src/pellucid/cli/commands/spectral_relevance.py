"""`pellucid spectral-relevance`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app
from ..arguments import (
    ClassesOption,
    DeviceOption,
    FoundOption,
    JsonOption,
    LabelOption,
    LayerOption,
    ModelOption,
    SeedOption,
    TrustOption,
    WeightsOption,
    method_names,
)

_EXAMPLES = """
Examples

pellucid spectral-relevance training/ -m net.py:build

pellucid spectral-relevance scans.npz -m net.py:build --method grad_cam --out reasons.png
"""


@app.command(
    name="spectral-relevance",
    help="Find the different reasons for which a class is recognised: clusters of explanations.",
    epilog=_EXAMPLES.strip(),
)
def spectral_relevance(
    dataset: Annotated[
        Path,
        typer.Argument(
            metavar="DATASET",
            help="Labelled items: a folder (its sub-folders are the labels), a table or .npz.",
        ),
    ],
    model: ModelOption,
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    method: Annotated[
        str,
        typer.Option("--method", help="What explains the items.", autocompletion=method_names),
    ] = "lrp",
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the method."),
    ] = None,
    layer: LayerOption = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--target", "-t", help="As for `pellucid explain`.", show_default="each item's label"
        ),
    ] = None,
    size: Annotated[
        int, typer.Option("--size", help="Cells along each axis to which maps are averaged.")
    ] = 16,
    neighbours: Annotated[
        int, typer.Option("--neighbours", help="The neighbour whose distance is the unit.")
    ] = 7,
    most: Annotated[int, typer.Option("--most", help="Clusters of a class, at most.")] = 8,
    label: LabelOption = None,
    reading: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="KIND", help="images, arrays, table or series, where it is open."
        ),
    ] = None,
    classes: ClassesOption = None,
    seed: SeedOption = 0,
    out: FoundOption = None,
    json: JsonOption = False,
    device: DeviceOption = None,
) -> None:
    """Cluster the explanations of every class."""
    from ..spectral_relevance import Job, run

    run(
        Job(
            data=dataset,
            model=model,
            weights=weights,
            trust_pickle=trust_pickle,
            classes=classes,
            device=device,
            method=method,
            params=param or [],
            layer=layer,
            target=target,
            options={
                "size": size, "neighbours": neighbours, "most": most,
                "label": label, "kind": reading, "seed": seed,
            },
            out=out,
            json=json,
        )
    )  # fmt: skip
