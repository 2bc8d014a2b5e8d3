"""Plans of coalitions: no pair twice, all sizes alike, the beginning as the whole."""

import pytest
import torch

from pellucid.parts.coalition_sampling import paired_plan


def as_set(rows: torch.Tensor) -> set[tuple[bool, ...]]:
    return {tuple(row) for row in rows.tolist()}


@pytest.mark.parametrize("features", [2, 3, 4, 7, 10, 30, 61, 1100])
def test_no_coalition_twice(features: int) -> None:
    plan = paired_plan(features, 600, seed=1)
    every = plan.coalitions(0, len(plan.pairs))
    assert len(as_set(every)) == 2 * len(plan.pairs)
    assert ((every.sum(1) > 0) & (every.sum(1) < features)).all()
    assert torch.equal(plan.pairs.sum(1) - 1, plan.strata)


@pytest.mark.parametrize("features", range(7))
def test_a_large_budget_is_every_coalition(features: int) -> None:
    plan = paired_plan(features, 10_000, seed=0)
    assert plan.whole
    assert 2 * len(plan.pairs) == max(2**features - 2, 0)


def test_sizes_get_as_many_coalitions_each_or_all_they_have() -> None:
    plan = paired_plan(12, 400, seed=0)
    assert plan.counts[:2].tolist() == [12, 66]
    assert plan.counts[2:].tolist() == [92, 92, 92, 46]  # one size in a pair of halves, not two
    assert plan.population.tolist() == [12, 66, 220, 495, 792, 462]


@pytest.mark.parametrize("features", [10, 40])
def test_the_first_pairs_are_spread_over_the_sizes_too(features: int) -> None:
    counts = paired_plan(features, 500, seed=0).first(60).counts
    capped = counts[paired_plan(features, 500, seed=0).population > counts]
    assert capped[:-1].max() - capped[:-1].min() <= 1
    assert abs(2 * capped[-1] - capped[-2]) <= 2


def test_every_feature_is_held_as_often_as_every_other() -> None:
    """Over many seeds: what is drawn of one size is uniform, listed or drawn one by one."""
    for features in (8, 30):
        held = torch.zeros(features)
        for seed in range(300):
            plan = paired_plan(features, 60, seed)
            held += plan.pairs[plan.strata == 2].float().mean(0)
        share = held / 300
        assert (share - 3 / features).abs().max() < 0.03


def test_the_seed_decides() -> None:
    one, again, other = (paired_plan(20, 100, seed).pairs for seed in (3, 3, 4))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
