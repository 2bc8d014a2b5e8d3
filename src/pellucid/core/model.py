"""The user's network made safe: unwrapped, its inputs placed, its outputs read."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from inspect import Parameter, signature
from itertools import chain
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..errors import InputError, NotApplicable, OutputError
from .inputs import Inputs
from .outputs import OutputLike, scores
from .services import service
from .structure import leaves, map_leaves, replace_leaf

_OUT_OF_MEMORY = re.compile("out of memory|not enough memory|alloc", re.IGNORECASE)


class Model:
    """A network or a function with what Pellucid must know about it.

    `net` is any torch module, or a callable for black-box methods. `preprocess` turns what a user
    has (a picture, a row) into its input; `classes` are the class names by index; `output` says
    which part of a structured output holds the scores (a name, a position, or a function);
    `input_axes` names the axes of the input where they cannot be read from its shape.
    """

    def __init__(
        self,
        net: Any,
        *,
        preprocess: Callable[[Any], Any] | None = None,
        classes: Sequence[str] | str | os.PathLike[str] | None = None,
        output: OutputLike = None,
        input_axes: Sequence[str] | None = None,
    ) -> None:
        if isinstance(net, Model):
            raise InputError("The network is already a Model.", "Pass it on as it is.")
        if not callable(net):
            raise InputError(
                f"{type(net).__name__} is not a network.",
                "Give a torch module or a function; pl.load_model(name) loads one by name.",
            )
        if isinstance(net, type):
            raise InputError(
                f"{net.__name__} is a class, not a network.", f"Build it: {net.__name__}(…)."
            )
        if preprocess is not None and not callable(preprocess):
            raise InputError(
                f"{type(preprocess).__name__} is no preprocessing.",
                "Give a function, such as pl.ImagePreprocess(size=224).",
            )
        self.given = net
        self.notes: list[str] = []
        self.function: Callable[..., Any] = self._unwrap(net)
        self.net = self.function if isinstance(self.function, nn.Module) else None
        if self.device.type == "meta":
            raise InputError(
                "The network's weights lie on the device meta: they have no values.",
                "Load the weights, or make the network without torch.device('meta').",
            )
        self.preprocess = preprocess
        self.classes: tuple[str, ...] | None = None
        if classes is not None:
            self.classes = service("classes")(classes)
        self.output = output
        self.input_axes = None if input_axes is None else tuple(input_axes)

    def _unwrap(self, net: Any) -> Any:
        """The network inside `torch.compile`, DataParallel and the like."""
        parallel = (nn.DataParallel, nn.parallel.DistributedDataParallel)
        while True:
            if hasattr(net, "_orig_mod"):
                net = net._orig_mod
                self.notes.append("torch.compile was left out: its graph has no layers")
            elif isinstance(net, parallel):
                net = net.module
                self.notes.append("the wrapper for several devices was left out")
            else:
                return net

    @property
    def module(self) -> nn.Module:
        """The torch module; refuses plain functions."""
        if self.net is None:
            raise NotApplicable(
                f"The model is a function ({_name(self.function)}), not a torch module: it has no "
                "gradients and no layers.",
                "Use a black-box method (`pl.methods()` lists them), or give the module.",
            )
        return self.net

    @property
    def scripted(self) -> bool:
        """Whether the network, or a part of it, is TorchScript: its functions cannot be seen."""
        scripts = (torch.jit.ScriptModule, torch.jit.ScriptFunction)
        if self.net is None:
            return isinstance(self.function, scripts)
        return any(isinstance(module, scripts) for module in self.net.modules())

    @property
    def device(self) -> torch.device:
        """Where the first parameter or buffer lies."""
        first = self._first()
        return torch.device("cpu") if first is None else first.device

    @property
    def dtype(self) -> torch.dtype | None:
        """The floating type that the network computes in; None for functions and empty nets."""
        first = self._first()
        return None if first is None else first.dtype

    def _first(self) -> Tensor | None:
        if self.net is None:
            return None
        tensors = chain(self.net.parameters(), self.net.buffers())
        return next((t for t in tensors if t.is_floating_point()), None)

    def inputs(self, x: Any, display: Any = None) -> Inputs:
        """`x` as a batch on the model's device and in its floating type; values are checked."""
        inputs = Inputs.of(x, display, self.input_axes)
        for path, tensor in leaves(inputs.value):
            if tensor.is_floating_point() and not torch.isfinite(tensor).all():
                where = f" {'.'.join(map(str, path))!r}" if path else ""
                raise InputError(
                    f"The input{where} holds NaN or infinite values.",
                    "Replace them before explaining.",
                )
        return replace(inputs, value=map_leaves(self._placed, inputs.value))

    def _placed(self, tensor: Tensor) -> Tensor:
        if self.net is not None:
            dtype = self.dtype if tensor.is_floating_point() else None
            tensor = tensor.to(device=self.device, dtype=dtype)
        return tensor.clone() if tensor.is_inference() else tensor.detach()

    def run(self, inputs: Inputs) -> Any:
        """What the network returns for a batch; its own exceptions pass, shapes are explained."""
        value = inputs.value
        if self.net is None and inputs.arrays:
            value = value.numpy()
        try:
            if isinstance(value, dict) and self._takes_keywords(value):
                return self.function(**value)
            if type(value) in (tuple, list) and not self._takes_one():
                return self.function(*value)
            return self.function(value)
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            _explain_failure(error, inputs)
            raise

    def scores(self, raw: Any, n: int) -> Tensor:
        """The score tensor `(N, K, …)` in what `run` returned."""
        return scores(raw, n, self.output)

    def _takes_keywords(self, value: dict[str, Any]) -> bool:
        found = self._parameters()
        if found is None:
            return False
        if any(p.kind is Parameter.VAR_KEYWORD for p in found.values()) and len(found) > 1:
            return True
        return all(name in found for name in value)

    def _takes_one(self) -> bool:
        found = self._parameters()
        if found is None:
            return False
        if any(p.kind is Parameter.VAR_POSITIONAL for p in found.values()):
            return False
        places = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        return sum(p.kind in places for p in found.values()) == 1

    def _parameters(self) -> dict[str, Parameter] | None:
        target = self.net.forward if self.net is not None else self.function
        try:
            return dict(signature(target).parameters)
        except (TypeError, ValueError):
            return None

    def class_name(self, index: int) -> str:
        """The name of a class, or its index as text."""
        known = self.classes is not None and 0 <= index < len(self.classes)
        return self.classes[index] if known and self.classes else str(index)


def as_model(model: Any) -> Model:
    """`model` itself if it is a `Model`, else wrapped."""
    return model if isinstance(model, Model) else Model(model)


def _explain_failure(error: Exception, inputs: Inputs) -> None:
    """Turn torch's own complaint about the input into an `InputError`; a user's error passes."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    origin = "" if frame is None else str(frame.tb_frame.f_globals.get("__name__", ""))
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if origin.startswith("torch.") and not _OUT_OF_MEMORY.search(text):
        shapes = [tuple(tensor.shape) for _, tensor in leaves(inputs.value)]
        raise InputError(
            f"The model cannot take an input of shape {', '.join(map(str, shapes))}: {text}.",
            "Give what its forward takes, batch-first (N, …).",
        ) from error


def replace_first(output: Any, new: Callable[[Tensor], Tensor]) -> Any:
    """A layer's output with its first floating tensor replaced by `new(tensor)`."""
    for path, tensor in leaves(output):
        if tensor.is_floating_point():
            return replace_leaf(output, path, new(tensor))
    raise OutputError("The layer returns no floating-point tensor.", "Choose another layer.")


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def as_array(tensor: Tensor) -> NDArray[np.float32]:
    """A tensor of any device and floating type as a float32 array."""
    return tensor.detach().to("cpu", torch.float32).numpy()
