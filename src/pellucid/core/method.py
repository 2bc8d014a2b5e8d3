"""What a method is: a frozen parameter object, one declaration, one verb."""

import dataclasses
import functools
import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar, dataclass_transform

import numpy as np
import pydantic
from pydantic.dataclasses import dataclass as pydantic_dataclass

from ..errors import ParameterError, suggest
from .checks import Check

if TYPE_CHECKING:
    from torch import Tensor

    from .call import Call

Scope = Literal["local", "global"]
Access = Literal["black_box", "gradients", "layers"]
Modality = Literal["image", "volume", "series", "table", "text"]

LayerLike = Annotated[Any, pydantic.WithJsonSchema({"type": "string", "format": "layer"})]
"""`layer4`, `layer4.1`, `layer4[-1]`, `layer4@0` (its first call), a glob, or the module itself."""

ArrayLike = Annotated[Any, pydantic.WithJsonSchema({"type": "array"})]
"""A tensor or array."""


@dataclass(frozen=True)
class Card:
    """What a method declares about itself; options, forms, tables and tests come from it."""

    name: str
    """The field's standard name in snake_case."""
    title: str
    paper: str
    scope: Scope = "local"
    access: Access = "gradients"
    modalities: tuple[Modality, ...] = ("image", "volume", "series", "table")
    promises: tuple[str, ...] = ()
    """Laws that every result obeys, such as `completeness` and `linear_exact`."""
    axes: Literal["input", "space", "layer"] = "input"
    """The axes of the values: the input's own, its own without channels, or those of a layer."""
    signed: bool = True
    """Whether negative values are evidence too, or only the positive part is meant to be seen."""
    slopes: bool = False
    """Whether the values are slopes, whose size counts and whose sign does not speak for or against
    the target."""
    space: Literal["logit", "probability"] = "logit"
    """What is explained unless the caller says else."""
    randomised: bool = False
    needs_target: bool = True
    takes_target: bool = False
    """Whether a target may be given to a method that needs none."""
    gives: Literal["evidence", "input"] = "evidence"
    """What the values are: evidence for the target, or an input that was made to raise it."""
    many_targets: bool = False
    """Whether one call explains many targets from one forward pass."""
    caution: str = ""
    """A known flaw that the reader of a picture has to know."""

    @property
    def help(self) -> str:
        """Where more is told."""
        return f"See `pellucid methods {self.name}`."


@dataclass
class Attribution:
    """What a method returns: raw maps as tensors, and what it measured.

    `values` is one tensor, or one per input or layer name; `coarse`, `std_error` and `segments`
    likewise.
    """

    values: "Tensor | Mapping[str, Tensor]"
    axes: "tuple[str, ...] | Mapping[str, tuple[str, ...]]"
    coarse: "Tensor | Mapping[str, Tensor] | None" = None
    std_error: "Tensor | Mapping[str, Tensor] | None" = None
    segments: "Tensor | Mapping[str, Tensor] | None" = None
    score: "Tensor | None" = None
    """What was reached, per sample, where that is not the target's score on the inputs."""
    labels: tuple[str, ...] | None = None
    """What `score` is of, per sample."""
    sources: list[int] | None = None
    """Which input each sample belongs to, where that is not input by input, target by target."""
    curve: "Tensor | None" = None
    """How an objective went, `(sample, step)`."""
    shows_input: bool = True
    """Whether the input and what the model says of it belong beside the values."""
    checks: list[Check] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    """Facts for the record, such as the layer and the layout that were used."""


class Method(ABC):
    """Base of all methods; holds no state. Subclasses are frozen and final."""

    card: ClassVar[Card]

    @abstractmethod
    def attribute(self, call: "Call") -> Attribution:
        """Explain the inputs of `call` for its target."""

    def params(self) -> dict[str, Any]:
        """Every parameter with its value, defaults included."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]


M = TypeVar("M", bound=type[Method])
C = TypeVar("C", bound=type[Any])

_CONFIG = pydantic.ConfigDict(
    extra="forbid", use_attribute_docstrings=True, arbitrary_types_allowed=True
)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(pydantic.Field,))
def method(card: Card) -> Callable[[M], M]:
    """Make a class a method: frozen, validated parameters, and its declaration as `card`."""

    def decorate(cls: M) -> M:
        return declared(cls, card)

    return decorate


def declared(cls: C, card: Any) -> C:
    """`cls` with frozen, validated parameters and its declaration as `card`, which has a `name` and
    says in `help` where more is told."""
    made: Any = pydantic_dataclass(frozen=True, kw_only=True, config=_CONFIG)(cls)
    made.card = card
    build = made.__init__

    @functools.wraps(build)
    def init(self: Any, *args: Any, **values: Any) -> None:
        try:
            build(self, *args, **values)
        except pydantic.ValidationError as error:
            raise _parameter_error(made, error) from None

    made.__init__ = init
    return made  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a method, as options, forms and tables show it."""

    name: str
    default: Any
    kind: str
    description: str
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


def parameters(cls: type[Any]) -> tuple[Parameter, ...]:
    """The parameters of a method or metric, read from its fields."""
    schema = pydantic.TypeAdapter(cls).json_schema().get("properties", {})
    found = []
    for f in dataclasses.fields(cls):
        entry = schema.get(f.name, {})
        options = entry.get("anyOf", [entry])
        kinds = [str(o.get("type", "any")) for o in options]
        choices = tuple(choice for o in options for choice in o.get("enum", ()))
        low = [o[key] for o in options for key in ("minimum", "exclusiveMinimum") if key in o]
        high = [o[key] for o in options for key in ("maximum", "exclusiveMaximum") if key in o]
        found.append(
            Parameter(
                name=f.name,
                default=schema_default(f),
                kind=" or ".join(dict.fromkeys(kinds)),
                description=" ".join(str(entry.get("description", "")).split()),
                choices=choices,
                minimum=min(low, default=None),
                maximum=max(high, default=None),
            )
        )
    return tuple(found)


def schema_default(f: "dataclasses.Field[Any]") -> Any:
    """The default of a pydantic dataclass field."""
    value = f.default
    if isinstance(value, pydantic.fields.FieldInfo):
        return value.get_default(call_default_factory=True)
    if f.default_factory is not dataclasses.MISSING:
        return f.default_factory()
    return value


def describe_value(value: Any) -> Any:
    """A parameter's value as plain JSON: arrays and modules become a short description."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [describe_value(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): describe_value(item) for key, item in value.items()}
    if isinstance(value, np.ndarray) or hasattr(value, "shape"):
        return f"array {tuple(value.shape)}"
    return f"{type(value).__name__}"


def _parameter_error(cls: Any, error: pydantic.ValidationError) -> ParameterError:
    """What is wrong with the parameters given to a declared class, in its own words."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][:1])
    known = [f.name for f in dataclasses.fields(cls)]
    if first["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return ParameterError(f"{cls.card.name} has no parameter {name!r}.", suggest(name, known))
    if first["type"] == "unexpected_positional_argument":
        return ParameterError(
            f"{cls.card.name} takes no positional parameters; {first.get('input')!r} has no name.",
            f"Give it by name: {cls.__name__}({known[0]}=…)." if known else "Leave it out.",
        )
    found = next((p for p in parameters(cls) if p.name == name), None)
    allowed = f" Allowed: {list(found.choices)}." if found and found.choices else ""
    return ParameterError(
        f"{cls.card.name}({name}={first.get('input')!r}) is not valid: {first['msg'].lower()}.",
        f"{allowed.strip()} {cls.card.help}".strip(),
    )


def load_class(spec: str) -> type[Method]:
    """The method class named `module:Class`."""
    module, _, name = spec.partition(":")
    found: type[Method] = getattr(importlib.import_module(module), name)
    return found
