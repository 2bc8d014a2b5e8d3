"""What was found, as a figure or as arrays, in the file that was asked for."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import ParameterError
from ..io.writing import write_bytes
from .results import FIGURES

ENDINGS = (".npz", *FIGURES)
"""Of what can be saved and drawn."""


def need_ending(out: Path | None, endings: Sequence[str] = ENDINGS) -> None:
    """Raise `ParameterError` where a file could not be written in the end."""
    if out is not None and out.suffix.lower() not in endings:
        raise ParameterError(f"--out {out} has an unknown ending.", f"Use {', '.join(endings)}.")


def write_found(found: Any, out: Path) -> None:
    """Save it, or draw it, by the ending."""
    if out.suffix.lower() == ".npz":
        found.save(out)
    else:
        write_figure(found.plot(), out)


def write_figure(figure: Any, path: Path) -> Path:
    """Write a figure in the format of its ending."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=path.suffix[1:].lower(), dpi=150, bbox_inches="tight")
    return write_bytes(path, buffer.getvalue())
