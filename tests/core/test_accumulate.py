"""Rows added up in a fixed order: the two ways in which it is done agree."""

import torch

from pellucid.ops.accumulate import add_rows


class Elsewhere(torch.Tensor):
    """Says that it lies on another device than the CPU."""

    @property
    def device(self) -> torch.device:
        return torch.device("meta")

    def to(self, *_: object) -> torch.Tensor:
        return self


def test_both_ways_agree() -> None:
    generator = torch.Generator().manual_seed(0)
    index = torch.tensor([2, 0, 2, 2, 1])
    rows = torch.randn(5, 3, generator=generator)
    plain, other = torch.ones(4, 3), torch.ones(4, 3)
    add_rows(plain, index, rows)
    expected = torch.ones(4, 3)
    for place, row in zip(index.tolist(), rows, strict=True):
        expected[place] += row
    torch.testing.assert_close(plain, expected)
    add_rows(other.as_subclass(Elsewhere), index.as_subclass(Elsewhere), rows)
    torch.testing.assert_close(other, expected)
