"""What takes the place of features that a metric takes away."""

from collections.abc import Sequence
from typing import Any

from ..core.axes import FEATURE, TOKEN
from ..errors import InputError
from ..parts.backgrounds import backgrounds
from ..parts.baselines import baselines
from ..parts.coalitions import Off
from .subject import Subject

MOST = 10
"""Rows of a method's own background that a metric averages over."""


def absent(subject: Subject, spec: Any, places: str = "mean") -> Sequence[Off]:
    """The stand-ins that `spec` means.

    `auto` is the method's own `background` or `baseline` array where it was given one; else
    `places` for pictures and series and zero for columns and tokens.
    """
    inputs, seed = subject.inputs, subject.seed
    if not (isinstance(spec, str) and spec == "auto"):
        return [tensors for _, tensors in baselines(inputs, spec, seed)]
    background = getattr(subject.method, "background", None)
    if isinstance(background, str):  # the description of an array, as files keep it
        raise InputError(
            f"The rows of {subject.method.card.name}'s background are not in the explanation.",
            "Give the method object: method=.",
        )
    if background is not None:
        count = len(background)
        every = background.iloc if hasattr(background, "iloc") else background
        kept = [i * count // min(MOST, count) for i in range(min(MOST, count))]
        return backgrounds(inputs, None, every[kept], seed)
    own = getattr(subject.method, "baseline", None)
    mixed = any({FEATURE, TOKEN} & set(inputs.axes(name)) for name in inputs.changeable)
    if own is not None and mixed and not isinstance(own, str):
        return [tensors for _, tensors in baselines(inputs, own, seed)]
    ids = any(not x.is_floating_point() for x in inputs.changeable.values())
    return [tensors for _, tensors in baselines(inputs, "zero" if mixed or ids else places, seed)]
