"""Sees whether anything was left behind in a network or in the process."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules import module as modules

_HOOKS = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
    "_state_dict_hooks",
)
_GLOBAL_HOOKS = (
    "_global_forward_hooks",
    "_global_forward_pre_hooks",
    "_global_backward_hooks",
    "_global_backward_pre_hooks",
)


@contextmanager
def unchanged(net: Any) -> Iterator[None]:
    """Assert that the body leaves the network and the process as they were, also when it raises.

    Looks at weights, buffers, gradients, `requires_grad`, the modules with their modes and hooks,
    random states, grad mode and backend flags; `net` may be a function, which has none of its own.
    """
    before = _state(net)
    try:
        yield
    except BaseException as error:
        _compare(before, _state(net), error)
        raise
    _compare(before, _state(net), None)


def _compare(before: dict[str, Any], after: dict[str, Any], error: BaseException | None) -> None:
    names = [*before, *(name for name in after if name not in before)]
    changed = [n for n in names if not _same(before.get(n, "absent"), after.get(n, "absent"))]
    if changed:
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        raise AssertionError(f"changed by the call: {', '.join(changed[:5])}{more}") from error


def _state(net: Any) -> dict[str, Any]:
    """Everything that a call has to leave alone, by a name for the message."""
    inner = net if isinstance(net, nn.Module) else getattr(net, "net", None)
    own = _network(inner) if isinstance(inner, nn.Module) else {}
    return {**own, **_process()}


def _network(net: nn.Module) -> dict[str, Any]:
    state: dict[str, Any] = {}
    for name, module in net.named_modules():
        place = name or "the network"
        state[f"module {place}"] = id(module)
        state[f"training of {place}"] = module.training
        state[f"hooks of {place}"] = [len(getattr(module, kind)) for kind in _HOOKS]
    for name, parameter in net.named_parameters():
        state[f"parameter {name}"] = _kept(parameter)
        state[f"requires_grad of {name}"] = parameter.requires_grad
        state[f"grad of {name}"] = _kept(parameter.grad)
        state[f"hooks of {name}"] = len(parameter._backward_hooks or ())
    for name, buffer in net.named_buffers():
        state[f"buffer {name}"] = _kept(buffer)
    state["state_dict keys"] = list(net.state_dict())
    return state


def _process() -> dict[str, Any]:
    cudnn = torch.backends.cudnn
    cuda = torch.cuda.is_available()
    return {
        "torch's random state": torch.get_rng_state(),
        "CUDA's random states": torch.cuda.get_rng_state_all() if cuda else [],
        "numpy's random state": np.random.get_state(),  # noqa: NPY002
        "Python's random state": random.getstate(),
        "grad mode": torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
        "anomaly mode": torch.is_anomaly_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "default dtype": torch.get_default_dtype(),
        "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "threads": torch.get_num_threads(),
        "cudnn flags": [cudnn.enabled, cudnn.benchmark, cudnn.deterministic, cudnn.allow_tf32],
        "fast path of attention": torch.backends.mha.get_fastpath_enabled(),
        "global hooks": [len(getattr(modules, kind)) for kind in _GLOBAL_HOOKS],
    }


class _Self:
    """Equal to the same object only; holds it, so that no other gets its place in memory."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Self) and self.tensor is other.tensor

    __hash__ = None  # type: ignore[assignment]


def _kept(tensor: Tensor | None) -> tuple[_Self, Tensor] | None:
    """A tensor's identity and its values."""
    return None if tensor is None else (_Self(tensor), tensor.detach().clone())


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        return torch.allclose(a, b, rtol=0, atol=0, equal_nan=True)
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and np.array_equal(a, b)
    if isinstance(a, tuple | list):
        pairs = isinstance(b, type(a)) and len(a) == len(b)
        return pairs and all(_same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)
