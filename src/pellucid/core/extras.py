"""Imports optional libraries, or says how to install them."""

import importlib
from typing import Any

from ..errors import MissingExtra


def require(module: str, purpose: str, install: str) -> Any:
    """The module, or `MissingExtra` that says what it is for and how to install it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name.partition(".")[0]):
            raise
        raise MissingExtra(
            f"{purpose} needs {module.partition('.')[0]}, which is not installed.",
            f"Say: pip install {install}",
        ) from None
