"""The vocabulary of axes."""

from collections.abc import Sequence

from ..errors import InputError, suggest

SAMPLE, CHANNEL, FEATURE, TOKEN, SEGMENT = "sample", "channel", "feature", "token", "segment"

SPACE: dict[int, tuple[str, ...]] = {
    1: ("time",),
    2: ("height", "width"),
    3: ("depth", "height", "width"),
}
"""Names of the spatial axes by their number."""

COLOURS = (1, 3, 4)
"""Numbers of channels that a picture usually has."""

AXES = (SAMPLE, CHANNEL, "depth", "height", "width", "time", TOKEN, FEATURE, SEGMENT)
"""Every name an axis may have."""

SPATIAL = frozenset({"depth", "height", "width", "time"})


def known_axes(names: Sequence[str]) -> tuple[str, ...]:
    """The names that a user gave to the axes of the input; raises `InputError` for others."""
    for name in names:
        if name not in AXES:
            raise InputError(f"input_axes names an unknown axis {name!r}.", suggest(name, AXES))
    return tuple(names)
