"""Reads trained weights without running code from the file."""

import io
import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from ..errors import FileError
from .images import read_bytes
from .writing import PathLike

State = dict[str, Tensor]

SAFE_SINCE = (2, 10)
"""The first PyTorch whose reader of weights alone is free of known memory corruption."""

_NESTED = ("state_dict", "model_state_dict", "model")
_PREFIXES = ("module.", "_orig_mod.")
_CHECKPOINT_STARTS = (b"PK", b"\x80")
_MOST_INFLATION = 4


def load_state(path: PathLike, trust_pickle: bool = False) -> State:
    """The tensors of a `.safetensors` file, or of a `.pt`, `.pth`, `.ckpt` or `.bin` checkpoint.

    Checkpoints are read with `weights_only=True`; `trust_pickle` lets the file run code and is for
    files of your own. Wrapper prefixes (`module.`, `_orig_mod.`) are removed. Raises `FileError`.
    """
    source = Path(path)
    data = read_bytes(source)
    if source.suffix.lower() == ".safetensors":
        return _stripped(_from_safetensors(source, data))
    return _stripped(_tensors(source, _from_checkpoint(source, data, trust_pickle)))


def apply_state(net: nn.Module, state: State, source: str = "the weights") -> None:
    """Load `state` into `net`; one error for all keys and shapes that do not fit."""
    own = net.state_dict()
    problems = [
        _listed("missing", [key for key in own if key not in state]),
        _listed("unexpected", [key for key in state if key not in own]),
        _listed(
            "of another shape",
            [
                f"{key} {tuple(state[key].shape)} instead of {tuple(own[key].shape)}"
                for key in own
                if key in state and state[key].shape != own[key].shape
            ],
        ),
    ]
    if any(problems):
        raise FileError(
            f"{source} does not fit {type(net).__name__}: {'; '.join(p for p in problems if p)}.",
            "Build the network with the settings it was trained with.",
        )
    net.load_state_dict(state)


def _from_safetensors(path: Path, data: bytes) -> State:
    try:
        return safetensors.torch.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError):
        raise FileError(
            f"{path} is damaged or no safetensors file.", "Copy or save it again."
        ) from None


def _from_checkpoint(path: Path, data: bytes, trust: bool) -> Any:
    if not trust:
        _refuse_old_torch(path)
        _refuse_inflated(path, data)
    try:
        with warnings.catch_warnings():
            # About old pickle protocols, which are read all the same or refused below.
            warnings.simplefilter("ignore")
            return torch.load(io.BytesIO(data), map_location="cpu", weights_only=not trust)
    except pickle.UnpicklingError:
        if trust or not data.startswith(_CHECKPOINT_STARTS):
            raise _damaged(path) from None
        raise FileError(
            f"{path} holds Python objects, which can run code when they are read.",
            "Save only the weights: safetensors.torch.save_file(net.state_dict(), "
            "'weights.safetensors'). If the file is your own, say --trust-pickle, or "
            "trust_pickle=True in Python.",
        ) from None
    except (
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        zipfile.BadZipFile,
    ):
        raise _damaged(path) from None


def _damaged(path: Path) -> FileError:
    return FileError(f"{path} is damaged or no checkpoint.", "Copy or save it again.")


def checkpoints_are_safe() -> bool:
    """Whether this PyTorch reads checkpoints, weights only, without known memory corruption."""
    major, minor = torch.__version__.split(".")[:2]
    return (int(major), int(minor)) >= SAFE_SINCE


def _refuse_old_torch(path: Path) -> None:
    if not checkpoints_are_safe():
        raise FileError(
            f"PyTorch {torch.__version__} cannot read {path} safely.",
            "Upgrade PyTorch to 2.10 or newer, or save the weights as .safetensors.",
        )


def _refuse_inflated(path: Path, data: bytes) -> None:
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise _damaged(path) from None
    if unpacked > _MOST_INFLATION * len(data):
        raise FileError(
            f"{path} unpacks from {len(data):,} to {unpacked:,} bytes, unlike any checkpoint.",
            "Save the weights again with torch.save or safetensors.",
        )


def _tensors(path: Path, content: Any) -> State:
    if isinstance(content, nn.Module):
        return content.state_dict()
    nested = [key for key in _NESTED if isinstance(content, Mapping) and key in content]
    if len(nested) == 1 and isinstance(content[nested[0]], Mapping | nn.Module):
        return _tensors(path, content[nested[0]])
    if isinstance(content, Mapping) and content:
        found = {str(key): v for key, v in content.items() if isinstance(v, Tensor)}
        if len(found) == len(content):
            return found
    holds = list(content)[:6] if isinstance(content, Mapping) else type(content).__name__
    raise FileError(
        f"{path} holds no plain set of weights but {holds}.", "Save net.state_dict() alone."
    )


def _stripped(state: State) -> State:
    for prefix in _PREFIXES * 2:
        if state and all(key.startswith(prefix) for key in state):
            state = {key.removeprefix(prefix): tensor for key, tensor in state.items()}
    return state


def _listed(what: str, keys: list[str], most: int = 3) -> str:
    if not keys:
        return ""
    more = f" and {len(keys) - most} more" if len(keys) > most else ""
    return f"{len(keys)} {what} ({', '.join(keys[:most])}{more})"
