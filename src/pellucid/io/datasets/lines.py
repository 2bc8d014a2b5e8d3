"""A text file with one text a line, read line by line."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ...errors import FileError
from .item import Dataset, Item
from .tables import join_texts


def from_lines(path: Path) -> Dataset:
    """The lines that are not empty; only the places where they begin are kept."""
    starts = np.fromiter(_starts(path), np.int64)
    if not len(starts):
        raise FileError(f"{path} holds no text.", "Give one text a line.")

    def read(index: int) -> Item:
        with path.open("rb") as file:
            file.seek(int(starts[index]))
            line = file.readline()
        try:
            text = line.decode("utf-8-sig" if starts[index] == 0 else "utf-8").strip()
        except UnicodeDecodeError:
            raise FileError(
                f"Text {index} of {path} is not UTF-8.", "Save the file as UTF-8."
            ) from None
        return Item(index, f"text {index}", None, text)

    return Dataset(path.name, "text", read, None, join_texts, len(starts))


def _starts(path: Path) -> Iterator[int]:
    place = 0
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield place
            place += len(line)
