"""`pellucid compare`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app
from ..arguments import (
    DeviceOption,
    JsonOption,
    ModelOption,
    SeedOption,
    TrustOption,
    WeightsOption,
    method_names,
)

_EXAMPLES = """
Examples

pellucid compare cat.jpg -m efficientnet_lite0 --method grad_cam --method occlusion

pellucid compare cat.jpg -m efficientnet_lite0 --target tabby --not "tiger cat"

pellucid compare x.npy -m mymodel:build --weights before.pt --against after.pt
"""


@app.command(help="Put methods, targets and checkpoints side by side.", epilog=_EXAMPLES.strip())
def compare(
    model: ModelOption,
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT", help="Pictures, or one .npy array.")
    ],
    weights: WeightsOption = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="FILE", help="Weights of a second checkpoint."),
    ] = None,
    trust_pickle: TrustOption = False,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            metavar="NAME",
            help="A method; repeat it for several.",
            show_default="grad_cam, integrated_gradients and occlusion",
            autocompletion=method_names,
        ),
    ] = None,
    layer: Annotated[
        list[str] | None,
        typer.Option("--layer", "-l", help="Compare layers of one method; repeat it for several."),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", "-t", help="A class index or name; repeat it for a row each."),
    ] = None,
    rather: Annotated[
        str | None,
        typer.Option("--not", metavar="CLASS", help="Why the --target and not this class."),
    ] = None,
    scale: Annotated[
        str,
        typer.Option(
            "--scale",
            metavar="own|column|shared",
            help="Colours of each picture by itself, comparable within a method, or by all.",
        ),
    ] = "own",
    badges: Annotated[bool, typer.Option(help="Measure what each map owes to the weights.")] = True,
    seed: SeedOption = 0,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The figure: .png, .svg or .pdf.")
    ] = Path("pellucid-comparison.png"),
    json: JsonOption = False,
    device: DeviceOption = None,
) -> None:
    """Compare explanations."""
    from ..compare import Job, run

    run(
        Job(
            inputs=inputs,
            model=model,
            weights=weights,
            against=against,
            trust_pickle=trust_pickle,
            methods=method or [],
            layers=layer or [],
            targets=target or [],
            rather=rather,
            scale=scale,
            badges=badges,
            seed=seed,
            out=out,
            json=json,
            device=device,
        )
    )
