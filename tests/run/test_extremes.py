"""Extreme items: the lists equal a full sort, for any kind of data and whatever the batches."""

import weakref
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import pellucid as pl
from pellucid.core.hooks import visiting
from pellucid.errors import FileError, InputError, ParameterError, TargetError
from pellucid.run.ranking import OF_A_CLASS, OF_A_SCALAR, Ranking


@pytest.fixture(scope="module")
def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3)),
    ).eval()


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    found = torch.randn(60, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    found[20:30] = found[:10]  # duplicates: ties that only the ids can break
    return found


@pytest.fixture(scope="module")
def y() -> list[int]:
    return [i % 3 for i in range(60)]


def ranked(scores: torch.Tensor, among: np.ndarray, k: int, lowest: bool = False) -> list[int]:
    """The first k of `among` by a full stable sort of exactly these scores."""
    values = scores.numpy()[among] * (1 if lowest else -1)
    return among[np.argsort(values, kind="stable")][:k].tolist()


def kept(net: nn.Module, items) -> torch.Tensor:
    """The scores to the bit, which hang on nothing but the item."""
    return torch.from_numpy(pl.collect(net, items, batch_size=1)["scores"].copy())


@pytest.mark.parametrize("batch_size", [1, 7, 60])
def test_three_lists_of_every_class_equal_a_full_sort(net, x, y, batch_size) -> None:
    pairs = list(zip(x, y, strict=True))
    gallery = pl.extremes(net, pairs, top=5, batch_size=batch_size)
    scores, truth = kept(net, pairs), np.array(y)
    assert len(gallery.listings) == 9
    for c in range(3):
        own, others = np.flatnonzero(truth == c), np.flatnonzero(truth != c)
        lists = gallery.of(c)
        # equal to the bit or nearly so: other batches may round otherwise
        assert same(lists["strongest"].ids, ranked(scores[:, c], own, 5), scores[:, c])
        assert same(lists["weakest"].ids, ranked(scores[:, c], own, 5, True), scores[:, c])
        assert same(lists["fooled"].ids, ranked(scores[:, c], others, 5), scores[:, c])
        assert set(lists["strongest"].ids) | set(lists["weakest"].ids) <= set(own.tolist())
        assert not set(lists["fooled"].ids) & set(own.tolist())
    first = gallery["strongest"].entries[0]
    assert (first.label, first.value) == ("class 0", pytest.approx(float(scores[first.id, 0])))
    assert first.predicted == f"class {int(scores[first.id].argmax())}"
    assert first.correct == (first.predicted == "class 0")


def same(found, wanted, scores) -> bool:
    return list(found) == list(wanted) or torch.allclose(
        scores[list(found)], scores[list(wanted)], rtol=0, atol=1e-6
    )


def test_order_of_the_items_does_not_matter(net, x, y) -> None:
    order = torch.randperm(60, generator=torch.Generator().manual_seed(3))
    forward = pl.extremes(net, list(zip(x, y, strict=True)), top=6, batch_size=1)
    mixed = pl.extremes(net, [(x[i], y[i]) for i in order], top=6, batch_size=1)
    for one, other in zip(forward.listings, mixed.listings, strict=True):
        assert [e.value for e in one.entries] == [e.value for e in other.entries]
        tied = {e.value for e in one.entries if [v.value for v in one.entries].count(e.value) > 1}
        alone = [e.id for e in one.entries if e.value not in tied]
        own = [int(order[e.id]) for e in other.entries if e.value not in tied]
        assert {i % 20 if i < 30 and i >= 20 else i for i in alone} == {
            i % 20 if i < 30 and i >= 20 else i for i in own
        }


@pytest.mark.parametrize("pool", ["mean", "max", (2, 3)])
def test_channels_equal_a_full_sort_and_stop_at_the_layer(net, x, pool) -> None:
    maps = net[:4](x)
    values = {"mean": maps.mean((2, 3)), "max": maps.amax((2, 3)), (2, 3): maps[:, :, 2, 3]}[pool]
    gallery = pl.extremes(net, list(x), layer="3", channels=[4, 1], pool=pool, top=4)
    every = np.arange(60)
    for c in (4, 1):
        own = values[:, c].detach()
        assert same(gallery.of(c)["top"].ids, ranked(own, every, 4), own)
        assert same(gallery.of(c)["bottom"].ids, ranked(own, every, 4, True), own)
    assert [listing.index for listing in gallery.listings] == [4, 4, 1, 1]
    assert gallery.unit.startswith({"mean": "mean", "max": "maximum"}.get(pool, "value at"))


def test_receptive_field_is_where_the_value_can_come_from(net, x) -> None:
    gallery = pl.extremes(net, list(x), layer="3", channels=0, top=3)
    for entry in gallery["top"].entries:
        (top, bottom), (left, right) = entry.box
        assert bottom - top <= 8
        inside = x[entry.id].clone()
        inside[:, :top], inside[:, bottom:] = 9, 9
        inside[:, :, :left], inside[:, :, right:] = 9, 9
        place = np.unravel_index(int(net[:4](x[entry.id][None])[0, 0].argmax()), (6, 6))
        changed = float(net[:4](inside[None]).detach()[0, 0][place])
        assert changed == pytest.approx(entry.value, abs=1e-5)
        if top > 0:  # and one row less would change it
            inside[:, top] = 9
            other = float(net[:4](inside[None]).detach()[0, 0][place])
            assert other != pytest.approx(entry.value, abs=1e-5)
    assert all(e.box is None for e in pl.extremes(net, list(x), layer="3", pool="mean").entries)


def test_without_predictions_the_network_never_runs_past_the_layer(net, x) -> None:
    asked = {"layer": "3", "channels": [4], "top": 3}
    whole = pl.extremes(net, list(x), **asked)
    calls: list[str] = []
    handle = net[-1].register_forward_hook(lambda *_: calls.append("last"))
    lists = pl.extremes(net, list(x), **asked, predict=False)
    handle.remove()
    kept = [(entry.id, entry.value, entry.box) for entry in whole.entries]
    assert [(entry.id, entry.value, entry.box) for entry in lists.entries] == kept
    assert all(entry.box is not None for entry in lists.entries)
    assert {entry.predicted for entry in lists.entries} == {None}
    assert None not in {entry.predicted for entry in whole.entries}
    assert len(calls) <= 2  # the network is traced once


def test_all_channels_are_ranked_and_the_strongest_listed(x) -> None:
    wide = nn.Sequential(nn.Conv2d(3, 40, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    gallery = pl.extremes(wide, list(x[:8]), layer="0", top=2)
    peaks = wide[0](x[:8]).amax((0, 2, 3))
    assert [x.index for x in gallery.listings[::2]] == sorted(peaks.topk(12).indices.tolist())


def test_ties_of_a_rectifier_point_to_the_layer_before(x) -> None:
    net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    with torch.no_grad():
        net[0].bias.fill_(-50.0)
    gallery = pl.extremes(net, list(x), layer="1", channels=0, top=3)
    assert gallery["bottom"].ids == (0, 1, 2)
    tie = next(check for check in gallery.checks if check.name == "ties in bottom")
    assert "layer='0'" in tie.meaning
    assert not pl.extremes(net, list(x), layer="0", channels=0, top=3).checks


def test_second_question_runs_no_pass(net, x, y, tmp_path: Path) -> None:
    pairs, store = list(zip(x, y, strict=True)), tmp_path / "store"
    first = pl.extremes(net, pairs, layer="3", channels=2, store=store, top=4)
    ran: list[int] = []
    with visiting(net, lambda name, *_: ran.append(1)):
        again = pl.extremes(None, store, layer="3", channels=2, top=4)
        other = pl.extremes(None, store, layer="3", channels=5, pool="mean", top=4)
    assert not ran
    assert [e.ids for e in again.listings] == [e.ids for e in first.listings]
    direct = pl.extremes(net, pairs, layer="3", channels=5, pool="mean", top=4)
    assert [e.ids for e in other.listings] == [e.ids for e in direct.listings]
    with_pictures = pl.extremes(net, pairs, layer="3", channels=2, store=store, top=4)
    assert with_pictures["top"].ids == first["top"].ids
    torch.manual_seed(5)
    stranger = nn.Sequential(*(type(m)(3, 4, 3) if i == 0 else m for i, m in enumerate(net)))
    with pytest.raises(FileError, match="another model"):
        pl.extremes(stranger, pairs, layer="3", store=store)
    with pytest.raises(InputError, match="no scores"):
        pl.extremes(None, store, 1)


def test_scores_from_columns_equal_those_of_a_pass(net, x, y) -> None:
    pairs = list(zip(x, y, strict=True))
    columns = pl.collect(net, pairs)
    for options in ({}, {"space": "probability"}, {"target": pl.Contrast(0, 1)}):
        kept_lists = pl.extremes(None, columns, top=5, **options)
        direct = pl.extremes(net, pairs, top=5, **options)
        assert [e.ids for e in kept_lists.listings] == [e.ids for e in direct.listings]
        assert [e.predicted for e in kept_lists.entries] == [e.predicted for e in direct.entries]
        assert kept_lists.unit == direct.unit


def test_listed_item_is_explained_in_one_call(net, x, y, tmp_path: Path) -> None:
    pairs = list(zip(x, y, strict=True))
    gallery = pl.extremes(net, pairs, 1, top=3)
    found = gallery.explain(0, "grad_cam")
    wanted = pl.explain(net, x[gallery.entries[0].id][None], "grad_cam", target=1)
    np.testing.assert_array_equal(found.values, wanted.values)
    fooled = gallery["fooled"].entries[1]
    assert gallery.explain(fooled, "gradient", target=0).target == ("class 0",)

    path = gallery.save(tmp_path / "g")
    loaded = pl.Gallery.load(path, net, pairs)
    assert [e.ids for e in loaded.listings] == [e.ids for e in gallery.listings]
    assert loaded.entries[2].value == gallery.entries[2].value
    np.testing.assert_array_equal(loaded.explain(0, "grad_cam").values, found.values)
    with pytest.raises(pl.NotApplicable, match="no model"):
        pl.Gallery.load(path).explain(0, "grad_cam")
    path.write_bytes(b"PK")
    with pytest.raises(FileError, match="damaged"):
        pl.Gallery.load(path)


def test_folder_of_pictures_with_names_for_classes(tmp_path: Path) -> None:
    for k, name in enumerate(["dark cat/a.png", "dark cat/b.png", "Dog/c.png", "mug/d.png"]):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (16, 16), (60 * k, 0, 0)).save(tmp_path / name)
    (tmp_path / "Dog" / "broken.png").write_bytes(b"no picture")
    net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, 2))
    model = pl.Model(net, preprocess=pl.ImagePreprocess(size=8), classes=["dark_cat", "dog"])
    gallery = pl.extremes(model, tmp_path, top=9)
    lists = gallery.of(0)
    assert {e.name for e in lists["strongest"].entries} == {"dark cat/a.png", "dark cat/b.png"}
    assert {e.name for e in lists["fooled"].entries} == {"Dog/c.png", "mug/d.png"}
    assert lists["fooled"].entries[0].shown.shape == (8, 8, 3)
    assert {e.label for e in gallery.entries} == {"dark cat", "Dog", "mug"}
    assert [name for _, name, _ in gallery.skipped] == ["Dog/broken.png"]
    assert {check.name for check in gallery.checks} == {"labels", "items left out"}
    renamed = pl.extremes(model, tmp_path, top=9, aliases={"mug": "dog"})
    assert "mug/d.png" in {e.name for e in renamed.of(1)["strongest"].entries}
    with pytest.raises(FileError, match="not a picture"):
        pl.extremes(model, tmp_path, on_error="raise")


def test_tables_texts_series_and_functions() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"age": [20.0, 60, 40, 30], "town": ["a", "b", "a", "c"], "label": [0, 1, 1, 0]}
    )

    def by_age(rows):
        p = rows["age"].to_numpy() / 100
        return np.stack([1 - p, p], 1)

    gallery = pl.extremes(by_age, frame, 1, label="label", top=2, space="probability")
    assert gallery["strongest"].ids == (1, 2)
    assert gallery["fooled"].ids == (3, 0)
    assert gallery["fooled"].entries[0].shown == "age = 30\ntown = c"
    assert gallery.unit == "probability"

    texts = ["short", "a longer text", "mid size"]
    gallery = pl.extremes(lambda given: [[float(len(t))] for t in given], texts, top=1)
    assert (gallery["top"].ids, gallery["bottom"].ids) == ((1,), (0,))
    assert gallery["top"].entries[0].shown == "a longer text"

    series = torch.zeros(5, 1, 40)
    series[3, 0, 7], series[1, 0, 30] = 9, 5
    cnn = nn.Sequential(nn.Conv1d(1, 1, 5), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten())
    with torch.no_grad():
        cnn[0].weight.fill_(1)
        cnn[0].bias.fill_(0)
    gallery = pl.extremes(cnn, series, layer="0", top=2)
    assert gallery["top"].ids == (3, 1)
    ((start, stop),) = gallery["top"].entries[0].box
    assert (stop - start, start <= 7 < stop) == (5, True)
    assert gallery["top"].entries[0].shown.shape == (1, 40)


def test_one_output_and_no_labels() -> None:
    values = torch.tensor([[1.0], [-3.0], [2.0]])
    gallery = pl.extremes(nn.Identity(), values, top=1)
    assert (gallery["top"].ids, gallery["bottom"].ids) == ((2,), (1,))
    sure = pl.extremes(nn.Identity(), values, pl.Positive(), label=[0, 0, 1], top=1)
    assert (sure["strongest"].ids, sure["fooled"].ids) == ((2,), (0,))


def test_misuse_is_named(net, x) -> None:
    items = list(x[:4])
    with pytest.raises(ParameterError, match="no channel 9"):
        pl.extremes(net, items, layer="3", channels=9)
    with pytest.raises(ParameterError, match="one or the other"):
        pl.extremes(net, items, 1, layer="3")
    with pytest.raises(ParameterError, match="number of items"):
        pl.extremes(net, items, top=0)
    with pytest.raises(ParameterError, match="pool='sum'"):
        pl.extremes(net, items, layer="3", pool="sum")
    with pytest.raises(TargetError, match="no class 7"):
        pl.extremes(net, items, 7)
    with pytest.raises(TargetError, match="1000 classes"):
        pl.extremes(nn.Sequential(nn.Flatten(), nn.Linear(768, 1000)), items)
    with pytest.raises(pl.LayerError, match="layers or calls"):
        pl.extremes(net, items, layer="?")
    assert (
        "no item is labelled"
        in str(pl.extremes(net, list(zip(items, [0, 0, 1, 1], strict=True)), [0, 2]).checks).lower()
    )


class Counted(torch.utils.data.Dataset):
    """Pictures made when they are asked for, and how many were alive at once."""

    def __init__(self, count: int) -> None:
        self.count, self.alive, self.most = count, 0, 0

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> torch.Tensor:
        if not 0 <= index < self.count:
            raise IndexError(index)
        picture = torch.randn(3, 16, 16, generator=torch.Generator().manual_seed(index))
        self.alive += 1
        self.most = max(self.most, self.alive)
        weakref.finalize(picture, self._gone)
        return picture

    def _gone(self) -> None:
        self.alive -= 1


def test_no_more_items_are_held_than_a_batch_and_the_lists(net) -> None:
    most = []
    for count in (40, 400):
        data = Counted(count)
        gallery = pl.extremes(net, data, layer="3", channels=2, top=4, batch_size=8)
        assert gallery.items == count
        most.append(data.most)
    assert most[0] == most[1] <= 8 + 8 + 1


def test_rankings_of_parts_merge_to_that_of_the_whole() -> None:
    generator = torch.Generator().manual_seed(0)
    values = torch.randint(0, 4, (40, 2), generator=generator).float()  # many ties
    ids, truth = np.arange(40), np.arange(40) % 3 - 1

    def ranking(rows) -> Ranking:
        found = Ranking(2, 5, (*OF_A_CLASS, *OF_A_SCALAR), [0, 1])
        found.add(values[rows], ids[rows], truth[rows])
        return found

    whole = ranking(np.arange(40))
    a, b, c = (ranking(np.arange(k, 40, 3)) for k in range(3))
    for merged in (a.merge(b).merge(c), a.merge(b.merge(c)), c.merge(a).merge(b)):
        for kind in whole.kinds:
            assert [merged.list_of(kind, u) for u in (0, 1)] == [
                whole.list_of(kind, u) for u in (0, 1)
            ]
