"""Label randomisation: does the map depend on what the labels say? For data that one can train on.

**Source:** Adebayo et al. 2018, arXiv:1810.03292, section 4.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..core import registry
from ..core.explaining import explained
from ..core.guard import undisturbed
from ..core.method import Method
from ..core.model import as_model
from ..core.targets import Class
from ..io.inputs import inputs_of
from .likeness import signed_correlation, texture_correlation
from .randomised import layers_of, randomised
from .resuming import resumed
from .training import train


@dataclass(frozen=True)
class LabelRandomisation:
    """How alike the maps of networks trained on true and on shuffled labels are, `(N,)`, and how
    well the latter learned them by heart."""

    similarity: Tensor
    accuracy_of_random_labels: float


def label_randomisation(
    model: Any,
    x: Tensor,
    labels: Tensor,
    method: Method | str,
    *,
    steps: int = 500,
    explain: int = 16,
    learning_rate: float = 3e-3,
    seed: int = 0,
) -> LabelRandomisation:
    """Compare the maps of `model` with those of a copy, drawn anew and trained on shuffled `labels`
    by `steps` of Adam; both explain the same class of the first `explain` items of `x`.

    The model itself is left as it was.
    """
    wrapped = as_model(model)
    chosen = registry.create(method) if isinstance(method, str) else method
    inputs = inputs_of(wrapped, x)
    first = inputs.take(torch.arange(min(explain, inputs.n)))
    with undisturbed(wrapped.net, seed):
        twin = randomised(wrapped, layers_of(wrapped, inputs), inputs, seed)
        generator = torch.Generator().manual_seed(seed)
        shuffled = labels[torch.randperm(len(labels), generator=generator)]
        net = train(twin.module, x, shuffled, steps, learning_rate, generator)
        accuracy = _accuracy(net, x, shuffled)
        grid = [[Class(int(label))] for label in labels[: first.n]]
        a, b = (
            resumed(explained(one, first, chosen, grid, chosen.card.space, seed), one)
            for one in (wrapped, twin)
        )
        compare = texture_correlation if chosen.card.slopes else signed_correlation
        return LabelRandomisation(compare(a, b).nan_to_num(0.0), accuracy)


def _accuracy(net: nn.Module, x: Tensor, labels: Tensor) -> float:
    with torch.no_grad():
        return float((net(x).argmax(1) == labels).float().mean())
