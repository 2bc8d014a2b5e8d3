"""Plain data as JSON with the arrays set aside, without loss."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.method import describe_value

Arrays = dict[str, NDArray[Any]]

_ARRAY, _TUPLE, _PAIRS = "$array", "$tuple", "$pairs"


def pack(value: Any, arrays: Arrays) -> Any:
    """`value` as JSON; every array goes into `arrays` under a new name.

    Tuples and keys that are not text survive. What is neither data nor array (a module, a
    function) is replaced by its description.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return pack(value.item(), arrays)
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufcSU":
        return {_ARRAY: _put(value, arrays)}
    if isinstance(value, tuple):
        return {_TUPLE: [pack(item, arrays) for item in value]}
    if isinstance(value, list):
        return [pack(item, arrays) for item in value]
    if isinstance(value, Mapping):
        return _pack_mapping(value, arrays)
    return describe_value(value)


def _put(array: NDArray[Any], arrays: Arrays) -> str:
    name = f"array{len(arrays)}"
    arrays[name] = array
    return name


def _pack_mapping(value: Mapping[Any, Any], arrays: Arrays) -> Any:
    if all(isinstance(key, str) and not key.startswith("$") for key in value):
        return {key: pack(item, arrays) for key, item in value.items()}
    return {_PAIRS: [[pack(key, arrays), pack(item, arrays)] for key, item in value.items()]}


def unpack(value: Any, arrays: Arrays) -> Any:
    """What `pack` was given."""
    if isinstance(value, list):
        return [unpack(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if _ARRAY in value:
        return arrays[value[_ARRAY]]
    if _TUPLE in value:
        return tuple(unpack(item, arrays) for item in value[_TUPLE])
    if _PAIRS in value:
        return {unpack(key, arrays): unpack(item, arrays) for key, item in value[_PAIRS]}
    return {key: unpack(item, arrays) for key, item in value.items()}
