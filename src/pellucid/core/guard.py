"""Leaves the user's network and process as they were, also after an exception."""

import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import torch
from torch import nn

_alone = threading.RLock()
"""Random states and backend flags belong to the process: one call at a time has them."""

_RECURRENT = (nn.RNNBase, nn.RNNCellBase)


@contextmanager
def undisturbed(net: nn.Module | None, seed: int = 0) -> Iterator[None]:
    """Run the body in eval mode without gradients and autocast, seeded; then restore all.

    Modes, buffers, random states, grad mode and backend flags are the same afterwards. Two threads
    never explain at the same time. Gradients are switched on inside only where they are taken.
    """
    modules = [] if net is None else list(net.modules())
    places = _devices(modules)
    with _alone, ExitStack() as stack:
        if net is not None:
            stack.enter_context(_eval_mode(modules))
            stack.enter_context(_buffers(modules))
            stack.enter_context(_plain_kernels(modules, places))
        stack.enter_context(_random_states(places, seed))
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.no_grad())
        for device in {device.type for device in places}:
            stack.enter_context(torch.autocast(device, enabled=False))
        yield


def _devices(modules: list[nn.Module]) -> set[torch.device]:
    return {
        tensor.device
        for module in modules
        for own in (module.parameters(recurse=False), module.buffers(recurse=False))
        for tensor in own
    }


@contextmanager
def _eval_mode(modules: list[nn.Module]) -> Iterator[None]:
    before = [(module, module.training) for module in modules]
    try:
        for module, _ in before:
            _set_training(module, False)
        yield
    finally:
        for module, training in before:
            _set_training(module, training)


def _set_training(module: nn.Module, mode: bool) -> None:
    if module.training == mode:
        return
    # Not `.train()`: networks override it, and it would change the children too.
    if isinstance(module, torch.jit.ScriptModule):
        module.train(mode)
    else:
        module.training = mode


@contextmanager
def _buffers(modules: list[nn.Module]) -> Iterator[None]:
    plain = [module for module in modules if not isinstance(module, torch.jit.ScriptModule)]
    owned = [(m, dict(m._buffers), set(m._non_persistent_buffers_set)) for m in plain]
    values = [
        (buffer, buffer.detach().clone())
        for _, buffers, _ in owned
        for buffer in buffers.values()
        if buffer is not None and not buffer.is_inference()
    ]
    try:
        yield
    finally:
        for module, buffers, passing in owned:
            module._buffers.clear()
            module._buffers.update(buffers)
            module._non_persistent_buffers_set.clear()
            module._non_persistent_buffers_set.update(passing)
        with torch.no_grad():
            for buffer, value in values:
                if not torch.equal(buffer, value):  # also where `.data` was written to
                    buffer.copy_(value)


@contextmanager
def _plain_kernels(modules: list[nn.Module], places: set[torch.device]) -> Iterator[None]:
    """Kernels that run every module, have a backward pass in eval mode and repeat to the bit."""
    fast = torch.backends.mha.get_fastpath_enabled()
    cudnn = torch.backends.cudnn
    choice = cudnn.deterministic, cudnn.benchmark
    recurrent = any(isinstance(module, _RECURRENT) for module in modules)
    cuda = any(device.type == "cuda" for device in places)
    torch.backends.mha.set_fastpath_enabled(False)
    cudnn.deterministic, cudnn.benchmark = True, False
    try:
        if recurrent and cuda:
            with cudnn.flags(enabled=False):
                yield
        else:
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        cudnn.deterministic, cudnn.benchmark = choice


@contextmanager
def _random_states(places: set[torch.device], seed: int) -> Iterator[None]:
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    cuda = [device.index or 0 for device in places if device.type == "cuda"]
    with torch.random.fork_rng(devices=cuda):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would reach other devices
        for index in cuda:
            torch.cuda.default_generators[index].manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002
