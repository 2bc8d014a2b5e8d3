"""Tiles that cover a picture without gaps or overlaps."""

from collections.abc import Sequence
from itertools import pairwise, product

Tile = tuple[slice, ...]


def tiles(space: Sequence[int], most: Sequence[int]) -> list[Tile]:
    """Equal tiles, to within one pixel, of at most `most` along each axis; they cover every place
    once."""
    cuts = []
    for size, limit in zip(space, most, strict=True):
        count = -(-size // max(1, limit))
        edges = [size * i // count for i in range(count + 1)]
        cuts.append([slice(a, b) for a, b in pairwise(edges)])
    return list(product(*cuts))
