"""Sizes of the octaves in which Deep Dream enlarges a picture."""

from collections.abc import Iterable, Sequence


def octave_sizes(
    space: Sequence[int], scale: float, exponents: Iterable[int]
) -> list[tuple[int, ...]]:
    """⌊size · scaleⁿ⌋ along every axis for every exponent n, at least 1."""
    return [tuple(max(1, int(size * scale**n)) for size in space) for n in exponents]
