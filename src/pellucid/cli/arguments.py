"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

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
TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        "-t",
        help="A class index or name; positive, negative or value for one output.",
        show_default="the predicted class",
    ),
]
LayerOption = Annotated[
    str | None, typer.Option("--layer", "-l", help="A layer's name; see `pellucid layers`.")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of all that is random.")]
ClassesOption = Annotated[
    Path | None, typer.Option("--classes", help="Class names: one a line, or JSON.")
]
LabelOption = Annotated[
    str | None,
    typer.Option("--label", metavar="NAME", help="The column or array of true classes."),
]
DropOption = Annotated[
    list[str] | None,
    typer.Option(
        "--drop",
        metavar="COLUMN",
        help="A column that the model does not take, such as the answer; repeatable.",
    ),
]
PerplexityOption = Annotated[
    float, typer.Option("--perplexity", help="Effective number of neighbours (t-SNE).")
]
FoundOption = Annotated[
    Path | None, typer.Option("--out", "-o", help="A file: .png, .svg, .pdf, or .npz.")
]


def method_names(incomplete: str) -> list[str]:
    """Completions of a method's name."""
    from ..core import registry

    return [name for name in registry.names() if name.startswith(incomplete)]


def metric_names(incomplete: str) -> list[str]:
    """Completions of a metric's name."""
    from ..evaluation import registry

    return [name for name in registry.names() if name.startswith(incomplete)]
