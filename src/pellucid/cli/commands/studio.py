"""`pellucid studio`."""

from pathlib import Path
from typing import Annotated

import typer

from ..app import app
from ..arguments import ClassesOption, DeviceOption, DropOption, TrustOption, WeightsOption

_EXAMPLES = """
Examples

pellucid studio

pellucid studio photos/ --model efficientnet_lite0

pellucid studio data.csv --drop answer --model pipeline.py:load
"""


@app.command(
    help="Open a page in the browser: look into a model, try every method, compare, save.",
    epilog=_EXAMPLES.strip(),
)
def studio(
    data: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="DATA",
            help="Folders of pictures or .npy arrays, tables, .npy files, .txt files with a text a "
            "line. The page reads nothing beside them.",
            show_default="the bundled photographs",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            metavar="MODEL",
            help="As in `pellucid explain`; repeat it to compare models.",
            show_default="efficientnet_lite0",
        ),
    ] = None,
    weights: WeightsOption = None,
    trust_pickle: TrustOption = False,
    classes: ClassesOption = None,
    drop: DropOption = None,
    reading: Annotated[
        str | None,
        typer.Option("--as", metavar="table|series", help="What a table is.", show_default="table"),
    ] = None,
    device: DeviceOption = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65535, show_default="7391, or a free one where taken"),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option("--work", help="Folder for jobs and results.", show_default="one of your own"),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page at once.")
    ] = True,
    memory: Annotated[
        float | None,
        typer.Option(
            "--job-memory",
            min=0.5,
            metavar="GB",
            help="What one job may take; beyond it the job fails and the studio goes on (Linux, "
            "without a GPU).",
            show_default="80 % of the machine's",
        ),
    ] = None,
    minutes: Annotated[
        float, typer.Option("--job-minutes", min=0.1, help="After which a job is ended.")
    ] = 60.0,
) -> None:
    """Open the studio."""
    from ..studio import Wanted, run

    run(
        Wanted(
            data=tuple(data or ()),
            models=tuple(model or ("efficientnet_lite0",)),
            weights=weights,
            trust_pickle=trust_pickle,
            classes=classes,
            drop=tuple(drop or ()),
            reading=reading,
            device=device,
            port=port,
            work=work,
            browser=browser,
            memory=memory,
            minutes=minutes,
        )
    )
