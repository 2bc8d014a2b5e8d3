"""LIME corrected for interactions: nearer to its limit, as sure as it says, never misled."""

from dataclasses import is_dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.ops.emulator import emulate, link_of
from pellucid.ops.local_regression import fit_linear
from pellucid.parts.corrected_surrogate import affordable, corrected
from pellucid.parts.designs import Design
from pellucid.parts.neighbourhoods import kernel
from pellucid.parts.surrogates import Around, Fit, Surrogate

FEATURES = 12
EVERY = (torch.arange(2**FEATURES)[:, None] >> torch.arange(FEATURES)) % 2 > 0


def near(z: Tensor) -> Tensor:
    return kernel(1 - z.mean(1).sqrt(), 0.25)


def woven(kept: Tensor) -> Tensor:
    """Interactions of two and of three features."""
    z = kept.double() - 0.5
    return (z + 4 * z * z.roll(1, 1) - 2 * z * z.roll(2, 1) * z.roll(5, 1)).sum(1, keepdim=True)


def bent(kept: Tensor) -> Tensor:
    """A probability with log odds that have interactions of two features."""
    z = kept.double() - 0.5
    return (z.cumsum(1) / 4 + 4 * z * z.roll(1, 1)).sum(1, keepdim=True).sigmoid()


def rough(kept: Tensor) -> Tensor:
    """A score without any pattern: nothing can be learned of it."""
    code = (kept.double() * 2.0 ** torch.arange(FEATURES)).sum(1, keepdim=True)
    return (code * 12.9898).sin().mul(43758.5453).frac().abs()


def tangled(kept: Tensor) -> Tensor:
    """Interactions of every two features."""
    z = kept.double() - 0.5
    strength = torch.randn(FEATURES, FEATURES, generator=torch.manual_seed(1)).double()
    return ((z @ strength) * z).sum(1, keepdim=True)


GAMES = {
    "probability": bent,
    "every pair": tangled,
    "any number": woven,
    "no pattern": rough,
}


def fits(game: str, rows: int, seed: int, kind: str = "hadamard", alpha: float = 0.0) -> list[Fit]:
    """Without and with the correction."""
    design = Design(kind, FEATURES, seed)
    kept = torch.cat([torch.ones_like(EVERY[:1]), design.rows(0, rows)])
    index = torch.arange(rows + 1)
    blocks = (index + design.dependent - 1) // design.dependent
    clusters = index if kind == "random" else (index + 1) // 2
    z = kept.double()
    seen = Around(z, near(z), GAMES[game](kept), clusters, blocks=blocks)
    plain = Surrogate("ridge" if alpha else "linear", alpha).fit(seen)
    return [plain, corrected(seen, plain, near, alpha)]


@lru_cache
def limit(game: str) -> Tensor:
    return fit_linear(EVERY.double(), GAMES[game](EVERY), near(EVERY.double())).weights[0]


@lru_cache
def repeated(game: str, rows: int = 256, seeds: int = 12) -> tuple[list[float], Tensor]:
    """Mean squared distances to the limit without and with; errors over standard errors with."""
    every = [fits(game, rows, seed) for seed in range(seeds)]
    off = [[fit.weights[0] - limit(game) for fit in pair] for pair in every]
    means = [sum(float(pair[i].square().sum()) for pair in off) / seeds for i in (0, 1)]
    return means, torch.stack([o[1] / f[1].errors()[0] for o, f in zip(off, every, strict=True)])


@pytest.mark.parametrize("game", ["probability", "any number"])
def test_a_third_of_the_squared_error_or_less(game: str) -> None:
    plain, better = repeated(game)[0]
    assert better < plain / 3


def test_no_harm_where_nothing_can_be_learned() -> None:
    plain, better = repeated("no pattern")[0]
    assert better < 1.1 * plain


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("rows", [96, 256])
def test_errors_are_no_greater_than_said(game: str, rows: int) -> None:
    z = repeated(game, rows)[1]
    assert float(z.square().mean().sqrt()) < 1.4


@pytest.mark.parametrize("game", ["any number", "no pattern"])
def test_errors_are_as_great_as_said(game: str) -> None:
    """Where little is left, as of probabilities, they may be said to be greater."""
    z = repeated(game)[1]
    assert float(z.square().mean().sqrt()) > 0.6


def test_more_rows_come_nearer_to_the_limit_of_any_score() -> None:
    means = [repeated("no pattern", rows, 4)[0][1] for rows in (128, 1024)]
    assert means[1] < means[0] / 4


def test_the_same_for_every_target_and_every_time() -> None:
    kept = Design("random", FEATURES, 3).rows(0, 200)
    z, y = kept.double(), torch.cat([bent(kept), rough(kept), 1 - bent(kept)], 1)
    seen = Around(z, near(z), y, torch.arange(200))
    together = corrected(seen, Surrogate().fit(seen), near, 0.0)
    for k in range(3):
        own = Around(z, near(z), y[:, k : k + 1], torch.arange(200))
        alone = corrected(own, Surrogate().fit(own), near, 0.0)
        assert torch.allclose(together.weights[k], alone.weights[0], atol=1e-9)
        assert torch.allclose(together.errors()[k], alone.errors()[0], atol=1e-9)
    assert torch.allclose(together.weights[2], -together.weights[0], atol=1e-4)


def test_a_fit_holds_no_more_than_what_was_seen() -> None:
    """Those of hundreds of samples are kept until all are done; what is predicted is far more."""
    rows = 128
    held = tensors_of(fits("every pair", rows, 0)[1])
    assert len(held) > 5
    assert max(len(tensor) for tensor in held if tensor.ndim) <= rows + 1 < len(EVERY)


def tensors_of(thing: Any) -> list[Tensor]:
    """All tensors that an object, or a function by its closure, keeps alive."""
    if isinstance(thing, Tensor):
        return [thing]
    parts = [cell.cell_contents for cell in getattr(thing, "__closure__", None) or ()]
    if is_dataclass(thing):
        parts += vars(thing).values()
    elif isinstance(thing, list | tuple):
        parts += thing
    return [tensor for part in parts for tensor in tensors_of(part)]


def test_additive_scores_stay_exact() -> None:
    kept = Design("random", FEATURES, 3).rows(0, 200)
    beta = torch.linspace(-1, 1, FEATURES).double()
    z = kept.double()
    seen = Around(z, near(z), (z @ beta)[:, None], torch.arange(200))
    plain = Surrogate().fit(seen)
    assert not affordable(plain, seen)
    assert torch.allclose(corrected(seen, plain, near, 0.0).weights[0], beta, atol=1e-12)


def test_ridge_shrinks_as_without_the_correction() -> None:
    plain, better = fits("probability", 512, 0, alpha=30.0)
    free = fits("probability", 512, 0)[1]
    assert better.corrected is not None
    assert bool(better.corrected.all())
    shrunk = [float(fit.weights.norm() / free.weights.norm()) for fit in (plain, better)]
    assert shrunk[0] == pytest.approx(shrunk[1], rel=0.1)
    assert shrunk[1] < 0.8


def test_misfits_are_those_to_rows_left_out() -> None:
    """A row's misfit does not depend on its own score, distances taken as given."""
    kept, y = EVERY[::41], bent(EVERY[::41])
    process = emulate(kept, y, torch.arange(len(kept)))
    assert float(process.misfits.square().mean()) < 0.5 * float(y.var())
    seen = process.predict(kept)
    assert float((seen - y).square().mean()) < float(process.misfits.square().mean())


def test_log_odds_only_between_0_and_1() -> None:
    y = torch.tensor([[0.0], [0.5], [1.0]]).double()
    assert link_of(y + 1e-3).least is None
    link = link_of(y)
    assert torch.allclose(link.back(link.there(y)), y, atol=1e-3)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Parameter(2 * torch.randn(2, 9, 8, generator=torch.manual_seed(2))[0])
        self.last = nn.Parameter(torch.randn(8, 2, generator=torch.manual_seed(3)))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x.flatten(1) @ self.first) @ self.last


def test_the_method_takes_the_correction_by_default() -> None:
    x = torch.randn(1, 1, 9, generator=torch.manual_seed(4))
    off = {
        given: pl.explain(
            Net(), x, pl.LIME(n_samples=200, count=9, stop="budget", interactions=given), target=1
        )
        for given in (None, False)
    }
    assert off[None].record["interactions_modelled"] == [True]
    assert off[False].record["interactions_modelled"] == [False]
    few, none = (float(np.max(np.asarray(e.std_error))) for e in off.values())
    assert few < 0.8 * none
    packaged = pl.explain(Net(), x, pl.LIME(preset="reference", n_samples=200), target=1)
    assert packaged.record["interactions_modelled"] == [False]
