"""Streaming top-k: the greatest values of every unit with the ids of their items.

The order is total, greater values first and smaller ids first among equal ones, so `merge` is
associative and commutative, and the result depends neither on batches nor on the order of items.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

NONE = torch.iinfo(torch.int64).max
"""The id of a place that no item holds yet; its value is −∞."""


class TopK(NamedTuple):
    """`values` and `ids`, `(unit, k)`, the greatest first."""

    values: Tensor
    ids: Tensor


def empty(units: int, k: int) -> TopK:
    """No item yet."""
    return TopK(torch.full((units, k), -torch.inf), torch.full((units, k), NONE))


def add(held: TopK, values: Float[Tensor, "item unit"], ids: Int[Tensor, " item"]) -> TopK:
    """`held` with more items; items of value −∞ never enter.

    Only units in which an item reaches the least value held are sorted.
    """
    reach = (values >= held.values[:, -1]) & (values > -torch.inf)
    units = reach.any(0).nonzero()[:, 0]
    if not len(units):
        return held
    rows = reach[:, units].any(1).nonzero()[:, 0]
    new = values[rows][:, units].T
    new_ids = torch.where(new > -torch.inf, ids[rows].expand(new.shape), NONE)
    found = _best(
        torch.cat([held.values[units], new], 1),
        torch.cat([held.ids[units], new_ids], 1),
        held.values.shape[1],
    )
    return TopK(
        held.values.index_copy(0, units, found.values), held.ids.index_copy(0, units, found.ids)
    )


def merge(first: TopK, second: TopK) -> TopK:
    """The top-k of both together; the two have no item in common."""
    return _best(
        torch.cat([first.values, second.values], 1),
        torch.cat([first.ids, second.ids], 1),
        first.values.shape[1],
    )


def _best(values: Float[Tensor, "unit item"], ids: Int[Tensor, "unit item"], k: int) -> TopK:
    by_id = ids.argsort(stable=True, dim=1)
    values, ids = values.gather(1, by_id), ids.gather(1, by_id)
    order = values.argsort(stable=True, dim=1, descending=True)[:, :k]
    return TopK(values.gather(1, order), ids.gather(1, order))
