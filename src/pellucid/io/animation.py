"""Writes a series of pictures as one moving picture."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import FileError
from .video import VIDEO, encoder, write_video
from .writing import PathLike, write_bytes

FORMATS = {".gif": "GIF", ".webp": "WEBP", ".png": "PNG"}
_HOLD = 1500
"""Milliseconds for which the last picture stays."""


def write_animation(
    frames: Sequence[NDArray[np.uint8]], path: PathLike, seconds: float = 4.0
) -> Path:
    """RGB frames `(H, W, 3)` of one size as an endless animation, whole or not at all.

    The format is that of the ending: GIF (256 colours), WebP or PNG; or a film, such as MP4, where
    ffmpeg is installed. Raises `FileError`.
    """
    target = Path(path)
    kind = animation_format(target)
    if not frames:
        raise FileError(f"There are no pictures for {target}.", "Give at least one.")
    pace = max(20, round(1000 * seconds / len(frames)))
    if kind == "film":
        return write_video([*frames, *[frames[-1]] * (_HOLD // pace)], target, 1000 / pace)
    images = [Image.fromarray(np.ascontiguousarray(frame)) for frame in frames]
    options: dict[str, Any] = {"duration": [pace] * (len(images) - 1) + [_HOLD], "loop": 0}
    if kind == "GIF":
        images, options["optimize"] = _one_palette(images), False
    elif kind == "WEBP":
        options["quality"] = 90
    buffer = io.BytesIO()
    images[0].save(buffer, kind, save_all=True, append_images=images[1:], **options)
    return write_bytes(target, buffer.getvalue())


def animation_format(path: Path) -> str:
    """The format of an animation by its ending; refuses others, and films without ffmpeg."""
    suffix = path.suffix.lower()
    if suffix in FORMATS:
        return FORMATS[suffix]
    if suffix in VIDEO:
        encoder(path)
        return "film"
    raise FileError(
        f"{path} cannot be written: {suffix or 'no ending'} is no moving picture.",
        "Use .gif, .webp or .png, or .mp4 where ffmpeg is installed.",
    )


def _one_palette(images: list[Image.Image]) -> list[Image.Image]:
    """All pictures in the colours that suit them together, so that nothing flickers."""
    few = images[:: max(1, len(images) // 8)]
    width, height = few[0].size
    sheet = Image.new("RGB", (width, height * len(few)))
    for k, image in enumerate(few):
        sheet.paste(image, (0, k * height))
    palette = sheet.quantize(256)
    return [image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) for image in images]
