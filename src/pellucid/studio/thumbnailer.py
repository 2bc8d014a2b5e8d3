"""The process that makes small pictures, apart from the server, for files may be hostile.

python -m pellucid.studio.thumbnailer
"""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..errors import PellucidError
from ..io.images import read_image
from . import limits
from .files import read_inside
from .opening import LARGEST_PICTURE
from .pipes import Pipes

SIDE = 320
"""Pixels of the longer side."""

_MEMORY = 4 * 2**30


def main() -> None:
    """Answer requests one after the other until the parent ends."""
    pipes = Pipes()
    limits.go_first()
    limits.bound(_MEMORY)
    while True:
        asked = pipes.read()
        try:
            small = base64.b64encode(small_picture(asked["source"])).decode()
            pipes.say("made", number=asked["number"], picture=small)
        except (PellucidError, MemoryError) as error:
            pipes.say("failed", number=asked["number"], cause=str(error))


def small_picture(source: dict[str, Any]) -> bytes:
    """The picture in a file as a small WebP; colours as a reader sees them."""
    data = read_inside(Path(source["root"]), tuple(source["parts"]))
    image = read_image(data, LARGEST_PICTURE)
    if image.mode not in ("RGB", "L"):
        raw = np.asarray(image, np.float64)
        low, span = raw.min(), np.ptp(raw) or 1.0
        image = Image.fromarray(np.uint8(np.rint((raw - low) * 255 / span)))
    image.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2)
    buffer = io.BytesIO()
    image.save(buffer, "webp", quality=85)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
