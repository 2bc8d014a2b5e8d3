"""`pellucid evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app
from ..arguments import (
    DeviceOption,
    JsonOption,
    LayerOption,
    ModelOption,
    SeedOption,
    TargetOption,
    TrustOption,
    WeightsOption,
    method_names,
    metric_names,
)

_EXAMPLES = """
Examples

pellucid evaluate cat.jpg -m efficientnet_lite0 --method grad_cam --method gradient

pellucid evaluate photos/ -m mymodel:build --metric deletion --metric insertion --out scores.png

pellucid evaluate photos/ -m mymodel:build --masks masks/ --json
"""


@app.command(
    help="Measure how faithful, stable, simple and well placed explanations are.",
    epilog=_EXAMPLES.strip(),
)
def evaluate(
    model: ModelOption,
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT", help="Pictures, .npy arrays, or folders.")
    ],
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            metavar="NAME",
            help="A method; repeat it for several.",
            show_default="grad_cam",
            autocompletion=method_names,
        ),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param", "-p", metavar="[METHOD.]NAME=VALUE", help="A parameter of the methods."
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            metavar="NAME",
            help="A metric; repeat it for several. `pellucid metrics` lists them.",
            show_default="deletion, insertion, faithfulness correlation, sparseness, complexity; "
            "with --masks those of localisation too",
            autocompletion=metric_names,
        ),
    ] = None,
    masks: Annotated[
        Path | None,
        typer.Option(
            "--masks",
            metavar="PATH",
            help="Where the evidence lies: a .npy or picture of the size of the network's input, "
            "not zero inside; or a folder with one for every input, of the same name.",
        ),
    ] = None,
    target: TargetOption = None,
    layer: LayerOption = None,
    seed: SeedOption = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A figure: .png, .svg or .pdf.", show_default="none"),
    ] = None,
    json: JsonOption = False,
    device: DeviceOption = None,
) -> None:
    """Evaluate explanations."""
    from ..evaluate import Job, run

    run(
        Job(
            inputs=inputs,
            model=model,
            weights=weights,
            trust_pickle=trust_pickle,
            methods=method or ["grad_cam"],
            params=param or [],
            metrics=metric,
            masks=masks,
            target=target,
            layer=layer,
            seed=seed,
            out=out,
            json=json,
            device=device,
        )
    )
