"""What is needed to repeat an explanation: versions and fingerprints."""

import hashlib
import platform
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor, nn

from .inputs import Inputs
from .model import Model
from .structure import leaves
from .weights import weights

_STRIDE = 64
_BLOCK = 2**18
"""Values added up at a time: few, for the sums take a copy of them."""

_known: "WeakKeyDictionary[nn.Module, tuple[Any, str]]" = WeakKeyDictionary()


def record(model: Model, inputs: Inputs) -> dict[str, Any]:
    """Versions, fingerprints of model and input, and the time."""
    return {
        "versions": dict(versions()),
        "model": _model_name(model),
        "model_fingerprint": model_fingerprint(model),
        "input_fingerprint": input_fingerprint(inputs),
        "input_shapes": [list(tensor.shape) for _, tensor in leaves(inputs.value)],
        "device": str(model.device),
        "dtype": str(model.dtype or "").removeprefix("torch."),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "model_notes": list(model.notes),
    }


@cache
def versions() -> dict[str, str]:
    """Versions of Pellucid and of what the numbers depend on."""
    try:
        own = version("pellucid")
    except PackageNotFoundError:
        own = "unknown"
    return {
        "pellucid": own,
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def model_fingerprint(model: Model) -> str:
    """A short hash of names, shapes and sums of all weights.

    It is kept as long as every weight has its version and place, and a parameter its first value.
    """
    if model.net is None:
        return ""
    tensors = list(weights(model.net))
    stamp = hash(tuple(_glance(tensor) for _, tensor in tensors))
    known = _known.get(model.net)
    if known is None or known[0] != stamp:
        known = _known[model.net] = (stamp, _hash_of(tensors))
    return known[1]


def input_fingerprint(inputs: Inputs) -> str:
    """A short hash of all values of the inputs."""
    digest = hashlib.sha256()
    for path, tensor in leaves(inputs.value):
        digest.update(f"{path}{tuple(tensor.shape)}{tensor.dtype}".encode())
        plain = tensor.detach().to("cpu")
        if plain.dtype is torch.bfloat16:
            plain = plain.float()
        digest.update(plain.contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def _glance(tensor: Tensor) -> tuple[Any, ...]:
    """What tells a changed weight at once, also where its version does not."""
    looked = isinstance(tensor, nn.Parameter) and tensor.numel() > 0
    first = tensor.detach()[(0,) * tensor.ndim].item() if looked else 0
    return id(tensor), 0 if tensor.is_inference() else tensor._version, tensor.data_ptr(), first


def _hash_of(tensors: list[tuple[str, Tensor]]) -> str:
    digest = hashlib.sha256()
    for name, tensor in tensors:
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        flat = tensor.detach().flatten()
        found = _sums(torch.view_as_real(flat).flatten() if flat.is_complex() else flat)
        digest.update(found.to("cpu").numpy().tobytes())
    return digest.hexdigest()[:16]


def _sums(flat: Tensor) -> Tensor:
    """Sums of all values, every 64th together, so that order counts."""
    total = torch.zeros(_STRIDE, dtype=torch.float64, device=flat.device)
    for part in torch.split(flat, _BLOCK):
        whole = torch.nn.functional.pad(part, (0, -len(part) % _STRIDE))
        total += whole.reshape(-1, _STRIDE).sum(0, dtype=torch.float64)
    return total


def _model_name(model: Model) -> str:
    kind = model.net if model.net is not None else model.function
    return str(getattr(kind, "__name__", type(kind).__name__))
