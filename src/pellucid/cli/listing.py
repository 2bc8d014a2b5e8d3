"""The features of tables and the words of texts with their values, for a terminal or a pipe."""

import math

import numpy as np

from ..core.axes import FEATURE, SAMPLE, TOKEN
from ..core.explanation import Explanation
from ..render.features import labelled, of_features
from ..render.tokens import words_text
from .terminal import answer, has_colours, show

MOST = 20
"""Features listed of a row of a table, the strongest."""


def show_features(e: Explanation, names: tuple[str, ...]) -> None:
    """Print the words or features of every sample with their values; nothing of other inputs."""
    coloured = e.axes == (SAMPLE, TOKEN) and has_colours()
    for row, source in enumerate(e.sample_of(list(range(len(e))))):
        found = named_values(e, row)
        if not found:
            return
        answer("")
        if len(e) > 1:
            name = names[source] if source < len(names) else f"input {source}"
            answer(f"{e.method}, {name}, {e.target[row] if e.target else '-'}")
        if coloured:
            show(words_text(e, row))
            continue
        if e.axes == (SAMPLE, FEATURE):
            order = sorted(found, key=lambda pair: -abs(pair[1]))
            found, left = order[:MOST], order[MOST:]
        else:
            left = []
        wide, places = max(len(name) for name, _ in found), _places(found)
        for name, value in found:
            answer(f"{name:<{wide}}  {round(value, places) + 0.0:+.{places}f}")
        if left:
            answer(f"and {len(left)} more, at most {abs(left[0][1]):.{places}f}")


def named_values(e: Explanation, row: int) -> list[tuple[str, float]]:
    """Every word or feature of a sample with its value, in their order; empty for other inputs.

    Features are followed by what the sample has there; columns that are one feature are one entry.
    """
    source = e.sample_of([row])[0]
    values = np.asarray(e.values[row])
    words, names = e.record.get("words"), e.record.get("feature_names")
    if e.axes == (SAMPLE, TOKEN) and words:
        return [(word, float(v)) for word, v in zip(words[source], values, strict=False)]
    if e.axes == (SAMPLE, FEATURE) and names and len(names) == len(values):
        seen = None if e.display is None else np.asarray(e.display)[source]
        labels = labelled(names, seen)
        return [(label, float(values[at])) for label, at in of_features(e, row, labels)]
    return []


def _places(found: list[tuple[str, float]]) -> int:
    """Decimal places that show four digits of the greatest value."""
    most = max(abs(value) for _, value in found)
    return max(0, 3 - math.floor(math.log10(most))) if 0 < most < math.inf else 0
