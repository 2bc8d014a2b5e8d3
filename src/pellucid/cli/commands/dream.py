"""`pellucid dream`."""

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
)

_EXAMPLES = """
Examples

pellucid dream photo.jpg --model efficientnet_lite0

pellucid dream photo.jpg -m efficientnet_lite0 --layer _blocks.5 --animate dream.gif

pellucid dream photo.jpg -m efficientnet_lite0 --guide flowers.jpg --size 480

pellucid dream -m efficientnet_lite0 --class "tabby cat" --class espresso --out classes.png

pellucid dream -m efficientnet_lite0 --layer _blocks.5 --channel 0-15 --out channels.png
"""


@app.command(
    help="Let a network dream on a photograph, or draw from noise what its units look for.",
    epilog=_EXAMPLES.strip(),
)
def dream(
    model: ModelOption,
    photo: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PHOTO]", help="A picture; without one, units are drawn from noise."
        ),
    ] = None,
    layer: Annotated[
        list[str] | None,
        typer.Option(
            "--layer",
            "-l",
            help="A layer, repeatable in a dream; see `pellucid layers`.",
            show_default="one from the middle of the network",
        ),
    ] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option(
            "--channel",
            metavar="NUMBER",
            help="A channel of the layer, or a range such as 0-15; repeatable. Together in a "
            "dream, a picture each from noise.",
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--class", "-c", metavar="CLASS", help="A class instead; repeatable."),
    ] = None,
    guide: Annotated[
        Path | None,
        typer.Option("--guide", metavar="PHOTO", help="Find this picture's features in PHOTO."),
    ] = None,
    preset: Annotated[
        str, typer.Option("--preset", metavar="original|tensorflow", help="The published recipe.")
    ] = "original",
    steps: Annotated[
        int | None,
        typer.Option(
            "--steps",
            help="Steps of each octave, or in all from noise.",
            show_default="the preset's; 256 from noise",
        ),
    ] = None,
    octaves: Annotated[
        int | None,
        typer.Option("--octaves", help="Number of sizes.", show_default="the preset's"),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            "--size",
            metavar="PIXELS",
            help="Longer side of the picture.",
            show_default="the photograph's, 640 at most; from noise the model's",
        ),
    ] = None,
    from_noise: Annotated[
        bool,
        typer.Option("--from-noise", help="Begin with noise: of PHOTO only the prediction counts."),
    ] = False,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="Any parameter of the method."),
    ] = None,
    seed: SeedOption = 0,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            help="A picture (.png, .jpg), a report (.html) or raw values (.npz).",
        ),
    ] = Path("pellucid-dream.png"),
    animate: Annotated[
        Path | None,
        typer.Option(
            "--animate",
            metavar="FILE",
            help="The way there: .gif, .webp or .png, or .mp4 by ffmpeg.",
        ),
    ] = None,
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    json: JsonOption = False,
    device: DeviceOption = None,
) -> None:
    """Dream."""
    from ..dream import Wish, run

    run(
        Wish(
            model=model,
            photo=photo,
            layers=layer or [],
            channels=channel or [],
            classes=target or [],
            guide=guide,
            preset=preset,
            steps=steps,
            octaves=octaves,
            size=size,
            from_noise=from_noise,
            params=param or [],
            seed=seed,
            out=out,
            animate=animate,
            weights=weights,
            trust_pickle=trust_pickle,
            json=json,
            device=device,
        )
    )
