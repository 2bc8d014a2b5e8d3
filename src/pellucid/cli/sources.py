"""What is to be explained, from what was typed: files, rows of tables, series, texts."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..errors import ParameterError, suggest
from ..io import tables
from ..io.inputs import read_array
from ..io.series import read_series
from ..io.texts import Text
from ..run.files import expand

Kind = Literal["file", "table", "text"]
Reading = Literal["table", "series"]

_READINGS: tuple[Reading, ...] = ("table", "series")
_MOST_TYPED = 10_000


@dataclass(frozen=True)
class Read:
    """An input as `pl.explain` takes it; `others` are rows of the same table."""

    given: Any
    others: Any = None


@dataclass(frozen=True)
class Source:
    """One input, or several that are explained in one call and reported on one page.

    `names` are those of its samples where there may be several; `snippet` is what Python would be
    given instead, where that can be written down.
    """

    name: str
    title: str
    kind: Kind
    read: Callable[[], Read]
    names: tuple[str, ...] = ()
    snippet: str | None = None
    file: str = field(default="", kw_only=True)
    """The file's name, from which those of reports are made."""

    @property
    def short_names(self) -> tuple[str, ...]:
        """The names as they fit on a line."""
        return tuple(map(_short, self.names))


def sources_of(
    inputs: Sequence[Path],
    texts: Sequence[str],
    rows: Sequence[str],
    drop: Sequence[str],
    reading: str | None,
    time: str | None = None,
) -> list[Source]:
    """All sources. Raises `ParameterError` for options that do not fit together."""
    wanted, numbers = _reading(reading), row_numbers(rows)
    if texts:
        if inputs or rows or drop or reading or time:
            raise ParameterError(
                "--text stands instead of INPUT, --row, --drop and --as.", "Leave those out."
            )
        return [_of_texts(texts)]
    if not inputs:
        raise ParameterError("Nothing to explain.", "Give an INPUT, or --text.")
    if time is not None and wanted != "series":
        raise ParameterError("--time names a column of a series.", "Say --as series too.")
    also = tables.SUFFIXES if reading or rows or drop else frozenset[str]()
    paths = expand(inputs, also)
    _check(paths, rows, drop, wanted if reading else None)
    return [_of_file(path, numbers, drop, wanted, time) for path in paths]


def row_numbers(words: Sequence[str]) -> list[int]:
    """The rows in `17`, `3-5` and `1,2`, each once, in the order they were typed."""
    found: list[int] = []
    for word in (part.strip() for given in words for part in given.split(",")):
        if not re.fullmatch(r"\d+(-\d+)?", word):
            raise ParameterError(
                f"--row {word} is no row.", "Give a number from 0, or a range such as 3-5."
            )
        first, _, last = word.partition("-")
        low, high = int(first), int(last or first)
        if high < low:
            raise ParameterError(f"--row {word} is no range.", f"Say --row {high}-{low}.")
        if high - low >= _MOST_TYPED:
            raise ParameterError(
                f"--row {word} are {high - low + 1} rows.", f"Give at most {_MOST_TYPED} at once."
            )
        found += range(low, high + 1)
    return list(dict.fromkeys(found))


def _reading(word: str | None) -> Reading:
    for known in _READINGS:
        if word == known:
            return known
    if word is None:
        return "table"
    raise ParameterError(f"--as {word} is unknown.", suggest(word, _READINGS))


def _check(
    paths: Sequence[Path], rows: Sequence[str], drop: Sequence[str], reading: Reading | None
) -> None:
    if rows and reading == "series":
        raise ParameterError(
            "--row takes rows of a table; the rows of a series are its time steps.",
            "Leave out --row or --as series.",
        )
    for path in paths:
        table, array = tables.is_table(path), path.suffix.lower() == ".npy"
        word = "--as" if reading and not array else "--row" if rows and not array else ""
        word = "--drop" if drop else word
        if word and not table:
            raise ParameterError(
                f"{word} is for tables, and {path} is none by its ending.",
                f"Tables are {', '.join(sorted(tables.SUFFIXES))}"
                f"{' and .npy' if word == '--row' else ''}.",
            )


def _of_texts(texts: Sequence[str]) -> Source:
    return Source(
        name="the text" if len(texts) == 1 else f"{len(texts)} texts",
        title=_short(texts[0]) if len(texts) == 1 else f"{len(texts)} texts",
        kind="text",
        read=lambda: Read(Text(list(texts))),
        names=tuple(texts),
        snippet=texts[0] if len(texts) == 1 else None,
        file="text",
    )


def _of_file(
    path: Path, rows: list[int], drop: Sequence[str], reading: Reading, time: str | None
) -> Source:
    if tables.is_table(path) and reading == "series":
        return Source(
            str(path), path.name, "file",
            lambda: _series(path, drop, time), file=path.name,
        )  # fmt: skip
    names = tuple(f"row {row}" for row in rows)
    listing = f" {', '.join(names[:3])}{' …' if len(names) > 3 else ''}" if names else ""
    if tables.is_table(path):
        return Source(
            f"{path}{listing}", f"{path.name}{listing}", "table",
            lambda: _rows_of_table(path, rows, drop), names, file=path.name,
        )  # fmt: skip
    if rows:
        return Source(
            f"{path}{listing}", f"{path.name}{listing}", "file",
            lambda: _rows_of_array(path, rows), names, file=path.name,
        )  # fmt: skip
    return Source(
        str(path), path.name, "file", lambda: Read(str(path)), snippet=str(path), file=path.name
    )


def _series(path: Path, drop: Sequence[str], time: str | None) -> Read:
    if time is None:
        return Read(tables.read_series(path, drop))
    return Read(read_series(tables.read_table(path, drop), time=time))


def _rows_of_table(path: Path, rows: list[int], drop: Sequence[str]) -> Read:
    frame = tables.read_table(path, drop)
    if not rows and len(frame) > 1:
        raise ParameterError(
            f"{path} has {len(frame)} rows; which one?",
            f"Say --row 0 to --row {len(frame) - 1} (repeatable), or --as series.",
        )
    rows = rows or [0]
    tables.need_rows(rows, len(frame), path)
    chosen = set(rows)
    return Read(frame.iloc[rows], frame.iloc[[i for i in range(len(frame)) if i not in chosen]])


def _rows_of_array(path: Path, rows: list[int]) -> Read:
    array = read_array(path)
    tables.need_rows(rows, len(array) if array.ndim else 0, path)
    return Read(array[rows])


def _short(text: str, most: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
