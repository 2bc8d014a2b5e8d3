"""One attribution on named axes, with all that is needed to judge, repeat, draw and keep it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from inspect import signature
from types import MappingProxyType
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, ParameterError, suggest
from .axes import AXES, SAMPLE
from .checks import Check, Verdict, worst
from .services import service

Floats = NDArray[np.float32]

PER_INPUT = (
    *("words", "class_when_occluded", "coalitions", "masks"),
    *("evaluations", "ended", "complements", "spans", "word_of_token", "read_to", "range"),
    *("times", "lengths", "series_names"),
)
"""Entries of a record that have one item for every input."""


@final
@dataclass(frozen=True, eq=False)
class Explanation:
    """Raw, signed attribution values of one method on one batch; positive supports the target.

    Nothing here is normalised, rectified or coloured: that is drawing.

    **Shapes:** `values` has one axis per name in `axes`, the first being `sample`; several targets
    per input give one sample each, input by input.
    **Units:** those of the target (a logit, a probability) per cell, unless the method says else.
    """

    values: Floats
    axes: tuple[str, ...]
    method: str
    params: Mapping[str, Any]
    target: tuple[str, ...] = ()
    """What was explained, per sample, as the target prints itself."""
    score: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    """The model's output for the target, per sample."""
    seed: int = 0
    checks: tuple[Check, ...] = ()
    coarse: Floats | None = None
    """The map at its native resolution where `values` was upsampled."""
    std_error: Floats | None = None
    segments: NDArray[np.int32] | None = None
    """Which feature every place belongs to where several were judged as one (a superpixel, a slice
    of time), per sample; −1 for none. It broadcasts to `values`."""
    curve: Floats | None = None
    """How the objective of a method that optimises went, `(sample, step)`."""
    cost: Mapping[str, float] = field(default_factory=dict)
    """Passes of one input, forward equivalents per sample, seconds and the largest batch."""
    record: Mapping[str, Any] = field(default_factory=dict)
    """Versions, fingerprints of model and input, time, layer and layout."""
    outputs: Floats | None = None
    """The model's clean scores, `(inputs, classes)`, where that is what the model gives."""
    classes: tuple[str, ...] | None = None
    display: Any = None
    """What the network saw, to draw beside the map: uint8 pictures, raw series or features."""
    parts: "Mapping[str, Explanation]" = field(default_factory=dict)
    """The same for every input or every layer by name, where there are several."""
    origin: Any = field(default=None, repr=False)
    """What it was made of, in this session; never saved (see `core.origin`)."""

    def __post_init__(self) -> None:
        if len(self.axes) != self.values.ndim or self.axes[:1] != (SAMPLE,):
            raise InputError(
                f"Values of shape {self.values.shape} do not fit the axes {self.axes}.",
                "Name every axis once, beginning with 'sample'.",
            )
        unknown = [axis for axis in self.axes if axis not in AXES]
        if unknown or len(set(self.axes)) != len(self.axes):
            raise InputError(
                f"Axes {self.axes} are not distinct known names.", f"Choose among {AXES}."
            )
        for name in ("values", "score", "coarse", "std_error", "curve", "outputs"):
            array = getattr(self, name)
            if array is not None:
                object.__setattr__(self, name, _frozen(array))
        if self.segments is not None:
            labels = np.array(self.segments, dtype=np.int32)
            labels.setflags(write=False)
            object.__setattr__(self, "segments", labels)
        for name in ("params", "cost", "record", "parts"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        array = np.asarray(self.values, dtype=dtype)
        return array.copy() if copy else array

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def __getitem__(self, index: Any) -> "Explanation":
        """One sample or several (the `sample` axis stays): a number, a slice, a list or a mask; a
        name gives that part."""
        if isinstance(index, str):
            if index not in self.parts:
                raise InputError(
                    f"The explanation has no part {index!r}.", f"It has {list(self.parts)}."
                )
            return self.parts[index]
        rows = _rows(index, len(self))
        sources = self.sample_of(rows)
        return replace(
            self,
            values=self.values[rows],
            target=tuple(self.target[i] for i in rows) if self.target else (),
            score=self.score[rows] if len(self.score) else self.score,
            checks=tuple(found for check in self.checks if (found := check.of(rows))),
            coarse=None if self.coarse is None else self.coarse[rows],
            std_error=None if self.std_error is None else self.std_error[rows],
            segments=None if self.segments is None else self.segments[rows],
            curve=None if self.curve is None else self.curve[rows],
            outputs=None if self.outputs is None else self.outputs[sources],
            display=None if self.display is None else self.display[sources],
            record={
                **{k: _picked(k, v, sources) for k, v in self.record.items()},
                "input_of_sample": list(range(len(rows))),
            },
            parts={name: part[index] for name, part in self.parts.items()},
            origin=None if self.origin is None else self.origin.rows(rows),
        )

    def sample_of(self, rows: list[int]) -> list[int]:
        """Which input each row belongs to (several targets share one input)."""
        sources = self.record.get("input_of_sample")
        return rows if sources is None else [int(sources[row]) for row in rows]

    @property
    def sizes(self) -> dict[str, int]:
        """Length of each axis by name."""
        return dict(zip(self.axes, self.values.shape, strict=True))

    @property
    def verdict(self) -> Verdict:
        """The worst verdict among the checks."""
        return worst(self.checks)

    def sum(self, *axes: str) -> "Explanation":
        """Total attribution over `axes`; without names, over all but `sample`."""
        gone = axes or self.axes[1:]
        unknown = [axis for axis in gone if axis not in self.axes[1:]]
        if unknown:
            raise InputError(
                f"There is no axis {unknown[0]!r} to sum over.", suggest(unknown[0], self.axes[1:])
            )
        kept = tuple(axis for axis in self.axes if axis not in gone)
        values = self.values.sum(axis=tuple(self.axes.index(axis) for axis in gone))
        return replace(self, values=values, axes=kept, coarse=None, std_error=None, segments=None)

    def by_word(self) -> "Explanation":
        """One value per word of a text: sub-words of a tokenizer are added up."""
        return service("by_word")(self)  # type: ignore[no-any-return]

    def plot(self, **options: Any) -> Any:
        """A matplotlib figure of the explanation; see `pellucid.render`."""
        draw = service("plot")
        known = list(signature(draw).parameters)[1:]
        for name in options:
            if name not in known:
                raise ParameterError(f"plot has no option {name!r}.", suggest(name, known))
        return draw(self, **options)

    def verify(
        self, model: Any = None, x: Any = None, *, level: str = "quick", method: Any = None
    ) -> Any:
        """How far it can be trusted: one verdict with its reasons, as a `Trust`.

        In the session that explained, it needs no arguments; else `model` and `x` (and a `method`
        object whose parameters hold arrays). It is checked whether deletion and insertion beat
        random orders, whether the method agrees with itself under another seed and an imperceptible
        change, tells classes apart and depends on the weights, and whether methods of other
        families agree. `quick` takes seconds; `full` draws more, and runs costly methods again.
        """
        return service("verify")(self, model, x, level=level, method=method)

    def save(self, path: Any) -> Any:
        """Write to one `.npz` file without pickle; returns the path."""
        return service("save")(self, path)

    @staticmethod
    def load(path: Any) -> "Explanation":
        """Read what `save` wrote."""
        loaded: Explanation = service("load")(path)
        return loaded

    def to_xarray(self) -> Any:
        """An `xarray.DataArray` with the same axes; needs the extra `xarray`."""
        return service("to_xarray")(self)

    def _repr_html_(self) -> str:
        html: str = service("html")(self)
        return html

    def __repr__(self) -> str:
        sizes = ", ".join(f"{axis}: {size}" for axis, size in self.sizes.items())
        of = f" of {self.target[0]}" if self.target else ""
        more = f" and {len(set(self.target)) - 1} more" if len(set(self.target)) > 1 else ""
        return f"<Explanation {self.method}{of}{more} ({sizes}) {self.verdict}>"

    def __reduce__(self) -> tuple[Any, ...]:
        state = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return _rebuild, ({**state, "origin": None},)


def _picked(name: str, value: Any, sources: list[int]) -> Any:
    """What a record says of some inputs."""
    if name in PER_INPUT and isinstance(value, list):
        return [value[source] for source in sources]
    return value


def _rebuild(state: dict[str, Any]) -> Explanation:
    return Explanation(**state)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, MappingProxyType) else value


def _frozen(array: Any) -> Floats:
    fixed: Floats = np.array(array, dtype=np.float32)
    fixed.setflags(write=False)
    return fixed


def _rows(index: Any, length: int) -> list[int]:
    if isinstance(index, slice):
        return list(range(length))[index]
    if isinstance(index, list | np.ndarray):
        try:
            return [int(row) for row in np.arange(length)[np.asarray(index)]]
        except IndexError as error:
            raise InputError(
                f"Samples {index!r} of {length}: {error}.", "Give numbers, or a mask of them."
            ) from None
    if not isinstance(index, int | np.integer):
        raise InputError(
            f"{index!r} is no sample.", "Give a number, a slice, a list or a mask of samples."
        )
    index = int(index)
    if not -length <= index < length:
        raise IndexError(f"sample {index} of {length}")
    return [index % length]
