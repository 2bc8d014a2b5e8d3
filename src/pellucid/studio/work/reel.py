"""A result that is a made input: its pictures on the way, and how it ends."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from ...core.explanation import Explanation
from ...errors import InputError
from ...io.animation import write_animation
from ...io.writing import write_bytes
from ...render.photo import reduced
from ...render.synthesis import is_picture, synthesised
from ...render.words import score_of, target_of
from .artefacts import (
    checks_of,
    next_revision,
    words_of,
    write_array,
    write_picture,
    write_view,
)
from .context import Context

MOST_FRAMES, MOST_SAMPLES = 120, 16
"""Beyond so many, every second picture is dropped; pictures of further samples are not kept."""

SIDE = 640
"""Pixels of the longer side of a picture on the way."""


class Reel:
    """Writes the result as it grows."""

    def __init__(
        self, context: Context, start: str | None, code: Callable[[Explanation], str]
    ) -> None:
        self._context, self._start, self._code = context, start, code
        self._folder = context.folder / "0"
        self._frames: list[dict[str, int]] = []
        self._next = 0
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob("frame-*"):
            left.unlink()

    def show(self, e: Explanation) -> None:
        """The picture so far."""
        self._keep(e)
        self._write(e, partial=True, stopped=False)

    def end(self, e: Explanation, stopped: bool = False) -> None:
        """The picture, and everything to go on from it."""
        self._keep(e)
        if is_picture(e):
            for sample in range(min(len(e), MOST_SAMPLES)):
                write_picture(self._folder / f"made-{sample}.png", synthesised(e, sample))
        e.save(self._folder / "explanation.npz")
        self._write(e, partial=False, stopped=stopped)

    def _keep(self, e: Explanation) -> None:
        if not is_picture(e):
            return
        for sample in range(min(len(e), MOST_SAMPLES)):
            buffer = io.BytesIO()
            picture = Image.fromarray(reduced(synthesised(e, sample), SIDE))
            picture.save(buffer, "webp", quality=92, method=2)
            name = f"frame-{self._next}-{sample}.webp"
            write_bytes(self._folder / name, buffer.getvalue())
        self._frames.append({"number": self._next, "step": steps_done(e)})
        self._next += 1
        if len(self._frames) > MOST_FRAMES:
            self._thin()

    def _thin(self) -> None:
        for frame in self._frames[1::2]:
            for path in self._folder.glob(f"frame-{frame['number']}-*.webp"):
                path.unlink()
        self._frames = self._frames[::2]
        self._context.telling.pace *= 2

    def _write(self, e: Explanation, partial: bool, stopped: bool) -> None:
        revision = next_revision(self._folder)
        arrays = {}
        if not is_picture(e):
            arrays["values"] = write_array(self._folder, f"values-{revision}", e.values)
        view = {
            **words_of(e),
            "kind": "dream",
            "arrays": arrays,
            "samples": [
                {"label": target_of(e, row), "score": score_of(e, row), **checks_of(e, row)}
                for row in range(len(e))
            ],
            "pictured": min(len(e), MOST_SAMPLES),
            "curves": [] if e.curve is None else e.curve.tolist(),
            "octaves": e.record.get("octave_sizes", []),
            "steps": steps_done(e),
            "frames": self._frames,
            "start": self._start,
            "stopped": stopped,
            "partial": partial,
            "revision": revision,
            "snippet": self._code(e),
        }
        write_view(self._folder, view)
        self._context.result("0", partial)


def film(context: Context, result: str, sample: int) -> bytes:
    """The pictures of a sample on the way as an animated GIF. Raises `InputError` for none."""
    folder = Path(context.sources[result]["folder"])
    found = folder.glob(f"frame-*-{sample}.webp")
    paths = sorted(found, key=lambda path: int(path.stem.split("-")[1]))
    if not paths:
        raise InputError("This result has no pictures on the way.", "Save a dream as a film.")
    frames = [np.asarray(Image.open(path).convert("RGB")) for path in paths]
    return write_animation(frames, context.folder / "film.gif").read_bytes()


def steps_done(e: Explanation) -> int:
    """Steps of the ascent so far."""
    return 0 if e.curve is None else int(np.isfinite(e.curve).sum(1).max())
