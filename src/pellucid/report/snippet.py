"""The few lines of Python that give an explanation again."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ..core import registry
from ..core.explanation import Explanation
from ..core.method import Parameter, parameters
from .outcome import class_index

_WORDS = {"positive": "pl.Positive()", "negative": "pl.Negative()", "value": "pl.Value()"}


def snippet(
    e: Explanation,
    row: int,
    model: str | None,
    source: str | None,
    *,
    preparing: Sequence[str] = (),
    spelled: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Python that repeats one row; what cannot be written down stands there as a comment.

    `model` is what `pl.load_model` takes and `source` a path; without them the reader fills in.
    `preparing` are lines for the model, and `spelled` is the code of parameters, or of `x`, that
    the caller knows how to get again.
    """
    lines = ["import pellucid as pl", ""]
    if model is None:
        lines.append("model = ...  # your network")
    else:
        lines.append(f"model = pl.load_model({_text(model)})")
    lines += preparing
    if source is None:
        lines.append(f"x = {spelled.get('x', '...  # your input')}")
    method, left_out = _method(e, spelled)
    target, unsaid = _target(e, row)
    arguments = ["model", "x" if source is None else _text(source), method, *target]
    space = e.record.get("space")
    if e.method not in registry.names() or space != registry.card(e.method).space:
        arguments += [f"space={_text(str(space))}"] if space else []
    arguments.append(f"seed={e.seed}")
    comments = [f"# {text}" for text in (*left_out, *unsaid)]
    one = f"e = pl.explain({', '.join(arguments)})"
    if len(one) > 60:
        one = "e = pl.explain(\n" + "".join(f"    {part},\n" for part in arguments) + ")"
    return "\n".join([*lines, *comments, one])


def _method(e: Explanation, spelled: Mapping[str, str]) -> tuple[str, list[str]]:
    """The method as it was called, and comments on parameters that no text can carry."""
    if e.method not in registry.names():
        return _text(e.method), [f"the method {_line(e.method)} comes from a plug-in"]
    known = {p.name: p for p in parameters(registry.get(e.method))}
    given, comments = [], []
    for name, value in e.params.items():
        value = _resolved(e, name, value)
        if name in known and value == known[name].default:
            continue
        if name in spelled:
            given.append(f"{name}={spelled[name]}")
        elif _spoken(value, known.get(name)):
            comments.append(f"{name} was {_line(str(value))}")
        else:
            given.append(f"{name}={literal(value)}")
    cls = registry.get(e.method)
    own = cls.__module__.startswith("pellucid.methods.")
    if not own:
        return _text(e.method), [f"with {line}" for line in (*given, *comments)]
    return f"pl.{cls.__name__}({', '.join(given)})", comments


def _resolved(e: Explanation, name: str, value: Any) -> Any:
    layer = e.record.get("layer")
    return layer if name == "layer" and isinstance(layer, str) else value


def _spoken(value: Any, parameter: Parameter | None) -> bool:
    """Whether a value is only the description of an object, as explanations keep it."""
    if isinstance(value, list | tuple):
        return any(_spoken(item, None) for item in value)
    if not isinstance(value, str):
        return not (value is None or isinstance(value, bool | int | float))
    if value.startswith("array ("):
        return True
    if parameter is None or parameter.name == "layer":
        return False
    return "string" not in parameter.kind and value not in parameter.choices


def _target(e: Explanation, row: int) -> tuple[list[str], list[str]]:
    if row >= len(e.target):
        return [], []
    said = e.target[row]
    index, label = class_index(said), re.search(r"(?:^|\()label (\d+)\)?$", said)
    output = re.fullmatch(r"output (\d+|\([\d, ]+\))", said)
    if " rather than " in said:
        sides = [class_index(side) for side in said.split(" rather than ")]
        if len(sides) == 2 and None not in sides:
            return [f"target=pl.Contrast({sides[0]}, {sides[1]})"], []
    elif index is not None:
        return [f"target={index}"], []
    elif label:
        return [f"target=pl.Label({label[1]})"], []
    elif output:
        return [f"target=pl.Output({output[1]})"], []
    word = said.partition(" (")[0]
    if word in _WORDS:
        return [f"target={_WORDS[word]}"], []
    if e.method in registry.names() and registry.card(e.method).gives == "input":
        return [], []  # it names the unit that was drawn, which the method's parameters say
    return (["target=..."], [f"the target was: {_line(said)}"]) if said else ([], [])


def literal(value: Any) -> str:
    """A plain value as code."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        inside = ", ".join(literal(item) for item in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return repr(value)


def _text(value: str) -> str:
    plain = repr(value)
    return plain if '"' in value or "\\" in plain else f'"{plain[1:-1]}"'


def _line(text: str) -> str:
    """Text that stays inside its comment."""
    return " ".join(text.split())
