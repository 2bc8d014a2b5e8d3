"""Predictors that are no torch modules: functions, estimators, ONNX Runtime sessions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ..errors import OutputError
from .structure import leaves


def as_function(given: Any) -> tuple[Any, tuple[str, ...] | None]:
    """What answers for a batch, and the names of its classes where it knows them.

    An estimator is asked for probabilities, else for its decision function, or for its values if it
    is no classifier. What cannot be asked comes back as it is.
    """
    if callable(getattr(given, "predict_proba", None)):
        return given.predict_proba, _classes(given)
    if callable(given):
        return given, None
    if callable(getattr(given, "decision_function", None)):
        return given.decision_function, _classes(given)
    if callable(getattr(given, "predict", None)) and _gives_values(given):
        return given.predict, None
    if callable(getattr(given, "get_inputs", None)) and callable(getattr(given, "run", None)):
        return _session(given), None
    return given, None


def is_predictor(given: Any) -> bool:
    """Whether `as_function` knows how to ask it."""
    return callable(as_function(given)[0])


def as_answer(raw: Any) -> Any:
    """What a function answered, with lists, series and frames as arrays."""
    if hasattr(raw, "to_numpy"):
        raw = raw.to_numpy()
    plain = isinstance(raw, list | tuple) and not any(True for _ in leaves(raw))
    if plain or isinstance(raw, np.ndarray):
        array = np.asarray(raw)
        if array.dtype.kind not in "fiub":
            raise OutputError(
                f"The function gave values of type {array.dtype}, which are no scores.",
                "Return numbers: an array (N,), or (N, classes).",
            )
        return array
    return raw


def _gives_values(estimator: Any) -> bool:
    """Whether what it predicts are quantities, not names of classes or clusters."""
    kind = getattr(estimator, "_estimator_type", None)
    tags = getattr(estimator, "__sklearn_tags__", None)
    if kind is None and callable(tags):
        kind = tags().estimator_type
    return kind in (None, "regressor") and getattr(estimator, "classes_", None) is None


def _classes(estimator: Any) -> tuple[str, ...] | None:
    found = getattr(estimator, "classes_", None)
    plain = found is not None and np.ndim(found) == 1
    return tuple(str(name) for name in np.asarray(found)) if plain else None


def _session(session: Any) -> Callable[..., Any]:
    """An ONNX Runtime session as a function of one array or several; its outputs by name where it
    has more than one."""
    names = [entry.name for entry in session.get_outputs()]
    first = session.get_inputs()[0].shape
    fixed = first[0] if first and isinstance(first[0], int) else 0

    def asked(feed: dict[str, Any]) -> Any:
        found = dict(zip(names, session.run(None, feed), strict=True))
        arrays = {k: torch.from_numpy(np.array(a)) for k, a in found.items() if _is_array(a)}
        return next(iter(arrays.values())).numpy() if len(names) == 1 and arrays else arrays

    def run(value: Any) -> Any:
        feed = feed_of(session, value)
        count = len(next(iter(feed.values())))
        if not fixed or count == fixed or count % fixed:
            return asked(feed)
        parts = [
            asked({k: a[start : start + fixed] for k, a in feed.items()})
            for start in range(0, count, fixed)
        ]
        if isinstance(parts[0], dict):
            return {k: torch.cat([part[k] for part in parts]) for k in parts[0]}
        return np.concatenate(parts)

    return run


def feed_of(session: Any, value: Any) -> dict[str, Any]:
    """What a session takes: an array of the right type for every input by name."""
    types = {entry.name: entry.type for entry in session.get_inputs()}
    several = value if isinstance(value, tuple | list) else (value,)
    given = value if isinstance(value, dict) else dict(zip(types, several, strict=True))
    return {k: _of_type(np.asarray(a), types.get(k, "")) for k, a in given.items()}


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiub"


_TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
}


def _of_type(array: Any, kind: str) -> Any:
    wanted = _TYPES.get(kind)
    return array if wanted is None else array.astype(wanted, copy=False)
