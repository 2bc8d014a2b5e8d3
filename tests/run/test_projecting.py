"""Maps of a data set at layers: whose points they are, what they tell, pages and files."""

import json
import re

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.report.maps import page_of

QUICK = pl.TSNE(early_iterations=30, iterations=40)
CLASSES = ["bright", "dark </script>", "striped"]


@pytest.fixture(scope="module")
def data():
    """Pictures of three kinds, 1 × 8 × 8; every tenth has a wrong label."""
    generator = np.random.default_rng(0)
    labels = np.arange(60) % 3
    stripes = np.tile(np.repeat([0.0, 1.0], 4), (8, 1)).T
    kinds = np.stack([np.full((8, 8), 0.9), np.full((8, 8), 0.1), stripes])
    x = kinds[labels][:, None] + 0.05 * generator.normal(size=(60, 1, 8, 8))
    told = labels.copy()
    told[::10] = (told[::10] + 1) % 3
    return x.astype(np.float32), told, labels


@pytest.fixture(scope="module")
def net():
    """Scores by the mean and by the contrast of the halves: right on every picture."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.halves = nn.AdaptiveAvgPool2d((2, 1))
            self.mix = nn.Linear(2, 3)

        def forward(self, x):
            return self.mix(self.halves(x).flatten(1))

    made = Net().eval()
    with torch.no_grad():
        made.mix.weight.copy_(torch.tensor([[1.0, 1.0], [-1.0, -1.0], [0.0, 0.0]]) * 4)
        made.mix.bias.copy_(torch.tensor([-4.5, 3.5, 1.0]))
    return pl.Model(made, classes=CLASSES)


@pytest.fixture(scope="module")
def projection(data, net):
    return pl.project(data[0], net, ["input", "halves"], method=QUICK, pool="flat", label=data[1])


def test_every_layer_has_a_map_of_the_same_items(projection) -> None:
    assert list(projection.maps) == ["input", "halves"]
    assert projection["input"].features.shape == (60, 50)  # 64 pixels, reduced
    assert projection["halves"].features.shape == (60, 2)
    assert projection.names[3] == "item 3"


def test_misclassified_items_are_those_with_another_label(projection, data) -> None:
    assert np.array_equal(projection.predicted, data[2])
    assert np.flatnonzero(projection.wrong).tolist() == list(range(0, 60, 10))


def test_quality_tells_how_well_classes_part(projection, data) -> None:
    quality = projection.quality["input"]
    assert set(quality) >= {"silhouette", "neighbourhood_hit", "one_nn_error", "recall"}
    clean = projection["input"].quality(data[2])
    assert clean["silhouette"] > quality["silhouette"]
    assert clean["one_nn_error"] == 0


def test_columns_of_an_earlier_pass_need_no_model(data, net, projection) -> None:
    columns = pl.collect(net, pl.dataset(data[0], data[1]), ["halves"], pool="flat")
    again = pl.project(columns, layers="halves:flat", method=QUICK)
    assert np.array_equal(again["halves:flat"].points, projection["halves"].points)
    assert np.array_equal(again.predicted, projection.predicted)


def test_a_table_is_mapped_without_a_model() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)), columns=list("abc"))
    frame["kind"] = ["x", "y"] * 15
    made = pl.project(frame, label="kind", method=QUICK)
    assert made["input"].features.shape == (30, 3)
    assert made.classes == ("x", "y")
    frame["a"] = "word"
    with pytest.raises(pl.InputError, match="not made of numbers"):
        pl.project(frame, label="kind", method=QUICK)


def test_ids_tell_which_items_could_be_read(data) -> None:
    class Broken(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return len(data[0])

        def __getitem__(self, index: int) -> torch.Tensor:
            if index == 2:
                raise OSError("damaged")
            return torch.as_tensor(data[0][index])

    made = pl.project(Broken(), method=QUICK)
    assert made.ids.tolist() == [0, 1, *range(3, 60)]


def test_layers_need_a_model(data) -> None:
    with pytest.raises(pl.ParameterError, match="belong to a model"):
        pl.project(data[0], layers="halves")
    with pytest.raises(pl.ParameterError, match="Did you mean 'tsne'"):
        pl.project(data[0], method="t-sme")


def test_what_is_saved_comes_back(projection, tmp_path) -> None:
    path = projection.save(tmp_path / "maps")
    again = pl.Projection.load(path)
    assert again.thumbnails == projection.thumbnails
    assert again.ids.tolist() == list(range(60))
    assert again.quality == projection.quality
    assert np.array_equal(again["halves"].points, projection["halves"].points)
    assert again["input"].checks == projection["input"].checks
    one = pl.ItemMap.load(projection["input"].save(tmp_path / "one"))
    assert np.array_equal(one.axes, projection["input"].axes)
    with pytest.raises(pl.FileError, match="holds 'projection'"):
        pl.ItemMap.load(path)
    path.write_bytes(b"nothing")
    with pytest.raises(pl.FileError, match="damaged"):
        pl.Projection.load(path)


def test_the_page_is_whole_and_loads_nothing(projection, tmp_path) -> None:
    text = page_of(projection, "Three <kinds>")
    assert "Three &lt;kinds&gt;" in text
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", text)
    assert text.count("</script>") == 2  # a class's name cannot end the data
    raw = re.search(r'id="data">(.*?)</script>', text, re.S)
    assert raw is not None
    found = json.loads(raw[1])
    assert found["classes"] == CLASSES
    assert len(found["pictures"]) == 60
    assert found["pictures"][0].startswith("data:image/png;base64,")
    for layer in found["layers"]:
        points = np.array(layer["points"]).reshape(60, 2)
        assert points.min() >= 0
        assert points.max() <= found["span"]
        near = np.array(layer["near"]).reshape(60, found["k"])
        assert (near != np.arange(60)[:, None]).all()
    assert near[0].tolist() == projection["halves"].neighbours(0).tolist()
    assert page_of(projection, "a") == page_of(projection, "a")
    assert projection["input"].html(tmp_path / "one.html", ["a", "b"] * 30).exists()


def test_figures_have_a_panel_a_layer(projection) -> None:
    figure = projection.plot()
    assert len(figure.axes) == 2
    assert "misclassified (6)" in [t.get_text() for t in figure.legends[0].get_texts()]
    assert projection["input"].plot([1, 2] * 30).axes


def test_groups_of_a_projection_are_its_classes(projection) -> None:
    pytest.importorskip("scipy")
    found = pl.compare_groups(projection, layer="input", permutations=19)
    assert found.groups == tuple(sorted(CLASSES))
    with pytest.raises(pl.ParameterError, match="Which layer"):
        pl.compare_groups(projection)
