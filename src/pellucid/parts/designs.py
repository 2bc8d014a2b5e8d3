"""Designs: which features are kept together, sample by sample, so that few samples tell much."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import torch
from torch import Tensor

from ..ops.hadamard import hadamard

Kind = Literal["hadamard", "paired", "random", "removals"]

BLOCK = 64
"""Rows drawn at once where the design itself has no blocks."""

_PRIME = 1_000_003


@dataclass(frozen=True)
class Design:
    """An endless sequence of rows, each a choice of the features that are kept.

    Every row alone is uniform over all choices, whatever the `kind`, but for `removals`.

    - `hadamard`: the rows of a Hadamard matrix with its columns and signs drawn anew in every
      block, each followed by its complement (fold-over): main effects are estimated free of each
      other and of all interactions of two features.
    - `paired`: random rows, each followed by its complement.
    - `random`: every feature kept with probability ½, as in `lime` for pictures and tables.
    - `removals`: k features are removed, k uniform on 1 … M, as in `lime` for text.

    Row i depends on kind, number of features, seed and i alone.
    """

    kind: Kind
    features: int
    seed: int
    folded: bool = True
    """Whether `hadamard` and `paired` have complements; see `within`."""

    def within(self, budget: int) -> "Design":
        """The design for `budget` rows: without complements where they would leave weights
        undetermined, since a row and its complement say the same of a linear model."""
        enough = self.block if self.kind == "hadamard" else 2 * (self.features + 1)
        return replace(self, folded=budget >= enough)

    @property
    def paired(self) -> bool:
        """Whether rows 2i and 2i + 1 are complements."""
        return self.kind in ("hadamard", "paired") and self.folded

    @property
    def block(self) -> int:
        """Rows after which the drawing begins anew."""
        order = len(_matrix(self.features)) if self.kind == "hadamard" else BLOCK
        return 2 * order if self.kind == "hadamard" and self.folded else order

    @property
    def dependent(self) -> int:
        """Rows in a row that depend on each other, at most; no others do."""
        return self.block if self.kind == "hadamard" else 2

    def rows(self, start: int, stop: int) -> Tensor:
        """Rows `start` to `stop`, bool `(stop − start, features)`: True where kept."""
        return self._cut(_kept, start, stop)

    def levels(self, start: int, stop: int) -> Tensor:
        """The same rows as numbers in [0, 1), uniform on the half that the design chose (kept: the
        lower one); complements mirror each other where the design is paired."""
        return self._cut(_levels, start, stop)

    def _cut(self, make: Callable[["Design", int], Tensor], start: int, stop: int) -> Tensor:
        first, last = start // self.block, -(-stop // self.block)
        made = [make(self, block) for block in range(first, max(last, first + 1))]
        return torch.cat(made)[start - first * self.block :][: stop - start]

    def generator(self, block: int, of: int) -> torch.Generator:
        """Random numbers of one block, for one use."""
        mixed = self.seed * _PRIME + block * 7_368_787 + self.features * 104_729 + of
        return torch.Generator().manual_seed(mixed % 2**63)


@lru_cache(maxsize=8)
def _kept(design: Design, block: int) -> Tensor:
    """One block of rows; samples with as many features share it."""
    generator = design.generator(block, 0)
    if design.kind == "removals":
        return _removals(design.features, generator)
    if design.kind == "random":
        return torch.rand(BLOCK, design.features, generator=generator) < 0.5
    half = _half(design, generator)
    return torch.stack([half, ~half], 1).flatten(0, 1) if design.paired else half


def _half(design: Design, generator: torch.Generator) -> Tensor:
    if design.kind == "paired":
        count = BLOCK // 2 if design.folded else BLOCK
        return torch.rand(count, design.features, generator=generator) < 0.5
    matrix = _matrix(design.features)
    order = len(matrix)
    columns = 1 + torch.randperm(order - 1, generator=generator)[: design.features]
    signs = torch.where(torch.rand(design.features, generator=generator) < 0.5, 1.0, -1.0)
    rows = torch.randperm(order, generator=generator)
    return matrix[rows][:, columns] * signs.double() > 0


@lru_cache(maxsize=8)
def _levels(design: Design, block: int) -> Tensor:
    kept = _kept(design, block)
    generator = design.generator(block, 1)
    within = torch.rand(kept.shape, generator=generator, dtype=torch.float64)
    if design.paired:
        within[1::2] = 1 - within[::2]
    return ((~kept).double() + within.clamp_max(1 - 2**-50)) / 2


def everything(features: int) -> Tensor:
    """All 2^M choices but the whole, bool `(2^M − 1, features)`."""
    index = torch.arange(2**features - 1)[:, None]
    return (index >> torch.arange(features)) % 2 > 0


def _removals(features: int, generator: torch.Generator) -> Tensor:
    removed = torch.randint(1, features + 1, (BLOCK, 1), generator=generator)
    rank = torch.rand(BLOCK, features, generator=generator).argsort(1).argsort(1)
    return rank >= removed


@lru_cache(maxsize=8)
def _matrix(features: int) -> Tensor:
    return hadamard(features + 1)
