"""Colours for classes: distinct for eight in any vision, and as far apart as can be beyond."""

import colorsys

_DISTINCT = (
    *("#0072b2", "#e69f00", "#009e73", "#d55e00"),
    *("#cc79a7", "#56b4e9", "#8a6d00", "#5b3a9b"),
    *("#7f8c2a", "#b0446b"),
)
UNKNOWN = "#9aa0a8"


def categories(count: int) -> list[str]:
    """`count` colours as `#rrggbb`."""
    if count <= len(_DISTINCT):
        return list(_DISTINCT[:count])
    made = []
    for index in range(count):
        hue = index / count
        light = (0.42, 0.58, 0.35)[index % 3]
        red, green, blue = colorsys.hls_to_rgb(hue, light, 0.75)
        made.append(f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}")
    return made
