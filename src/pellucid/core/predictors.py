"""Predictors that are no torch modules: functions, estimators, ONNX Runtime sessions."""

from collections.abc import Callable
from typing import Any

import numpy as np


def as_function(given: Any) -> tuple[Callable[..., Any], tuple[str, ...] | None]:
    """What answers for a batch, and the names of its classes where it knows them."""
    if callable(getattr(given, "predict_proba", None)):
        return given.predict_proba, _classes(given)
    if callable(getattr(given, "predict", None)) and not callable(given):
        return given.predict, None
    if callable(getattr(given, "get_inputs", None)) and callable(getattr(given, "run", None)):
        return _session(given), None
    return given, None


def is_predictor(given: Any) -> bool:
    """Whether `as_function` knows how to ask it."""
    return callable(as_function(given)[0])


def _classes(estimator: Any) -> tuple[str, ...] | None:
    found = getattr(estimator, "classes_", None)
    plain = found is not None and np.ndim(found) == 1
    return tuple(str(name) for name in np.asarray(found)) if plain else None


def _session(session: Any) -> Callable[..., Any]:
    """An ONNX Runtime session as a function of one array or several; its first output."""
    wanted = [entry.name for entry in session.get_inputs()]
    kinds = [entry.type for entry in session.get_inputs()]

    def run(value: Any) -> Any:
        if isinstance(value, dict):
            feed = {name: np.asarray(array) for name, array in value.items()}
        else:
            several = value if isinstance(value, tuple | list) else (value,)
            feed = dict(zip(wanted, map(np.asarray, several), strict=True))
        types = dict(zip(wanted, kinds, strict=True))
        return session.run(None, {k: _of_type(a, types.get(k, "")) for k, a in feed.items()})[0]

    return run


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
