"""Token: one word of a sentence names the class."""

from typing import final

import torch
from torch import Generator, nn

from ..small_networks import TokenNetwork
from ..task import Planted, Task, TaskCard, task

_LENGTH, _WORDS, _KEYS = 16, 60, 4
_UNKNOWN = 0.1
"""Share of words that are not known, so that the network knows the id that stands for nothing."""


@task(
    TaskCard(
        name="token",
        title="A word in a text",
        modality="text",
        question="Which word decided?",
        evidence="one of four words of the class, among sixteen",
        trap="words that are in every class alike",
        classes=("first", "second", "third"),
    )
)
@final
class Token(Task):
    """Ids of words: 0 is a word that is not known, 1 to 12 are those of a class, four each, and all
    others say nothing."""

    def draw(self, n: int, generator: Generator) -> Planted:
        y = torch.randint(3, (n,), generator=generator)
        key = 1 + _KEYS * y + torch.randint(_KEYS, (n,), generator=generator)
        place = torch.randint(_LENGTH, (n, 1), generator=generator)
        without = torch.randint(3 * _KEYS + 1, _WORDS, (n, _LENGTH), generator=generator)
        without[torch.rand(n, _LENGTH, generator=generator) < _UNKNOWN] = 0
        masks = torch.zeros(n, _LENGTH, dtype=torch.bool).scatter_(1, place, True)
        return Planted(without.scatter(1, place, key[:, None]), without, y, masks)

    def network(self) -> nn.Module:
        return TokenNetwork(_WORDS, 3)
