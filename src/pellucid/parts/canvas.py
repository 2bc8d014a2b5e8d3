"""Where pictures are made: from values between 0 and 1 to what the network takes, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..core.axes import CHANNEL, FEATURE
from ..core.call import Call
from ..core.checks import Check
from ..core.inputs import Inputs
from ..core.services import service
from ..errors import InputError, ParameterError

SLACK = 0.1
"""How far beyond the range, as a share of it, an input may lie: filters overshoot."""


@dataclass(frozen=True)
class Canvas:
    """Pictures `(N, channel, *space)` from 0 to 1 beside the network's main input.

    `low` and `high`, `(1 or N, channel, 1 …)`, are the input's values for 0 and 1. Other inputs
    stay as they are.
    """

    inputs: Inputs
    low: Tensor
    high: Tensor
    check: Check

    @property
    def name(self) -> str:
        """The input that is made."""
        return self.inputs.main

    @property
    def axes(self) -> tuple[str, ...]:
        """Its axes."""
        return self.inputs.axes(self.name)

    @property
    def space(self) -> tuple[int, ...]:
        """Sizes of its spatial axes."""
        return tuple(self.pictures().shape[2:])

    @property
    def channels(self) -> int:
        """Number of its channels, or features."""
        return int(self.pictures().shape[1])

    def pictures(self) -> Tensor:
        """The inputs as they were given, float32."""
        return self.unit(self.inputs.explained[self.name])

    def unit(self, values: Tensor, rows: Tensor | None = None) -> Tensor:
        """Values of the input as pictures; row r is of sample `rows[r]`."""
        low, high = (_of(bound, rows) for bound in (self.low, self.high))
        return (channels_first(values, self.axes).float() - low) / (high - low)

    def values(self, pictures: Tensor, rows: Tensor | None = None) -> Tensor:
        """Pictures as values of the input, on its axes."""
        low, high = (_of(bound, rows) for bound in (self.low, self.high))
        return _back(low + pictures * (high - low), self.axes)

    def given(self, pictures: Tensor, rows: Tensor) -> Inputs:
        """The network's inputs with the main one replaced; row r is of sample `rows[r]`."""
        batch = self.inputs.take(rows)
        like = self.inputs.explained[self.name]
        return batch.replaced({self.name: self.values(pictures, rows).to(like)})

    def notes(self) -> dict[str, Any]:
        """The range for those who draw the values: least and greatest per channel, input by
        input."""
        shape = (self.inputs.n, self.channels)
        low, high = (b.flatten(1)[:, : shape[1]].expand(shape) for b in (self.low, self.high))
        return {"range": torch.stack([low, high], 1).tolist()}


def canvas_of(call: Call, bounds: Sequence[Any] | None) -> Canvas:
    """The canvas of a call. The range is `bounds`, or what the preprocessing makes of black and
    white, or the least and greatest value of each input."""
    inputs = call.inputs
    inputs.need_floats()
    first = channels_first(inputs.explained[inputs.main], inputs.axes(inputs.main)).float()
    if bounds is not None:
        low, high = (_column(bound, first) for bound in _two(bounds))
        check = Check("valid range", None, "ok", "The values are kept within bounds=.")
    else:
        found = service("range")(call.model.preprocess, first.shape[1])
        known = None if found is None else tuple(_column(bound, first) for bound in found)
        if known is not None and _within(first, *known):
            low, high = known
            text = "The values are kept between those of black and white in the preprocessing."
            check = Check("valid range", None, "ok", text)
        else:
            low, high, check = _own_range(first)
    if not bool((high > low).all()):
        raise ParameterError(
            "The input has one value everywhere, so the range of valid inputs is not known.",
            "Say bounds=(least, greatest), each a number or one per channel.",
        )
    return Canvas(inputs, low, high, check)


def channels_first(tensor: Tensor, axes: tuple[str, ...]) -> Tensor:
    """An input as `(sample, channel, *space)`; its features are channels, and no channel is one."""
    names = [a for a in (CHANNEL, FEATURE) if a in axes]
    if not names:
        return tensor.unsqueeze(1)
    return tensor.movedim(axes.index(names[0]), 1)


def _back(pictures: Tensor, axes: tuple[str, ...]) -> Tensor:
    names = [a for a in (CHANNEL, FEATURE) if a in axes]
    return pictures.movedim(1, axes.index(names[0])) if names else pictures.squeeze(1)


def _own_range(first: Tensor) -> tuple[Tensor, Tensor, Check]:
    flat = first.flatten(1)
    shape = (-1, *(1,) * (first.ndim - 1))
    low, high = flat.amin(1).reshape(shape), flat.amax(1).reshape(shape)
    text = (
        "The range of valid inputs is not known, so the values are kept between the least and the "
        "greatest of each input; bounds= says better."
    )
    ones = (1, first.shape[1], *(1,) * (first.ndim - 2))
    return (
        low.expand(-1, *ones[1:]),
        high.expand(-1, *ones[1:]),
        Check("valid range", None, "poor", text),
    )


def _two(bounds: Sequence[Any]) -> Sequence[Any]:
    if len(bounds) != 2:
        raise ParameterError(
            f"bounds has {len(bounds)} entries.", "Give the least and the greatest valid value."
        )
    return bounds


def _column(bound: Any, like: Tensor) -> Tensor:
    values = torch.as_tensor(bound, dtype=torch.float32, device=like.device).flatten()
    channels = like.shape[1]
    if len(values) not in (1, channels):
        raise InputError(
            f"A bound has {len(values)} values for {channels} channels.", "Give one a channel."
        )
    return values.expand(channels).reshape(1, channels, *(1,) * (like.ndim - 2))


def _within(first: Tensor, low: Tensor, high: Tensor) -> bool:
    slack = SLACK * (high - low)
    return bool((first >= low - slack).all() and (first <= high + slack).all())


def _of(bound: Tensor, rows: Tensor | None) -> Tensor:
    return bound if rows is None or len(bound) == 1 else bound[rows.to(bound.device)]
