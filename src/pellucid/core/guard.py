"""Leaves the user's network and process as they were, also after an exception."""

import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from .weights import weights

_alone = threading.RLock()
"""Random states and backend flags belong to the process: one call at a time has them."""

_RECURRENT = (nn.RNNBase, nn.RNNCellBase)


@contextmanager
def undisturbed(net: nn.Module | None, seed: int = 0) -> Iterator[None]:
    """Run the body in eval mode without gradients and autocast, seeded; then restore all.

    Modes, buffers, what modules keep in attributes (a counter, a hidden state, a generator), random
    states, grad mode and backend flags are the same afterwards. Two threads
    never explain at the same time. Gradients are switched on inside only where they are taken.
    """
    modules = [] if net is None else list(net.modules())
    places = set() if net is None else {tensor.device for _, tensor in weights(net)}
    with _alone, ExitStack() as stack:
        if net is not None:
            stack.enter_context(_attributes(modules))
            stack.enter_context(_eval_mode(modules))
            stack.enter_context(_buffers(modules))
            stack.enter_context(_plain_kernels(modules, places))
        stack.enter_context(_random_states(places, seed))
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.no_grad())
        for device in {device.type for device in places}:
            stack.enter_context(torch.autocast(device, enabled=False))
        yield


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
def _attributes(modules: list[nn.Module]) -> Iterator[None]:
    """What a forward pass binds anew, and the states of tensors and generators kept beside the
    buffers; lists and objects of the network's own that it changes in place are not seen."""
    plain = [module for module in modules if not isinstance(module, torch.jit.ScriptModule)]
    before = [(module.__dict__, dict(module.__dict__)) for module in plain]
    kept = [value for _, own in before for value in own.values()]
    tensors = [t for t in kept if isinstance(t, Tensor) and not t.is_inference()]
    values = [(tensor, tensor._version, tensor.detach().clone()) for tensor in tensors]
    states = [(g, g.get_state()) for g in kept if isinstance(g, torch.Generator)]
    try:
        yield
    finally:
        for now, own in before:
            for name in [name for name in now if name not in own]:
                del now[name]
            now.update({k: v for k, v in own.items() if k not in now or now[k] is not v})
        with torch.no_grad():
            for tensor, version, value in values:
                if tensor._version != version:
                    tensor.copy_(value)
        for generator, state in states:
            generator.set_state(state)


@contextmanager
def _buffers(modules: list[nn.Module]) -> Iterator[None]:
    plain = [module for module in modules if not isinstance(module, torch.jit.ScriptModule)]
    owned = [(m, dict(m._buffers), set(m._non_persistent_buffers_set)) for m in plain]
    every = [
        buffer
        for _, buffers, _ in owned
        for buffer in buffers.values()
        if buffer is not None and not buffer.is_inference()
    ]
    kinds = {(buffer.dtype, buffer.device) for buffer in every}
    groups = [[b for b in every if (b.dtype, b.device) == kind] for kind in kinds]
    values = [(group, [b.shape for b in group], _in_a_row(group)) for group in groups]
    try:
        yield
    finally:
        for module, buffers, passing in owned:
            module._buffers.clear()
            module._buffers.update(buffers)
            module._non_persistent_buffers_set.clear()
            module._non_persistent_buffers_set.update(passing)
        with torch.no_grad():
            for group, shapes, value in values:
                if not torch.equal(_in_a_row(group), value):  # also where `.data` was written to
                    parts = torch.split(value, [shape.numel() for shape in shapes])
                    for buffer, shape, part in zip(group, shapes, parts, strict=True):
                        buffer.resize_(shape).copy_(part.view(shape))


def _in_a_row(tensors: list[Tensor]) -> Tensor:
    """A copy of all values."""
    return torch.cat([tensor.detach().reshape(-1) for tensor in tensors])


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
