"""Deletion and insertion against random orders: does the map know what counts?"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ..core.checks import Check, Verdict, check_each
from ..ops.curves import area, checkpoints, ranks
from .absence import absent
from .likeness import cells_of
from .metric import Bench
from .subject import Subject

FEW = 20
"""Features of which one in twenty random orders and more begins with the same as the best: where
one of them decides, no map is better than 95 % of random orders."""

NEAR = 0.9
"""The share of the best random order's gap from which it does not clearly beat the map."""


@dataclass(frozen=True)
class Order:
    """Insertion minus deletion, with one baseline: of the map `(N,)`, and of random orders
    `(draws, N)`, whose mean is 0."""

    gap: Tensor
    random: Tensor
    deletion: Tensor
    insertion: Tensor
    features: int
    """How many features are put in order."""


def order_of(subject: Subject, bench: Bench, steps: int, draws: int) -> Order:
    """The areas of insertion and deletion of the map's cells, and of `draws` random orders, in
    logits, for probabilities do not move where the network is sure.

    Keeping the first k cells of a random order is as good as keeping the last k. So the difference
    of the areas is 0 in expectation and symmetric, and only its spread has to be measured.
    """
    cells = cells_of(subject)
    probe = bench.probe_of(subject, "logit")
    off, counts = absent(subject, "auto", "blur"), checkpoints(cells.most, steps)

    def areas(order: Tensor) -> tuple[Tensor, Tensor]:
        gone = probe.removed(cells, order, counts, off)
        back = probe.removed(cells, cells.most - 1 - order, counts[::-1], off)
        return area(gone), area(back)

    deletion, insertion = areas(ranks(subject.density(cells)))
    generator = torch.Generator().manual_seed(subject.seed)
    found = []
    for draw in range(draws):
        order = torch.rand(cells.most, generator=generator).argsort().expand(subject.n, -1)

        def ask(order: Tensor = order) -> Tensor:
            gone, back = areas(order)
            return back - gone

        found.append(probe.remembered(("random order", draw, steps, cells.most), ask))
    return Order(insertion - deletion, torch.stack(found), deletion, insertion, cells.most)


def faithful(order: Order) -> Check:
    """A t-test of the map's gap against those of random orders, at 5 % on either side: better than
    they are is `ok`, worse is `failed`. Of few features also what no random order, nor its
    reverse, clearly beats is `ok`."""
    spread = order.random.square().mean(0).sqrt()
    floor = 1e-4 + 0 * spread
    t = order.gap / torch.maximum(spread, floor)
    limit = quantile(len(order.random))
    unbeaten = (order.features < FEW) & (t > 1) & (order.gap >= NEAR * order.random.abs().amax(0))
    verdicts: list[Verdict] = [
        "ok" if value > limit or first else "poor" if value > -limit else "failed"
        for value, first in zip(t.tolist(), unbeaten.tolist(), strict=True)
    ]
    bad = [v for v in verdicts if v != "ok"]
    if not bad:
        text = (
            "What the map marks counts: taking it away lowers the score faster, and keeping it "
            "holds the score longer, than random places do."
        )
    else:
        text = (
            "Taking away, or keeping, what the map marks changes the score no more than random "
            "places do."
        )
    return check_each("deletion and insertion", t.tolist(), verdicts, text)


def quantile(freedom: int) -> float:
    """The 95 % quantile of Student's t (Cornish & Fisher 1938, to the fourth order)."""
    z, v = 1.6448536, float(freedom)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )
