"""From what a user says on the command line to a model."""

from pathlib import Path

import torch
from torch import nn

from ..core.model import Model, as_model
from ..errors import FileError, ParameterError, suggest
from . import hubs
from .bundled import BUNDLED
from .factories import built
from .images import read_bytes
from .onnx_session import OnnxSession
from .weights import apply_state, load_state
from .writing import PathLike


def load_model(spec: str, weights: PathLike | None = None, trust_pickle: bool = False) -> Model:
    """The model named by `spec`, in eval mode, on the CPU; nothing is ever downloaded.

    `spec` is a bundled name (`efficientnet_lite0`), `package.module:factory` or `file.py:factory`
    (a function without arguments that returns a network, a `Model`, a function or an estimator), a
    torch.export archive (`.pt2`), an ONNX file (`.onnx`, for black-box methods and activations), or
    `timm:NAME`, `torchvision:NAME`, `hf:NAME`. `weights` is a file for `load_state`. Raises
    `PellucidError`.
    """
    hub, _, pretrained = spec.partition(":")
    source, _, name = spec.rpartition(":")
    suffix = Path(spec).suffix.lower()
    if spec in BUNDLED:
        model = BUNDLED[spec]()
    elif suffix == ".onnx":
        model = as_model(OnnxSession(Path(spec)))
    elif suffix == ".pt2":
        model = as_model(_archive(Path(spec), trust_pickle))
    elif pretrained and hub in hubs.HUBS:
        model = hubs.HUBS[hub](pretrained, weights is None)
    elif source and name and suffix not in (".pt", ".pth"):
        model = as_model(built(source, name))
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
    if suffix == ".py":
        return ParameterError(
            f"{spec} names no factory.", f"Say which function builds the model: --model {spec}:NAME"
        )
    known = [*BUNDLED, *(f"{hub}:NAME" for hub in hubs.HUBS)]
    return ParameterError(
        f"There is no model {spec!r}.",
        f"{suggest(spec, known)} Or say package.module:factory or file.py:factory.",
    )
