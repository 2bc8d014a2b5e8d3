"""The main verb, and what there is to choose from: layers and methods."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core import registry
from ..core.allocator import tune
from ..core.explaining import explained
from ..core.explanation import Explanation
from ..core.exposing import exposed_layers, exposing
from ..core.guard import undisturbed
from ..core.inputs import Inputs
from ..core.layers import LayerInfo, infos
from ..core.method import Method
from ..core.model import Model, as_model
from ..core.progress import Event, Progress
from ..core.target import Space
from ..core.target_grid import target_grid
from ..errors import ParameterError, TargetError
from ..io.blank import blank, is_shape
from ..io.inputs import inputs_of
from ..io.series import Series
from .listening import listening
from .series import explained_series


def explain(
    model: Any,
    x: Any,
    method: Any,
    target: Any = None,
    *,
    space: Space | None = None,
    seed: int = 0,
    progress: Progress | Callable[[Event], None] | bool = False,
    batch_size: int | None = None,
    **params: Any,
) -> Any:
    """Explain a model's output on a batch; one `Explanation`, or a list for a list of methods.

    `model` is a torch module or a `Model`; for black-box methods also a function, a scikit-learn
    estimator or an ONNX Runtime session. `x` is a batch-first tensor or array, a tuple or dict of
    them, a data frame, texts, a `Series`, or what the model's `preprocess` takes; for methods that
    make inputs also a shape, or None where `preprocess` tells the size. `method` is a name or a
    method object; `params` are the parameters of a method given by name. `target` is a class index
    or name, a typed target, a function of the output, or a list with one per sample; left out, the
    predicted class. `batch_size` bounds the rows that a method of many passes sends through the
    network at once. `progress` is True for a bar, a function of events, or a `Progress`, which can
    cancel.

    The model is left as it was. Raises `PellucidError` where the picture would be wrong.
    """
    tune()
    several = isinstance(method, list | tuple)
    chosen = [method_of(one, params) for one in (method if several else [method])]
    wrapped = as_model(model)
    if isinstance(x, Series):

        def one(batch: Any, own: Any) -> Any:
            return explain(
                wrapped, batch, chosen if several else chosen[0], own, space=space, seed=seed,
                progress=progress, batch_size=batch_size,
            )  # fmt: skip

        return explained_series(wrapped, x, target, one)
    ways = dict.fromkeys(one.card.access == "black_box" for one in chosen)
    if (x is None or is_shape(x)) and all(one.card.gives == "input" for one in chosen):
        x = blank(wrapped, x)
    inputs = {black_box: inputs_of(wrapped, x, black_box) for black_box in ways}
    with listening(progress) as listener:
        found = [
            _explain(wrapped, inputs[one.card.access == "black_box"], one, target, space, seed,
                     listener, batch_size)
            for one in chosen
        ]  # fmt: skip
    return found if several else found[0]


def layers(model: Any, x: Any) -> list[LayerInfo]:
    """Every layer of the model on this input: name, type, shape, layout, calls; the automatic
    choice is marked, with its reason."""
    wrapped = as_model(model)
    inputs = inputs_of(wrapped, x)
    shown = exposing(wrapped)
    if shown is not None:
        return exposed_layers(shown, inputs.value)
    with undisturbed(wrapped.module):
        return infos(wrapped, inputs)


def methods() -> dict[str, str]:
    """Every method by its standard name, with one line on what it shows."""
    return registry.catalogue()


def method_of(given: Any, params: Mapping[str, Any]) -> Method:
    """The method object for a name, a class or an object. Raises `ParameterError`."""
    if isinstance(given, str):
        return registry.create(given, dict(params))
    if isinstance(given, type) and issubclass(given, Method):
        return given(**params)
    if not isinstance(given, Method):
        raise ParameterError(
            f"{type(given).__name__} is not a method.",
            "Give a name such as 'grad_cam' or an object such as pl.GradCAM(); "
            "pl.methods() lists them.",
        )
    if params:
        raise ParameterError(
            f"Parameters {sorted(params)} beside a method object.",
            "Give them to the object: pl.GradCAM(layer=…).",
        )
    return given


def _explain(
    model: Model,
    inputs: Inputs,
    method: Method,
    spec: Any,
    space: Space | None,
    seed: int,
    progress: Progress,
    batch_size: int | None,
) -> Explanation:
    card = method.card
    wanted = _space(space or ("logit" if model.gives_values else card.space))
    asked = card.needs_target or (card.takes_target and spec is not None)
    grid = target_grid(spec, inputs.n) if asked else [[]] * inputs.n
    _check_seed(seed, batch_size)
    return explained(model, inputs, method, grid, wanted, int(seed), progress, batch_size)


def _space(space: str) -> Space:
    if space not in ("logit", "probability"):
        raise TargetError(f"space={space!r} is unknown.", "Give 'logit' or 'probability'.")
    return space  # type: ignore[return-value]


def _check_seed(seed: Any, batch_size: Any) -> None:
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**63:
        raise ParameterError(f"seed={seed!r} is not a seed.", "Give an integer from 0.")
    if batch_size is not None and (not isinstance(batch_size, int) or batch_size < 1):
        raise ParameterError(f"batch_size={batch_size!r} is not a size.", "Give an integer from 1.")
