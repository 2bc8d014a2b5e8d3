"""Which coalitions of features to evaluate: pairs drawn evenly over the sizes, none twice."""

from itertools import combinations
from math import comb

import torch
from torch import Tensor

from ..ops.paired_regression import Drawn

LISTED = 20_000
"""Coalitions of one size up to which all are listed and shuffled; of more, distinct ones are
drawn."""


def paired_plan(features: int, pairs: int, seed: int) -> Drawn:
    """At most `pairs` pairs of coalitions, neither empty nor whole, without replacement, in the
    order in which to evaluate them: the first pairs are a plan of fewer.

    All coalitions of a size have the same leverage score in the regression for Shapley values, and
    those of a size add up to the same for every size (Musco & Witter 2024, lemma 3.2): so every
    size gets as many pairs as every other, or all it has. Depends on its arguments alone.
    """
    generator = torch.Generator().manual_seed((seed * 1_000_003 + features * 7_368_787) % 2**63)
    population = [_population(features, size) for size in range(1, features // 2 + 1)]
    counts = _even(population, pairs)
    drawn, place = [], []
    for stratum, count in enumerate(counts):
        drawn.append(_subsets(features, stratum + 1, count, generator))
        place += [(turn, stratum) for turn in range(count)]
    strata = torch.tensor([stratum for _, stratum in place], dtype=torch.long)
    order = sorted(range(len(place)), key=place.__getitem__)  # round by round over the sizes
    whole = torch.cat(drawn) if drawn else torch.zeros(0, features, dtype=torch.bool)
    # There may be more than a double can hold; the share that is drawn is 0 then in any case.
    sizes = torch.tensor([float(min(p, 2**60)) for p in population], dtype=torch.float64)
    return Drawn(whole[order], strata[order], sizes)


def _population(features: int, size: int) -> int:
    """Pairs of a coalition of this size and its complement."""
    found = comb(features, size)
    return found // 2 if 2 * size == features else found


def _even(population: list[int], total: int) -> list[int]:
    """As equal a share of `total` for each as what it has allows."""
    counts, left = [0] * len(population), total
    for rank, i in enumerate(sorted(range(len(population)), key=population.__getitem__)):
        others = len(population) - rank
        counts[i] = min(population[i], -(-left // others))
        left -= counts[i]
    return counts


def _subsets(features: int, size: int, count: int, generator: torch.Generator) -> Tensor:
    """`count` distinct subsets `(count, M)` in random order; of half the features, one of each
    pair of complements."""
    if not count:
        return torch.zeros(0, features, dtype=torch.bool)
    if _population(features, size) <= max(LISTED, 2 * count):
        listed = torch.tensor(list(combinations(range(features), size)))
        listed = listed[: _population(features, size)]  # of half the features: those that hold 0
        return _holding(listed[torch.randperm(len(listed), generator=generator)[:count]], features)
    rows: dict[bytes, Tensor] = {}
    while len(rows) < count:
        keys = torch.rand(2 * count, features, generator=generator)
        drawn = _holding(keys.topk(size, 1).indices, features)
        if 2 * size == features:
            drawn = drawn ^ ~drawn[:, :1]
        for row in drawn:
            rows.setdefault(row.numpy().tobytes(), row)
    return torch.stack(list(rows.values())[:count])


def _holding(members: Tensor, features: int) -> Tensor:
    """Subsets `(rows, M)` as bool from their members `(rows, size)`."""
    found = torch.zeros(len(members), features, dtype=torch.bool)
    return found.scatter_(1, members, True)
