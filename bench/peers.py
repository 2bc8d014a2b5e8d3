"""The same work by other libraries; each is optional and runs in a process of its own.

A function builds what it needs once, outside the clock, and returns what is timed.
"""

import importlib
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from worker import Absent

import nets

NAMES = ("captum", "grad-cam", "torchcam")
_OPERATORS = (
    "nms qnms roi_align _roi_align_backward roi_pool _roi_pool_backward ps_roi_align "
    "_ps_roi_align_backward ps_roi_pool _ps_roi_pool_backward deform_conv2d _deform_conv2d_backward"
)
_kept_alive: list[object] = []


def grad_cam(peer: str, model: str, classes: list[int], upsample: bool) -> Callable[[], None]:
    """Grad-CAM of `classes` one after the other, at the input's size where `upsample`."""
    net, x = nets.build(model), nets.image(model)
    made = _GRAD_CAM[peer](net, net.get_submodule(nets.SUBJECTS[model].layer), x, upsample)

    def run() -> None:
        for index in classes:
            made(index)

    return run


def integrated_gradients(model: str, index: int, rows: int | None) -> Callable[[], Tensor]:
    """Captum's integrated gradients with its default 50 steps; `rows` go through at once."""
    made = _module("captum.attr").IntegratedGradients(nets.build(model))
    x = nets.image(model)

    def run() -> Tensor:
        found: Tensor = made.attribute(x, target=index, internal_batch_size=rows)
        return found.detach()

    return run


def _captum(net: nn.Module, layer: nn.Module, x: Tensor, up: bool) -> Callable[[int], object]:
    attr = _module("captum.attr")
    made = attr.LayerGradCam(net, layer)

    def run(index: int) -> Tensor:
        found = made.attribute(x, target=index)
        return (
            attr.LayerAttribution.interpolate(found, (nets.SIDE, nets.SIDE), "bilinear")
            if up
            else found
        )

    return run


def _torchcam(net: nn.Module, layer: nn.Module, x: Tensor, up: bool) -> Callable[[int], object]:
    made = _module("torchcam.methods").GradCAM(net, layer)

    def run(index: int) -> Tensor:
        found = made(index, net(x))[0]
        return F.interpolate(found[None], (nets.SIDE, nets.SIDE), mode="bilinear") if up else found

    return run


def _pytorch_grad_cam(
    net: nn.Module, layer: nn.Module, x: Tensor, up: bool
) -> Callable[[int], object]:
    """It always resizes, whatever `up` says."""
    del up
    _define_operators()
    made = _module("pytorch_grad_cam").GradCAM(model=net, target_layers=[layer])
    target = _module("pytorch_grad_cam.utils.model_targets").ClassifierOutputTarget
    return lambda index: made(input_tensor=x, targets=[target(index)])


_GRAD_CAM = {"captum": _captum, "grad-cam": _pytorch_grad_cam, "torchcam": _torchcam}


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise Absent(f"{type(error).__name__}: {error}") from error


def _define_operators() -> None:
    """Declare torchvision's operators where its compiled part does not fit this torch.

    A torchvision for CUDA does not import beside a torch for the CPU otherwise; grad-cam imports it
    and calls none of these.
    """
    if _kept_alive:
        return
    try:
        importlib.import_module("torchvision")
        _kept_alive.append("whole")
        return
    except ModuleNotFoundError:
        return
    except Exception:  # noqa: BLE001 - its operators fail in their own ways
        _forget("torchvision")
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in _OPERATORS.split():
        try:
            library.define(f"{name}(Tensor a, Tensor b, float c) -> Tensor")
        except RuntimeError:  # defined already
            continue
    _kept_alive.append(library)


def _forget(package: str) -> None:
    """Drop the modules of an import that failed half-way."""
    for name in [n for n in sys.modules if n == package or n.startswith(f"{package}.")]:
        del sys.modules[name]
