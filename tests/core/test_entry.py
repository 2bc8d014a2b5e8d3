"""What the network itself says: which axis holds the channels, whether it gives probabilities."""

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.report.outcome import outcome_of
from pellucid.testing.nets import built

SERIES = torch.randn(2, 20, 6, generator=torch.Generator().manual_seed(0))


class Recurrent(nn.Module):
    """Series `(N, T, F)`, or turned to time first within."""

    def __init__(self, batch_first: bool = True) -> None:
        super().__init__()
        self.lstm, self.head = nn.LSTM(6, 8, batch_first=batch_first), nn.Linear(8, 3)
        self.batch_first = batch_first

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.lstm(x if self.batch_first else x.transpose(0, 1))[0]
        out: Tensor = self.head(found.mean(1 if self.batch_first else 0))
        return out


class Transformer(nn.Module):
    """Series `(N, T, F)`, embedded by a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(6, 16)
        self.mix = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.head(self.mix(self.embed(x)).mean(1))
        return found


class Bands(nn.Module):
    """Twelve bands, last or first."""

    def __init__(self, last: bool) -> None:
        super().__init__()
        self.conv, self.head, self.last = nn.Conv2d(12, 8, 3), nn.Linear(8, 2), last

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(0, 3, 1, 2) if self.last else x
        found: Tensor = self.head(self.conv(x).relu().mean((2, 3)))
        return found


@pytest.mark.parametrize(
    ("make", "shape", "axes"),
    [
        (Recurrent, (2, 20, 6), "time channel"),
        (partial(Recurrent, False), (2, 20, 6), "time channel"),
        (Transformer, (2, 20, 6), "time channel"),
        (partial(nn.Conv1d, 6, 1, 20), (2, 6, 20), "channel time"),
        (partial(Bands, True), (1, 16, 16, 12), "height width channel"),
        (partial(Bands, False), (1, 12, 16, 16), "channel height width"),
        (partial(Bands, False), (1, 12, 12, 12), "channel height width"),
    ],
)
def test_channels_are_where_the_first_layer_takes_them(make: Any, shape: Any, axes: str) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    net = nn.Sequential(built(make), nn.Flatten())
    found = pl.explain(net, x, "gradient", pl.Output((0,)))
    assert found.axes == ("sample", *axes.split())


@pytest.mark.parametrize("make", [Recurrent, partial(Recurrent, False), Transformer])
def test_maps_of_series_are_over_time(make: Any) -> None:
    found = pl.explain(built(make), SERIES, "grad_cam", 0)
    assert found.sizes == {"sample": 2, "time": 20}
    assert np.array_equal(found.values, found.coarse)


class TimeFirst(nn.Module):
    """Hidden states `(T, N, C)`, then two layers, so that ablation has no closed form."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.one, self.two = nn.LSTM(6, 8), nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.two(self.one(self.lstm(x.transpose(0, 1))[0].mean(0)).relu())
        return found


@pytest.mark.parametrize("steps", [8, 20])  # as many as channels, and others
def test_ablation_of_a_time_first_layer(steps: int) -> None:
    net, x = built(TimeFirst), SERIES[:, :steps]
    found = pl.explain(net, x, pl.AblationCAM(layer="lstm"), target=0)
    with torch.no_grad():
        hidden = net.lstm(x.transpose(0, 1))[0]
        clean = net(x)[:, 0]
        lost = []
        for channel in range(8):
            without = hidden.clone()
            without[..., channel] = 0
            lost.append(clean - net.two(net.one(without.mean(0)).relu())[:, 0])
        weight = torch.stack(lost, 1) / clean.abs()[:, None]
        wanted = torch.einsum("nc,tnc->nt", weight, hidden)
    np.testing.assert_allclose(found.coarse, wanted.numpy(), atol=1e-6)


def test_class_token_of_a_series_is_no_time_step() -> None:
    class Patches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patch, self.token = nn.Conv1d(2, 16, 4, 4), nn.Parameter(torch.ones(1, 1, 16))
            layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
            self.mix, self.head = nn.TransformerEncoder(layer, 2), nn.Linear(16, 3)

        def forward(self, x: Tensor) -> Tensor:
            steps = self.patch(x).transpose(1, 2)
            mixed = self.mix(torch.cat([self.token.expand(len(x), -1, -1), steps], 1))
            out: Tensor = self.head(mixed[:, 0])
            return out

    found = pl.explain(built(Patches), torch.randn(2, 2, 64), "grad_cam", 0)
    assert found.coarse.shape == (2, 16)
    assert found.record["layout"] == "NLC+1 (16)"


class Sure(nn.Module):
    """Ends in a sigmoid, and in whatever shape."""

    def __init__(self, outputs: int, squeeze: bool = False) -> None:
        super().__init__()
        self.linear, self.squeeze = nn.Linear(4, outputs), squeeze

    def forward(self, x: Tensor) -> Tensor:
        found = torch.sigmoid(self.linear(x))
        return found.squeeze(1) if self.squeeze else found


ROWS = torch.randn(3, 4, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("squeeze", [False, True])
def test_one_probability(squeeze: bool) -> None:
    """No second sigmoid, and the answer is told at one half."""
    net = built(partial(Sure, 1, squeeze))
    p = net(ROWS).detach().flatten().numpy()
    found = pl.explain(pl.Model(net, classes=["well", "ill"]), ROWS, "gradient")
    assert found.target == tuple("positive (ill)" if q > 0.5 else "negative (well)" for q in p)
    assert any(check.name == "output is a probability" for check in found.checks)
    for space in ("logit", "probability"):
        for target, wanted in ((pl.Positive(), p), (pl.Negative(), 1 - p)):
            score = pl.explain(net, ROWS, "gradient", target, space=space).score
            np.testing.assert_allclose(score, wanted, atol=1e-6)


@pytest.mark.parametrize("target", [pl.Label(2), 2])
def test_many_probabilities(target: Any) -> None:
    net = built(partial(Sure, 4))
    found = pl.explain(net, ROWS, "gradient", target, space="probability")
    np.testing.assert_allclose(found.score, net(ROWS).detach().numpy()[:, 2], atol=1e-6)


@pytest.mark.parametrize("space", ["logit", "probability"])
def test_report_shows_probabilities_as_they_are(space: Any) -> None:
    net = built(partial(Sure, 4))
    found = pl.explain(net, ROWS, "gradient", 2, space=space)
    shares = {row.index: row.share for row in outcome_of(found, 0, found.target[:1]).rows}
    wanted = net(ROWS[:1]).detach().numpy()[0]
    np.testing.assert_allclose([shares[i] for i in range(4)], wanted, atol=1e-6)


class OneAtATime(nn.Module):
    """Takes a single sample: its batch size is written into its forward."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.linear(x).reshape(1, 2))


def test_a_network_of_one_sample_has_gradients_but_no_layers() -> None:
    net, x = built(OneAtATime), ROWS[:1]
    found = pl.explain(net, x, "gradient", 1, space="probability")
    np.testing.assert_allclose(found.score, net(x).detach().numpy()[:, 1], atol=1e-6)
    with pytest.raises(pl.NotApplicable, match="not two samples"):
        pl.explain(net, x, "grad_cam")
