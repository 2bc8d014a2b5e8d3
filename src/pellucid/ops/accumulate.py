"""Rows: numbers along them, and sums of them that come out the same every time."""

from torch import Tensor


def add_rows(into: Tensor, index: Tensor, rows: Tensor) -> None:
    """`into[index[r]] += rows[r]` for every row, in place, in a fixed order on every device.

    On a GPU `index_add_` adds in whatever order its threads come, which changes the last bits.
    """
    where = index.to(into.device)
    if into.device.type == "cpu":
        into.index_add_(0, where, rows)
        return
    for place in sorted(set(index.tolist())):
        into[place] += rows[where == place].sum(0)


def along(numbers: Tensor, like: Tensor) -> Tensor:
    """One number per row, to multiply with rows of any shape."""
    return numbers.to(like).reshape(-1, *(1,) * (like.ndim - 1))
