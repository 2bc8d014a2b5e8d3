"""A batch as the network takes it: one tensor, several, or a structure of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import InputError
from .axes import CHANNEL, COLOURS, FEATURE, SAMPLE, SPACE, TOKEN
from .embedding import Embedding
from .encoding import Encoding
from .structure import Path, at, leaves, replace_leaf, spell


@dataclass(frozen=True)
class Inputs:
    """A batch-first structure of tensors; the floating-point ones can be explained.

    `display` is what a reader should see of it: uint8 pictures `(N, H, W[, 3])` or raw values.
    `axes_hint` names the axes of the explained inputs where the user said so.
    """

    value: Any
    display: Any = None
    axes_hint: tuple[str, ...] | None = None
    arrays: bool = False
    """Whether the user gave NumPy arrays: a function gets them back as such."""
    encoding: Encoding | None = None
    """How a table or a text became the tensors in `value`; None where the user gave tensors."""
    embedding: Embedding | None = None
    """The vectors that the network looks up for ids, where gradients are to begin there."""

    @staticmethod
    def of(x: Any, display: Any = None, axes: tuple[str, ...] | None = None) -> "Inputs":
        """Wrap what the user gave: arrays become tensors, structures stay as they are."""
        if isinstance(x, Inputs):
            return x
        inputs = Inputs(_tensors(x), display, axes, isinstance(x, np.ndarray))
        found = [tensor for _, tensor in leaves(inputs.value)]
        if not found:
            raise InputError(
                f"The input holds no tensor or array: {type(x).__name__}.",
                "Give a batch-first tensor (N, …), a tuple or dict of them, "
                "or a model with preprocess=… that takes what you gave.",
            )
        if any(tensor.ndim == 0 for tensor in found):
            raise InputError("The input has no batch axis.", "Give it as (N, …): x[None].")
        counts = {spell(p): len(t) for p, t in leaves(inputs.value) if t.is_floating_point()}
        if len(set(counts.values())) > 1:
            listing = ", ".join(f"{name} {count}" for name, count in counts.items())
            raise InputError(
                f"The inputs have different numbers of samples: {listing}.",
                "Give every input one row per sample.",
            )
        if inputs.n == 0:
            raise InputError("The batch is empty.", "Give at least one sample.")
        ranks = [tensor.ndim for tensor in inputs.explained.values()]
        if axes is not None and ranks and len(axes) not in ranks:
            raise InputError(
                f"input_axes={axes} names {len(axes)} axes, but the input has {ranks[0]}.",
                f"Name {ranks[0]} axes, beginning with 'sample'.",
            )
        return inputs

    def encoded(self, data: Any) -> Any:
        """Other data as numbers like these: a data frame beside one; anything else as it is."""
        frame = hasattr(data, "iloc")
        if not frame:
            return data
        if self.encoding is None or self.encoding.encode is None:
            return data.to_numpy()
        return self.encoding.encode(data)

    @property
    def n(self) -> int:
        """Number of samples."""
        return int(next(iter(leaves(self.value)))[1].shape[0])

    @property
    def paths(self) -> dict[str, Path]:
        """Name to path of every input that can be explained."""
        held = frozenset() if self.embedding is None else self.embedding.held
        return {
            spell(path) or "input": path
            for path, tensor in leaves(self.value)
            if tensor.is_floating_point() and spell(path) not in held
        }

    @property
    def explained(self) -> dict[str, Tensor]:
        """Name to tensor of every input that can be explained, looked-up vectors included."""
        vectors = {} if self.embedding is None else self.embedding.vectors
        return {**{n: at(self.value, path) for n, path in self.paths.items()}, **vectors}

    @property
    def changeable(self) -> dict[str, Tensor]:
        """Name to tensor of every input of which parts can be replaced: the floating-point ones,
        or the ids where none is a float."""
        if self.embedding is not None:
            return self.explained
        return {name: at(self.value, path) for name, path in self._changeable_paths.items()}

    @property
    def _changeable_paths(self) -> dict[str, Path]:
        return self.paths or {spell(path) or "input": path for path, _ in leaves(self.value)}

    @property
    def main(self) -> str:
        """The name of the first input that can be explained."""
        self.need_floats()
        return next(iter(self.explained))

    def need_floats(self) -> None:
        """Refuse inputs of which none has a gradient."""
        if not self.explained:
            kinds = sorted({str(tensor.dtype) for _, tensor in leaves(self.value)})
            raise InputError(
                f"No input is floating point ({', '.join(kinds)}), so none has a gradient.",
                "Give pictures as floats, scaled as in training; ids that the network looks up in "
                "no embedding need a black-box method.",
            )

    def replaced(self, tensors: Mapping[str, Tensor]) -> "Inputs":
        """The same with other values for the named inputs."""
        value, paths, embedding = self.value, self._changeable_paths, self.embedding
        if embedding is not None:
            vectors = {n: t for n, t in tensors.items() if n in embedding.vectors}
            embedding = embedding.replaced(vectors)
            tensors = {name: t for name, t in tensors.items() if name not in vectors}
        for name, tensor in tensors.items():
            value = replace_leaf(value, paths[name], tensor)
        return replace(self, value=value, embedding=embedding)

    def take(self, rows: Tensor) -> "Inputs":
        """The samples `rows`, in that order, with repeats."""
        n, value = self.n, self.value
        for path, tensor in list(leaves(value)):
            if tensor.shape[:1] == (n,):
                value = replace_leaf(value, path, tensor[rows.to(tensor.device)])
        embedding = None if self.embedding is None else self.embedding.take(rows)
        return replace(self, value=value, embedding=embedding)

    def axes(self, name: str | None = None) -> tuple[str, ...]:
        """Names of the axes of one input, read from its shape."""
        if self.embedding is not None and name is not None and name in self.embedding.axes:
            return self.embedding.axes[name]
        tensor = self.changeable[name or next(iter(self._changeable_paths))]
        if self.axes_hint is not None and len(self.axes_hint) == tensor.ndim:
            return self.axes_hint
        if not self.paths and tensor.ndim == 2:
            return (SAMPLE, TOKEN)
        return infer_axes(tuple(tensor.shape))

    @property
    def space(self) -> tuple[int, ...]:
        """Sizes of the spatial axes of the main input (of the ids where none is a float)."""
        if not self.paths:
            first = next(iter(leaves(self.value)))[1]
            return tuple(first.shape[1:])
        axes = self.axes()
        shape = self.explained[self.main].shape
        named = dict(zip(axes, shape, strict=True))
        return tuple(named[a] for a in axes if a not in (SAMPLE, CHANNEL, FEATURE))

    @property
    def space_axes(self) -> tuple[str, ...]:
        """Names of the spatial axes of the main input."""
        if not self.paths:
            return (TOKEN,) if len(self.space) == 1 else ()
        return tuple(a for a in self.axes() if a not in (SAMPLE, CHANNEL, FEATURE))


def infer_axes(shape: tuple[int, ...]) -> tuple[str, ...]:
    """Axis names of an input: features, series, image or volume, channels first unless only
    channels last can be meant (a last axis of 1, 3 or 4 and no such axis at the front)."""
    rank = len(shape) - 2
    if rank <= 0:
        return (SAMPLE, FEATURE)[: len(shape)]
    if rank not in SPACE:
        raise InputError(
            f"An input of shape {shape} has more axes than a volume.",
            "Fold the extra axes into the batch or the channels.",
        )
    last = rank >= 2 and shape[-1] in COLOURS and shape[1] not in COLOURS
    return (SAMPLE, *SPACE[rank], CHANNEL) if last else (SAMPLE, CHANNEL, *SPACE[rank])


def _tensors(x: Any) -> Any:
    if isinstance(x, np.ndarray):
        return torch.from_numpy(np.ascontiguousarray(_native(x)))
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(_tensors(item) for item in x))
    if isinstance(x, tuple | list):
        return type(x)(_tensors(item) for item in x)
    if type(x) is dict:
        return {key: _tensors(item) for key, item in x.items()}
    return x


def _native(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == object or array.dtype.kind in "USV":
        raise InputError(
            f"An array of dtype {array.dtype} is not numeric.", "Convert it to numbers first."
        )
    return array.astype(array.dtype.newbyteorder("="), copy=False)
