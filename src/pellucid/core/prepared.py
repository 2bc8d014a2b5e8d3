"""A private copy of a network for many passes: batch normalisation folded, channels last.

Weights that need not change are shared with the original. The copy is trusted only after it gave
the original's output on the inputs at hand.
"""

import copy
from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor, nn

from .cut import capture
from .hooks import visiting
from .inputs import Inputs
from .model import Model
from .structure import leaves
from .trace import Visit

_TOLERANCE = 1e-4
_Conv = nn.Conv1d | nn.Conv2d | nn.Conv3d
_Norm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d


def prepared(
    model: Model, inputs: Inputs, reference: Any, keep: Collection[str] = ()
) -> tuple[Model, str]:
    """The copy, or the model itself and the reason; `reference` is what it returns on `inputs`.

    A copy serves one call: what a network does may hang on more than its weights. The layers named
    in `keep` give in the copy what they give in the original, and write over nothing.
    """
    if model.net is None or model.scripted:
        return model, ""
    try:
        fast = _copy(model, inputs, keep)
        raw = fast.run(inputs)
    except (RuntimeError, TypeError, AttributeError, ValueError, KeyError, copy.Error) as error:
        return model, f"the network was not copied ({type(error).__name__})"
    if not _agree(raw, reference):
        return model, "a folded copy gave other outputs, so the network runs as it is"
    return fast, ""


def prepared_at(model: Model, inputs: Inputs, visits: Collection[Visit], stop: bool) -> Model:
    """The copy where it gives the same at these layers, and as its output unless the pass may
    `stop` at the last of them; else the model itself."""
    if model.net is None or model.scripted:
        return model
    raw, wanted = capture(model, inputs, visits, stop)
    try:
        fast = _copy(model, inputs, {visit.name for visit in visits})
        other, found = capture(fast, inputs, visits, stop)
    except (RuntimeError, TypeError, AttributeError, ValueError, KeyError, copy.Error):
        return model
    return fast if _agree(found, wanted) and (stop or _agree(other, raw)) else model


def in_full_precision(model: Model, inputs: Inputs) -> Model | None:
    """A private copy that computes in single precision; None where there cannot be one."""
    try:
        net = copy.deepcopy(model.module).float().requires_grad_(False)
        whole = Model(net, classes=model.classes, output=model.output)
        return prepared(whole, inputs, whole.run(inputs))[0]
    except (RuntimeError, TypeError, AttributeError, ValueError, KeyError, copy.Error):
        return None


def _agree(raw: Any, reference: Any) -> bool:
    """Whether two outputs have the same tensors to within the tolerance."""
    found, wanted = dict(leaves(raw)), dict(leaves(reference))
    if found.keys() != wanted.keys():
        return False
    return all(_close(found[path], tensor) for path, tensor in wanted.items())


def _close(found: Tensor, wanted: Tensor) -> bool:
    if found.shape != wanted.shape:
        return False
    if not wanted.is_floating_point() or wanted.numel() == 0:
        return torch.equal(found, wanted)
    limit = _TOLERANCE * float(wanted.abs().max().clamp_min(1e-6))
    return torch.allclose(found, wanted, rtol=0, atol=limit)


def _copy(model: Model, inputs: Inputs, keep: Collection[str]) -> Model:
    pairs = [pair for pair in _foldable(model, inputs) if pair[0] not in keep]
    net = copy.deepcopy(model.module, _shared(model.module)).eval()
    modules = dict(net.named_modules())
    for conv_name, norm_name in pairs:
        _fold(modules[conv_name], modules[norm_name])
        _replace(net, norm_name, nn.Identity())
    for name in keep:
        if getattr(modules.get(name), "inplace", False):
            modules[name].inplace = False
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            weight = module.weight.detach().contiguous(memory_format=torch.channels_last)
            module.weight = nn.Parameter(weight, requires_grad=False)
    return Model(net, classes=model.classes, output=model.output)


def _shared(net: nn.Module) -> dict[int, Any]:
    """What a deep copy takes over: the tensors' memory, without gradients for the weights."""
    weights = {id(p): nn.Parameter(p.detach(), requires_grad=False) for p in net.parameters()}
    return {**weights, **{id(buffer): buffer.detach() for buffer in net.buffers()}}


def _foldable(model: Model, inputs: Inputs) -> list[tuple[str, str]]:
    """Names of convolutions and the batch normalisations that take exactly their output."""
    made: dict[int, tuple[str, Tensor]] = {}
    pairs: list[tuple[str, str]] = []
    calls: dict[str, int] = {}

    def visit(name: str, call: int, module: nn.Module | None, args: Any, output: Any) -> None:
        calls[name] = call + 1
        if isinstance(module, _Conv) and isinstance(output, Tensor):
            made[id(output)] = (name, output)
        elif _folds(module) and args and id(args[0]) in made:
            pairs.append((made[id(args[0])][0], name))

    with visiting(model.module, visit):
        model.run(inputs)
    once = [pair for pair in pairs if calls[pair[0]] == calls[pair[1]] == 1]
    return list(dict.fromkeys(once))


def _folds(module: nn.Module | None) -> bool:
    return isinstance(module, _Norm) and module.running_mean is not None


def _fold(conv: _Conv, norm: _Norm) -> None:
    """w ← w γ/√(σ²+ε), b ← (b − μ) γ/√(σ²+ε) + β."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    gain = (norm.running_var + norm.eps).rsqrt()
    if norm.weight is not None:
        gain = gain * norm.weight.detach()
    shift = torch.zeros_like(gain) if norm.bias is None else norm.bias.detach()
    bias = torch.zeros_like(gain) if conv.bias is None else conv.bias.detach()
    shape = (-1, *(1,) * (conv.weight.ndim - 1))
    weight = conv.weight.detach() * gain.reshape(shape)
    conv.weight = nn.Parameter(weight, requires_grad=False)
    conv.bias = nn.Parameter((bias - norm.running_mean) * gain + shift, requires_grad=False)


def _replace(net: nn.Module, name: str, new: nn.Module) -> None:
    parent, _, child = name.rpartition(".")
    setattr(net.get_submodule(parent) if parent else net, child, new)
