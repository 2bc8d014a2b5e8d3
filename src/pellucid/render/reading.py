"""How one sample of an explanation is to be read: its map, its sign, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..core import registry
from ..core.axes import CHANNEL
from ..core.explanation import Explanation
from ..core.method import Card
from ..errors import InputError, ParameterError
from .scale import number

Kind = Literal["image", "series", "volume", "bars", "words", "activations", "synthesis"]
Channels = Literal["sum", "sum_abs", "max_abs"]

_KINDS: dict[tuple[str, ...], Kind] = {
    ("height", "width"): "image",
    ("time",): "series",
    ("token",): "words",
    ("depth", "height", "width"): "volume",
}


@dataclass(frozen=True)
class Reading:
    """One sample's values on `axes` without `sample`, and how they are to be drawn.

    `note` is the diagnosis of a map that cannot be read as it is; empty where it can.
    """

    kind: Kind
    values: NDArray[np.float32]
    axes: tuple[str, ...]
    signed: bool
    note: str


def card_of(e: Explanation) -> Card | None:
    """The declaration of the explanation's method; None for a method that is not installed."""
    return registry.card(e.method) if e.method in registry.names() else None


def kind_of(e: Explanation) -> Kind:
    """Which kind of picture the axes ask for; layers' outputs are drawn channel by channel."""
    card = card_of(e)
    if card is not None and card.gives == "input":
        return "synthesis"
    if e.method == "activations" or (card is not None and card.axes == "layer"):
        return "activations"
    space = tuple(axis for axis in e.axes[1:] if axis != CHANNEL)
    return _KINDS.get(space, "bars")


def usual_view(e: Explanation) -> Literal["overlay", "map"]:
    """How a picture of it is best read: specks as fine as the pixels vanish over a photograph."""
    card = card_of(e)
    fine = CHANNEL in e.axes if card is None else card.axes == "input"
    return "map" if fine else "overlay"


def read(e: Explanation, sample: int = 0, channels: Channels | str | int = "sum") -> Reading:
    """One sample as it is to be drawn. Channels of pictures and volumes become one value a place.

    A method that shows positive evidence only is drawn signed where it found none, or a map that
    tells no place from another.
    """
    if not 0 <= sample < len(e):
        raise InputError(
            f"There is no sample {sample}: the explanation has {len(e)}.",
            f"Choose 0 to {len(e) - 1}.",
        )
    kind, values, axes = kind_of(e), np.asarray(e.values[sample]), e.axes[1:]
    if CHANNEL in axes and kind != "bars":
        values = np.moveaxis(values, axes.index(CHANNEL), 0)
        axes = (CHANNEL, *(axis for axis in axes if axis != CHANNEL))
    if CHANNEL in axes and kind in ("image", "volume"):
        values, axes = over_channels(values, channels), axes[1:]
    card = card_of(e)
    note = diagnosis(e, values, sample)
    plain = bool((values > 0).any()) and not _own_words(e, values, sample)
    signed = card is None or card.signed or not plain
    if kind == "activations":
        signed = bool((values < 0).any())
    return Reading(kind, values, axes, signed, note)


def over_channels(values: NDArray[Any], how: Channels | str | int = "sum") -> NDArray[np.float32]:
    """One value a place of `(channel, …)`: signed sum, sum or maximum of sizes, or one channel."""
    if isinstance(how, int):
        if not -len(values) <= how < len(values):
            raise ParameterError(
                f"There is no channel {how}: there are {len(values)}.",
                f"Choose 0 to {len(values) - 1}.",
            )
        return np.asarray(values[how], np.float32)
    if how == "sum":
        return np.asarray(values.sum(0), np.float32)
    if how in ("sum_abs", "max_abs"):
        sizes = np.abs(values)
        return np.asarray(sizes.sum(0) if how == "sum_abs" else sizes.max(0), np.float32)
    raise ParameterError(
        f"channels={how!r} is unknown.", "Give 'sum', 'sum_abs', 'max_abs' or a channel's number."
    )


def diagnosis(e: Explanation, values: NDArray[Any], sample: int) -> str:
    """What keeps a sample's map from being read, in words; empty where nothing does."""
    found = [_own_words(e, values, sample)]
    own = [check.of([sample]) for check in e.checks]
    found += [check.meaning for check in own if check is not None and check.verdict == "failed"]
    return next((text for text in found if text), "")


def _own_words(e: Explanation, values: NDArray[Any], sample: int) -> str:
    if not np.isfinite(values).all():
        return "The map holds values that are not finite; they are drawn as zero."
    card = card_of(e)
    if card is not None and card.gives == "input":
        return ""
    low, high = float(values.min()), float(values.max())
    if low == high == 0:
        return "Zero everywhere: the target does not change with what is explained."
    if e.coarse is not None and e.coarse[sample].size == 1 and values.size > 1:
        return "The layer has a single place (1×1), so the map tells no place from another."
    if low == high and values.size > 1:
        return f"Every place has the same value {number(low)}, so none is told from another."
    if high <= 0 and card is not None and not card.signed:
        return (
            f"No positive evidence (raw range {number(low)} to {number(high)}); signed map shown."
        )
    return ""


def expanded(explanations: Explanation | Sequence[Explanation]) -> list[Explanation]:
    """A flat list in which every part, of an input or a layer, stands on its own."""
    several = [explanations] if isinstance(explanations, Explanation) else list(explanations)
    if not several:
        raise InputError("There is no explanation to draw.", "Give at least one.")
    return [part for e in several for part in (e.parts.values() if e.parts else (e,))]
