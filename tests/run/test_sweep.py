"""One pass over a data set: the features of every item, whatever the batches."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.core.hooks import visiting
from pellucid.core.progress import Event, Progress
from pellucid.errors import Cancelled, FileError, InputError, LayerError, ParameterError
from pellucid.io.columns import load_columns
from pellucid.io.datasets import open_dataset
from pellucid.io.inputs import read
from pellucid.run.sweep import Sweep


@pytest.fixture(scope="module")
def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3)),
    ).eval()


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return torch.randn(11, 2, 12, 12, generator=torch.Generator().manual_seed(1))


def close(found, wanted) -> None:
    np.testing.assert_allclose(found, wanted.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 4, None])
def test_columns_are_what_the_layers_give(net, x, batch_size) -> None:
    pools = ["mean", "max", "place", "flat", (1, 2)]
    found = pl.collect(net, list(x), ["3", "1"], pool=pools, batch_size=batch_size)
    maps = net[:4](x)
    close(found["3:mean"], maps.mean((2, 3)))
    close(found["3:max"], maps.amax((2, 3)))
    close(found["3:flat"], maps.flatten(1))
    close(found["3:1,2"], maps[:, :, 1, 2])
    close(found["scores"], net(x))
    np.testing.assert_array_equal(found["3:place"], maps.flatten(2).argmax(2))
    close(found["1:mean"], net[:2](x).mean((2, 3)))
    assert found.ids.tolist() == list(range(11))
    assert found.about["layers"]["3"] | {"place": ""} == {
        "layout": "NCHW",
        "grid": [4, 4],
        "place": "",
        "kind": "Conv2d",
    }


def test_network_runs_only_to_the_deepest_layer(net, x) -> None:
    ran: list[str] = []
    with visiting(net, lambda name, *_: ran.append(name)):
        pl.collect(net, list(x), "1", scores=False, batch_size=11)
        traced = len(ran)
        pl.collect(net, list(x), "1", scores=False, batch_size=11)
    assert set(ran[traced:]) == {"0", "1"}


def test_columns_live_in_a_folder_that_appears_whole(net, x, tmp_path: Path) -> None:
    kept = pl.collect(net, list(zip(x, range(11), strict=True)), "3", store=tmp_path / "c")
    again = load_columns(tmp_path / "c")
    np.testing.assert_array_equal(again["3:mean"], kept["3:mean"])
    assert again.labels == tuple(range(11))
    assert [path.name for path in tmp_path.iterdir()] == ["c"]
    json.loads((tmp_path / "c" / "manifest.json").read_text())
    blocks = list(again.blocks(4))
    assert [len(block) for block in blocks] == [4, 4, 3]
    np.testing.assert_array_equal(
        np.concatenate([b.columns["scores"] for b in blocks]), again["scores"]
    )

    def stop(event: Event) -> None:
        if event.done:
            progress.cancel()

    progress = Progress(stop)
    with pytest.raises(Cancelled):
        pl.collect(net, list(x), "3", store=tmp_path / "d", progress=progress, batch_size=2)
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "precious.txt").touch()
    with pytest.raises(FileError, match="holds something else"):
        pl.collect(net, list(x), "3", store=tmp_path / "e")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "e"]
    (tmp_path / "c" / "manifest.json").write_text("{}")
    with pytest.raises(FileError, match="damaged"):
        load_columns(tmp_path / "c")


def test_bad_items_are_named_and_left_out(net, x) -> None:
    items = [*x[:5]]
    items[1] = torch.full_like(x[0], torch.nan)
    items[3] = torch.zeros(3, 12, 12)  # a channel too many
    found = pl.collect(net, items, "3", batch_size=4)
    assert found.ids.tolist() == [0, 2, 4]
    assert [entry["id"] for entry in found.about["skipped"]] == [1, 3]
    assert "NaN" in found.about["skipped"][0]["reason"]
    close(found["scores"], net(x[[0, 2, 4]]))
    with pytest.raises(InputError, match="NaN"):
        pl.collect(net, items, "3", on_error="raise")
    with pytest.raises(InputError):
        pl.collect(net, [items[1], items[3]])


def test_inputs_of_several_sizes(net, x) -> None:
    items = [x[0], x[1], torch.randn(2, 20, 16), x[2]]
    found = pl.collect(net, items, "3", batch_size=4)
    close(found["3:mean"], torch.stack([net[:4](i[None]).mean((2, 3))[0] for i in items]))
    with pytest.raises(InputError, match="pool the layer"):
        pl.collect(net, items, "3", pool="flat")


def test_memory_that_runs_out_halves_the_batch(x) -> None:
    class Greedy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Linear(288, 3)

        def forward(self, x):
            if len(x) > 3:
                raise torch.OutOfMemoryError("out of memory")
            return self.inner(x.flatten(1))

    net = Greedy()
    found = pl.collect(net, list(x), batch_size=8)
    close(found["scores"], net.inner(x.flatten(1)))
    assert not found.about["skipped"]


def test_progress_counts_items(net, x) -> None:
    events: list[Event] = []
    items = [*x]
    items[2] = torch.zeros(5)
    pl.collect(net, items, batch_size=4, progress=events.append)
    assert [event.done for event in events][-1] == 11
    assert {event.total for event in events} == {11}


def test_misuse_is_named(net, x) -> None:
    with pytest.raises(LayerError, match="no layer"):
        pl.collect(net, list(x), "layer9")
    with pytest.raises(ParameterError, match="no way to pool"):
        pl.collect(net, list(x), "3", pool=(9, 9))
    with pytest.raises(ParameterError, match="on_error"):
        pl.collect(net, list(x), on_error="ignore")
    with pytest.raises(pl.NotApplicable, match="function"):
        pl.collect(lambda a: a.sum((1, 2, 3)), list(x), "3")


def test_tables_texts_and_series_go_the_same_way(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2, 3], "b": [0.5, 0, 1], "label": ["n", "y", "y"]})
    net = nn.Linear(2, 2)
    found = pl.collect(net, frame, label="label")
    close(found["scores"], net(torch.tensor(frame[["a", "b"]].to_numpy(), dtype=torch.float32)))
    assert found.labels == ("n", "y", "y")

    lengths = pl.collect(lambda texts: [[len(t), t.count("e")] for t in texts], ["ee", "a bee"])
    assert lengths["scores"].tolist() == [[2, 2], [5, 2]]

    series = np.random.default_rng(0).normal(size=(4, 2, 30)).astype(np.float32)
    cnn = nn.Sequential(nn.Conv1d(2, 3, 5), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    found = pl.collect(cnn, series, "1", pool="max")
    close(found["1:max"], cnn[:2](torch.from_numpy(series)).amax(2))


def test_the_network_is_left_as_it_was(net, x) -> None:
    net.train()
    state = torch.get_rng_state()
    sweep = Sweep(pl.Model(net), open_dataset(list(x)), ["3"], batch_size=4)
    for _ in sweep:  # also between two blocks
        assert net.training
        assert torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(m._forward_hooks for m in net.modules())
    net.eval()


def test_pictures_are_read_without_their_display(tmp_path: Path) -> None:
    model = pl.Model(nn.Flatten(), preprocess=pl.ImagePreprocess(size=4))
    pictures = [np.zeros((8, 8, 3), np.uint8)]
    assert read(model, pictures)[1] is not None
    assert read(model, pictures, shown=False)[1] is None
