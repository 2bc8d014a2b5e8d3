"""Methods with their parameters, from what was typed."""

import json
from pathlib import Path
from typing import Any

from ..core import registry
from ..core.method import Method, Parameter, parameters
from ..errors import ParameterError, suggest
from ..io.tables import is_table, read_table

_TRUE_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NONE_WORDS = ("none", "null", "")

Settings = dict[str, dict[str, Any]]


def methods_of(names: list[str], given: list[str], layer: str | None) -> list[Method]:
    """The methods named on the command line, with every `--param` and `--layer` applied.

    `given` holds `METHOD.NAME=VALUE` or `NAME=VALUE`. Raises `ParameterError` for unknown words.
    """
    known = list(dict.fromkeys(registry.find(name) for name in names))
    declared = {name: {p.name: p for p in parameters(registry.get(name))} for name in known}
    settings: Settings = {name: {} for name in known}
    if layer is not None:
        _set(settings, declared, known, "layer", layer)
    for assignment in given:
        word, sign, value = assignment.partition("=")
        if not sign:
            raise ParameterError(
                f"--param {assignment} has no value.", "Write METHOD.NAME=VALUE or NAME=VALUE."
            )
        owner, _, name = word.strip().rpartition(".")
        owners = [_owner(owner, known)] if owner else known
        _set(settings, declared, owners, name, value)
    return [registry.create(name, settings[name]) for name in known]


def _owner(word: str, known: list[str]) -> str:
    name = registry.find(word)
    if name not in known:
        raise ParameterError(f"{name} is not among the chosen methods.", suggest(name, known))
    return name


def _set(
    settings: Settings,
    declared: dict[str, dict[str, Parameter]],
    owners: list[str],
    name: str,
    value: str,
) -> None:
    having = [owner for owner in owners if name in declared[owner]]
    if not having:
        names = sorted({word for owner in owners for word in declared[owner]})
        raise ParameterError(
            f"{' and '.join(owners)}: no parameter {name!r}.", suggest(name, names)
        )
    for owner in having:
        settings[owner][name] = read_value(value, declared[owner][name])


def read_value(text: str, parameter: Parameter) -> Any:
    """The typed `text` as a value of the parameter's kind, which a `.npy` file or a table may hold;
    the method validates it."""
    kinds = set(parameter.kind.split(" or "))
    if text in parameter.choices or kinds == {"string"}:
        return text
    if "null" in kinds and text.lower() in _NONE_WORDS:
        return None
    if "boolean" in kinds and text.lower() in _TRUE_WORDS:
        return _TRUE_WORDS[text.lower()]
    if text.lower().endswith(".npy"):
        from ..io.inputs import read_array

        return read_array(Path(text))
    if kinds & {"array", "any"} and is_table(Path(text)):
        return read_table(Path(text))
    if "array" in kinds and "," in text and not text.startswith("["):
        text = f"[{text}]"
    try:
        return json.loads(text)
    except ValueError:
        return text
