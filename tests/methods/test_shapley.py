"""Shapley values, exact and sampled: axioms, hand-computed numbers, planted evidence, refusals."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.core.completeness import completeness
from pellucid.methods.kernel_shap import KernelSHAP
from pellucid.methods.shapley import Shapley
from pellucid.testing.nets import built
from pellucid.testing.recurrent import EmbedLSTM

BOTH = pytest.mark.parametrize("method", ["shapley", "kernel_shap"])
NONE = {"baseline": 0.0}


def explain(f: Any, x: Any, method: Any, **options: Any) -> pl.Explanation:
    """The explanation of the value of a function, unless a target is asked for."""
    return pl.explain(f, x, method, **{"target": pl.Value(), **options})


def mlp(features: int, seed: int = 0, outputs: int = 3) -> nn.Sequential:
    def make() -> nn.Sequential:
        torch.manual_seed(seed)
        return nn.Sequential(
            *(nn.Linear(features, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU()),
            nn.Linear(32, outputs),
        )

    return built(make)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def by_orders(f: Any, x: Tensor, base: Tensor) -> np.ndarray:
    """The mean marginal contribution over all orders in which features can be added."""
    orders = list(permutations(range(len(x))))
    found = np.zeros(len(x))
    for order in orders:
        now = base.clone()
        before = float(f(now[None]))
        for i in order:
            now[i] = x[i]
            after = float(f(now[None]))
            found[i] += (after - before) / len(orders)
            before = after
    return found


# Hand-computed numbers and the definition


def toy(x: Tensor) -> Tensor:
    """ReLU(ReLU(x1 − 1) − ReLU(x2)), the toy of the DeepExplain tests."""
    return torch.relu(torch.relu(x[:, 0] - 1) - torch.relu(x[:, 1]))


@BOTH
@pytest.mark.parametrize(
    ("f", "point", "wanted"),
    [
        (toy, (3.0, 1.0), (1.5, -0.5)),
        (toy, (-10.0, -5.0), (0.0, 0.0)),
        (lambda x: x.amin(1), (2.0, -2.0), (0.0, -2.0)),
        (lambda x: x.amin(1), (4.0, 2.0), (1.0, 1.0)),
    ],
)
def test_published_numbers(f: Any, point: Any, wanted: Any, method: str) -> None:
    e = explain(f, torch.tensor([point]), method)
    np.testing.assert_allclose(e.values, [wanted], atol=1e-6)
    assert not e.std_error.any()


@BOTH
def test_is_the_mean_over_all_orders(method: str) -> None:
    net, x, base = mlp(5), normal(5), normal(5, seed=1)
    wanted = by_orders(lambda z: net(z).softmax(1)[:, 1].detach(), x, base)
    e = pl.explain(net, x[None], method, target=1, baseline=base)
    np.testing.assert_allclose(e.values[0], wanted, atol=1e-6)


def test_enumeration_and_regression_agree() -> None:
    net, x = mlp(10), normal(3, 10)
    exact = pl.explain(net, x, "shapley", target=1)
    sampled = pl.explain(net, x, KernelSHAP(n_samples=1024), target=1)
    np.testing.assert_allclose(sampled.values, exact.values, atol=1e-6)
    assert not sampled.std_error.any()
    assert "Every coalition" in check(sampled, "sampling").meaning


@BOTH
@pytest.mark.parametrize("features", [1, 2, 3])
def test_few_features(features: int, method: str) -> None:
    net, x = mlp(features), normal(2, features)
    e = pl.explain(net, x, method, target=0)
    for i in range(2):
        f = lambda z: net(z).softmax(1)[:, 0].detach()  # noqa: E731
        np.testing.assert_allclose(e.values[i], by_orders(f, x[i], 0 * x[i]), atol=1e-6)


# Axioms, with all coalitions and with some

SAMPLED = KernelSHAP(n_samples=120, tolerance=None)
ESTIMATORS = pytest.mark.parametrize("made", [Shapley(), SAMPLED], ids=["exact", "sampled"])


@ESTIMATORS
def test_values_add_up_to_the_change(made: Any) -> None:
    net, x = mlp(12), normal(4, 12)
    e = pl.explain(net, x, made, target=2)
    change = (net(x).softmax(1) - net(0 * x).softmax(1))[:, 2].detach()
    np.testing.assert_allclose(e.values.sum(1), change, rtol=1e-4, atol=1e-6)
    assert max(check(e, "completeness gap").value) < 1e-5


@ESTIMATORS
def test_additive_functions_are_recovered(made: Any) -> None:
    x, base = normal(3, 12), normal(12, seed=1)

    def f(z: Tensor) -> Tensor:
        return (z.sin() * torch.arange(12)).sum(1)

    e = explain(f, x, SAMPLED if made is SAMPLED else Shapley(baseline=base))
    start = base if made is not SAMPLED else torch.zeros(12)
    wanted = (x.sin() - start.sin()) * torch.arange(12)
    np.testing.assert_allclose(e.values, wanted, rtol=1e-4, atol=1e-4)


@ESTIMATORS
def test_equal_features_share_equally_and_unused_ones_get_nothing(made: Any) -> None:
    x = torch.ones(1, 12)

    def f(z: Tensor) -> Tensor:  # the first two interact, the third adds, the others are unused
        return z[:, 0] * z[:, 1] + z[:, 2]

    e = explain(f, x, made)
    spread = 5 * e.std_error[0] + 1e-5
    assert (np.abs(e.values[0] - [0.5, 0.5, 1, *[0] * 9]) <= spread).all()


def test_features_equal_to_the_baseline_cost_nothing() -> None:
    x = normal(1, 40)
    x[0, 5:] = 0
    seen: list[int] = []

    def f(z: Tensor) -> Tensor:
        seen.append(len(z))
        return z[:, :5].sum(1).square()

    e = explain(f, x, "shapley")
    wanted = by_orders(lambda z: z.sum().square(), x[0, :5], torch.zeros(5))
    np.testing.assert_allclose(e.values[0, :5], wanted, rtol=1e-4)
    assert not e.values[0, 5:].any()
    assert sum(seen) <= 2**5 + 4


@BOTH
def test_a_constant_model_gives_zero(method: str) -> None:
    e = explain(lambda z: torch.ones(len(z)), normal(2, 4), method)
    assert not e.values.any()
    assert check(e, "nothing to share out").verdict == "poor"


def check(e: pl.Explanation, name: str, end: str = "") -> Any:
    return next(c for c in e.checks if c.name == name and end in c.meaning)


# Standard errors and stopping


def test_errors_are_as_large_as_they_are_said_to_be() -> None:
    """z-scores of 60 seeds on a network of interactions, where exact values are known."""
    net, x = mlp(11, outputs=1), normal(1, 11)
    f = lambda z: 10 * net(z)[:, 0].sin().detach()  # noqa: E731
    exact = explain(f, x, "shapley").values
    z = []
    for seed in range(60):
        e = explain(f, x, KernelSHAP(n_samples=100, tolerance=None), seed=seed)
        z.append((e.values - exact) / e.std_error)
    assert 0.7 < np.std(z) < 1.4
    assert abs(np.mean(z)) < 0.15


def test_stops_when_sure_and_says_so() -> None:
    net, x = mlp(24), normal(3, 24)
    rough = pl.explain(net, x, KernelSHAP(tolerance=0.2), target=0)
    fine = pl.explain(net, x, KernelSHAP(tolerance=0.03), target=0)
    spent = pl.explain(net, x, KernelSHAP(tolerance=1e-6, n_samples=300), target=0)
    assert max(check(rough, "standard error").value) <= 0.2
    assert max(check(fine, "standard error").value) <= 0.03
    assert sum(rough.record["coalitions"]) < sum(fine.record["coalitions"])
    assert "within tolerance" in check(rough, "sampling").meaning
    assert "budget" in check(spent, "sampling").meaning
    assert spent.record["coalitions"] == [298] * 3


def test_a_sample_gets_what_it_would_get_alone() -> None:
    net, x = mlp(24), normal(4, 24)
    x[1, :6] = 0  # fewer features that matter: another plan
    e = pl.explain(net, x, KernelSHAP(tolerance=0.06), target=0)
    assert len(set(e.record["coalitions"])) > 1, "all stop alike: nothing is tested"
    for i in range(4):
        alone = pl.explain(net, x[i : i + 1], KernelSHAP(tolerance=0.06), target=0)
        np.testing.assert_allclose(alone.values[0], e.values[i], atol=1e-6)


def test_batch_size_does_not_matter() -> None:
    net, x = mlp(20).double(), normal(2, 20).double()
    options = {"target": 0, "baseline": 0.5, "n_samples": 200}
    one, seven = (pl.explain(net, x, "kernel_shap", batch_size=b, **options) for b in (1, 7))
    np.testing.assert_allclose(one.values, seven.values, atol=1e-7)
    assert one.record["coalitions"] == seven.record["coalitions"]


def test_all_rows_of_a_table_share_one_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    from pellucid.methods import kernel_shap
    from pellucid.parts import shapley_sampling

    made: dict[str, int] = {"plans": 0, "fits": 0}

    def counted(name: str, real: Any) -> Any:
        def call(*given: Any) -> Any:
            made[name] += 1
            return real(*given)

        return call

    plan, fit = kernel_shap.paired_plan, shapley_sampling.estimators
    monkeypatch.setattr(kernel_shap, "paired_plan", counted("plans", plan))
    monkeypatch.setattr(shapley_sampling, "estimators", counted("fits", fit))
    pl.explain(mlp(20), normal(30, 20), KernelSHAP(n_samples=200, tolerance=None), target=0)
    assert made == {"plans": 1, "fits": 1}


# Backgrounds, targets, kinds of input


@BOTH
def test_a_background_is_the_mean_of_its_rows(method: str) -> None:
    net, x, data = mlp(6), normal(2, 6), normal(7, 6, seed=1)
    e = pl.explain(net, x, method, target=1, background=data)
    rows = [pl.explain(net, x, method, target=1, baseline=row).values for row in data]
    np.testing.assert_allclose(e.values, np.mean(rows, 0), atol=1e-6)


def test_a_sampled_background_is_exact_for_linear_models() -> None:
    x, data, w = normal(2, 20), normal(9, 20, seed=1), normal(20, seed=2)
    e = explain(lambda z: z @ w, x, KernelSHAP(background=data, n_samples=60))
    np.testing.assert_allclose(e.values, (x - data.mean(0)) * w, rtol=1e-4, atol=1e-5)


@BOTH
def test_many_targets_are_those_one_by_one(method: str) -> None:
    net, x = mlp(8), normal(2, 8)
    both = pl.explain(net, x, method, target=pl.Class([0, 2]))
    for k, index in enumerate((0, 2)):
        one = pl.explain(net, x, method, target=index)
        np.testing.assert_allclose(both.values[k::2], one.values, atol=1e-6)


@BOTH
def test_several_inputs_share_the_change(method: str) -> None:
    def f(given: dict[str, Tensor]) -> Tensor:
        return given["a"].prod(1) + given["a"][:, 0] * given["b"].sum(1)

    a, b = normal(2, 3), normal(2, 4, seed=1)
    e = explain(f, {"a": a, "b": b}, method)
    whole = torch.cat([a, b], 1)
    g = lambda z: f({"a": z[:, :3], "b": z[:, 3:]})  # noqa: E731
    for i in range(2):
        wanted = by_orders(g, whole[i], 0 * whole[i])
        found = np.concatenate([e.parts[name].values[i] for name in ("a", "b")])
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


@BOTH
def test_samples_may_have_different_numbers_of_segments(method: str) -> None:
    labels = torch.zeros(2, 6, 6, dtype=torch.long)
    labels[0, :2], labels[1, :, :2], labels[1, 0, 0], labels[1, 5, 5] = 1, 1, 2, -1
    x = normal(2, 2, 6, 6)
    f = lambda z: z.sum((1, 2, 3)) ** 2 / 10  # noqa: E731
    e = explain(f, x, method, segments=labels)
    for i in range(2):
        alone = explain(f, x[i : i + 1], method, segments=labels[i])
        np.testing.assert_allclose(e.values[i], alone.values[0], atol=1e-5)
        assert all(len(set(e.values[i][labels[i] == j].tolist())) <= 1 for j in range(3))
    assert e.values[1, 5, 5] == 0
    assert e.coarse.shape == (2, 3)
    assert e.segments.shape == e.values.shape == (2, 6, 6)


@BOTH
def test_token_ids(method: str) -> None:
    net = built(EmbedLSTM)
    x = torch.randint(1, 20, (1, 5), generator=torch.Generator().manual_seed(0))
    e = pl.explain(net, x, method, target=0, **NONE)
    f = lambda z: net(z).softmax(1)[:, 0].detach()  # noqa: E731
    np.testing.assert_allclose(e.values[0], by_orders(f, x[0], 0 * x[0]), atol=1e-6)


# Planted evidence


@pytest.mark.parametrize("kind", ["column", "word", "slice", "patch"])
def test_planted_evidence_is_found(kind: str) -> None:
    """Something that the score depends on, among noise that also moves it a little."""
    found = 0
    for seed in range(20):
        place = (7 * seed) % 20
        noise = normal(20, seed=seed)

        def few(z: Tensor, place: int = place, noise: Tensor = noise) -> Tensor:
            return 2 * z[:, place] + 0.3 * torch.sin(z @ noise)

        x, f = {
            "column": (normal(1, 20, seed=seed).abs() + 1, few),
            "word": (torch.full((1, 20), 3), lambda z, few=few: few((z > 0).float())),
            "slice": (torch.ones(1, 1, 100), lambda z, few=few: few(z[:, 0, 2::5])),
            "patch": (torch.ones(1, 1, 20, 20), lambda z, few=few: few(z[:, 0, :, 3])),
        }[kind]  # fmt: skip
        more = {"segments": np.repeat(np.arange(20), 20).reshape(20, 20)} if kind == "patch" else {}
        e = explain(f, x, KernelSHAP(n_samples=100, **more), seed=seed)
        best = int(e.values[0].argmax())
        found += best // {"slice": 5, "patch": 20}.get(kind, 1) == place
    assert found >= 19


# Refusals


def test_too_many_features_are_refused_with_a_way_out() -> None:
    with pytest.raises(pl.NotApplicable, match="13 features") as caught:
        pl.explain(mlp(13), normal(1, 13), "shapley")
    assert "kernel_shap" in caught.value.remedy
    assert "segments=" in caught.value.remedy


def test_too_small_a_budget_is_refused() -> None:
    with pytest.raises(pl.ParameterError, match="too few for 20 features") as caught:
        pl.explain(mlp(20), normal(1, 20), KernelSHAP(n_samples=30))
    assert "n_samples=42" in caught.value.remedy
    pl.explain(mlp(20), normal(1, 20), KernelSHAP(n_samples=42))


@BOTH
@pytest.mark.parametrize(
    ("background", "cause"),
    [
        (torch.zeros(101, 4), "101 times"),
        (torch.zeros(5, 3), r"shape \(5, 3\)"),
        (torch.zeros(0, 4), r"shape \(0, 4\)"),
        (torch.full((2, 4), torch.nan), "NaN"),
        ([["a", "b", "c", "d"]], "no array of numbers"),
    ],
)
def test_bad_backgrounds_are_refused(background: Any, cause: str, method: str) -> None:
    with pytest.raises(pl.ParameterError, match=cause):
        pl.explain(mlp(4), normal(1, 4), method, background=background)


def test_a_model_that_fails_midway_keeps_what_was_done() -> None:
    calls = []

    def f(z: Tensor) -> Tensor:
        calls.append(len(z))
        if sum(calls) > 400:
            raise ValueError("the server went away")
        return z.sum(1)

    method = KernelSHAP(n_samples=800, tolerance=None)
    with pytest.raises(pl.PredictorError, match="the server went away") as caught:
        explain(f, normal(1, 30), method, batch_size=16)
    partial = caught.value.partial
    assert 380 <= partial.record["coalitions"][0] <= 400
    np.testing.assert_allclose(partial.values.sum(), partial.score[0], rtol=1e-3, atol=1e-4)


def test_enumeration_that_fails_midway_keeps_estimates() -> None:
    calls = []

    def f(z: Tensor) -> Tensor:
        calls.append(len(z))
        if sum(calls) > 200:
            raise TimeoutError("the server did not answer")
        return z.sum(1)

    x = normal(1, 9)
    with pytest.raises(
        pl.PredictorError, match="TimeoutError: the server did not answer"
    ) as caught:
        explain(f, x, Shapley(), batch_size=16)
    np.testing.assert_allclose(caught.value.partial.values, x, atol=1e-5)


def test_the_gap_is_reported() -> None:
    """The check sees values that do not add up."""
    found = completeness({"x": torch.ones(1, 3)}, torch.tensor([4.0]), torch.tensor([4.0]), 1e-4)
    assert found[0].verdict == "failed"
