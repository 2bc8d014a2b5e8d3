"""Streaming top-k equals a full stable sort, however the items come."""

import hypothesis.strategies as st
import numpy as np
import torch
from hypothesis import given, settings

from pellucid.ops.top_k import NONE, TopK, add, empty, merge

TIES = st.integers(-3, 3)  # few values, so that many are equal


def by_full_sort(values: torch.Tensor, ids: torch.Tensor, k: int) -> list[list[int]]:
    """Greater values first, smaller ids first among equal ones."""
    return [
        [int(ids[i]) for i in np.lexsort((ids.numpy(), -values[:, u].numpy()))[:k]]
        for u in range(values.shape[1])
    ]


def listed(found: TopK) -> list[list[int]]:
    return [[i for i in row if i != NONE] for row in found.ids.tolist()]


@st.composite
def items(draw):
    n, units = draw(st.integers(1, 30)), draw(st.integers(1, 3))
    row = st.lists(TIES, min_size=units, max_size=units)
    values = draw(st.lists(row, min_size=n, max_size=n))
    order = draw(st.permutations(range(n)))
    return torch.tensor(values, dtype=torch.float32), torch.tensor(order)


@given(items(), st.integers(1, 6), st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_in_batches_of_any_size_and_order(found, k: int, size: int) -> None:
    values, ids = found
    held = empty(values.shape[1], k)
    for rows in torch.arange(len(ids)).split(size):
        held = add(held, values[rows], ids[rows])
    assert listed(held) == by_full_sort(values, ids, k)


@given(items(), st.integers(1, 5), st.data())
@settings(max_examples=60, deadline=None)
def test_merge_is_associative_and_commutative(found, k: int, data) -> None:
    values, ids = found
    part = torch.tensor([data.draw(st.integers(0, 2)) for _ in ids])
    nothing = empty(values.shape[1], k)
    a, b, c = (add(nothing, values[part == i], ids[part == i]) for i in range(3))
    left, right = merge(merge(a, b), c), merge(a, merge(b, c))
    assert listed(left) == listed(right) == listed(merge(c, merge(b, a)))
    assert listed(left) == by_full_sort(values, ids, k)
    assert torch.equal(merge(a, nothing).ids, a.ids)


def test_lowest_are_the_highest_of_the_turned_values() -> None:
    values, ids = torch.tensor([[3.0], [1.0], [1.0], [2.0]]), torch.arange(4)
    assert listed(add(empty(1, 3), -values, ids)) == [[1, 2, 3]]


def test_what_is_masked_never_enters() -> None:
    values = torch.tensor([[-torch.inf], [5.0], [-torch.inf]])
    assert listed(add(empty(1, 3), values, torch.arange(3))) == [[1]]
