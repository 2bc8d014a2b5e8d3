"""From an explanation back to its model, inputs, method and targets."""

import re
from typing import Any

import torch

from ..core import registry
from ..core.explanation import Explanation
from ..core.inputs import Inputs
from ..core.method import Method
from ..core.model import Model, as_model
from ..core.origin import Origin
from ..core.record import input_fingerprint, model_fingerprint
from ..core.target import Space, Target
from ..core.targets import Class, Contrast, Label, Negative, Output, Positive, Value
from ..errors import InputError, ParameterError, PellucidError, TargetError
from ..io.inputs import inputs_of
from .subject import Subject

_WORDS: dict[str, Target] = {"positive": Positive(), "negative": Negative(), "value": Value()}


def resumed(
    e: Explanation, model: Any = None, x: Any = None, method: Method | None = None
) -> Subject:
    """The explanation with what it was made of: remembered from this session, or given.

    Raises `InputError` where model or inputs are gone, or are not those that were explained.
    """
    origin: Origin | None = e.origin
    known = None if origin is None else origin.model
    wrapped = as_model(model) if model is not None else known
    if wrapped is None:
        gone = origin is not None
        raise InputError(
            "The network that was explained is gone." if gone else
            "The explanation comes from a file or another session and holds no model.",
            "Give the model and the input: e.verify(model, x), or "
            "pl.evaluate(model, explanations, x=x).",
        )  # fmt: skip
    used = method or (origin.method if origin is not None else _method(e))
    if x is None and origin is None:
        raise InputError("The explanation does not hold the input.", "Give what was explained: x=.")
    black_box = used.card.access == "black_box"
    inputs = origin.inputs if x is None and origin else inputs_of(wrapped, x, black_box)
    _need_same(e, wrapped, inputs, checked_model=model is None)
    rows = list(range(len(e)))
    sources = list(origin.sources) if origin and origin.sources else e.sample_of(rows)
    sources = sources if len(sources) == len(e) else rows
    if max(sources) >= inputs.n:
        raise InputError(
            f"The explanation is about {max(sources) + 1} inputs; here are {inputs.n}.",
            "Give the same batch.",
        )
    targets = origin.targets if origin is not None else tuple(map(target_of, e.target))
    space: Space = origin.space if origin else e.record.get("space", used.card.space)
    seed = origin.seed if origin else e.seed
    return Subject(e, wrapped, inputs.take(torch.tensor(sources)), targets, used, space, seed)


def _need_same(e: Explanation, model: Model, inputs: Inputs, checked_model: bool) -> None:
    """Refuse inputs, and a remembered network, that have changed since."""
    if checked_model and model_fingerprint(model) != e.record.get("model_fingerprint", ""):
        raise InputError(
            "The network's weights have changed since it was explained.",
            "Explain again, or say which model to compare with: e.verify(model, x).",
        )
    known = e.record.get("input_fingerprint")
    if e.origin is not None and known and input_fingerprint(inputs) != known:
        raise InputError(
            "The input is not the one that was explained.", "Give the same batch, or explain again."
        )


def _method(e: Explanation) -> Method:
    """The method as its name and parameters describe it."""
    try:
        return registry.create(e.method, dict(e.params))
    except PellucidError as error:
        raise ParameterError(
            f"The method {e.method!r} cannot be made again from its parameters: {error.cause}",
            "Give the method object: method=.",
        ) from error


def target_of(label: str) -> Target:
    """The target that a label such as `tabby (class 281)` stands for."""
    if " rather than " in label:
        a, b = (target_of(side) for side in label.split(" rather than ", 1))
        return Contrast(a, b)
    found = re.search(r"(?:^|\()(class|label) (\d+)\)?$", label)
    if found:
        kind = Class if found[1] == "class" else Label
        return kind(int(found[2]))
    output = re.fullmatch(r"output \(?([\d, ]+)\)?", label)
    if output:
        return Output(tuple(int(part) for part in output[1].split(",") if part.strip()))
    word = label.partition(" (")[0]
    if word in _WORDS:
        return _WORDS[word]
    raise TargetError(
        f"What {label!r} stood for cannot be told from its name.",
        "Verify in the session that explained it, or explain again.",
    )
