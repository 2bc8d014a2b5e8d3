"""What a model does over a whole table: by hand, and as scikit-learn says it."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.ops.dependence import accumulated, interval_of, quantile_edges
from pellucid.ops.intervals import student_t

pd = pytest.importorskip("pandas", reason="the extra tables")
sklearn = pytest.importorskip("sklearn", reason="an oracle")

from sklearn.ensemble import GradientBoostingRegressor  # noqa: E402
from sklearn.inspection import partial_dependence, permutation_importance  # noqa: E402
from sklearn.linear_model import LinearRegression, LogisticRegression  # noqa: E402

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(120, 3)), columns=["a", "b", "c"])
Y = 3 * X["a"] - 2 * X["b"] + np.sin(3 * X["c"]) + 0.1 * RNG.normal(size=120)
BOOSTED = GradientBoostingRegressor(n_estimators=20, random_state=0).fit(X, Y)


def test_partial_dependence_is_scikit_learns() -> None:
    wanted = partial_dependence(BOOSTED, X, ["c"], grid_resolution=8, kind="both", method="brute")
    found = pl.partial_dependence(BOOSTED, X, "c", grid=wanted["grid_values"][0])
    np.testing.assert_allclose(found.values, wanted["average"][0], rtol=1e-10)
    np.testing.assert_allclose(found.curves, wanted["individual"][0], rtol=1e-10)


def test_partial_dependence_of_a_class_is_scikit_learns() -> None:
    classifier = LogisticRegression().fit(X, np.where(Y > 0, "high", "low"))
    wanted = partial_dependence(
        classifier, X, [0], grid_resolution=5, method="brute", response_method="predict_proba"
    )
    found = pl.partial_dependence(classifier, X, 0, "low", grid=wanted["grid_values"][0])
    np.testing.assert_allclose(found.values, wanted["average"][0], rtol=1e-6)
    assert (found.target, found.unit) == ("low (class 1)", "probability")


def test_permutation_importance_is_scikit_learns_within_the_intervals() -> None:
    wanted = permutation_importance(BOOSTED, X, Y, n_repeats=12, random_state=0)
    found = pl.permutation_importance(BOOSTED, X, Y, repeats=12)
    spread = np.hypot(found.high - found.low, wanted.importances_std)
    assert (np.abs(found.values - wanted.importances_mean) < spread + 1e-3).all()
    assert found.order == list(np.argsort(-wanted.importances_mean))


def test_permutation_of_a_column_without_use_costs_nothing() -> None:
    linear = LinearRegression().fit(X, Y)
    linear.coef_[1] = 0
    found = pl.permutation_importance(linear, X, Y, repeats=3)
    assert found.values[1] == found.low[1] == found.high[1] == 0


def test_groups_move_together() -> None:
    found = pl.permutation_importance(BOOSTED, X, Y, repeats=3, groups={"both": ["a", "b"]})
    assert found.names == ("both", "c")
    assert found.values[0] > found.values[1]


def test_accumulated_local_effects_of_a_linear_model_are_its_slope() -> None:
    linear = LinearRegression().fit(X, Y)
    found = pl.accumulated_local_effects(linear, X, "a", intervals=10)
    slopes = np.diff(found.values) / np.diff(found.grid)
    np.testing.assert_allclose(slopes, linear.coef_[0], rtol=1e-8)
    np.testing.assert_allclose(found.std_error, 0, atol=1e-9)


def test_accumulated_local_effects_of_a_product_of_equal_columns() -> None:
    """f = x₁x₂ with x₂ = x₁: ∂f/∂x₁ = x₂ = z near z, so ALE is z²/2 + const; PD is z · E[x₂]."""
    z = np.linspace(0, 1, 401)
    table = np.stack([z, z], 1)

    def product(rows: Any) -> Any:
        return rows[:, 0] * rows[:, 1]

    ale = pl.accumulated_local_effects(product, table, 0, intervals=40)
    curve = ale.grid**2 / 2
    np.testing.assert_allclose(ale.values - ale.values[0], curve - curve[0], atol=2e-3)
    partial = pl.partial_dependence(product, table, 0, grid=[0.0, 0.5, 1.0])
    np.testing.assert_allclose(partial.values, [0, 0.25, 0.5], atol=1e-6)


def test_accumulated_by_hand() -> None:
    """Two intervals of 3 and 1 rows with mean changes 1 and 4: edges 0, 1, 5, less the mean of the
    middles (3 · 0.5 + 1 · 3) / 4 = 1.125."""
    curve, _ = accumulated(np.array([0.0, 1.0, 2.0, 4.0]), np.array([0, 0, 0, 1]), 2)
    np.testing.assert_allclose(curve, [-1.125, -0.125, 3.875])


def test_intervals_hold_the_values() -> None:
    column = np.array([1.0, 2.0, 2.0, 3.0, 10.0])
    edges = quantile_edges(column, 2)
    np.testing.assert_array_equal(edges, [1, 2, 10])
    np.testing.assert_array_equal(interval_of(column, edges), [0, 0, 0, 1, 1])


def test_students_quantiles() -> None:
    for freedom, wanted in ((1, 12.7062), (4, 2.7764), (5, 2.5706), (9, 2.2622), (29, 2.0452)):
        assert student_t(freedom) == pytest.approx(wanted, abs=2e-3)


def test_a_tree_says_the_rule_of_a_model_in_raw_values() -> None:
    table = pd.DataFrame(
        {"age": RNG.integers(18, 80, 150), "city": RNG.choice(["Oslo", "Rome"], 150)}
    )

    def older_in_rome(rows: Any) -> Any:
        return np.where((rows["city"] == "Rome") & (rows["age"] > 40), 0.9, 0.1)

    tree = pl.surrogate_tree(older_in_rome, table, depth=2)
    assert tree.fidelity > 0.99
    assert tree.verdict == "ok"
    assert any("city = " in rule and "age ≤ 4" in rule for rule in tree.rules())


def test_a_tree_that_leaves_much_out_says_so() -> None:
    tree = pl.surrogate_tree(lambda rows: np.sin(40 * rows["a"].to_numpy()), X, depth=1)
    assert tree.verdict == "failed"


def test_categories_are_asked_for_by_name() -> None:
    table = pd.DataFrame({"city": ["Oslo", "Rome", "Rome", "Bern"], "age": [1.0, 2.0, 3.0, 4.0]})
    letters = pl.partial_dependence(lambda rows: rows["city"].str.len().to_numpy(), table, "city")
    assert letters.labels == ("Oslo", "Rome", "Bern")
    with pytest.raises(pl.NotApplicable, match="no order"):
        pl.accumulated_local_effects(lambda rows: rows["age"].to_numpy(), table, "city")


def test_torch_models_too() -> None:
    torch.manual_seed(0)
    net, rows = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), X.to_numpy(np.float32)
    found = pl.partial_dependence(net, rows, 1, 0, grid=[-1.0, 1.0], space="logit")
    changed = torch.from_numpy(rows).clone()
    changed[:, 1] = -1
    assert found.values[0] == pytest.approx(float(net(changed)[:, 0].mean().detach()), abs=1e-5)
    importance = pl.permutation_importance(net, rows, net(torch.from_numpy(rows)).argmax(1).numpy())
    assert importance.about.startswith("accuracy 1 ")


def test_importance_of_many_rows() -> None:
    linear = LinearRegression().fit(X, Y)
    e = pl.explain(linear, X, "shapley", baseline=0.0)
    found = pl.feature_importance(e)
    np.testing.assert_allclose(found.values, np.abs(X.to_numpy() * linear.coef_).mean(0), rtol=1e-4)
    assert (found.low < found.values).all()
    assert (found.values < found.high).all()


def test_figures_say_what_they_show() -> None:
    linear = LinearRegression().fit(X, Y)
    importance = pl.feature_importance(pl.explain(linear, X[:40], "shapley", baseline=0.0))
    tree = pl.surrogate_tree(linear, X)
    for figure, word in (
        (pl.partial_dependence(linear, X, "a").plot(centred=True), "ICE"),
        (pl.accumulated_local_effects(linear, X, "a").plot(), "95 %"),
        (importance.plot(), "mean |shapley|".capitalize()),
        (importance.plot(kind="beeswarm"), "40 rows"),
        (tree.plot(), f"{tree.fidelity:.3f}"),
    ):
        assert word in figure.axes[0].get_title(loc="left")
