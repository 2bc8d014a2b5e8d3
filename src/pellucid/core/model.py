"""The user's network made safe: unwrapped, its inputs placed, its outputs read."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from inspect import Parameter, signature
from itertools import chain
from traceback import walk_tb
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from ..errors import InputError, NotApplicable, OutputError, PellucidError
from .axes import known_axes
from .batching import out_of_memory
from .embedding import beginning_at
from .inputs import Inputs
from .memory import remembering
from .outputs import OutputLike, scores
from .predictors import as_answer, as_function, is_predictor
from .services import service
from .structure import leaves, map_leaves, replace_leaf
from .unwrapping import unwrapped
from .weights import weights

FAILURES = (
    *(PellucidError, RuntimeError, ValueError, TypeError),
    *(LookupError, AttributeError, ArithmeticError, AssertionError),
)
"""What a network may raise on an input that it cannot take."""

_OF_A_FUNCTION = re.compile(
    "Given groups=|Given transposed|expected scalar type|shapes cannot be multiplied|"
    "Input type .* should be the same|Expected .*(3D|4D|5D).*input|same dtype"
)
"""What torch's functions say of an input that does not fit, called from a network's own code."""


class Model:
    """A network or a function with what Pellucid must know about it.

    `net` is any torch module; for black-box methods also a function, a scikit-learn estimator or an
    ONNX Runtime session. `preprocess` turns what a user has (a picture, a row) into its input;
    `classes` are the class names by index; `output` says which part of a structured output holds
    the scores (a name, a position, or a function); `input_axes` names the axes of the input where
    they cannot be read from its shape; `remember` keeps the answers of a function, row by row.
    """

    def __init__(
        self,
        net: Any,
        *,
        preprocess: Callable[[Any], Any] | None = None,
        classes: Sequence[str] | Mapping[int, str] | str | os.PathLike[str] | None = None,
        output: OutputLike = None,
        input_axes: Sequence[str] | None = None,
        remember: bool = False,
    ) -> None:
        if isinstance(net, Model):
            raise InputError("The network is already a Model.", "Pass it on as it is.")
        _need_callable(net, preprocess)
        self.given = net
        bare, self.notes = unwrapped(net)
        function, names = as_function(bare)
        self.estimator = function is not bare
        """Whether the predictor is an estimator or a session, asked by one of its methods."""
        self.gives_values = self.estimator and function == getattr(bare, "predict", None)
        self.function: Callable[..., Any] = remembering(function) if remember else function
        self.net = self.function if isinstance(self.function, nn.Module) else None
        _need_values(self.net)
        self.preprocess = preprocess
        self.classes: tuple[str, ...] | None = None
        if classes is not None or names is not None:
            self.classes = service("classes")(names if classes is None else classes)
        self.output = output
        self.input_axes = None if input_axes is None else known_axes(input_axes)

    def __repr__(self) -> str:
        classes = "" if self.classes is None else f", {len(self.classes)} classes"
        return f"<Model {_name(self.function)}{classes}>"

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
        if self.net is None and self.estimator and not tensor.is_floating_point():
            tensor = tensor.double()  # columns of whole numbers are no ids
        if self.net is not None:
            dtype = self.dtype if tensor.is_floating_point() else None
            tensor = tensor.to(device=self.device, dtype=dtype)
        return tensor.clone() if tensor.is_inference() else tensor.detach()

    def run(self, inputs: Inputs) -> Any:
        """What the network returns for a batch; its own exceptions pass, shapes are explained."""
        value = map_leaves(Tensor.clone, inputs.value)  # a network may write to its input
        if inputs.encoding is not None:
            decoded = inputs.encoding.decode(value)
            value = map_leaves(lambda t: t if t.requires_grad else self._placed(t), decoded)
        elif self.net is None and inputs.arrays:
            value = value.numpy()
        try:
            with beginning_at(inputs.embedding, value):
                return self._answer(value, listed=inputs.encoding is not None)
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            _explain_failure(error, inputs)
            raise

    def _answer(self, value: Any, listed: bool) -> Any:
        if isinstance(value, dict) and self._takes_keywords(value):
            return as_answer(self.function(**value))
        several = type(value) is tuple or (type(value) is list and not listed)
        if several and not self._takes_one():
            return self.function(*value)
        found = self.function(value)
        return found if self.net is not None else as_answer(found)

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


def _need_callable(net: Any, preprocess: Any) -> None:
    if not is_predictor(net):
        raise InputError(
            f"{type(net).__name__} is not a network.",
            "Give a torch module, a function, a fitted estimator (a classifier with predict_proba "
            "or decision_function), or an ONNX Runtime session; pl.load_model(name) loads a "
            "network by name.",
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


def _need_values(net: nn.Module | None) -> None:
    if net is None:
        return
    for name, tensor in weights(net):
        if is_lazy(tensor):
            raise InputError(
                f"The weight {name!r} of a lazy layer has no values yet.",
                "Load the weights, or run the network once, before explaining.",
            )
        if tensor.is_meta:
            raise InputError(
                f"The weight {name!r} lies on the device meta: it has no values.",
                "Load the weights, or make the network without torch.device('meta').",
            )


def _explain_failure(error: Exception, inputs: Inputs) -> None:
    """Turn torch's own complaint about the input into an `InputError`; a user's error passes."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if not _from_torch(error) or out_of_memory(error):
        return
    shapes = ", ".join(str(tuple(tensor.shape)) for _, tensor in leaves(inputs.value))
    single = isinstance(inputs.value, Tensor)
    what = "an input of shape" if single else f"a {type(inputs.value).__name__} of shapes"
    whole = not any(tensor.is_floating_point() for _, tensor in leaves(inputs.value))
    remedy = "Give what its forward takes, batch-first (N, …); one sample is x[None]."
    if isinstance(inputs.value, list):
        remedy = "Several samples are one tensor: torch.stack(samples)."
    if whole and "type" in text:
        remedy = "Convert it to floats, scaled as in training; for pixels often x.float() / 255."
    raise InputError(
        f"The model cannot take {what} {shapes}: {text.partition(' - got ')[0].rstrip('.')}.",
        remedy,
    ) from error


def _from_torch(error: Exception) -> bool:
    """Whether torch complains, also where our hooks stand between its layer and the function."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    origin = str(frames[-1].f_globals.get("__name__", "")) if frames else ""
    owners = [frame.f_locals.get("self") for frame in frames]
    layers = [owner for owner in owners if isinstance(owner, nn.Module)]
    if origin.startswith("pellucid.core.") and layers:
        origin = type(layers[-1]).__module__
    return origin.startswith("torch.") or bool(_OF_A_FUNCTION.search(str(error)))


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
