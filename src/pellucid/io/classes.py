"""Reads class names."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import FileError
from .images import read_bytes


def read_classes(
    source: Sequence[str] | Mapping[int, str] | str | os.PathLike[str],
) -> tuple[str, ...]:
    """Class names by index: from a list, a dict, a text file with one a line, or a JSON file.

    JSON holds a list of names, or an object from index to name. Raises `FileError`.
    """
    if isinstance(source, Mapping):
        return _from_indices("classes", {int(key): name for key, name in source.items()})
    if not isinstance(source, str | os.PathLike):
        return tuple(str(name) for name in source)
    path = Path(source)
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(f"{path} is not text.", "Give one class name a line, in UTF-8.") from None
    names = _from_json(path, text) if path.suffix.lower() == ".json" else _from_lines(text)
    if not names:
        raise FileError(f"{path} holds no class names.", "Give one a line.")
    return names


def _from_lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.rstrip().splitlines())


def _from_json(path: Path, text: str) -> tuple[str, ...]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise FileError(f"{path} is not valid JSON: {error}.", "Mend it.") from None
    if isinstance(content, list):
        return tuple(str(name) for name in content)
    if isinstance(content, dict) and all(key.isdigit() for key in content):
        return _from_indices(path, {int(key): name for key, name in content.items()})
    raise FileError(
        f"{path} holds neither a list of names nor an object from index to name.",
        'Write ["cat", "dog"] or {"0": "cat", "1": "dog"}.',
    )


def _from_indices(path: object, names: dict[int, Any]) -> tuple[str, ...]:
    missing = sorted(set(range(len(names))) - set(names))
    if missing:
        raise FileError(
            f"{path} has {len(names)} classes but none with index {missing[0]}.",
            "Number them from 0 without gaps.",
        )
    return tuple(str(names[index]) for index in range(len(names)))
