"""LRP by zennit and DeepLIFT by captum, on the networks with a module for every operation."""

import importlib
import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch
from torch import Tensor
from worker import Absent

import nets

_TORCHVISION = {
    "torchvision": (),
    "torchvision.models": (),
    "torchvision.models.resnet": ("Bottleneck", "BasicBlock"),
    "torchvision.models.vgg": ("VGG",),
}
"""What zennit imports of torchvision, for networks that are not used here."""


def zennit_lrp(model: str, composite: str, index: int) -> Callable[[], Tensor]:
    """Relevance of one unit of the score; hooks are in place and batch normalisation is merged,
    without the eps that zennit leaves behind, before the clock starts."""
    zennit = _zennit()
    net, x = nets.modular(model, zennit.layer.Sum), nets.image(model)
    merge = zennit.canonizers.SequentialMergeBatchNorm()
    bounds = {"low": nets.LOW, "high": nets.HIGH} if "box" in composite else {}
    made = _composite(zennit, composite)(canonizers=[merge], **bounds)
    attributor = zennit.attribution.Gradient(model=net, composite=made)
    attributor.__enter__()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eps = 0.0
    start = torch.eye(nets.CLASSES)[[index]]

    def run() -> Tensor:
        found: Tensor = attributor(x.clone().requires_grad_(), start)[1]
        return found.detach()

    return run


def captum_deeplift(model: str, index: int) -> Callable[[], Tensor]:
    """DeepLIFT from zero."""
    try:
        attr = importlib.import_module("captum.attr")
    except Exception as error:
        raise Absent(f"{type(error).__name__}: {error}") from error
    made, x = attr.DeepLift(nets.modular(model)), nets.image(model)

    def run() -> Tensor:
        found: Tensor = made.attribute(x, target=index)
        return found.detach()

    return run


def change(model: str, index: int) -> Callable[[], Tensor]:
    """By how much the score differs from that of a blank picture."""
    net, x = nets.build(model), nets.image(model)

    def run() -> Tensor:
        with torch.no_grad():
            found: Tensor = (net(x) - net(torch.zeros_like(x)))[0, index]
        return found

    return run


def _composite(zennit: Any, name: str) -> Any:
    if name != "epsilon":
        return zennit.composites.COMPOSITES[name]

    def everywhere(canonizers: list[Any]) -> Any:
        rules, types = zennit.rules, zennit.types
        kinds = [
            *zennit.composites.layer_map_base(1e-6),
            (types.Linear, rules.Epsilon(1e-6)),
        ]
        return zennit.composites.LayerMapComposite(kinds, canonizers=canonizers)

    return everywhere


def _zennit() -> Any:
    absent = importlib.util.find_spec("torchvision") is None
    for name, classes in _TORCHVISION.items() if absent else ():
        module = ModuleType(name)
        for one in classes:
            setattr(module, one, type(one, (), {}))
        sys.modules[name] = module
    try:
        for name in ("attribution", "canonizers", "composites", "layer", "rules", "types"):
            importlib.import_module(f"zennit.{name}")
    except Exception as error:
        raise Absent(f"{type(error).__name__}: {error}") from error
    return sys.modules["zennit"]
