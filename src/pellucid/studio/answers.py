"""What the server answers; the page's types are generated from these."""

from typing import Any, Literal

from pydantic import BaseModel


class Problem(BaseModel):
    """Why something was refused, and what to do about it."""

    cause: str
    remedy: str


class ParameterInfo(BaseModel):
    """One field of a method's form."""

    name: str
    default: Any
    kind: str
    description: str
    choices: list[Any]
    minimum: float | None
    maximum: float | None
    layer: bool


class MethodInfo(BaseModel):
    """A method as it declares itself."""

    name: str
    title: str
    summary: str
    help: str
    paper: str
    scope: str
    access: str
    modalities: list[str]
    promises: list[str]
    axes: str
    signed: bool
    space: str
    randomised: bool
    needs_target: bool
    gives: str
    many_targets: bool
    caution: str
    parameters: list[ParameterInfo]


class ModelInfo(BaseModel):
    """A model that was loaded at the start."""

    name: str
    kind: Literal["network", "function"]
    classes: list[str] | None
    takes: str
    resizable: bool
    """Whether its pictures can be of any size."""
    parameters: int
    fingerprint: str
    notes: list[str]


class DatasetInfo(BaseModel):
    """A data set without its items."""

    id: str
    name: str
    count: int
    kinds: list[str]
    labels: list[str]
    skipped: int


class Prediction(BaseModel):
    """The model's best class for an item of a data set that was predicted."""

    name: str
    index: int
    share: float
    right: bool | None


class ItemInfo(BaseModel):
    """One input."""

    id: str
    dataset: str
    place: int
    name: str
    kind: str
    label: str | None
    prediction: Prediction | None = None


class ItemPage(BaseModel):
    """Some items of a data set under a filter and in an order; `total` is how many there are."""

    total: int
    offset: int
    items: list[ItemInfo]


class SessionInfo(BaseModel):
    """Where the studio stands."""

    version: str
    ready: bool
    problem: Problem | None
    models: list[ModelInfo]
    methods: list[MethodInfo]
    datasets: list[DatasetInfo]
    first: str | None
    """The item to begin with."""
    event: int
    """The number of the newest event."""


class JobInfo(BaseModel):
    """A job."""

    id: str
    kind: str
    title: str
    asked: dict[str, Any]
    state: Literal["queued", "running", "cancelling", "done", "failed", "cancelled"]
    created: float
    started: float | None
    ended: float | None
    attempts: int
    task: str
    done: int
    total: int
    seconds_left: float | None
    cause: str
    remedy: str
    results: list[str]


class KnownJob(BaseModel):
    """A job that does what was asked, if there is one."""

    job: JobInfo | None


class Cell(BaseModel):
    """Where the result of one method for one target is, or will be."""

    method: int
    target: int
    result: str
    job: str


class Cells(BaseModel):
    """One cell for every method and target that was asked for."""

    cells: list[Cell]
    jobs: list[JobInfo]


class Log(BaseModel):
    """The events of a job, the newest last."""

    events: list[dict[str, Any]]


class Confusion(BaseModel):
    """How often items of a class were taken for each class; only pairs that occur."""

    labels: list[str]
    predicted: list[str]
    counts: list[tuple[int, int, int]]
    right: int
    known: int
    shares: list[int]
    """Items by the share of their best class, in twenty equal steps."""


class Uploaded(BaseModel):
    """The item that an upload became."""

    item: ItemInfo
