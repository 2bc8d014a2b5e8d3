"""Pixels and figures as PNG, the same bytes for the same picture."""

import base64
import io
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image


def png(picture: NDArray[np.uint8] | Figure, dpi: int = 150) -> bytes:
    """PNG bytes of RGB or grey uint8 pixels, or of a figure; without time or software marks."""
    pixels = pixels_of(picture, dpi) if isinstance(picture, Figure) else picture
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG")
    return buffer.getvalue()


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """JPEG bytes of RGB pixels."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def pixels_of(figure: Figure, dpi: int = 150) -> NDArray[np.uint8]:
    """A figure drawn to RGB pixels `(H, W, 3)`, whatever styles the caller has set."""
    before = figure.dpi
    figure.set_dpi(dpi)
    canvas: Any = FigureCanvasAgg(figure)
    try:
        with matplotlib.style.context("default"):
            canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()
    finally:
        figure.set_dpi(before)


def data_address(content: bytes, kind: str = "image/png") -> str:
    """Bytes as a `data:` address, to be embedded in a page."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
