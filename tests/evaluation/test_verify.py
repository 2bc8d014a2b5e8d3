"""Verification on a task whose answer is known: right maps pass, wrong ones are flagged."""

import json
import pickle
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

import pellucid as pl
from evaluation.planted import planted, trained
from pellucid.evaluation.ground_truth import task_of
from pellucid.evaluation.ground_truth import trained as trained_task

RIGHT = ("grad_cam", "integrated_gradients", "gradient")
WRONG = ("shifted", "another class", "random", "constant")


N = 5


@cache
def explained(method: str, n: int = N, seed: int = 7) -> pl.Explanation:
    return pl.explain(trained(), planted(n, seed).x, method)


def spoiled(e: pl.Explanation, how: str, x: torch.Tensor, seed: int = 0) -> pl.Explanation:
    """The explanation with values that are wrong."""
    if how == "shifted":
        space = tuple(i for i, axis in enumerate(e.axes) if axis in ("height", "width"))
        return replace(e, values=np.roll(e.values, (12, 12), space))
    if how == "another class":
        other = (torch.tensor(e.outputs).argmax(1) + 1) % 4
        return replace(e, values=pl.explain(trained(), x, e.method, other.tolist()).values)
    if how == "random":
        noise = np.random.default_rng(seed).standard_normal(e.values.shape)
        return replace(e, values=noise.astype(np.float32))
    return replace(e, values=np.full_like(e.values, 0.3))


@cache
def verified(how: str):
    """The verdict on spoiled Grad-CAM maps."""
    return spoiled(explained("grad_cam"), how, planted(N, 7).x).verify()


def test_right_maps_of_a_planted_task_are_not_flagged() -> None:
    for method in RIGHT:
        trust = explained(method).verify()
        assert trust.verdicts == ("ok",) * N, (method, str(trust))
        assert trust.headline == "The checks found nothing against it"


@pytest.mark.parametrize("how", WRONG)
def test_wrong_maps_are_flagged(how) -> None:
    trust = verified(how)
    assert "ok" not in trust.verdicts, str(trust)
    assert trust.verdict == "failed"


def test_a_wrong_map_is_flagged_without_running_its_method_again() -> None:
    for how in WRONG:
        trust = verified(how)
        others = [c for c in trust.checks if c.name in ("deletion and insertion", "second opinion")]
        flagged = [any(c.verdicts[row] != "ok" for c in others) for row in range(N)]
        assert sum(flagged) >= N - 1, how


def test_what_a_method_finds_against_its_own_map_counts() -> None:
    """As LRP, where most of the score stays in the biases."""
    e = explained("grad_cam")
    lost = pl.Check("relevance that arrives", 0.02, "poor", "Most of the score was kept.")
    trust = replace(e, checks=(*e.checks, lost)).verify()
    assert trust.verdict == "poor"
    assert "Most of the score was kept." in trust.reasons
    again = trust.explanation.verify()
    assert again.verdict == "poor"
    assert sorted(c.name for c in again.checks) == sorted(c.name for c in trust.checks)


def test_the_verdict_comes_with_reasons_in_words() -> None:
    trust = verified("constant")
    assert trust.reasons[0] == "Every place of the map has the same value."
    assert "Do not rely on it" in str(trust)
    told = json.loads(trust.to_json())
    assert told["verdict"] == "failed"
    assert {check["name"] for check in told["checks"]} >= {"second opinion", "random network"}
    shown = trust.explanation
    assert shown.verdict == "failed"
    assert shown.record["trust"]["level"] == "quick"


def test_the_report_is_a_figure_with_a_cell_for_every_check_and_row() -> None:
    trust = verified("constant")
    figure = trust.plot()
    axes = figure.axes[0]
    assert len(axes.patches) == N * (len(trust.checks) + 1)
    words = [text.get_text() for text in (*figure.texts, *axes.texts)]
    assert any("Do not rely on it" in word for word in words)
    assert words.count("failed") == N


def test_a_saved_explanation_is_verified_with_its_model(tmp_path) -> None:
    e = explained("grad_cam")
    loaded = pl.Explanation.load(e.save(tmp_path / "e"))
    with pytest.raises(pl.InputError, match=r"e\.verify\(model, x\)"):
        loaded.verify()
    x = planted(N, 7).x
    assert loaded.verify(trained(), x).verdicts == e.verify().verdicts
    assert pickle.loads(pickle.dumps(e)).origin is None


def test_one_row_is_verified_as_in_its_batch() -> None:
    e = explained("gradient")
    assert e[3].verify().checks[1].value[0] == pytest.approx(
        e.verify().checks[1].value[3], rel=1e-2
    )


def test_it_leaves_the_network_as_it_was() -> None:
    net = trained()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    state = torch.get_rng_state()
    explained("grad_cam").verify()
    assert all(torch.equal(before[k], v) for k, v in net.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())


def test_texts_and_functions_are_verified_with_what_applies() -> None:
    def spam(texts: list[str]) -> np.ndarray:
        score = np.array([0.05 + 0.4 * ("free" in t) + 0.5 * ("prize" in t) for t in texts])
        return np.stack([1 - score, score], 1)

    text = "you have won a prize and it is free so claim it by the end of this day"
    e = pl.explain(spam, text, "occlusion", target=1)
    trust = e.verify()
    assert trust.verdict == "ok", str(trust)
    assert "random network" in trust.skipped
    wrong = replace(e, values=np.roll(e.values, 7, 1))
    assert wrong.verify().verdict == "failed"


def test_one_word_that_decides_is_enough() -> None:
    """Among 16 words one random order in 16 begins with the right one, so no map can be better
    than 95 % of them; the right map is not flagged for that."""

    def spam(texts: list[str]) -> np.ndarray:
        score = np.array([0.1 + 0.8 * ("prize" in t) for t in texts])
        return np.stack([1 - score, score], 1)

    text = "we meet at nine to see the prize and then go home by the old road again"
    e = pl.explain(spam, text, "occlusion", target=1)
    assert e.verify().verdict == "ok", str(e.verify())
    wrong = replace(e, values=np.roll(e.values, 5, 1))
    check = next(c for c in wrong.verify().checks if c.name == "deletion and insertion")
    assert check.verdict != "ok"


def test_a_baseline_of_vectors_is_not_taken_for_an_id() -> None:
    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.embedding, self.head = torch.nn.Embedding(9, 4), torch.nn.Linear(4, 2)

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return self.head(self.embedding(ids).mean(1))

    net, ids = Net().eval(), torch.arange(1, 9).view(2, 4)
    e = pl.explain(net, ids, "integrated_gradients", target=1)
    with pytest.raises(pl.NotApplicable, match="no id"):
        pl.evaluate(net, e, "completeness")
    trust = e.verify()
    assert "completeness" in trust.skipped
    assert next(c for c in trust.checks if c.name == "completeness gap").verdict == "ok"


def test_what_cannot_be_verified_says_so() -> None:
    with pytest.raises(pl.ParameterError, match="Did you mean 'quick'"):
        explained("grad_cam").verify(level="quik")
    with pytest.raises(pl.NotApplicable, match="no target"):
        explained("eigen_cam").verify()


PICTURES = ("grad_cam", "integrated_gradients", "gradient", "input_x_gradient", "smooth_grad")


def rates(right: list, wrong: dict[str, list]) -> None:
    """At most 5 % of the right maps are flagged, and at least 95 % of every kind of wrong ones."""
    found = {name: float(np.mean(flags)) for name, flags in {"right": right, **wrong}.items()}
    assert found["right"] <= 0.05, found
    assert min(found[how] for how in WRONG) >= 0.95, found


def flags(e: pl.Explanation) -> list[bool]:
    return [verdict != "ok" for verdict in e.verify().verdicts]


@pytest.mark.slow
def test_rates_over_methods_on_pictures() -> None:
    """Over methods, networks and pictures."""
    right, wrong = [], {how: [] for how in WRONG}
    for seed in (11, 12):
        x = planted(24, seed).x
        for method in PICTURES:
            e = explained(method, 24, seed)
            right += flags(e)
            for how in WRONG:
                wrong[how] += flags(spoiled(e, how, x, seed))
    rates(right, wrong)


@pytest.mark.slow
def test_rates_on_words_and_columns() -> None:
    """The same on tasks of the benchmark, where one word, or two of twelve columns, decide."""
    right, wrong = [], {how: [] for how in WRONG}
    for name in ("token", "column"):
        net, _ = trained_task(task_of(name), None, 3)
        items = task_of(name).draw(20, torch.Generator().manual_seed(4))
        other = ((items.y + 1) % len(task_of(name).card.classes)).tolist()
        for method in ("occlusion", "integrated_gradients"):
            e = pl.explain(net, items.x, method, items.y.tolist())
            half = e.values.shape[1] // 2
            noise = np.random.default_rng(0).standard_normal(e.values.shape).astype(np.float32)
            false = {
                "shifted": np.roll(e.values, half, 1),
                "another class": pl.explain(net, items.x, method, other).values,
                "random": noise,
                "constant": np.full_like(e.values, 0.3),
            }
            right += flags(e)
            for how, values in false.items():
                wrong[how] += flags(replace(e, values=values))
    rates(right, wrong)
