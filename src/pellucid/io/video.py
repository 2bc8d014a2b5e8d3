"""Writes a series of pictures as a film, by the ffmpeg that is installed on the machine.

Encoders for films come under licences and patents of their own, so none comes with Pellucid: the
user's own program is given the raw pictures.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import FileError
from .writing import PathLike, write_bytes

VIDEO = (".mp4", ".mov", ".mkv", ".webm")
PROGRAM = "ffmpeg"


def encoder(path: PathLike) -> str:
    """The program that writes films. Raises `FileError` where there is none."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise FileError(
            f"{path} cannot be written: there is no {PROGRAM} on the PATH, and no encoder for "
            "films comes with Pellucid.",
            f"Install {PROGRAM}, or use .gif, .webp or .png.",
        )
    return program


def write_video(frames: Sequence[NDArray[np.uint8]], path: PathLike, rate: float) -> Path:
    """RGB frames `(H, W, 3)` of one size, `rate` a second, whole or not at all. An odd side loses
    its last row or column, as films need even ones. Raises `FileError`."""
    target = Path(path)
    program = encoder(target)
    height, width = (side - side % 2 for side in frames[0].shape[:2])
    pictures = b"".join(np.ascontiguousarray(f[:height, :width]).tobytes() for f in frames)
    given = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", f"{rate:g}"]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / f"film{target.suffix.lower()}"
        words = [program, "-v", "error", "-y", *given, "-i", "-", "-pix_fmt", "yuv420p", str(made)]
        done = subprocess.run(words, input=pictures, capture_output=True, check=False)
        if done.returncode != 0 or not made.is_file():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise FileError(
                f"{program} did not write {target}: {said[-1] if said else 'it gave no reason'}.",
                "Mend that, or use .gif, .webp or .png.",
            )
        return write_bytes(target, made.read_bytes())
