"""The commands and their options; the work is imported when a command runs."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="pellucid",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="See what a trained network looked at, why it decided as it did, and how far to trust it.",
    epilog="Begin with: pellucid demo",
)

_EXPLAIN_EXAMPLES = """
Examples

pellucid explain cat.jpg --model efficientnet_lite0

pellucid explain cat.jpg -m efficientnet_lite0 --method cam --method gradient --target "lynx"

pellucid explain photos/ -m mymodel:build --weights net.safetensors --out reports/

pellucid explain x.npy -m mymodel:build --method integrated_gradients -p n_steps=64 --json

pellucid explain data.csv --row 17 --row 3-5 --drop answer --model pipeline.py:load

pellucid explain --text "Visit my channel!" --model spam.py:load --target spam

pellucid explain signal.csv --as series --drop time --model net.py:build
"""

ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        metavar="MODEL",
        help="efficientnet_lite0, package.module:factory or file.py:factory (a function without "
        "arguments that returns a network, a function or an estimator), a torch.export archive "
        "(.pt2), an ONNX file (.onnx), timm:NAME, torchvision:NAME or hf:NAME.",
    ),
]
WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", metavar="FILE", help="Trained weights: .safetensors, .pt or .pth."),
]
TrustOption = Annotated[
    bool,
    typer.Option(
        "--trust-pickle", help="Let a file of your own run code while it is read (pickle, .pt2)."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
DeviceOption = Annotated[
    str | None, typer.Option("--device", metavar="DEVICE", help="cpu, cuda, cuda:1, mps …")
]


def _version(wanted: bool) -> bool:
    if wanted:
        from importlib.metadata import version

        from .terminal import answer

        answer(f"pellucid {version('pellucid')}")
        raise typer.Exit
    return wanted


@app.callback()
def _start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Common to all commands."""


def _method_names(incomplete: str) -> list[str]:
    from ..core import registry

    return [name for name in registry.names() if name.startswith(incomplete)]


@app.command(help="Explain a bundled photograph with a bundled model; needs no network.")
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")] = Path(
        "pellucid-demo"
    ),
    sample: Annotated[str, typer.Option("--sample", help="chelsea (a cat) or coffee.")] = "chelsea",
    seed: Annotated[int, typer.Option("--seed", help="Seed of the sampled methods.")] = 0,
) -> None:
    """Run the demonstration."""
    from .demo import run

    run(out, sample, seed)


@app.command(
    help="Explain what a model says about one input or many.", epilog=_EXPLAIN_EXAMPLES.strip()
)
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
    drop: Annotated[
        list[str] | None,
        typer.Option(
            "--drop",
            metavar="COLUMN",
            help="A column that the model does not take, such as the answer; repeatable.",
        ),
    ] = None,
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
            autocompletion=_method_names,
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
    target: Annotated[
        str | None,
        typer.Option(
            "--target",
            "-t",
            help="A class index or name; positive, negative or value for one output.",
            show_default="the predicted class",
        ),
    ] = None,
    space: Annotated[
        str | None,
        typer.Option("--space", metavar="logit|probability", help="What is explained."),
    ] = None,
    layer: Annotated[
        str | None, typer.Option("--layer", "-l", help="A layer's name; see `pellucid layers`.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the sampled methods.")] = 0,
    classes: Annotated[
        Path | None, typer.Option("--classes", help="Class names: one a line, or JSON.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="A file (.html, .png, .svg, .pdf, .npz), or a folder for all of them.",
            show_default="pellucid-report.html, or the folder pellucid-report for several inputs",
        ),
    ] = None,
    json: JsonOption = False,
    device: DeviceOption = None,
) -> None:
    """Explain inputs."""
    from .explain import Job, run

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
            device=device,
            texts=text or [],
            rows=row or [],
            drop=drop or [],
            reading=reading,
        )
    )


@app.command(help="List a model's layers and mark the one that is chosen where none is named.")
def layers(
    model: ModelOption,
    input: Annotated[  # noqa: A002 - the word a user sees
        Path | None, typer.Option("--input", "-i", help="An input to trace the shapes with.")
    ] = None,
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """List layers."""
    from .layers import run

    run(model, input, weights, trust_pickle, json)


@app.command(help="List the methods, or tell about one: its parameters, promises and cautions.")
def methods(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", autocompletion=_method_names)
    ] = None,
    json: JsonOption = False,
) -> None:
    """List methods."""
    from .methods import run

    run(name, json)


@app.command(help="Versions, devices, optional parts, and what would be chosen on this machine.")
def doctor(json: JsonOption = False) -> None:
    """Describe the installation."""
    from .doctor import run

    run(json)
