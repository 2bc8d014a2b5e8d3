"""`pellucid explain`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app
from ..arguments import (
    ClassesOption,
    DeviceOption,
    DropOption,
    JsonOption,
    LayerOption,
    ModelOption,
    SeedOption,
    TargetOption,
    TrustOption,
    WeightsOption,
    method_names,
)

_EXAMPLES = """
Examples

pellucid explain cat.jpg --model efficientnet_lite0

pellucid explain cat.jpg -m efficientnet_lite0 --method cam --method gradient --target "lynx"

pellucid explain photos/ -m mymodel:build --weights net.safetensors --out reports/

pellucid explain x.npy -m mymodel:build --method integrated_gradients -p n_steps=64 --json

pellucid explain data.csv --row 17 --row 3-5 --drop answer --model pipeline.py:load

pellucid explain --text "Visit my channel!" --model spam.py:load --target spam

pellucid explain signal.csv --as series --time t --model net.py:build
"""


@app.command(help="Explain what a model says about one input or many.", epilog=_EXAMPLES.strip())
def explain(
    model: ModelOption,
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="INPUT", help="Pictures, .npy arrays, tables (CSV, TSV, Parquet), or folders."
        ),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option("--text", help="A text to explain instead of INPUT; repeatable."),
    ] = None,
    row: Annotated[
        list[str] | None,
        typer.Option(
            "--row",
            metavar="NUMBER",
            help="Row of a table or a .npy array, counted from 0 without the header; a range such "
            "as 3-5; repeatable.",
        ),
    ] = None,
    drop: DropOption = None,
    reading: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="table|series",
            help="What a table is: rows to explain, or one series whose rows are time steps and "
            "whose columns are channels, (1, channels, time).",
            show_default="table",
        ),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(
            "--time",
            metavar="COLUMN",
            help="With --as series: the column of times, which the figure's time axis shows.",
        ),
    ] = None,
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            metavar="NAME",
            help="A method; repeat it for several. `pellucid methods` lists them.",
            show_default="grad_cam; for tables kernel_shap; for texts, and for models that are no "
            "torch networks, occlusion",
            autocompletion=method_names,
        ),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            "-p",
            metavar="[METHOD.]NAME=VALUE",
            help="A parameter of one method, or of all that have it; repeatable. The background of "
            "a table is other rows of it unless you give one (background=train.csv).",
        ),
    ] = None,
    target: TargetOption = None,
    space: Annotated[
        str | None,
        typer.Option("--space", metavar="logit|probability", help="What is explained."),
    ] = None,
    layer: LayerOption = None,
    seed: SeedOption = 0,
    classes: ClassesOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="A file (.html, .png, .svg, .pdf, .npz), or a folder for all of them.",
            show_default="pellucid-report.html, or the folder pellucid-report for several inputs",
        ),
    ] = None,
    check: Annotated[
        str | None,
        typer.Option(
            "--check",
            metavar="quick|full",
            help="Say how far each explanation can be trusted: seconds, or minutes.",
        ),
    ] = None,
    json: JsonOption = False,
    device: DeviceOption = None,
) -> None:
    """Explain inputs."""
    from ..explain import Job, run

    run(
        Job(
            inputs=inputs or [],
            model=model,
            weights=weights,
            trust_pickle=trust_pickle,
            methods=method or [],
            params=param or [],
            target=target,
            space=space,
            layer=layer,
            seed=seed,
            classes=classes,
            out=out,
            json=json,
            check=check,
            device=device,
            texts=text or [],
            rows=row or [],
            drop=drop or [],
            reading=reading,
            time=time,
        )
    )
