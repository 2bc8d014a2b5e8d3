"""What a page can ask for; the server checks it and the worker reads it."""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


def _number(given: Any) -> Any:
    if isinstance(given, bool | str):
        raise ValueError("it is no number")
    return given


IsNumber = BeforeValidator(_number)
"""JSON may write 3 or 3.0; nothing else is read as a number."""
Name = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[int, Field(ge=0, lt=2**31), IsNumber]
Id = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_.-]+$")]


DEEPEST = 12
"""Levels of lists and objects within each other."""


class Strict(BaseModel):
    """Nothing unknown is accepted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _is_plain(cls, given: Any) -> Any:
        """JSON can write half a character, which nothing else can, and endless nesting."""
        _refuse_deep(given, DEEPEST)
        try:
            json.dumps(given, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError:
            raise ValueError("a text holds half a character") from None
        return given


def _refuse_deep(value: Any, levels: int) -> None:
    if levels < 0:
        raise ValueError("it is nested too deeply")
    inner = value.values() if isinstance(value, dict) else value
    for one in inner if isinstance(value, dict | list) else ():
        _refuse_deep(one, levels - 1)


class Contrast(Strict):
    """Why `a` rather than `b`: two class numbers."""

    a: Number
    b: Number


TargetOf = Number | Name | Contrast | None
"""A class number, a class name, a contrast, or the predicted class."""


class MethodOf(Strict):
    """A method and the parameters that differ from their defaults."""

    name: Name
    params: dict[Name, Any] = Field(default_factory=dict, max_length=40)


class Explain(Strict):
    """Every method for every target on one item."""

    kind: Literal["explain"]
    model: Number = 0
    item: Id
    methods: Annotated[list[MethodOf], Field(min_length=1, max_length=32)]
    targets: Annotated[list[TargetOf], Field(min_length=1, max_length=16)] = [None]
    space: Literal["logit", "probability"] | None = None
    seed: Number = 0


class Predict(Strict):
    """The model's scores for one item."""

    kind: Literal["predict"]
    model: Number = 0
    item: Id


class PredictAll(Strict):
    """The model's scores for every item of a data set."""

    kind: Literal["predict_all"]
    model: Number = 0
    dataset: Id


class Layers(Strict):
    """The layers of the model on one item."""

    kind: Literal["layers"]
    model: Number = 0
    item: Id


class Activations(Strict):
    """What one layer puts out for one item, channel by channel."""

    kind: Literal["activations"]
    model: Number = 0
    item: Id
    layer: Name


class Sweep(Strict):
    """One layer method at several layers."""

    kind: Literal["sweep"]
    model: Number = 0
    item: Id
    method: MethodOf
    layers: Annotated[list[Name], Field(min_length=1, max_length=48)]
    target: TargetOf = None


class Dream(Strict):
    """An input that a method makes so that a layer, a unit or a class responds to it."""

    kind: Literal["dream"]
    model: Number = 0
    item: Id
    method: MethodOf
    target: TargetOf = None
    seed: Number = 0
    size: Annotated[int, Field(ge=16, le=2048), IsNumber] | None = None
    """The longer side of a picture; left out, as the network takes it."""
    guide: Id | None = None
    """Another item, whose features are to be found in this one."""
    start: Id | None = None
    """The result of another dream, to go on from."""


class Export(Strict):
    """Results as a file."""

    kind: Literal["export"]
    results: Annotated[list[Id], Field(min_length=1, max_length=64)]
    format: Literal["png", "svg", "npz", "html", "gif"]
    sample: Number = 0
    """Whose film is made, of a dream of several."""


class Trust(Strict):
    """Metrics of explanations of one item that lie ready."""

    kind: Literal["trust"]
    model: Number = 0
    item: Id
    results: Annotated[list[Id], Field(min_length=1, max_length=16)]
    metrics: Annotated[list[Name], Field(min_length=1, max_length=16)] = [
        "deletion",
        "insertion",
        "sparseness",
        "complexity",
    ]


class Verify(Strict):
    """Explanations of one item against the model: sanity checks, measured."""

    kind: Literal["verify"]
    model: Number = 0
    item: Id
    results: Annotated[list[Id], Field(min_length=1, max_length=16)]
    level: Literal["quick", "full"] = "quick"


class Extremes(Strict):
    """The items of a data set on which one channel of a layer is strongest and weakest."""

    kind: Literal["extremes"]
    model: Number = 0
    dataset: Id
    layer: Name
    channel: Number


class Project(Strict):
    """A data set as a map: of its items, or of what a layer makes of them."""

    kind: Literal["project"]
    model: Number = 0
    dataset: Id
    layer: Name = "input"


Coordinate = Annotated[float, IsNumber]
Place = tuple[Coordinate, Coordinate]


class Group(Strict):
    """Items of a map: those of some classes, within a line that was drawn around them."""

    name: Name
    by: Literal["labels", "predicted"] = "labels"
    classes: Annotated[list[Annotated[int, IsNumber]], Field(max_length=1000)] | None = None
    """Numbers of the classes; left out, every class."""
    line: Annotated[list[Place], Field(min_length=3, max_length=500)] | None = None
    """Corners of the line; left out, the whole map."""


class CompareGroups(Strict):
    """Whether groups of items differ in a map."""

    kind: Literal["compare_groups"]
    model: Number = 0
    results: Annotated[list[Id], Field(min_length=1, max_length=1)]
    """The map."""
    groups: Annotated[list[Group], Field(min_length=2, max_length=12)]


Asked = Annotated[
    Explain
    | Predict
    | PredictAll
    | Layers
    | Activations
    | Sweep
    | Dream
    | Export
    | Trust
    | Verify
    | Extremes
    | Project
    | CompareGroups,
    Field(discriminator="kind"),
]
"""Any request for work."""

Lane = Literal["quick", "explain", "check", "dream", "data"]

LANES: dict[Lane, tuple[str, ...]] = {
    "quick": ("predict", "layers", "activations", "export"),
    "explain": ("explain", "sweep"),
    "check": ("trust", "verify", "compare_groups"),
    "dream": ("dream",),
    "data": ("predict_all", "extremes", "project"),
}
"""Kinds by the lane in which they run one after the other; lanes run side by side."""
