"""From what a user says on the command line to a model."""

import importlib
import sys
from collections.abc import Callable
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..core.model import Model, as_model
from ..errors import FileError, NotApplicable, ParameterError, PellucidError, suggest
from . import hubs
from .bundled import BUNDLED
from .images import read_bytes
from .weights import apply_state, load_state
from .writing import PathLike


def load_model(spec: str, weights: PathLike | None = None, trust_pickle: bool = False) -> Model:
    """The model named by `spec`, in eval mode, on the CPU; nothing is ever downloaded.

    `spec` is a bundled name (`efficientnet_lite0`), `package.module:factory`, a torch.export
    archive (`.pt2`), or `timm:NAME`, `torchvision:NAME`, `hf:NAME`. `weights` is a file for
    `load_state`. Raises `PellucidError`.
    """
    source, _, name = spec.partition(":")
    suffix = Path(spec).suffix.lower()
    if spec in BUNDLED:
        model = BUNDLED[spec]()
    elif suffix == ".onnx":
        raise NotApplicable(
            f"{spec} is an ONNX file, which has no gradients and no layers.",
            "Give the PyTorch network it was made from as package.module:factory.",
        )
    elif suffix == ".pt2":
        model = as_model(_archive(Path(spec), trust_pickle))
    elif name and source in hubs.HUBS:
        model = hubs.HUBS[source](name, weights is None)
    elif name and suffix not in (".pt", ".pth"):
        model = as_model(_built(source, name))
    else:
        raise _unknown(spec, suffix)
    return _ready(model, weights, trust_pickle)


def _ready(model: Model, weights: PathLike | None, trust_pickle: bool) -> Model:
    if weights is not None:
        apply_state(model.module, load_state(weights, trust_pickle), str(weights))
    if isinstance(model.net, nn.Module):
        _quiet_eval(model.net)
    return model


def _quiet_eval(net: nn.Module) -> None:
    try:
        net.eval()
    except NotImplementedError:
        # Exported graphs have no training mode to leave.
        return


def _built(module: str, name: str) -> Any:
    factory = _factory(module, name)
    try:
        return factory()
    except PellucidError:
        raise
    except Exception as error:
        raise ParameterError(
            f"{module}:{name} failed with {type(error).__name__}: {error}.",
            f"Call {name}() in Python to see where.",
        ) from error


def _factory(module: str, name: str) -> Callable[[], Any]:
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise ParameterError(
            f"There is no Python module {module!r}.",
            "Say --model package.module:factory; the current folder is searched first.",
        ) from None
    found = getattr(loaded, name, None)
    if not callable(found):
        callables = [key for key, value in vars(loaded).items() if callable(value)]
        raise ParameterError(f"{module} has no factory {name!r}.", suggest(name, callables))
    if isinstance(found, nn.Module | Model):
        return lambda: found
    wanted = _wanted(found)
    if wanted:
        raise ParameterError(
            f"{module}:{name} needs arguments: {', '.join(wanted)}.",
            "Write a function without arguments that builds the network, and name that.",
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


def _archive(path: Path, trust_pickle: bool) -> nn.Module:
    read_bytes(path)
    if not trust_pickle:
        raise FileError(
            f"{path} is a torch.export archive, whose reader can run code from the file.",
            "If the file is your own, say --trust-pickle, or trust_pickle=True in Python; or give "
            "package.module:factory with --weights.",
        )
    try:
        module: nn.Module = torch.export.load(path).module()
    except (RuntimeError, ValueError, KeyError, EOFError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise FileError(
            f"{path} cannot be read as a torch.export archive: {reason}.",
            "Write it with torch.export.save.",
        ) from None
    return module


def _unknown(spec: str, suffix: str) -> ParameterError:
    if suffix in (".pt", ".pth", ".ckpt", ".safetensors"):
        return ParameterError(
            f"{spec} holds weights, not a network.",
            f"Say --model package.module:factory --weights {spec}.",
        )
    known = [*BUNDLED, *(f"{hub}:NAME" for hub in hubs.HUBS)]
    return ParameterError(
        f"There is no model {spec!r}.", f"{suggest(spec, known)} Or say package.module:factory."
    )
