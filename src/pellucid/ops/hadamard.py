"""Hadamard matrices: ±1, and any two columns orthogonal."""

import torch
from jaxtyping import Float
from torch import Tensor


def hadamard(least: int) -> Float[Tensor, "order order"]:
    """The smallest Hadamard matrix of order `least` or more that Sylvester's or Paley's first
    construction gives; its first column is all ones.

    **Source:** Paley 1933; Hedayat & Wallis 1978, sections 2 and 3.
    """
    doubled = 1 << max(least - 1, 0).bit_length()
    fours = range(4 * -(-least // 4), doubled, 4)
    order = next((n for n in fours if _prime(n - 1)), doubled)
    return _sylvester(order) if order == doubled else _paley(order)


def _sylvester(order: int) -> Tensor:
    found = torch.ones(1, 1, dtype=torch.float64)
    while len(found) < order:
        found = torch.cat([torch.cat([found, found], 1), torch.cat([found, -found], 1)])
    return found


def _paley(order: int) -> Tensor:
    """Order q + 1 for a prime q ≡ 3 (mod 4), with signs changed so that the first column is 1."""
    q = order - 1
    square = torch.zeros(q, dtype=torch.bool)
    square[torch.arange(1, q) ** 2 % q] = True
    character = torch.where(square, 1.0, -1.0).double()
    character[0] = 0.0
    index = torch.arange(q)
    found = torch.eye(order, dtype=torch.float64)
    found[0, 1:], found[1:, 0] = 1.0, -1.0
    found[1:, 1:] += character[(index[None] - index[:, None]) % q]
    return found * found[:, :1]


def _prime(number: int) -> bool:
    return number > 1 and all(number % d for d in range(2, int(number**0.5) + 1))
