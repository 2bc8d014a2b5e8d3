"""LRP on transformers that have learnt something: what decides is known, and is found."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.evaluation.training import train
from pellucid.testing.transformers import Block, FusedAttention, ViT

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("own_random_state")]

Batch = tuple[Tensor, Tensor, Tensor]
"""Inputs, the place of what decides, and the class."""


class TextEncoder(nn.Module):
    """Ids of 20 words `(N, 12)` through two blocks of attention to two scores."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(20, 16)
        self.places = nn.Parameter(0.1 * torch.randn(12, 16))
        self.blocks = nn.Sequential(Block(16, FusedAttention), Block(16, FusedAttention))
        self.norm, self.head = nn.LayerNorm(16), nn.Linear(16, 2)

    def forward(self, ids: Tensor) -> Tensor:
        mixed = self.blocks(self.words(ids) + self.places)
        logits: Tensor = self.head(self.norm(mixed).mean(1))
        return logits


def texts(n: int, generator: torch.Generator) -> Batch:
    """Random words, among them one of the two that decide."""
    ids = torch.randint(2, 20, (n, 12), generator=generator)
    place = torch.randint(0, 12, (n,), generator=generator)
    y = torch.randint(0, 2, (n,), generator=generator)
    ids[torch.arange(n), place] = y
    return ids, place, y


def pictures(n: int, generator: torch.Generator) -> Batch:
    """Noise, and one of 4 × 4 patches that is red or green."""
    x = 0.3 * torch.randn(n, 3, 16, 16, generator=generator)
    place = torch.randint(0, 16, (n,), generator=generator)
    y = torch.randint(0, 2, (n,), generator=generator)
    for i, (at, colour) in enumerate(zip(place.tolist(), y.tolist(), strict=True)):
        row, column = divmod(at, 4)
        x[i, colour, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4] += 1.5
    return x, place, y


def trained(net: nn.Module, make: Callable[..., Batch], rate: float) -> nn.Module:
    generator = torch.Generator().manual_seed(0)
    x, _, y = make(4000, generator)
    return train(net, x, y, 120, rate, generator).eval()


def pointing(net: nn.Module, batch: Batch, composite: str) -> float:
    """How often the word, or the patch, with the most relevance is the one that decides."""
    x, place, y = batch
    found = np.asarray(pl.explain(net, x, pl.LRP(composite=composite), target=y.tolist()))
    if found.ndim == 4:
        found = found.sum(1).reshape(-1, 4, 4, 4, 4).sum((2, 4)).reshape(-1, 16)
    return float((found.argmax(1) == place.numpy()).mean())


@pytest.mark.parametrize(
    ("build", "make", "rate"), [(TextEncoder, texts, 0.005), (ViT, pictures, 0.003)]
)
def test_what_decides_is_found(
    build: Callable[[], nn.Module], make: Callable[..., Batch], rate: float
) -> None:
    torch.manual_seed(0)
    net, batch = trained(build(), make, rate), make(50, torch.Generator().manual_seed(1))
    with torch.no_grad():
        right = (net(batch[0])[:, :2].argmax(1) == batch[2]).float().mean()
    assert right > 0.95
    assert min(pointing(net, batch, composite) for composite in ("epsilon_plus", "epsilon")) > 0.95
    assert pointing(build().eval(), batch, "epsilon") < 0.9, "an untrained network knows it too"
