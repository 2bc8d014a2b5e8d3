"""Declared classes, one file each, found by name and described without being imported."""

import ast
import importlib
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import ParameterError, suggest


class Catalogue:
    """The classes with a `card` in the files of a package of ours, by the files' names."""

    def __init__(self, package: str) -> None:
        self.package = package

    @cached_property
    def files(self) -> dict[str, Path]:
        """Standard name to file."""
        folder = Path(__file__).parents[1].joinpath(*self.package.split(".")[1:])
        return {path.stem: path for path in sorted(folder.glob("[a-z]*.py"))}

    def get(self, name: str) -> Any:
        """The class whose card has this standard name; None where its file has none."""
        module = importlib.import_module(f"{self.package}.{name}")
        cards = (
            value for value in vars(module).values() if "card" in getattr(value, "__dict__", ())
        )
        return next((value for value in cards if value.card.name == name), None)

    def summary(self, name: str) -> str:
        """The first line of a file's docstring."""
        text = ast.get_docstring(ast.parse(self.files[name].read_text(encoding="utf-8"))) or name
        return text.splitlines()[0]

    @cached_property
    def class_names(self) -> dict[str, str]:
        """Class name to standard name."""
        return {
            node.name: name
            for name, path in self.files.items()
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.ClassDef) and node.decorator_list
        }


def standard_name(typed: str, known: Iterable[str], kind: str) -> str:
    """The standard name meant by `typed`; case, dashes, underscores and spaces do not matter."""
    names = list(known)
    found = next((name for name in names if _bare(name) == _bare(typed)), None)
    if found is None:
        raise ParameterError(f"There is no {kind} {typed!r}.", suggest(typed.lower(), names))
    return found


def _bare(name: str) -> str:
    return re.sub(r"[\s_-]", "", name.replace("+", "plus")).lower()
