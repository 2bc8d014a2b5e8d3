"""What holds for all metrics: ranges, batches, seeds, shared passes, what is refused."""

import gc
import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.evaluation import registry

NAMES = list(pl.metrics())


def small_net(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(
        *(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 3)),
    )


@pytest.fixture(scope="module")
def net() -> nn.Module:
    return small_net()


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return torch.randn(3, 1, 10, 10, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def masks() -> torch.Tensor:
    masks = torch.zeros(3, 10, 10)
    masks[:, 2:5, 3:8] = 1
    return masks


@pytest.fixture(scope="module")
def whole(net, x, masks):
    return pl.evaluate(net, pl.explain(net, x, "gradient"), NAMES, masks=masks)


@pytest.mark.parametrize("name", NAMES)
def test_values_lie_in_the_declared_range(whole, name) -> None:
    low, high = registry.get(name).card.range
    values = whole[name].values
    assert ((values >= low) & (values <= high)).all()
    assert np.ptp(values) > 0 or name in ("pointing_game", "input_invariance")


def test_a_batch_gives_what_its_items_give_alone(net, x, masks, whole) -> None:
    for row in range(3):
        own = pl.explain(net, x[row : row + 1], "gradient")
        alone = pl.evaluate(net, own, NAMES, masks=masks[row])
        for name in NAMES:
            assert alone[name].values[0] == pytest.approx(
                whole[name].values[row], rel=2e-4, abs=2e-6
            ), name


def test_the_same_call_gives_the_same_numbers(net, x, masks, whole) -> None:
    again = pl.evaluate(net, pl.explain(net, x, "gradient"), NAMES, masks=masks)
    for name in NAMES:
        assert again[name].values.tolist() == whole[name].values.tolist(), name
    other = pl.evaluate(net, pl.explain(net, x, "gradient", seed=5), "sensitivity_n")
    assert other["sensitivity_n"].values.tolist() != whole["sensitivity_n"].values.tolist()


def test_methods_share_the_passes_that_do_not_depend_on_them(net, x) -> None:
    two = pl.explain(net, x, ["gradient", "input_x_gradient"])
    shared = ["faithfulness_correlation", "sensitivity_n", "infidelity"]
    one, both = pl.evaluate(net, two[0], shared), pl.evaluate(net, two, shared)
    assert both.forwards == one.forwards
    assert len(both) == 6


def test_deletion_and_insertion_share_their_ends(net, x) -> None:
    e = pl.explain(net, x, "gradient")
    steps = {"steps": 10, "baseline": "zero"}
    found = pl.evaluate(net, e, [pl.Deletion(**steps), pl.Insertion(**steps)])
    # the clean pass, the check of the prepared copy, everything gone, and nine steps each
    assert found.forwards <= 3 * (1 + 1 + 1 + 2 * 9)


@pytest.mark.parametrize("seed", range(3))
def test_random_maps_score_as_theory_says(net, x, seed) -> None:
    """In a random order keeping k features is as good as keeping k others: with one baseline the
    areas of insertion and deletion are equal in expectation; a tenth of the places is hit by a
    tenth of the maps."""
    many = x[:1].expand(40, -1, -1, -1)
    e = pl.explain(net, many, "gradient")
    noise = np.random.default_rng(seed).random(e.values.shape).astype(np.float32)
    e, inside = replace(e, values=noise), torch.zeros(10, 10)
    inside[0] = 1
    steps = {"steps": 10, "baseline": "zero"}
    names = ("pointing_game", "relevance_mass_accuracy", "relevance_rank_accuracy")
    found = pl.evaluate(net, e, [pl.Deletion(**steps), pl.Insertion(**steps), *names], masks=inside)
    gap = found["insertion"].values - found["deletion"].values
    assert abs(gap.mean()) < 3.5 * gap.std() / 40**0.5
    assert found["relevance_mass_accuracy"].mean == pytest.approx(0.1, abs=0.01)
    assert found["relevance_rank_accuracy"].mean == pytest.approx(0.1, abs=0.06)
    assert found["pointing_game"].mean <= 0.3


def test_targets_of_one_input_are_rows_of_their_own(net, x) -> None:
    e = pl.explain(net, x[:1], "gradient", target=[0, 2])
    both = pl.evaluate(net, e, "deletion")["deletion"].values
    alone = [
        pl.evaluate(net, pl.explain(net, x[:1], "gradient", target=t), "deletion")["deletion"].mean
        for t in (0, 2)
    ]
    assert both.tolist() == pytest.approx(alone, rel=1e-5)


def test_the_network_is_left_as_it_was(net, x) -> None:
    before = {k: v.clone() for k, v in net.state_dict().items()}
    net.train()
    pl.evaluate(net, pl.explain(net, x, "grad_cam"), [*NAMES[:4], "max_sensitivity"])
    assert net.training
    assert all(torch.equal(before[k], v) for k, v in net.state_dict().items())
    assert all(p.grad is None for p in net.parameters())


def test_series_tables_and_texts_are_evaluated_too() -> None:
    series = nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    series(torch.zeros(1, 2, 20))
    table = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
    names = ["deletion", "insertion", "faithfulness_correlation", "infidelity", "sparseness"]
    for given, size in ((series, (2, 2, 20)), (table, (3, 6))):
        e = pl.explain(given, torch.randn(size), "occlusion")
        assert len(pl.evaluate(given, e, names)) == len(names)
        assert pl.evaluate(given, e, "max_sensitivity")["max_sensitivity"].mean >= 0

    def spam(texts: list[str]) -> np.ndarray:
        score = np.array([0.9 if "free" in text else 0.1 for text in texts])
        return np.stack([1 - score, score], 1)

    e = pl.explain(spam, ["get it free now", "we meet at nine tomorrow"], "occlusion", target=1)
    found = pl.evaluate(spam, e, names)
    assert found["deletion"].values[0] == pytest.approx(0.1 + 0.8 / 2 / 5, abs=0.05)
    with pytest.raises(pl.NotApplicable, match="words"):
        pl.evaluate(spam, e, "max_sensitivity")
    mixed = pl.evaluate(spam, e, ["deletion", "road", "max_sensitivity"])
    assert {metric for metric, _ in mixed.refused} == {"road", "max_sensitivity"}


def test_a_background_that_no_file_keeps_is_asked_for(tmp_path) -> None:
    table = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
    x, rows = torch.randn(1, 6), torch.randn(4, 6)
    method = pl.KernelSHAP(background=rows.numpy())
    e = pl.explain(table, x, method)
    loaded = pl.Explanation.load(e.save(tmp_path / "e"))
    with pytest.raises(pl.InputError, match="background"):
        pl.evaluate(table, loaded, "deletion", x=x)
    again = pl.evaluate(table, loaded, "deletion", x=x, method=method)
    assert again["deletion"].mean == pl.evaluate(table, e, "deletion")["deletion"].mean


def test_the_result_is_plain_data(whole) -> None:
    told = json.loads(whole.to_json())
    assert len(told["scores"]) == len(NAMES)
    assert told["scores"][0]["interval"][0] <= told["scores"][0]["mean"]
    with pytest.raises(pl.ParameterError, match="Did you mean 'deletion'"):
        whole["deletoin"]
    with pytest.raises(ValueError, match="read-only"):
        whole["deletion"].values[0] = 1
    assert "deletion ↓ gradient" in str(whole)


def test_an_explanation_remembers_its_model_without_carrying_it(net, x, tmp_path) -> None:
    e = pl.explain(net, x, "gradient")
    assert pl.evaluate(None, e, "deletion")["deletion"].values.shape == (3,)
    assert pl.evaluate(None, e[1], "deletion")["deletion"].values[0] == pytest.approx(
        pl.evaluate(None, e, "deletion")["deletion"].values[1], rel=1e-4
    )
    assert pickle.loads(pickle.dumps(e)).origin is None
    loaded = pl.Explanation.load(e.save(tmp_path / "e"))
    with pytest.raises(pl.InputError, match="holds no model"):
        pl.evaluate(None, loaded, "deletion")
    again = pl.evaluate(net, loaded, "deletion", x=x)["deletion"].values
    assert again.tolist() == pl.evaluate(net, e, "deletion")["deletion"].values.tolist()


def test_a_network_that_is_gone_or_changed_is_told() -> None:
    net, x = small_net(), torch.randn(1, 1, 10, 10)
    e = pl.explain(net, x, "gradient")
    with torch.no_grad():
        net[0].weight.mul_(2)
    with pytest.raises(pl.InputError, match="weights have changed"):
        pl.evaluate(None, e, "deletion")
    x += 1
    with pytest.raises(pl.InputError, match="not the one"):
        pl.evaluate(net, e, "deletion")
    gone = pl.explain(small_net(), x, "gradient")
    gc.collect()
    with pytest.raises(pl.InputError, match=r"is gone.*verify\(model, x\)"):
        pl.evaluate(None, gone, "deletion")
