"""The command line. Starts without importing torch."""

import sys
from collections.abc import Sequence

from ..errors import LayerError, ParameterError, PellucidError, TargetError

USAGE = (ParameterError, TargetError, LayerError)
"""Errors that mean a wrong word on the command line: exit code 2."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong usage."""
    from .app import with_commands
    from .terminal import say

    try:
        with_commands()(
            list(sys.argv[1:] if arguments is None else arguments), prog_name="pellucid"
        )
    except PellucidError as error:
        say(f"Error: {error}")
        sys.exit(2 if isinstance(error, USAGE) else 1)
