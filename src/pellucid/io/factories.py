"""Models from a user's own code: a function without arguments in a module or a Python file."""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable
from inspect import Parameter, signature
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from ..core.model import Model
from ..core.predictors import is_predictor
from ..errors import FileError, ParameterError, PellucidError, suggest
from .images import read_bytes


def built(source: str, name: str) -> Any:
    """What the factory `name` returns; `source` is a module's name or the path of a `.py` file.

    Raises `ParameterError` where the code cannot be imported, has no such factory, or fails.
    """
    factory = _factory(_module(source), source, name)
    try:
        return factory()
    except PellucidError:
        raise
    except Exception as error:
        raise ParameterError(
            f"{source}:{name} failed with {type(error).__name__}: {error}.",
            f"Call {name}() in Python to see where.",
        ) from error


def _module(source: str) -> ModuleType:
    is_file = Path(source).suffix.lower() == ".py"
    try:
        return _of_file(Path(source)) if is_file else _of_name(source)
    except PellucidError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise ParameterError(
            f"{source} cannot be imported: {reason}.", "Import it in Python to see where."
        ) from error


def _of_name(module: str) -> ModuleType:
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise ParameterError(
            f"There is no Python module {module!r}.",
            "Say --model package.module:factory or --model file.py:factory; modules are searched "
            "in the current folder first.",
        ) from None


def _of_file(path: Path) -> ModuleType:
    """The file run as a module of its own, its folder searched for what it imports."""
    path = path.resolve()
    read_bytes(path)
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    number = hashlib.sha256(str(path).encode()).hexdigest()[:12]
    name = f"{path.stem}_{number}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise FileError(f"{path} is no Python file.", "Give a .py file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickles look their module up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _factory(module: ModuleType, source: str, name: str) -> Callable[[], Any]:
    found = getattr(module, name, None)
    ready = isinstance(found, nn.Module | Model) or not callable(found)
    if found is not None and ready and (isinstance(found, Model) or is_predictor(found)):
        return lambda: found
    if not callable(found):
        callables = [key for key, value in vars(module).items() if callable(value)]
        raise ParameterError(f"{source} has no factory {name!r}.", suggest(name, callables))
    wanted = _wanted(found)
    if wanted:
        raise ParameterError(
            f"{source}:{name} needs arguments: {', '.join(wanted)}.",
            "Write a function without arguments that returns the model, and name that.",
        )
    factory: Callable[[], Any] = found
    return factory


def _wanted(factory: Callable[..., Any]) -> list[str]:
    """Names of the arguments that a factory cannot do without."""
    try:
        found = signature(factory).parameters.values()
    except (TypeError, ValueError):
        return []
    free = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    return [p.name for p in found if p.default is Parameter.empty and p.kind not in free]
