"""Targets by sample and by explanation, from what a user asks for."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from torch import Tensor

from ..errors import TargetError
from .dense_targets import Region
from .target import Target
from .targets import Class, Contrast, Label, Predicted, as_target, expanded


def target_grid(spec: Any, n: int) -> list[list[Target]]:
    """Targets by sample and then by explanation: `n` rows of equal length.

    One target serves all samples. A list gives one per sample; with a single sample it gives one
    explanation each, and so do `Class([...])` and `Label([...])` for every sample.
    """
    if isinstance(spec, Tensor | np.ndarray) and spec.ndim == 1:
        spec = spec.tolist()
    if not isinstance(spec, list | tuple):
        return [expanded(as_target(spec))] * n
    if len(spec) == n:
        rows = [_row(item) for item in spec]
        if len({len(row) for row in rows}) != 1:
            raise TargetError(
                "The samples have different numbers of targets.", "Give every sample as many."
            )
        return rows
    if n == 1 and spec:
        return [[target for item in spec for target in _row(item)]]
    raise TargetError(
        f"{len(spec)} targets for {n} sample{'s' * (n > 1)}.",
        "Give one target for all, or one per sample.",
    )


def _row(item: Any) -> list[Target]:
    if isinstance(item, list | tuple):
        return [target for part in item for target in _row(part)]
    return expanded(as_target(item))


def need_as_many_names(
    targets: Iterable[Target], classes: tuple[str, ...] | None, count: int
) -> None:
    """Refuse class names that are not those of `count` scores, where a target would use them."""
    named = any(isinstance(t, Predicted | Class | Label | Region | Contrast) for t in targets)
    if classes is None or not named or count < 2 or len(classes) == count:
        return
    raise TargetError(
        f"The model has {count} outputs, but {len(classes)} class names.",
        "Give pl.Model(net, classes=…) one name for every output.",
    )
