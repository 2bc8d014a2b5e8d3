"""Private copies of a network with weights drawn anew; the user's network is never written to."""

import copy
from collections.abc import Collection

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..core.hooks import visiting
from ..core.inputs import Inputs
from ..core.model import FAILURES, Model
from ..errors import NotApplicable


def layers_of(model: Model, inputs: Inputs) -> list[str]:
    """The names of the modules that own weights, from the output to the input as they run; those
    that do not run come last."""
    net = model.module
    own = [name for name, module in net.named_modules() if list(module.parameters(recurse=False))]
    order: list[str] = []

    def visit(name: str, call: int, module: nn.Module | None, args: object, output: object) -> None:
        if name in own and name not in order:
            order.append(name)

    with visiting(net, visit):
        model.run(inputs.take(torch.zeros(1, dtype=torch.long)))
    return [*order[::-1], *(name for name in own if name not in order)]


def randomised(model: Model, names: Collection[str], inputs: Inputs, seed: int) -> Model:
    """A copy with the weights of some modules drawn anew: Gaussian, with the mean and deviation of
    the trained ones, tensor by tensor; scales and shifts of normalisation are shuffled.

    Running statistics of batch normalisation are taken from `inputs`, so that the activations of
    the random network stay in range.
    """
    net = model.module
    if model.scripted:
        raise NotApplicable("TorchScript cannot be copied.", "Give the module it was made from.")
    try:
        twin = copy.deepcopy(net)
    except (*FAILURES, copy.Error) as error:
        raise NotApplicable(
            f"The network cannot be copied: {error}.", "Give a module that copy.deepcopy takes."
        ) from error
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, module in twin.named_modules():
            if name in names:
                for tensor in module.parameters(recurse=False):
                    _draw(tensor, generator)
    other = copy.copy(model)
    other.net = other.function = other.given = twin
    _recalibrate(other, twin, inputs)
    return other


def _draw(tensor: torch.Tensor, generator: torch.Generator) -> None:
    flat = tensor.detach().flatten().float().cpu()
    if tensor.ndim < 2 or len(flat) < 2:  # shuffled, for few numbers tell no distribution
        new = flat[torch.randperm(len(flat), generator=generator)]
    else:
        new = flat.mean() + flat.std() * torch.randn(len(flat), generator=generator)
    tensor.copy_(new.view(tensor.shape).to(tensor))


def _recalibrate(model: Model, net: nn.Module, inputs: Inputs) -> None:
    norms = [m for m in net.modules() if isinstance(m, _BatchNorm) and m.track_running_stats]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    try:
        for norm in norms:
            norm.training, norm.momentum = True, 1.0
        model.run(inputs)
    except (RuntimeError, ValueError):  # a single value a channel has no variance
        pass
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.training, norm.momentum = False, momentum
