"""Layers: their addresses, their layouts, and the one that is chosen when none is given."""

from typing import Any

import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.core.layout import parse
from pellucid.testing.nets import built
from pellucid.testing.quirks import QUIRKS


def staged() -> nn.Module:
    """Two stages of two convolutions, pooling, a head."""
    net = nn.Sequential()
    net.add_module("stem", nn.Conv2d(3, 4, 3, padding=1))
    for name in ("layer1", "layer2"):
        net.add_module(name, nn.Sequential(nn.Conv2d(4, 4, 3, 2, 1), nn.Conv2d(4, 4, 3, 1, 1)))
    net.add_module("pool", nn.AdaptiveAvgPool2d(1))
    net.add_module("flatten", nn.Flatten())
    net.add_module("head", nn.Linear(4, 3))
    return net


NET = built(staged)
X = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("address", "found"),
    {
        "layer2": "layer2",
        "layer2.1": "layer2.1",
        "layer2[-1]": "layer2.1",
        "layer2[0]": "layer2.0",
        "[1][0]": "layer1.0",
        "*2.0": "layer2.0",
        "layer1.0@0": "layer1.0",
        "module.layer1": "layer1",
    }.items(),
)
def test_addresses(address: str, found: str) -> None:
    e = pl.explain(NET, X, pl.GradCAM(layer=address), target=0)
    same = pl.explain(NET, X, pl.GradCAM(layer=NET.get_submodule(found)), target=0)
    assert e.record["layer"] == same.record["layer"]
    assert (e.values == same.values).all()


@pytest.mark.parametrize(
    ("address", "words", "remedy"),
    [
        ("layr2", "no layer 'layr2'", "layer2"),
        ("layer2[2]", "2 children", r"\[0\] to \[1\]"),
        ("layer?", "2 layers match", "one of them"),
        ("layer2@1", "called 1 time", "@0"),
        ("head", "no spatial extent", "layer2"),
        (nn.Conv2d(3, 4, 3), "not a part of the model", "name"),
    ],
)
def test_addresses_that_lead_nowhere(address: Any, words: str, remedy: str) -> None:
    with pytest.raises(pl.LayerError, match=words) as caught:
        pl.explain(NET, X, pl.GradCAM(layer=address), target=0)
    assert caught.match(remedy)


def test_the_list_has_what_a_choice_needs() -> None:
    rows = {info.name: info for info in pl.layers(NET, X)}
    stage = rows["layer2"]
    assert (stage.type, stage.shape, stage.layout) == ("Sequential", ("N", 4, 4, 4), "NCHW")
    assert (stage.calls, stage.parameters) == (1, 2 * (4 * 4 * 9 + 4))
    assert [name for name, info in rows.items() if info.chosen] == ["layer2"]
    assert "last map before pooling" in stage.reason
    assert "4×4" in stage.reason


LAYOUTS = {
    "plain": ("conv1", "NCHW"),
    "gap_net_1d": ("0", "NCT"),
    "gap_net_3d": ("0", "NCDHW"),
    "vit_cls": ("blocks.0", "NLC+1 (4×4)"),
    "vit_registers": ("blocks.0", "NLC+5 (4×4)"),
    "vit_gap": ("blocks.0", "NLC (4×4)"),
    "vit_softmax": ("blocks.1.attention.attend", "other"),
    "cait_like": ("second", "other"),
    "swin_like": ("features.1", "NHWC"),
    "conv1d": ("conv1", "NCT"),
    "embed_lstm": ("embed", "NLC"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_are_inferred_from_shapes(name: str) -> None:
    layer, layout = LAYOUTS[name]
    rows = {info.name: info for info in pl.layers(QUIRKS[name].build(), QUIRKS[name].inputs())}
    assert rows[layer].layout == layout


@pytest.mark.parametrize("name", ["gap_net_2d", "resnet_like", "vgg_like", "mobilenet_like"])
def test_choice_does_not_hang_on_names(name: str) -> None:
    """Layers called otherwise are chosen all the same: shapes decide."""
    quirk = QUIRKS[name]
    renamed = quirk.build()
    for module in list(renamed.modules()):
        _rename_children(module)
    rows, others = (pl.layers(net, quirk.inputs()) for net in (quirk.build(), renamed))
    assert [row.name for row in rows] != [row.name for row in others]
    assert [row.chosen for row in rows] == [row.chosen for row in others]
    assert sum(row.chosen for row in rows) == 1


def _rename_children(module: nn.Module) -> None:
    """Containers only: a network's own forward uses its attributes."""
    if type(module) is nn.Sequential:
        kept = list(module._modules.values())
        module._modules.clear()
        module._modules.update({f"classifier_{i}": child for i, child in enumerate(kept)})


@pytest.mark.parametrize(
    ("text", "shape", "grid"),
    [("NCHW", (2, 8, 4, 5), (4, 5)), ("nhwc", (2, 4, 5, 8), (4, 5)), ("NLC+1", (2, 17, 8), (4, 4))],
)
def test_layouts_given_by_the_user(text: str, shape: tuple[int, ...], grid: Any) -> None:
    layout = parse(text, shape, ("height", "width"), (16, 16))
    assert layout.grid == grid
    assert layout.maps(torch.zeros(shape)).shape == (2, 8, *grid)


@pytest.mark.parametrize("text", ["NCH", "NCHWD", "NCHC", "what", "NLC"])
def test_layouts_that_do_not_fit(text: str) -> None:
    with pytest.raises(pl.LayerError, match=r"layout|tokens do not form"):
        parse(text, (2, 18, 8) if text == "NLC" else (2, 8, 4, 5), ("height", "width"), (16, 16))


class Words(nn.Module):
    """A text classifier: two convolutions over the words, greatest value, head."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = nn.Embedding(20, 8), nn.Linear(6, 3)
        self.first, self.second = nn.Conv1d(8, 6, 3, padding=1), nn.Conv1d(6, 6, 3, padding=1)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        h = self.first(self.embed(ids).transpose(1, 2)).relu()
        return self.head(self.second(h).relu().amax(2))


class Branches(nn.Module):
    """A text classifier of three convolutions side by side, each of another width."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = nn.Embedding(20, 8), nn.Linear(18, 3)
        self.convs = nn.ModuleList(nn.Conv1d(8, 6, k) for k in (3, 4, 5))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        h = self.embed(ids).transpose(1, 2)
        return self.head(torch.cat([conv(h).relu().amax(2) for conv in self.convs], 1))


IDS = torch.randint(20, (2, 9), generator=torch.Generator().manual_seed(0))


def test_the_last_convolution_of_a_text_is_chosen() -> None:
    """As that of a series is; a network that is written with a container has the same map."""
    net = built(Words)
    chosen = next(info for info in pl.layers(net, IDS) if info.chosen)
    assert (chosen.address, chosen.shape, chosen.layout) == ("relu()@1", ("N", 6, 9), "NCL")
    assert "last map before pooling" in chosen.reason
    e = pl.explain(net, IDS, "grad_cam", target=0)
    assert (e.axes, e.values.shape) == (("sample", "token"), (2, 9))
    with torch.no_grad():  # max pooling: the gradient of a channel is its weight, at one place
        h = net.first(net.embed(IDS).transpose(1, 2)).relu()
        weight = net.head.weight[0] / 9
        expected = (weight[:, None] * net.second(h).relu()).sum(1)
    torch.testing.assert_close(torch.tensor(e.values), expected)


def test_a_branch_is_not_chosen_where_the_score_depends_on_others_too() -> None:
    chosen = next(info for info in pl.layers(built(Branches), IDS) if info.chosen)
    assert chosen.name == "embed"
    assert "branches, which see a part: relu(), convs.2" in chosen.reason


class Thrice(nn.Module):
    """One ReLU at three places, one convolution at two resolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.conv = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.relu, self.head = nn.ReLU(), nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu(self.conv(self.relu(self.stem(x))))
        x = self.relu(self.conv(x[..., ::2, ::2]))
        return self.head(x.mean((2, 3)))


def test_a_layer_with_several_calls_is_one_row_of_the_call_it_names() -> None:
    net = built(Thrice)
    rows = {info.name: info for info in pl.layers(net, X)}
    assert list(rows) == ["stem", "relu", "conv", "head"]
    wide, small = ("N", 4, 16, 16), ("N", 4, 8, 8)
    assert (rows["conv"].address, rows["conv"].shapes) == ("conv@1", (wide, small))
    assert (rows["relu"].address, rows["relu"].shapes) == ("relu@2", (wide, wide, small))
    assert (rows["stem"].address, rows["stem"].shapes) == ("stem", (wide,))
    for row in list(rows.values())[:3]:
        e = pl.explain(net, X, pl.GradCAM(layer=row.address), target=0)
        assert e.record["layer"] == row.address  # what a record says can be asked for again
        assert row.shape == row.shapes[-1] == ("N", 4, *e.coarse.shape[1:])
    chosen = pl.explain(net, X, "grad_cam", target=0)
    assert chosen.record["layer"] == "relu@2"
    told = next(check for check in chosen.checks if check.name == "layer chosen automatically")
    assert "of the same shape" not in told.meaning
    first = pl.explain(net, X, pl.Activations(layer="relu@0"))
    assert first.record["layer"] == ["relu@0"]


def test_a_network_that_ignores_its_input_is_said() -> None:
    """As torchvision makes its vision transformers: with a head of zeros."""
    net = QUIRKS["vit_cls"].build()
    torch.nn.init.zeros_(net.head.weight)
    with pytest.raises(pl.LayerError, match="the same for another input") as caught:
        pl.explain(net, QUIRKS["vit_cls"].inputs(), "grad_cam")
    assert "zeros" in caught.value.remedy
