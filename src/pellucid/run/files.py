"""Explains many files, one after the other; a bad one does not stop the rest."""

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from ..core.progress import Progress
from ..errors import Cancelled, FileError, PellucidError
from ..io.images import SUFFIXES
from ..io.writing import PathLike

Result = TypeVar("Result")
Item = TypeVar("Item")


def expand(sources: Iterable[PathLike], also: Collection[str] = ()) -> list[Path]:
    """The files meant by `sources`: folders give their pictures and arrays, and files with the
    endings in `also`, sorted by name.

    Raises `FileError` for a folder without any.
    """
    found: list[Path] = []
    for source in sources:
        path = Path(source)
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES | {".npy", *also})
        if not inside:
            raise FileError(
                f"{path} holds no pictures.", f"Known: {', '.join(sorted({*SUFFIXES, *also}))}."
            )
        found.extend(inside)
    return list(dict.fromkeys(found))


def each_file(
    items: Iterable[Item],
    explain: Callable[[Item], Result],
    progress: Progress | None = None,
) -> Iterator[tuple[Item, Result | PellucidError]]:
    """Every item (a file, or what stands for one) with what `explain` gave for it, or the error
    that it raised.

    `Cancelled` stops the whole, and so does any error that is not Pellucid's.
    """
    steps: list[Any] = list(items)
    for item in (progress or Progress()).track(steps, "files"):
        yield item, _attempt(explain, item)


def _attempt(explain: Callable[[Item], Result], item: Item) -> Result | PellucidError:
    try:
        return explain(item)
    except Cancelled:
        raise
    except PellucidError as error:
        return error
