"""Occlusion: identities, golden values, windows, edges, budgets."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.testing.nets import Plain, built, mlp, two_relu_toy

X = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(3))


def occlude(net: object, x: object, **more: object) -> pl.Explanation:
    options = {"target": 1, "space": "logit", **more}
    target, space = options.pop("target"), options.pop("space")
    return pl.explain(net, x, pl.Occlusion(**options), target=target, space=space)


def linear(*shape: int) -> nn.Module:
    return built(lambda: nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(shape)), 3)))


# Identities


def test_a_window_of_one_on_a_linear_model_is_w_times_x_minus_b() -> None:
    net = linear(3, 5, 6)
    x = X[:, :, :5, :6]
    e = occlude(net, x, window=1, baseline=0.25, channels="apart")
    wanted = net[1].weight[1].view(3, 5, 6) * (x - 0.25)  # type: ignore[index]
    assert e.axes == ("sample", "channel", "height", "width")
    np.testing.assert_allclose(e.values, wanted.detach(), atol=1e-5)


def test_channels_together_are_their_sum_on_a_linear_model() -> None:
    net, x = linear(3, 5, 6), X[:, :, :5, :6]
    apart = occlude(net, x, window=1, channels="apart")
    np.testing.assert_allclose(occlude(net, x, window=1).values, apart.values.sum(1), atol=1e-5)


def test_a_window_as_large_as_the_input_gives_the_change_to_the_baseline_everywhere() -> None:
    net = built(Plain)
    e = occlude(net, X, window=16, stride=16, baseline=0.5)
    with torch.no_grad():
        change = (net(X) - net(torch.full_like(X, 0.5)))[:, 1]
    np.testing.assert_allclose(e.values, change.view(2, 1, 1).expand(2, 16, 16), atol=1e-5)


def test_windows_side_by_side_on_an_additive_model_add_up() -> None:
    def additive(x: Tensor) -> Tensor:
        total = torch.nn.functional.avg_pool2d(x, 4).sin().sum((2, 3))
        return torch.stack([total[:, 0], total.sum(1)], 1)

    e = occlude(additive, X, window=4, stride=4)
    change = (additive(X) - additive(torch.zeros_like(X)))[:, 1]
    np.testing.assert_allclose(e.coarse.sum((1, 2)), change, atol=1e-4)


def test_a_constant_model_gives_zero() -> None:
    e = occlude(lambda x: torch.ones(len(x), 3), X, window=4)
    assert not e.values.any()


def test_changes_as_small_as_rounding_are_said_to_be_none() -> None:
    def deaf(x: Tensor) -> Tensor:
        return (1 + 1.2e-7 * (x[:, 0, 0, 0] > 0))[:, None].expand(-1, 2)

    x = X.abs()
    checks = {c.name: c for c in occlude(deaf, x, window=4).checks}
    assert checks["rounding"].verdict == "failed"
    louder = occlude(lambda x: 1e-4 * deaf(x) + 1e-4 * x.mean((1, 2, 3))[:, None], x, window=4)
    assert "rounding" not in {c.name for c in louder.checks}


@pytest.mark.parametrize(("window", "wanted"), [(1, (1.0, -1.0)), (2, (0.5, 0.5))])
def test_golden_toy(window: int, wanted: tuple[float, float]) -> None:
    """f = ReLU(ReLU(x₁ − 1) − ReLU(x₂)) at (3, 1): without x₁ 0, without x₂ 2, without both 0; a
    window of two is cut off at the border, so the first covers both and the second x₂ alone."""
    x = torch.tensor([[3.0, 1.0]])
    e = occlude(two_relu_toy(), x, target=None, window=window, stride=2 if window == 2 else 1)
    value = e.values[0] if window == 1 else e.values[0] / 2
    np.testing.assert_allclose(value, wanted, atol=1e-6)


# All the same


def test_all_classes_come_from_the_same_forwards() -> None:
    net = built(Plain)
    every = occlude(net, X, target=pl.Class([0, 1, 2]), window=5)
    assert every.values.shape == (6, 16, 16)
    for c in range(3):
        one = occlude(net, X, target=c, window=5)
        np.testing.assert_allclose(every.values[c::3], one.values, atol=1e-6)
        assert one.cost["forwards"] == every.cost["forwards"]


@pytest.mark.parametrize("engine", ["dense", "incremental"])
def test_the_batch_size_does_not_matter(engine: str) -> None:
    net = built(Plain)
    found = [
        pl.explain(net, X, "occlusion", window=4, engine=engine, batch_size=size).values
        for size in (1, 7, None)
    ]
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    np.testing.assert_allclose(found[0], found[2], atol=1e-6)


def test_the_most_probable_class_without_each_window() -> None:
    net = built(Plain)
    e = occlude(net, X, window=8, stride=4)
    classes = np.array(e.record["class_when_occluded"])
    assert classes.shape == e.coarse.shape
    hidden = X.clone()
    hidden[:, :, 4:12, 0:8] = 0
    with torch.no_grad():
        np.testing.assert_array_equal(classes[:, 1, 0], net(hidden).argmax(1))


# Windows


def test_places_have_the_mean_of_the_windows_over_them() -> None:
    x = torch.tensor([[[1.0, 2.0, 4.0, 8.0, 16.0]]])

    def total(x: Tensor) -> Tensor:
        return x.sum((1, 2))[:, None]

    e = pl.explain(total, x, pl.Occlusion(window=2, stride=1), target=pl.Value())
    np.testing.assert_allclose(e.coarse[0], [3, 6, 12, 24])
    np.testing.assert_allclose(e.values[0], [3, 4.5, 9, 18, 24])


@pytest.mark.parametrize(
    ("edge", "wanted"),
    [
        ("clip", [7, 56, 64]),  # 0–2, 3–5, 6
        ("inside", [7, 56, 112]),  # 0–2, 3–5, 4–6
        ("overhang", [7, 56, 64]),
    ],
)
def test_edges(edge: str, wanted: list[float]) -> None:
    x = torch.tensor([[[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]]])
    e = pl.explain(
        lambda x: x.sum((1, 2))[:, None], x, pl.Occlusion(window=3, stride=3, edge=edge),
        target=pl.Value(),
    )  # fmt: skip
    np.testing.assert_allclose(e.coarse[0], wanted)


def test_overhanging_windows_cover_every_place_equally_often() -> None:
    x = torch.ones(1, 1, 7)
    e = pl.explain(
        lambda x: x.sum((1, 2))[:, None], x, pl.Occlusion(window=4, stride=2, edge="overhang"),
        target=pl.Value(),
    )  # fmt: skip
    np.testing.assert_allclose(e.coarse[0], [2, 4, 4, 3, 1])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window": 2, "stride": 3}, "never be covered"),
        ({"window": (2, 2, 2)}, "does not fit"),
        ({"window": 0}, "does not fit"),
        ({"window": "large"}, "does not fit"),
        ({"baseline": "grey"}, "no baseline"),
    ],
)
def test_windows_that_make_no_sense_are_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(pl.ParameterError, match=words):
        occlude(built(Plain), X, **options)


@pytest.mark.parametrize("baseline", ["zero", "mean", "overall_mean", "blur", "noise", 0.5, X[0]])
def test_every_baseline_is_what_is_seen_in_the_window(baseline: object) -> None:
    from pellucid.core.inputs import Inputs
    from pellucid.parts.baselines import baselines

    net = built(Plain)
    e = occlude(net, X, window=8, stride=8, baseline=baseline)
    (_, made), *_ = baselines(Inputs.of(X), baseline, 0)
    hidden = X.clone()
    hidden[:, :, :8, 8:] = made["input"][:, :, :8, 8:]
    with torch.no_grad():
        change = (net(X) - net(hidden))[:, 1]
    np.testing.assert_allclose(e.coarse[:, 0, 1], change, atol=1e-5)


def test_tables_lose_one_column_at_a_time() -> None:
    net, x = mlp(), torch.randn(3, 6, generator=torch.Generator().manual_seed(0))
    e = occlude(net, x)
    assert e.axes == ("sample", "feature")
    hidden = x.clone()
    hidden[:, 4] = 0
    with torch.no_grad():
        np.testing.assert_allclose(e.values[:, 4], (net(x) - net(hidden))[:, 1], atol=1e-6)


def test_two_inputs_have_a_map_each() -> None:
    def both(a: Tensor, b: Tensor) -> Tensor:
        total = a.sum((1, 2, 3)) + 2 * b.sum(1)
        return torch.stack([-total, total], 1)

    e = occlude(both, (X, X[:, 0, 0, :4]), window={"0": 16, "1": 1})
    np.testing.assert_allclose(e["0"].values[:, 0, 0], X.sum((1, 2, 3)), rtol=1e-4)
    np.testing.assert_allclose(e["1"].values, 2 * X[:, 0, 0, :4], rtol=1e-3, atol=1e-5)


# Budget


def test_a_budget_gives_a_coarse_map_first_and_refines_it() -> None:
    net = built(Plain)
    whole = occlude(net, X, window=3, stride=1)
    errors = []
    for budget in (16, 49, 150, 10_000):
        e = occlude(net, X, window=3, stride=1, max_evaluations=budget)
        assert e.cost["forwards"] <= 2 * budget + 8
        errors.append(float(np.abs(e.values - whole.values).mean()))
        told = [c for c in e.checks if c.name == "windows tried"]
        assert bool(told) == (budget < 196)
    assert errors[0] > errors[1] > errors[2] > errors[3] == pytest.approx(0, abs=1e-6)


def test_a_time_budget_stops_and_says_so() -> None:
    import time

    def slow(x: Tensor) -> Tensor:
        time.sleep(0.02)
        return torch.stack([x.sum((1, 2, 3)), -x.sum((1, 2, 3))], 1)

    e = occlude(slow, X, window=3, stride=1, max_seconds=0.1)
    check = next(c for c in e.checks if c.name == "windows tried")
    assert 0 < check.value < 1
    assert np.isfinite(e.values).all()


# Finding what is there


def test_a_planted_patch_is_found() -> None:
    """The score is the brightness of one hidden 4 × 4 place: the strongest window lies on it."""
    hits = 0
    for seed in range(40):
        generator = torch.Generator().manual_seed(seed)
        x = torch.rand(1, 3, 24, 24, generator=generator)
        r, c = torch.randint(0, 20, (2,), generator=generator).tolist()

        def bright(x: Tensor, r: int = r, c: int = c) -> Tensor:
            score = x[:, :, r : r + 4, c : c + 4].mean((1, 2, 3))
            return torch.stack([-score, score], 1) + 0.01 * x[:, :2].mean((2, 3))

        e = occlude(bright, x, window=4, stride=2)
        top = np.unravel_index(e.values[0].argmax(), (24, 24))
        hits += r <= top[0] < r + 4 and c <= top[1] < c + 4
    assert hits >= 38


# A predictor that fails


class _Failing:
    """Fails at the n-th call."""

    def __init__(self, calls: int, answer: object) -> None:
        self.left, self.answer = calls, answer

    def __call__(self, x: Tensor) -> object:
        self.left -= 1
        if self.left < 0:
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer
        return torch.stack([x.sum((1, 2, 3)), -x.sum((1, 2, 3))], 1)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (TimeoutError("the server did not answer"), "TimeoutError: the server did not answer"),
        (torch.full((8, 2), torch.nan), "NaN or infinite"),
        (torch.zeros(3, 2), "shape"),
        (ValueError("boom"), "boom"),
    ],
)
def test_a_predictor_that_fails_is_named_with_its_batch_and_what_was_done_is_kept(
    answer: object, words: str
) -> None:
    with pytest.raises(pl.PredictorError, match=words) as caught:
        pl.explain(_Failing(3, answer), X, pl.Occlusion(window=4, stride=2), batch_size=8)
    assert "occlusion, inputs 16 to 23" in str(caught.value)
    partial = caught.value.partial
    assert isinstance(partial, pl.Explanation)
    assert partial.values[0].any()
    assert "partial result" in {check.name for check in partial.checks}
