"""The pictures on the way to a result, kept by listening to its progress."""

from pathlib import Path
from typing import Any

from ..core.progress import Event
from ..errors import InputError, ParameterError
from ..io.animation import write_animation
from ..io.writing import PathLike
from ..render.photo import Pixels, reduced
from ..render.synthesis import is_picture, synthesised


class Film:
    """A listener that keeps pictures of unfinished results: `explain(…, progress=film)`.

        film = pl.Film()
        e = pl.explain(model, x, "deep_dream", progress=film)
        film.save("dream.gif")

    `sample` is the one that is filmed; every `every`-th step is kept, up to `most` pictures, of at
    most `size` pixels a side.
    """

    def __init__(
        self, sample: int = 0, *, every: int = 1, most: int = 200, size: int = 640
    ) -> None:
        for name, value in (("every", every), ("most", most), ("size", size)):
            if value < 1:
                raise ParameterError(f"{name}={value} is not positive.", "Give 1 or more.")
        self.sample, self.every, self.most, self.size = sample, every, most, size
        self.frames: list[Pixels] = []

    def __call__(self, event: Event) -> None:
        """Keep the picture so far."""
        if event.partial is None or event.done % self.every or len(self.frames) >= self.most:
            return
        self.add(event.partial())

    def add(self, e: Any) -> None:
        """Keep the picture of an explanation."""
        if e is not None and is_picture(e):
            self.frames.append(reduced(synthesised(e, self.sample), self.size))

    def save(self, path: PathLike, seconds: float = 4.0) -> Path:
        """Write what was kept as an animated GIF, WebP or PNG, or a film such as MP4 where ffmpeg
        is installed, that lasts `seconds` and then holds its last picture. Raises `FileError`."""
        if not self.frames:
            raise InputError(
                "The film holds no pictures.",
                "Give it to explain(…, progress=film) with a method that makes pictures.",
            )
        return write_animation(self.frames, path, seconds)
