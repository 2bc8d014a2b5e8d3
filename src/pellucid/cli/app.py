"""The command line itself; commands join it from `commands`, one file each."""

from importlib import import_module
from typing import Annotated

import typer

COMMANDS = (
    "demo",
    "explain",
    "compare",
    "evaluate",
    "benchmark",
    "table",
    "dream",
    "extremes",
    "layers",
    "methods",
    "metrics",
    "studio",
    "project",
    "compare_groups",
    "similarity",
    "spectral_relevance",
    "doctor",
)
"""In the order of the help."""

app = typer.Typer(
    name="pellucid",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="See what a trained network looked at, why it decided as it did, and how far to trust it.",
    epilog="Begin with: pellucid demo",
)


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


def with_commands() -> typer.Typer:
    """The application with every command; the work is imported when a command runs."""
    for name in COMMANDS:
        import_module(f"{__package__}.commands.{name}")
    return app
