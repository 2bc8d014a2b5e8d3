"""Bars: evidence of named or numbered features, segments and tokens, the strongest first."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.explanation import Explanation
from .features import labelled, of_features
from .glyphs import drawable
from .palette import SIGNED, WARM, colour
from .panels import INK, QUIET, RULE, facts, head, subtitle
from .photo import shown
from .pictures import Style
from .reading import Reading
from .scale import Scale, number
from .words import ends_of, shortened, title_of

MOST = 20
"""Bars drawn; of more values, the strongest."""

_INCH = 0.25


def bars_size(reading: Reading) -> tuple[float, float]:
    """Inches of a bar chart."""
    return 7.0, 1.5 + _INCH * max(3, min(MOST, reading.values.size))


def draw_bars(
    figure: Any, e: Explanation, sample: int, reading: Reading, scale: Scale, style: Style
) -> None:
    """A horizontal bar for each of the strongest values, with the input's value in its label."""
    flat = np.nan_to_num(reading.values.ravel())
    found = of_features(e, sample, labels_of(e, sample, reading))
    places_of = np.array([place for _, place in found])
    strongest = np.argsort(-np.abs(flat[places_of]), kind="stable")[:MOST]
    order, names = places_of[strongest], [found[i][0] for i in strongest]
    cmap = style.cmap or (SIGNED if scale.signed else WARM)
    axes = figure.add_subplot()
    shades = colour(_strong(scale.apply(flat[order])), cmap, scale.signed) / 255
    places = np.arange(len(order))
    errors = _errors(e, sample, order)
    axes.barh(
        places, flat[order], xerr=errors, color=shades, height=0.72,
        error_kw={"ecolor": INK, "elinewidth": 0.9, "capsize": 2.5},
    )  # fmt: skip
    _numbers(axes, flat[order], errors)
    axes.set_yticks(places, [drawable(shortened(name, 40)) for name in names], parse_math=False)
    axes.invert_yaxis()
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.margins(x=0.14, y=0.02)
    quiet_axes(axes)
    more = f" · {len(found) - len(order)} weaker not shown" if len(found) > len(order) else ""
    head(axes, title_of(e), subtitle(e, sample) + more, reading.note, 70)
    low, high = ends_of(e, sample, True)
    told = "" if errors is None else " · whiskers: one standard error"
    text = f"← {low}      {high} →\n{facts(e, sample, scale)}{told}"
    axes.set_xlabel(text, fontsize=7.5, color=QUIET, parse_math=False)


def quiet_axes(axes: Any) -> None:
    """Axes of horizontal bars: names in ink, numbers and the one line below them quiet."""
    axes.tick_params(labelsize=7.5, length=0, labelcolor=INK)
    axes.tick_params(axis="x", labelcolor=QUIET)
    axes.xaxis.set_major_formatter(lambda value, _: number(float(value)))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(color=RULE)


def _errors(e: Explanation, sample: int, order: NDArray[Any]) -> NDArray[Any] | None:
    """The standard errors of the values drawn; None where there are none."""
    if e.std_error is None or not np.any(e.std_error[sample]):
        return None
    found: NDArray[Any] = np.nan_to_num(np.asarray(e.std_error[sample]).ravel()[order])
    return found


def labels_of(e: Explanation, sample: int, reading: Reading) -> list[str]:
    """A name for every value, with the input's value where it is known.

    Names come from `record["feature_names"]` where there are any.
    """
    names = e.record.get("feature_names")
    if names is None or len(names) != reading.values.size:
        names = [_numbered(reading, index) for index in np.ndindex(*reading.values.shape)]
    seen = shown(e, sample)
    fits = seen is not None and np.shape(seen) == reading.values.shape
    return labelled(names, seen if fits else None)


def _numbered(reading: Reading, index: tuple[int, ...]) -> str:
    return (
        ", ".join(f"{axis} {place}" for axis, place in zip(reading.axes, index, strict=True))
        or "value"
    )


def _strong(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    # a short bar is still to be seen on white paper
    return np.sign(drawn) * (0.45 + 0.4 * np.abs(drawn))


def _numbers(axes: Any, values: NDArray[Any], errors: NDArray[Any] | None) -> None:
    reach = np.zeros(len(values)) if errors is None else errors
    for place, (value, beyond) in enumerate(zip(values, reach, strict=True)):
        side = "right" if value < 0 else "left"
        axes.annotate(
            number(float(value)),
            (value - beyond if value < 0 else value + beyond, place),
            xytext=(-4 if value < 0 else 4, 0),
            textcoords="offset points",
            ha=side,
            va="center",
            fontsize=7,
            color=QUIET,
        )
