"""Sanity checks: what a map owes to the weights, on a small network trained on planted patterns."""

import json
from functools import cache

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from evaluation.planted import fit, planted
from pellucid.core.guard import undisturbed
from pellucid.evaluation.label_randomisation import label_randomisation
from pellucid.evaluation.randomisation import badge, random_network, randomisation
from pellucid.evaluation.randomised import layers_of, randomised
from pellucid.evaluation.resuming import resumed


def deep(seed: int = 0) -> nn.Sequential:
    """Four convolutions, averaged and read out linearly, as in the networks of the paper."""
    torch.manual_seed(seed)
    return nn.Sequential(
        *(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(12, 12, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(12, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4)),
    )


@cache
def trained() -> nn.Module:
    data = planted(1500, 100)
    return fit(deep(), data.x, data.y, steps=150)


def subject(method: str, n: int = 8):
    return resumed(pl.explain(trained(), planted(n, 7).x, method))


def similarity(method: str) -> float:
    one = subject(method)
    with undisturbed(trained()):
        return float(random_network(one, draws=5).mean())


def test_the_randomisation_test_reproduces_the_literature() -> None:
    """Adebayo et al. 2018: gradient and Grad-CAM change, guided backpropagation and guided Grad-CAM
    keep their texture."""
    changed = {name: similarity(name) for name in ("gradient", "grad_cam")}
    kept = {name: similarity(name) for name in ("guided_backprop", "guided_grad_cam")}
    assert max(changed.values()) < 0.55 < min(kept.values()), (changed, kept)


def test_the_badge_says_what_it_means() -> None:
    assert "another map" in badge(torch.tensor([0.1])).meaning
    told = badge(torch.tensor([0.1, 0.9]))
    assert told.verdicts == ("ok", "failed")
    assert "would look the same for a random network" in told.meaning


def test_layers_are_drawn_anew_from_the_output_on() -> None:
    one = subject("gradient")
    with undisturbed(trained()):
        names = layers_of(one.model, one.inputs)
        assert names == ["11", "7", "5", "3", "0"]
        whole = randomisation(one, "cascading", draws=1)
        single = randomisation(one, "independent", draws=1)
    assert whole.stages == single.stages == tuple(names)
    assert whole.similarity.shape == (len(names), 8)
    assert torch.equal(whole.similarity[0], single.similarity[0])
    assert not torch.equal(whole.similarity[-1], single.similarity[-1])


def test_the_cascade_of_several_methods_is_plain_data_and_a_figure() -> None:
    x = planted(2, 7).x
    es = pl.explain(trained(), x, ["gradient", "grad_cam"])
    found = pl.randomisation(es, stages=2, draws=1)
    told = json.loads(found.to_json())
    assert [one["method"] for one in told["methods"]] == ["gradient", "grad_cam"]
    assert len(told["methods"][0]["layers"]) == 2
    assert told["methods"][0]["layers"][-1] == "0"
    assert np.shape(told["methods"][1]["similarity"]) == (2, 2)
    assert "cascading" in str(found)
    figure = found.plot()
    assert [line.get_label() for line in figure.axes[0].lines][:2] == ["gradient", "grad_cam"]
    with pytest.raises(pl.ParameterError, match="'cascading'"):
        pl.randomisation(es, mode="cascade")
    with pytest.raises(pl.ParameterError, match="1 or more"):
        pl.randomisation(es[0], draws=0)


def test_only_a_private_copy_is_changed() -> None:
    net = trained()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    one = subject("gradient")
    with undisturbed(net):
        twin = randomised(one.model, ["11"], one.inputs, 1)
        again = randomised(one.model, ["11"], one.inputs, 1)
    assert torch.equal(twin.net[11].weight, again.net[11].weight)
    assert not torch.equal(twin.net[11].weight, net[11].weight)
    assert torch.equal(twin.net[0].weight, net[0].weight)
    assert all(torch.equal(before[k], v) for k, v in net.state_dict().items())


def test_statistics_of_a_random_network_are_its_own() -> None:
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten())
    net.append(nn.LazyLinear(2))
    net(torch.randn(4, 1, 8, 8))
    one = resumed(pl.explain(net.eval(), torch.randn(4, 1, 8, 8), "gradient"))
    before = net[1].running_mean.clone()
    with undisturbed(net):
        twin = randomised(one.model, ["0"], one.inputs, 3)
    assert not torch.allclose(twin.net[1].running_mean, before)
    assert torch.equal(net[1].running_mean, before)
    assert not twin.net[1].training


def test_a_function_has_no_weights_to_draw_anew() -> None:
    one = resumed(pl.explain(lambda x: x.mean((1, 2, 3))[:, None], torch.rand(1, 1, 8, 8), "rise"))
    with pytest.raises(pl.NotApplicable):
        random_network(one)


def test_label_randomisation_on_a_trainable_example() -> None:
    data = planted(16, 3)
    found = label_randomisation(trained(), data.x, data.y, "gradient", steps=800, explain=8)
    assert found.accuracy_of_random_labels > 0.5  # four classes: it has learned some by heart
    assert float(found.similarity.mean()) < 0.5
