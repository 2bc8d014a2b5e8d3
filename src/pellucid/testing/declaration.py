"""Checks of what a method declares: its parameters, its card, and results of the declared form."""

import dataclasses
import re
from typing import Any, get_args

import numpy as np
import torch

from ..core.explanation import Explanation
from ..core.method import Access, Card, Modality, Parameter, Scope, parameters
from ..core.target import Space
from ..errors import ParameterError, PellucidError
from .subject import SIZES, TRIALS, Subject, Trial


def equal_to_itself(subject: Subject) -> None:
    """Made by default (or from the object given), twice, it is equal and frozen."""
    first = subject.make(subject.home.batch())
    again = subject.cls() if subject.by_default else dataclasses.replace(first)  # type: ignore[type-var]
    assert first == again, "two objects with the same parameters are not equal"
    assert set(first.params()) == {p.name for p in parameters(subject.cls)}
    try:
        first.something = 1  # type: ignore[attr-defined]
    except (AttributeError, TypeError):
        return
    raise AssertionError("the object can be changed; a method holds no state")


def described_parameters(subject: Subject) -> None:
    """Every field is in the schema with a description; the class has a docstring."""
    found = parameters(subject.cls)
    fields = [f.name for f in dataclasses.fields(subject.cls)]  # type: ignore[arg-type]
    assert [p.name for p in found] == fields, "the schema and the fields differ"
    bare = [p.name for p in found if not p.description]
    assert not bare, f"parameters without a docstring below them: {bare}"
    own = subject.cls.__doc__ or ""
    written = bool(own) and not own.startswith(f"{subject.cls.__name__}(")
    assert written, "the class has no docstring"


def refuses_bad_parameters(subject: Subject) -> None:
    """An unknown name and a value outside the declared ones are a ParameterError."""
    start = subject.make(subject.home.batch()).params()
    _refused(subject, {**start, "no_such_parameter": 1}, "an unknown parameter")
    for parameter in parameters(subject.cls):
        for value in _outside(parameter):
            _refused(subject, {**start, parameter.name: value}, f"{parameter.name}={value!r}")


def complete_card(subject: Subject) -> None:
    """Every entry of the card is filled in with a known word."""
    card: Card = subject.card
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", card.name), f"name {card.name!r}"
    assert card.title.strip(), "no title"
    assert card.paper.strip(), "no paper"
    assert card.modalities, "no modality"
    assert set(card.modalities) <= set(get_args(Modality)), f"modalities {card.modalities}"
    for name, kind in (("scope", Scope), ("access", Access), ("space", Space)):
        value = getattr(card, name)
        assert value in get_args(kind), f"{name} {value!r} is none of {get_args(kind)}"
    assert card.axes in ("input", "space", "layer"), f"axes {card.axes!r}"


def declared_result(subject: Subject) -> None:
    """Axes as declared, finite float32 values, a target and its score for every sample."""
    net, x, e = subject.net, subject.home.batch(), subject.explained
    result_fits(subject, subject.home, e)
    if subject.card.gives == "input":
        _made_input(subject, e)
        return
    if not subject.card.needs_target:
        assert not e.target, f"needs no target, but records {e.target}"
        return
    with torch.no_grad():
        logits = net(x)
    wanted = logits if subject.card.space == "logit" else logits.softmax(1)
    assert len(e.target) == len(x), f"{len(e.target)} targets for {len(x)} samples"
    assert np.allclose(e.score, wanted.amax(1), atol=1e-4), (
        f"scores {e.score} of the predicted classes, which score {wanted.amax(1).numpy()}"
    )


def _made_input(subject: Subject, e: Explanation) -> None:
    """Assert named scores, those of targets being the model's on the inputs that were made, and
    values within the recorded range."""
    assert len(e.target) == len(e.score) == len(e), f"{len(e.target)} names, {len(e.score)} scores"
    assert np.isfinite(e.score).all(), f"scores {e.score}"
    for values, (low, high) in zip(e.values, e.record["range"], strict=True):
        shape = (-1, *(1,) * (values.ndim - 1))
        slack = 1e-5 * (np.max(high) - np.min(low))
        assert (values >= np.reshape(low, shape) - slack).all(), "values below the recorded range"
        assert (values <= np.reshape(high, shape) + slack).all(), "values above the recorded range"
    if subject.card.needs_target:
        with torch.no_grad():
            chosen = subject.net(subject.home.batch()).argmax(1)
            logits = subject.net(torch.from_numpy(e.values.copy()))
        wanted = logits.gather(1, chosen[:, None])[:, 0].numpy()
        assert np.allclose(e.score, wanted, atol=1e-3), f"scores {e.score}, the model's {wanted}"


def result_fits(subject: Subject, trial: Trial, e: Explanation) -> None:
    """Assert the declared axes, one entry per sample, and finite values."""
    assert e.method == subject.card.name, f"the result says method {e.method!r}"
    for one in e.parts.values() or (e,):
        assert one.values.dtype == np.float32
        assert len(one) == 3, f"{len(one)} entries for 3 samples"
        assert np.isfinite(one.values).all(), "values that are not finite"
    if subject.card.axes != "layer":
        wanted = trial.axes_of(subject.card.axes)
        assert e.axes == wanted, f"axes {e.axes}, declared {subject.card.axes!r}: {wanted}"
        sizes = dict(zip(trial.axes, trial.shape, strict=True))
        assert e.values.shape == (3, *(sizes[axis] for axis in wanted[1:])), e.values.shape


def other_sizes_and_modalities(subject: Subject) -> None:
    """Every modality of the card, one channel, odd and oblong sizes: as declared, or refused."""
    trials: dict[str, Trial] = {str(name): TRIALS[name] for name in subject.card.modalities[1:]}
    if "image" in subject.card.modalities:
        trials |= SIZES
    for name, trial in trials.items():
        try:
            e = subject.explain(trial.make(), trial.batch())
        except PellucidError:
            continue
        try:
            result_fits(subject, trial, e)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error


def _refused(subject: Subject, params: dict[str, Any], what: str) -> None:
    try:
        subject.cls(**params)
    except ParameterError:
        return
    except Exception as error:
        raise AssertionError(f"{what} raised {type(error).__name__}") from error
    raise AssertionError(f"{what} is accepted")


def _outside(parameter: Parameter) -> list[Any]:
    """Values that the schema of a parameter excludes."""
    found: list[Any] = ["no such choice"] if parameter.choices else []
    if parameter.minimum is not None:
        found.append(parameter.minimum - 1)
    if parameter.maximum is not None:
        found.append(parameter.maximum + 1)
    return found
