"""The verbs: explain, list layers, list methods."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch

from .core import registry
from .core.allocator import tune
from .core.call import Call
from .core.checks import Check, woven
from .core.degenerate import degenerate
from .core.entry import with_axes
from .core.explanation import Explanation, Floats
from .core.guard import undisturbed
from .core.inputs import Inputs
from .core.layers import LayerInfo, infos
from .core.method import Attribution, Method, describe_value
from .core.model import Model, as_array, as_model
from .core.progress import Event, Progress
from .core.record import record
from .core.services import provide
from .core.target import Space
from .core.target_grid import target_grid
from .errors import ParameterError, TargetError
from .io.classes import read_classes
from .io.explanations import load, save
from .io.inputs import read
from .io.xarray import to_xarray
from .render.figure import plot
from .render.html import explanation_html
from .render.progress import ProgressBar

_SERVICES: dict[str, Callable[..., Any]] = {
    "classes": read_classes,
    "plot": plot,
    "save": save,
    "load": load,
    "to_xarray": to_xarray,
    "html": explanation_html,
}
for _name, _service in _SERVICES.items():
    provide(_name, _service)


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

    `model` is a torch module, a `Model`, or a function; `x` a batch-first tensor or array, a tuple
    or dict of them, or what the model's `preprocess` takes. `method` is a name or a method object;
    `params` are the parameters of a method given by name. `target` is a class index or name, a
    typed target, a function of the output, or a list with one per sample; left out, the predicted
    class. `batch_size` bounds the rows that go through the network at once. `progress` is True for
    a bar, a function of events, or a `Progress`, which can also cancel.

    The model is left as it was. Raises `PellucidError` where the picture would be wrong.
    """
    tune()
    several = isinstance(method, list | tuple)
    chosen = [_method(one, params) for one in (method if several else [method])]
    wrapped = as_model(model)
    given, display = read(wrapped, x)
    inputs = with_axes(wrapped, wrapped.inputs(given, display))
    with _listening(progress) as listener:
        found = [
            _explain(wrapped, inputs, one, target, space, seed, listener, batch_size)
            for one in chosen
        ]
    return found if several else found[0]


def layers(model: Any, x: Any) -> list[LayerInfo]:
    """Every layer of the model on this input: name, type, shape, layout, calls; the automatic
    choice is marked, with its reason."""
    wrapped = as_model(model)
    given, display = read(wrapped, x)
    inputs = with_axes(wrapped, wrapped.inputs(given, display))
    with undisturbed(wrapped.module):
        return infos(wrapped, inputs)


def methods() -> dict[str, str]:
    """Every method by its standard name, with one line on what it shows."""
    return registry.catalogue()


@contextmanager
def _listening(progress: Progress | Callable[[Event], None] | bool) -> Iterator[Progress]:
    if progress is True:
        with ProgressBar() as bar:
            yield Progress(bar)
    elif isinstance(progress, Progress):
        yield progress
    elif not progress or callable(progress):
        yield Progress(progress or None)
    else:
        raise ParameterError(
            f"progress={progress!r} is no listener.", "Give True, a function, or a pl.Progress."
        )


def _method(given: Any, params: Mapping[str, Any]) -> Method:
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
    if card.access != "black_box":
        _ = model.module
    wanted = _space(space or card.space)
    grid = target_grid(spec, inputs.n) if card.needs_target else [[] for _ in range(inputs.n)]
    _check_seed(seed, batch_size)
    split = not card.many_targets and len(grid[0]) > 1
    columns = [[[t] for t in column] for column in zip(*grid, strict=True)] if split else [grid]
    parts = []
    with undisturbed(model.net, int(seed)):
        for column in columns:
            call = Call(model, inputs, column, wanted, seed, progress, batch_size)
            call.progress = progress.finishing(partial(_so_far, call, method))
            parts.append(_build(call, method, method.attribute(call)))
    return parts[0] if len(parts) == 1 else _interleave(parts)


def _space(space: str) -> Space:
    if space not in ("logit", "probability"):
        raise TargetError(f"space={space!r} is unknown.", "Give 'logit' or 'probability'.")
    return space  # type: ignore[return-value]


def _check_seed(seed: Any, batch_size: Any) -> None:
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**63:
        raise ParameterError(f"seed={seed!r} is not a seed.", "Give an integer from 0.")
    if batch_size is not None and (not isinstance(batch_size, int) or batch_size < 1):
        raise ParameterError(f"batch_size={batch_size!r} is not a size.", "Give an integer from 1.")


def _build(call: Call, method: Method, attribution: Attribution) -> Explanation:
    """The explanation of an attribution: arrays, checks, cost and record."""
    values = attribution.values
    if not isinstance(values, Mapping):
        return _one(call, method, attribution, None)
    made = {name: _one(call, method, attribution, name) for name in values}
    first = next(iter(made.values()))
    if len(made) == 1:
        return first
    return replace(first, parts=made)


def _so_far(call: Call, method: Method, attribution: Attribution, event: Event) -> Explanation:
    """The explanation of an unfinished attribution, which says so."""
    share = event.done / max(event.total, 1)
    text = f"{event.task} had done {event.done} of {event.total} steps."
    attribution.checks.append(Check("partial result", share, "poor", text))
    return _build(call, method, attribution)


def _one(call: Call, method: Method, a: Attribution, name: str | None) -> Explanation:
    def pick(field: Any) -> Any:
        chosen = field if name is None or not isinstance(field, Mapping) else field.get(name)
        return as_array(chosen) if isinstance(chosen, torch.Tensor) else chosen

    card, model = method.card, call.model
    values = pick(a.values)
    score = _score(call)
    labels = tuple(t.label(model.classes) for row in call.targets for t in row)
    per_input = max(1, len(call.targets[0]))
    checks = [*a.checks, *_output_checks(call), *call.checks]
    checks += degenerate(values, card, score, call.space)
    outputs = call.clean_outputs
    plain = outputs is not None and outputs.ndim == 2 and outputs.shape[1] <= 100_000
    return Explanation(
        values=values,
        axes=tuple(pick(a.axes)),
        method=card.name,
        params={key: describe_value(value) for key, value in method.params().items()},
        target=labels,
        score=score,
        seed=call.seed,
        checks=tuple(checks),
        coarse=pick(a.coarse),
        std_error=pick(a.std_error),
        cost=call.cost.summary(call.n),
        record={
            **record(model, call.inputs),
            **a.notes,
            "space": call.space,
            "input_of_sample": [i for i in range(call.n) for _ in range(per_input)],
            **({"part": name} if name is not None else {}),
        },
        outputs=as_array(outputs) if plain and outputs is not None else None,
        classes=model.classes,
        display=_display(call, name),
    )


def _score(call: Call) -> Floats:
    if call.clean_scores is None:
        return np.zeros(0, np.float32)
    return as_array(call.clean_scores).reshape(-1)


def _display(call: Call, name: str | None) -> Any:
    inputs = call.inputs
    if inputs.display is not None:
        return inputs.display
    if not inputs.paths:
        return None
    shown = name if name in inputs.explained else inputs.main
    axes = inputs.axes(shown)
    array = as_array(inputs.explained[shown])
    last = axes[-1] == "channel" and len(axes) > 3
    return np.moveaxis(array, -1, 1) if last else array


def _output_checks(call: Call) -> list[Check]:
    if call.resolved and call.normalised and call.space == "logit":
        text = (
            "The model's output is a probability already; its gradient vanishes where it is sure. "
            "Explain the layer before the softmax if you can."
        )
        return [Check("output is a probability", None, "poor", text)]
    return []


def _interleave(parts: list[Explanation]) -> Explanation:
    """One explanation of many targets, input by input."""
    first, count = parts[0], len(parts)

    def rows(name: str) -> Any:
        arrays = [getattr(part, name) for part in parts]
        if arrays[0] is None:
            return None
        return np.stack(arrays, 1).reshape(-1, *arrays[0].shape[1:])

    n = len(first)
    cost = {key: sum(part.cost[key] for part in parts) for key in first.cost}
    cost["peak_batch"] = max(part.cost["peak_batch"] for part in parts)
    return replace(
        first,
        values=rows("values"),
        coarse=rows("coarse"),
        std_error=rows("std_error"),
        score=rows("score"),
        target=tuple(part.target[i] for i in range(n) for part in parts),
        checks=woven([part.checks for part in parts], n),
        cost=cost,
        record={**first.record, "input_of_sample": [i for i in range(n) for _ in range(count)]},
        parts={name: _interleave([part.parts[name] for part in parts]) for name in first.parts},
    )
