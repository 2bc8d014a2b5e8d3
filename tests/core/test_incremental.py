"""Exact incremental inference: following only what a window changes gives the values of the whole
network, whatever the layers are."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import pellucid as pl
from pellucid.core.incremental.network import run_clean, traced
from pellucid.core.incremental.patch import Map, Patch, Space, write_back
from pellucid.core.incremental.plan import Planner, spans_of
from pellucid.testing.nets import built


class Branches(nn.Module):
    """Two branches, added and joined, with operations in place."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.left = nn.Conv2d(6, 6, 3, stride=2, padding=1)
        self.right = nn.Sequential(nn.Conv2d(6, 6, 1), nn.MaxPool2d(2, ceil_mode=True))
        self.head = nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.stem(x), inplace=True)
        left, right = self.left(x), self.right(x)
        joined = torch.cat([left + right, right * torch.sigmoid(left)], 1)
        joined += 0.1
        return self.head(F.adaptive_avg_pool2d(joined, 1).flatten(1))


class ChannelsLast(nn.Module):
    """The block of ConvNeXt: LayerNorm and Linear over channels that are moved last."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 2, stride=2)
        self.depthwise = nn.Conv2d(8, 8, 7, padding=3, groups=8)
        self.norm, self.wide, self.back = nn.LayerNorm(8), nn.Linear(8, 16), nn.Linear(16, 8)
        self.gain = nn.Parameter(torch.full((8,), 0.5))
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.gain * self.back(F.gelu(self.wide(y)))
        x = x + y.permute(0, 3, 1, 2)
        return self.head(x.mean([-2, -1]))


class Gated(nn.Module):
    """Squeeze and excitation: from the gate on, everything changes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.gate = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 6, 1)
        self.after, self.head = nn.Conv2d(6, 6, 3, padding=1), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x).relu()
        x = x * torch.sigmoid(self.gate(F.adaptive_avg_pool2d(x, 1)))
        x = self.after(x)
        return self.head(x.reshape(x.shape[0], x.size(1), -1).mean(2))


def plane(*layers: Callable[[], nn.Module], channels: int = 6, rank: int = 2) -> nn.Module:
    """A convolution, then `layers`, then pooling and a linear layer."""
    conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[rank - 1]
    pool = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)[rank - 1]
    stem = conv(3, 6, 3, padding=1)
    return nn.Sequential(
        stem, *(layer() for layer in layers), pool(1), nn.Flatten(), nn.Linear(channels, 3)
    )


NETS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "stride and padding": (lambda: plane(lambda: nn.Conv2d(6, 6, 3, 2, 1), nn.ReLU), (3, 17, 22)),
    "no padding": (lambda: plane(lambda: nn.Conv2d(6, 6, 5, 3)), (3, 21, 16)),
    "dilation": (lambda: plane(lambda: nn.Conv2d(6, 6, 3, dilation=2, padding=1)), (3, 15, 18)),
    "groups": (lambda: plane(lambda: nn.Conv2d(6, 6, 3, padding=1, groups=3)), (3, 14, 15)),
    "same padding, even kernel": (
        lambda: plane(lambda: nn.Conv2d(6, 6, (4, 2), padding="same")), (3, 13, 16)),
    "oblong kernel": (lambda: plane(lambda: nn.Conv2d(6, 6, (1, 5), (1, 2), (0, 2))), (3, 12, 19)),
    "reflected padding": (
        lambda: plane(lambda: nn.Conv2d(6, 6, 3, padding=1, padding_mode="reflect")), (3, 12, 14)),
    "max pooling": (lambda: plane(lambda: nn.MaxPool2d(3, 2, 1), nn.ReLU), (3, 15, 20)),
    "ceil mode": (lambda: plane(lambda: nn.MaxPool2d(3, 2, ceil_mode=True)), (3, 16, 13)),
    "average pooling": (lambda: plane(lambda: nn.AvgPool2d(3, 2, 1)), (3, 15, 16)),
    "average without padding": (
        lambda: plane(lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False)), (3, 15, 16)),
    "average in ceil mode": (
        lambda: plane(lambda: nn.AvgPool2d(3, 2, 1, ceil_mode=True)), (3, 16, 14)),
    "batch norm": (lambda: plane(nn.ReLU, lambda: nn.BatchNorm2d(6), nn.SiLU), (3, 14, 14)),
    "PReLU": (lambda: plane(lambda: nn.PReLU(6), lambda: nn.Hardtanh(-1, 1)), (3, 14, 14)),
    "padding layer": (
        lambda: plane(lambda: nn.ConstantPad2d((1, 2, 0, 3), 0.5), lambda: nn.Conv2d(6, 6, 3)),
        (3, 13, 13)),
    "group norm": (lambda: plane(lambda: nn.GroupNorm(2, 6), nn.ReLU), (3, 14, 14)),
    "instance norm": (lambda: plane(lambda: nn.InstanceNorm2d(6), nn.ReLU), (3, 14, 14)),
    "transposed": (lambda: plane(lambda: nn.ConvTranspose2d(6, 6, 2, 2), nn.ReLU), (3, 11, 12)),
    "branches": (Branches, (3, 18, 15)),
    "channels last": (ChannelsLast, (3, 20, 22)),
    "gated": (Gated, (3, 14, 17)),
    "series": (
        lambda: plane(lambda: nn.Conv1d(6, 6, 5, 2, 2), nn.ReLU, lambda: nn.MaxPool1d(2), rank=1),
        (3, 41)),
    "volume": (
        lambda: plane(lambda: nn.Conv3d(6, 6, 3, 2, 1), nn.ReLU, lambda: nn.AvgPool3d(2), rank=3),
        (3, 8, 9, 11)),
}  # fmt: skip

ENDS = {"reflected padding", "group norm", "instance norm", "transposed", "gated"}
"""Networks with an operation after which everything is run whole."""


def lived_in(make: Callable[[], nn.Module]) -> nn.Module:
    """A net whose batch normalisation has seen data."""
    net = built(make)
    generator = torch.Generator().manual_seed(2)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_var is not None:
            module.running_mean.copy_(torch.randn(module.num_features, generator=generator))
            module.running_var.copy_(torch.rand(module.num_features, generator=generator) + 0.5)
    return net


def batch(*shape: int) -> Tensor:
    return torch.randn(2, *shape, generator=torch.Generator().manual_seed(1))


def by_hand(net: nn.Module, x: Tensor, window: int, stride: int) -> np.ndarray:
    """Every window, one forward pass each: the logits of class 1 without it."""
    sizes = x.shape[2:]
    counts = [1 + -((window - size) // stride) for size in sizes]
    found = np.zeros((len(x), *counts), np.float32)
    with torch.no_grad():
        whole = net(x)[:, 1]
        for place in np.ndindex(*counts):
            hidden = x.clone()
            where = tuple(slice(i * stride, i * stride + window) for i in place)
            hidden[(..., *where)] = 0.3
            found[(slice(None), *place)] = whole - net(hidden)[:, 1]
    return found


@pytest.mark.parametrize("window", [3, 5])
@pytest.mark.parametrize("name", NETS)
def test_equal_to_brute_force_at_every_window(name: str, window: int) -> None:
    make, shape = NETS[name]
    net, x = lived_in(make).eval(), batch(*shape)
    e = pl.explain(
        net, x, pl.Occlusion(window=window, stride=2, baseline=0.3, engine="incremental"),
        target=1, space="logit",
    )  # fmt: skip
    wanted = by_hand(net, x, window, 2)
    assert e.record["engine"] == "incremental"
    np.testing.assert_allclose(e.coarse, wanted, atol=1e-4 * np.abs(wanted).max())
    check = next(c for c in e.checks if c.name == "incremental inference")
    assert check.verdict == "ok"


@pytest.mark.parametrize("name", NETS)
def test_a_patch_goes_as_far_as_its_operations_allow(name: str) -> None:
    make, shape = NETS[name]
    net = lived_in(make).eval()
    network = traced(net)
    assert not isinstance(network, str)
    rank = len(shape) - 1
    network.spaces[network.entry] = Space(tuple(range(2, 2 + rank)), 1)
    with torch.no_grad():
        run_clean(network, batch(*shape)[:1])
    maps = [n for n, value in network.values.items()
            if isinstance(value, Tensor) and value.ndim == rank + 2
            and max(value.shape[-rank:]) > 1 and n.op.startswith("call")]  # fmt: skip
    without = [n for n in maps if n not in network.rules]
    assert bool(without) == (name in ENDS), without


def test_follows_less_work_than_the_whole_network() -> None:
    net = nn.Sequential(*(nn.Conv2d(3 if i == 0 else 8, 8, 3, padding=1) for i in range(4)),
                        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3))  # fmt: skip
    network = traced(net)
    assert not isinstance(network, str)
    network.spaces[network.entry] = Space((2, 3), 1)
    with torch.no_grad():
        run_clean(network, torch.randn(1, 3, 64, 64))
    low = torch.arange(0, 64, 8)
    spans = spans_of(network, [(low, low + 8)] * 2)
    planner = Planner(network, spans)
    found = planner.groups([torch.arange(8)] * 2)
    assert sum(group.count for group in found) == 64
    # Four layers widen 8 × 8 by one place on each side and layer: up to 16² of 64².
    assert max(group.work for group in found) < 0.35 * planner.dense


def test_a_layer_with_a_users_hook_is_run_whole() -> None:
    net = lived_in(NETS["max pooling"][0]).eval()
    net[1].register_forward_hook(lambda module, args, output: output / output.abs().mean())  # type: ignore[index]
    x = batch(3, 15, 20)
    fast = pl.explain(net, x, "occlusion", window=3, engine="incremental", target=1)
    slow = pl.explain(net, x, "occlusion", window=3, engine="dense", target=1)
    np.testing.assert_allclose(fast.values, slow.values, atol=1e-4 * np.abs(slow.values).max())


class AgainstAMap(nn.Module):
    """Operations with constants that differ from place to place."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 4, 3, padding=1), nn.Linear(4, 3)
        self.map = nn.Parameter(torch.rand(1, 4, 14, 14))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.clamp(self.conv(x), max=self.map)
        x = torch.add(x, other=self.map) * self.map
        return self.head(x.mean((2, 3)))


def test_constants_that_differ_from_place_to_place_end_a_patch() -> None:
    x = batch(3, 14, 14)
    fast = pl.explain(built(AgainstAMap), x, "occlusion", engine="incremental", target=1)
    slow = pl.explain(built(AgainstAMap), x, "occlusion", engine="dense", target=1)
    np.testing.assert_allclose(fast.values, slow.values, atol=1e-4 * np.abs(slow.values).max())


def test_an_incremental_way_that_fails_gives_way_to_the_whole_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pellucid.core.incremental.run import Incremental

    def broken(self, group, windows, changed):  # type: ignore[no-untyped-def]
        raise IndexError("a rule that is wrong")

    net, x = lived_in(Branches).eval(), batch(3, 14, 14)
    wanted = pl.explain(net, x, "occlusion", engine="dense", target=1)
    monkeypatch.setattr(Incremental, "scores", broken)
    e = pl.explain(net, x, "occlusion", engine="incremental", target=1)
    assert "failed (IndexError)" in e.record["engine"]
    np.testing.assert_allclose(e.values, wanted.values, atol=1e-6)


def test_a_parametrised_convolution_runs_as_it_is() -> None:
    def make() -> nn.Module:
        conv = nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3))
        return nn.Sequential(conv, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))

    net, x = built(make), batch(3, 12, 12)
    e = pl.explain(net, x, "occlusion", window=4, stride=4, target=1, space="logit")
    hidden = x.clone()
    hidden[:, :, :4, :4] = 0
    with torch.no_grad():
        np.testing.assert_allclose(e.coarse[:, 0, 0], (net(x) - net(hidden))[:, 1], atol=1e-5)


class WithOptions(Branches):
    """Arguments that are usually left out."""

    def forward(self, x: Tensor, mask: Tensor | None = None, features: bool = False) -> Tensor:  # type: ignore[override]
        return super().forward(x if mask is None else x * mask)


def test_arguments_that_are_left_out_do_not_matter() -> None:
    x = batch(3, 14, 14)
    fast = pl.explain(built(WithOptions), x, "occlusion", engine="incremental", target=1)
    slow = pl.explain(built(WithOptions), x, "occlusion", engine="dense", target=1)
    assert fast.record["engine"] == "incremental"
    np.testing.assert_allclose(fast.values, slow.values, atol=1e-4 * np.abs(slow.values).max())


class Untraceable(nn.Module):
    """A branch on the values."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x).mean((2, 3))
        return y if y.sum() > -1e9 else -y


def test_a_network_that_cannot_be_traced_is_run_whole_and_says_so() -> None:
    e = pl.explain(built(Untraceable), batch(3, 12, 12), "occlusion", engine="incremental")
    assert "cannot be traced" in e.record["engine"]


def test_a_small_network_is_not_worth_tracing() -> None:
    e = pl.explain(lived_in(Branches).eval(), batch(3, 12, 12), "occlusion")
    assert "too small" in e.record["engine"]


def test_memory_that_runs_out_halves_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    from pellucid.core.incremental.run import Incremental

    net, x = lived_in(Branches).eval(), batch(3, 14, 14)
    wanted = pl.explain(net, x, "occlusion", engine="incremental", target=1)
    original, refused = Incremental.scores, []

    def scarce(self, group, windows, changed):  # type: ignore[no-untyped-def]
        if len(windows[0]) > 5:
            refused.append(len(windows[0]))
            raise MemoryError
        return original(self, group, windows, changed)

    monkeypatch.setattr(Incremental, "scores", scarce)
    e = pl.explain(net, x, "occlusion", engine="incremental", target=1)
    assert refused
    np.testing.assert_allclose(e.values, wanted.values, atol=1e-6)


def test_wrong_values_are_noticed_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    from pellucid.core.incremental.run import Incremental

    net, x = lived_in(Branches).eval(), batch(3, 14, 14)
    wanted = pl.explain(net, x, "occlusion", engine="dense", target=1)
    original = Incremental.scores

    def wrong(self, group, windows, changed):  # type: ignore[no-untyped-def]
        return original(self, group, windows, changed) * 1.01

    monkeypatch.setattr(Incremental, "scores", wrong)
    e = pl.explain(net, x, "occlusion", engine="incremental", target=1)
    np.testing.assert_allclose(e.values, wanted.values, atol=1e-6)
    assert "differed" in e.record["engine"]


def test_rectangles_are_read_from_map_and_patch_together() -> None:
    space = Space((2, 3), 1)
    clean = torch.arange(2 * 4 * 5).view(1, 2, 4, 5).float()
    tile = torch.full((1, 2, 2, 2), -1.0)
    patch = Patch(tile, (torch.tensor([1]), torch.tensor([2])))
    whole = write_back(clean, space, patch)
    assert (whole[0, :, 1:3, 2:4] == -1).all()
    assert (whole != clean).sum() == 8
    padded = Map(clean, space, before=(1, 1), after=(1, 1), fill=9.0)
    read = padded.read(patch, (torch.tensor([-1]), torch.tensor([0])), (4, 3))
    assert torch.equal(read[0, :, 1:], whole[0, :, :3, :3])
    assert (read[0, :, 0] == 9).all()
