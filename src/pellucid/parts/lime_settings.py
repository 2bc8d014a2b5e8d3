"""The settings of LIME where the user gave none: ours, and those of the reference `lime`."""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from ..core.axes import CHANNEL, FEATURE, SAMPLE, TOKEN
from ..core.inputs import Inputs
from ..core.method import describe_value
from .designs import Kind as DesignKind
from .surrogates import Kind as SurrogateKind

Modality = Literal["image", "volume", "series", "table", "text"]

SMALL = 32
"""Pictures with a side below this are cut into cells rather than superpixels."""


@dataclass(frozen=True)
class Settings:
    """What the preset decides; every entry can be given instead."""

    n_samples: int | None = None
    design: DesignKind = "hadamard"
    segments: Any = "auto"
    baseline: Any = "auto"
    surrogate: SurrogateKind = "linear"
    n_features: int | None = None
    stop: Literal["stable", "budget"] = "stable"

    def given(self, method: Any) -> "Settings":
        """The same with what the user gave to `method`."""
        names = [entry.name for entry in fields(self)]
        own = {name: getattr(method, name) for name in names}
        return replace(self, **{name: value for name, value in own.items() if value is not None})

    def described(self) -> dict[str, Any]:
        """The settings for the record."""
        return {entry.name: describe_value(getattr(self, entry.name)) for entry in fields(self)}


def settings_of(preset: str, kind: Modality, inputs: Inputs) -> Settings:
    """The settings of a preset for one kind of input."""
    if preset == "reference":
        return _REFERENCE[kind]
    if kind != "image":
        return Settings()
    segments = {name: _division(inputs, name) for name in inputs.changeable}
    return Settings(segments=segments if len(segments) > 1 else next(iter(segments.values())))


def _division(inputs: Inputs, name: str) -> str:
    sizes = zip(inputs.axes(name), inputs.changeable[name].shape, strict=True)
    places = [size for axis, size in sizes if axis not in (SAMPLE, CHANNEL, FEATURE, TOKEN)]
    return "slic" if len(places) == 2 and min(places) >= SMALL else "auto"


_TEXT = Settings(4999, "removals", "auto", "auto", "ridge", 10, "budget")

_REFERENCE: dict[Modality, Settings] = {
    "image": Settings(999, "random", "quickshift", "segment_mean", "ridge", None, "budget"),
    "volume": Settings(999, "random", "grid", "segment_mean", "ridge", None, "budget"),
    "series": replace(_TEXT, baseline="segment_mean"),
    "table": Settings(4999, "random", "auto", "auto", "ridge", 10, "budget"),
    "text": _TEXT,
}
"""One sample fewer than `lime` counts: there the original is one of them."""


def modality(inputs: Inputs) -> Modality:
    """What the first input is."""
    axes = inputs.axes()
    if TOKEN in axes:
        return "text"
    if FEATURE in axes:
        return "table"
    places = len([axis for axis in axes if axis not in (SAMPLE, CHANNEL)])
    kinds: dict[int, Modality] = {1: "series", 2: "image", 3: "volume"}
    return kinds.get(places, "table")
