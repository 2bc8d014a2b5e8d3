"""`pellucid similarity`."""

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
    ModelOption,
    TrustOption,
    WeightsOption,
)

_EXAMPLES = """
Examples

pellucid similarity new/ --reference training/ -m net.py:build

pellucid similarity new.npz -r training.npz -m net.py:build --metric cosine --out distance.png
"""


@app.command(
    help="Tell how far the items of a data set lie from the classes that a network was trained on.",
    epilog=_EXAMPLES.strip(),
)
def similarity(
    dataset: Annotated[
        Path, typer.Argument(metavar="DATASET", help="A folder, a table, .npy, .npz or .txt.")
    ],
    reference: Annotated[
        Path,
        typer.Option(
            "--reference", "-r", metavar="DATASET", help="The training items, with their labels."
        ),
    ],
    model: ModelOption,
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    layer: Annotated[
        str | None,
        typer.Option(
            "--layer",
            "-l",
            help="Whose features are compared.",
            show_default="the last before the scores",
        ),
    ] = None,
    metric: Annotated[
        str,
        typer.Option(
            "--metric", metavar="mahalanobis|euclidean|cosine", help="Distance to a class's centre."
        ),
    ] = "mahalanobis",
    threshold: Annotated[
        float,
        typer.Option(
            "--threshold", help="Percentile of a class's own items beyond which is an outlier."
        ),
    ] = 99.0,
    label: LabelOption = None,
    classes: ClassesOption = None,
    out: FoundOption = None,
    json: JsonOption = False,
    device: DeviceOption = None,
) -> None:
    """Compare a data set with the training data."""
    from ..similarity import Job, run

    options = {"layer": layer, "metric": metric, "threshold": threshold, "label": label}
    run(
        Job(
            data=dataset,
            reference=reference,
            model=model,
            weights=weights,
            trust_pickle=trust_pickle,
            classes=classes,
            device=device,
            options=options,
            out=out,
            json=json,
        )
    )
