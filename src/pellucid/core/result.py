"""The explanation of an attribution: its arrays, checks, cost and record."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from .axes import CHANNEL
from .call import Call
from .checks import Check
from .degenerate import degenerate
from .explanation import Explanation, Floats
from .method import Attribution, Method, describe_value
from .model import as_array
from .progress import Event
from .record import record
from .targets import Class


def explanation_of(call: Call, method: Method, attribution: Attribution) -> Explanation:
    """One explanation; with one part per input or layer where the method gave several."""
    values = attribution.values
    if not isinstance(values, Mapping):
        return _one(call, method, attribution, None)
    made = {name: _one(call, method, attribution, name) for name in values}
    first = next(iter(made.values()))
    if len(made) == 1:
        alone = call.inputs.embedding is not None
        own = {k: v for k, v in first.record.items() if not (alone and k == "part")}
        return replace(first, record=own)
    return replace(first, parts=made)


def so_far(call: Call, method: Method, attribution: Attribution, event: Event) -> Explanation:
    """The explanation of an unfinished attribution, which says so."""
    share = event.done / max(event.total, 1)
    text = f"{event.task} had done {event.done} of {event.total} steps."
    attribution.checks.append(Check("partial result", share, "poor", text))
    return explanation_of(call, method, attribution)


def _one(call: Call, method: Method, a: Attribution, name: str | None) -> Explanation:
    def pick(field: Any) -> Any:
        chosen = field if name is None or not isinstance(field, Mapping) else field.get(name)
        return as_array(chosen) if isinstance(chosen, torch.Tensor) else chosen

    card, model = method.card, call.model
    values = pick(a.values)
    score = _score(call) if a.score is None else as_array(a.score)
    labels = a.labels or tuple(t.label(model.classes) for row in call.targets for t in row)
    per_input = max(1, len(call.targets[0]))
    checks = [*a.checks, *_output_checks(call), *call.checks, *_said(call)]
    checks += degenerate(values, card, score, call.space)
    outputs = call.clean_outputs
    plain = outputs is not None and outputs.ndim == 2 and outputs.shape[1] <= 100_000
    plain = plain and a.shows_input
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
        segments=_labels(pick(a.segments)),
        curve=pick(a.curve),
        cost=call.cost.summary(call.n),
        record={
            **record(model, call.inputs),
            **a.notes,
            "space": call.space,
            "probabilities": call.normalised,
            **_names(call),
            "input_of_sample": a.sources or [i for i in range(call.n) for _ in range(per_input)],
            **({"part": name} if name is not None else {}),
        },
        outputs=as_array(outputs) if plain and outputs is not None else None,
        classes=model.classes,
        display=_display(call, name) if a.shows_input else None,
    )


def _labels(segments: Any) -> Any:
    return None if segments is None else np.asarray(segments).astype(np.int32)


def _score(call: Call) -> Floats:
    if call.clean_scores is None:
        return np.zeros(0, np.float32)
    return as_array(call.clean_scores).reshape(-1)


def _said(call: Call) -> tuple[Check, ...]:
    """What was found about the inputs when they were read."""
    encoding, rows = call.inputs.encoding, len(call.targets[0]) or 1
    if encoding is None:
        return ()
    sources = [i for i in range(call.n) for _ in range(rows)]
    return tuple(found for check in encoding.checks if (found := check.of(sources)))


def _names(call: Call) -> dict[str, Any]:
    """What the features and tokens of a table or a text are called."""
    encoding = call.inputs.encoding
    if encoding is None:
        return {}
    names = {"feature_names": list(encoding.names)} if encoding.names else {}
    if encoding.kinds:
        names["feature_kinds"] = list(encoding.kinds)
    words: dict[str, Any] = (
        {"words": [list(words) for words in encoding.words]} if encoding.words else {}
    )
    if encoding.spans:
        words["spans"] = [[list(s) if s else None for s in own] for own in encoding.spans]
    if encoding.groups:
        words["word_of_token"] = [list(own) for own in encoding.groups]
    if encoding.read_to:
        words["read_to"] = list(encoding.read_to)
    return {**names, **words}


def _display(call: Call, name: str | None) -> Any:
    inputs = call.inputs
    if inputs.display is not None:
        return inputs.display
    if inputs.embedding is not None:
        codes = inputs.embedding.codes(inputs.value, name)
        if codes is not None or not inputs.paths:
            return codes
    if not inputs.paths:
        return None
    shown = name if name in inputs.explained else inputs.main
    axes = inputs.axes(shown)
    array = as_array(inputs.explained[shown])
    last = axes[-1] == CHANNEL and len(axes) > 3
    return np.moveaxis(array, -1, 1) if last else array


def _output_checks(call: Call) -> list[Check]:
    outputs = call.clean_outputs
    several = outputs is not None and outputs.ndim == 2 and outputs.shape[1] > 1
    unsure = call.model.net is None and call.space == "probability" and not call.normalised
    if call.resolved and several and unsure and any(isinstance(t, Class) for t in call.targets[0]):
        text = (
            "The scores do not add up to 1, so they were taken for logits, and a softmax was "
            "applied. Say space='logit' to explain them as they are."
        )
        return [Check("softmax applied", None, "poor", text)]
    if call.resolved and call.normalised and call.space == "logit":
        text = (
            "The model's output is a probability already; its gradient vanishes where it is sure. "
            "Explain the layer before the softmax if you can."
        )
        return [Check("output is a probability", None, "poor", text)]
    return []
