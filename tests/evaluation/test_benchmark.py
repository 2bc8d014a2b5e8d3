"""The benchmark with ground truth: tasks, controls, the league table and its page."""

import json
from functools import cache

import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.evaluation.controls import RandomMap
from pellucid.evaluation.evaluating import evaluated
from pellucid.evaluation.ground_truth import TASKS, task_of, trained
from pellucid.evaluation.league import MEASURES, Benchmark
from pellucid.evaluation.training import train
from pellucid.report.benchmark import page_of

NAMES = list(TASKS.files)


def drawn(name: str, n: int = 64, seed: int = 0):
    return task_of(name).draw(n, torch.Generator().manual_seed(seed))


@cache
def found() -> Benchmark:
    """The two quickest tasks."""
    return pl.benchmark(["occlusion", "gradient", "grad_cam"], ["token", "column"], items=12)


@pytest.mark.parametrize("name", NAMES)
def test_the_evidence_is_all_that_was_planted(name) -> None:
    """The items differ from those without it inside the mask alone; the mask is never empty, nor
    everything; the same seed draws the same items."""
    one = drawn(name)
    masks = one.masks if one.masks.ndim == one.x.ndim else one.masks[:, None]
    outside = ~masks.expand_as(one.x)
    assert torch.equal(one.x[outside], one.without[outside])
    assert not torch.equal(one.x, one.without)
    assert one.masks.flatten(1).any(1).all()
    assert not one.masks.flatten(1).all(1).any()
    assert torch.equal(one.x, drawn(name).x)
    assert not torch.equal(one.x, drawn(name, seed=1).x)
    exchanged = one.exchanged()
    assert torch.equal(exchanged[~outside], one.x[~outside])
    assert set(one.y.tolist()) == set(range(len(task_of(name).card.classes)))


@pytest.mark.parametrize("name", NAMES)
def test_the_network_fits_its_task(name) -> None:
    task, one = task_of(name), drawn(name, 3)
    assert task.network()(one.x).shape == (3, len(task.card.classes))
    assert (one.labels is None) == (name != "two_classes")


def test_the_network_looks_where_the_evidence_was_planted() -> None:
    for task in found().tasks:
        assert task.accuracy > 0.97, task.card.name
        assert task.exchanged > 0.97
        assert task.without < 0.6
        assert task.rest < 0.4


@pytest.mark.parametrize("name", ["token", "column", "time_window"])
def test_the_random_map_scores_what_the_evidence_covers(name) -> None:
    """In both measures, to within four standard errors of 1000 items."""
    net, one = task_of(name).network(), drawn(name, 1000)
    area = float(one.masks.float().mean())
    e = pl.explain(net, one.x, RandomMap(), target=0)
    for score in evaluated(None, [e], MEASURES, masks=one.masks):
        assert score.mean == pytest.approx(area, abs=4 * score.values.std() / 1000**0.5)


def test_a_method_that_finds_the_evidence_is_told_from_one_that_does_not() -> None:
    token = found()["token"]
    assert found().entry("occlusion", token).scores["pointing_game"].mean == 1
    assert "occlusion" in token.best("pointing_game")
    assert "gradient" not in token.best("relevance_mass_accuracy")
    assert "grad_cam" in found()["column"].refused  # no map of a layer in a table
    assert found().methods[-2:] == ("input_alone", "random_map")
    assert found().methods[0] == "occlusion"


def test_a_wrong_method_shows() -> None:
    """Turned round, a map that was among the best is at chance."""

    @pl.method(pl.Card(name="turned", title="Turned", paper="-", modalities=("text", "table")))
    class Turned(pl.Method):
        def attribute(self, call):
            _, gradients = call.input_gradient()
            x = call.inputs.explained
            return pl.Attribution(
                {k: -x[k] * g for k, g in gradients.items()},
                axes={k: call.inputs.axes(k) for k in gradients},
            )

    league = pl.benchmark(["input_x_gradient", Turned()], ["column"], items=12)["column"]
    assert "input_x_gradient" in league.best("pointing_game")
    assert "turned" in league.chance("relevance_mass_accuracy")


def test_the_same_seed_gives_the_same_table() -> None:
    again = pl.benchmark(["gradient"], ["column"], items=6)["column"]
    first = pl.benchmark(["gradient"], ["column"], items=6)["column"]
    for a, b in zip(first.entries, again.entries, strict=True):
        for measure, score in a.scores.items():
            assert score.values.tolist() == b.scores[measure].values.tolist()


def test_a_network_and_methods_of_ones_own() -> None:
    def linear(task) -> nn.Module:
        return nn.Linear(10, len(task.card.classes))

    own = pl.benchmark([pl.Gradient(), pl.Gradient(reduce="sum")], ["correlated"],
                       network=linear, items=6)  # fmt: skip
    assert own.methods[:2] == ("gradient", "gradient (2)")
    assert own["correlated"].accuracy > 0.9


def test_nothing_of_the_process_changes() -> None:
    state, torch_grad = torch.get_rng_state(), torch.is_grad_enabled()
    net, _ = trained(task_of("column"))
    assert torch.equal(state, torch.get_rng_state())
    assert torch.is_grad_enabled() == torch_grad
    assert all(p.grad is None and not p.requires_grad for p in net.parameters())


def test_training_ends_where_the_loss_is_small() -> None:
    x = torch.randn(200, 4, generator=torch.Generator().manual_seed(0))
    y = (x[:, 0] > 0).long()
    short, long = (nn.Linear(4, 2) for _ in range(2))
    long.load_state_dict(short.state_dict())
    for net, until in ((short, 10.0), (long, 0.0)):
        train(net, x, y, 60, 0.05, torch.Generator().manual_seed(0), until=until)
    assert long.weight.abs().sum() > 1.2 * short.weight.abs().sum()


def test_the_page_and_the_result_are_complete() -> None:
    page = page_of(found())
    told = json.loads(found().to_json())
    for task in told["tasks"]:
        assert task["title"] in page
        assert f'id="{task["task"]}"' in page
        pointing = task["methods"][0]["pointing_game"]
        assert pointing["interval"][0] <= pointing["mean"] <= pointing["interval"][1]
        assert len(task["methods"][0]["pointing_game"]["values"]) == task["items"]
    assert "Random map" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "random_map" in str(found())
    assert found()["token"].examples["occlusion"].shape == (16,)


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(pl.ParameterError, match="Did you mean 'patch'"):
        pl.benchmark(["gradient"], ["pach"])
    with pytest.raises(pl.ParameterError, match="gives no map of the input"):
        pl.benchmark(["deep_dream"], ["column"])
    with pytest.raises(pl.ParameterError, match="2 or more"):
        pl.benchmark(items=1)
    with pytest.raises(pl.ParameterError, match="'quick'"):
        pl.benchmark(level="quik")
    with pytest.raises(pl.NotApplicable, match="did not learn the task column"):
        pl.benchmark(["gradient"], ["column"], network=lambda task: Silent(), items=2)


class Silent(nn.Module):
    """Always the class that is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.full((len(x), 2), float("nan")) + self.weight


def test_every_task_is_listed() -> None:
    assert list(pl.tasks()) == NAMES
    assert len(NAMES) == 11
    kinds = {task_of(name).card.modality for name in NAMES}
    assert kinds == {"image", "series", "text", "table"}
