"""Tensors inside whatever a network takes or returns: tuples, dicts, dataclasses, model outputs."""

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import Tensor

Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Tensor]]:
    """Every tensor in `value` with the path that leads to it, in order."""
    if isinstance(value, Tensor):
        yield path, value
    else:
        for key, item in _items(value):
            yield from leaves(item, (*path, key))


def replace_leaf(value: Any, path: Path, new: Tensor) -> Any:
    """A shallow copy of `value` with the tensor at `path` replaced."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    return _with(value, key, replace_leaf(_item(value, key), rest, new))


def map_leaves(change: Callable[[Tensor], Tensor], value: Any) -> Any:
    """`value` with every tensor replaced by `change(tensor)`."""
    for path, tensor in list(leaves(value)):
        value = replace_leaf(value, path, change(tensor))
    return value


def at(value: Any, path: Path) -> Any:
    """What lies at `path`."""
    for key in path:
        value = _item(value, key)
    return value


def spell(path: Path) -> str:
    """A path as the user would write it: `logits`, `aux.0`."""
    return ".".join(str(key) for key in path)


def _items(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, tuple | list):
        yield from enumerate(value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield field.name, getattr(value, field.name)


def _item(value: Any, key: str | int) -> Any:
    if isinstance(value, Mapping | tuple | list):
        return value[key]  # type: ignore[index]
    return getattr(value, str(key))


def _with(value: Any, key: str | int, item: Any) -> Any:
    if isinstance(value, tuple):
        items = [item if i == key else old for i, old in enumerate(value)]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    changed = copy.copy(value)
    if isinstance(changed, list | dict):
        changed[key] = item  # type: ignore[index]
    else:
        object.__setattr__(changed, str(key), item)
    return changed
