"""Series from arrays, files and data frames, of any lengths; their explanations and figures."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl

pd = pytest.importorskip("pandas", reason="the extra tables")


def wide() -> Any:
    """Two series of 9 and 6 steps, two channels, time in seconds."""
    rng = np.random.default_rng(0)
    steps = np.concatenate([np.arange(9), np.arange(6)])
    return pd.DataFrame(
        {"sensor": ["a"] * 9 + ["b"] * 6, "t": 0.25 * steps, "x": rng.normal(size=15),
         "y": rng.normal(size=15)}
    )  # fmt: skip


def read_wide() -> pl.Series:
    return pl.read_series(wide(), time="t", series="sensor", unit="s")


def test_a_wide_table() -> None:
    found = read_wide()
    assert found.lengths == (9, 6)
    assert found.channels == ("x", "y")
    assert found.label == "t (s)"
    assert found.names == ("a", "b")
    np.testing.assert_allclose(found.values[1][0], wide()["x"][9:], rtol=1e-6)
    np.testing.assert_allclose(found.times[1], 0.25 * np.arange(6))


def test_a_long_table_is_the_same() -> None:
    long = wide().melt(["sensor", "t"], var_name="channel", value_name="reading").sample(
        frac=1, random_state=0
    )  # fmt: skip
    found = pl.read_series(long.sort_values("sensor"), time="t", series="sensor",
                           channel="channel", value="reading", unit="s")  # fmt: skip
    for ours, theirs in zip(found.values, read_wide().values, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert found.channels == ("x", "y")


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npy"])
def test_files(suffix: str, tmp_path: Any) -> None:
    if suffix == "parquet":
        pytest.importorskip("pyarrow", reason="reads Parquet")
    path, one = tmp_path / f"series.{suffix}", wide()[["t", "x", "y"]][:9]
    if suffix == "npy":
        np.save(path, one[["x", "y"]].to_numpy().T)
        found = pl.read_series(path, channels=["x", "y"])
    else:
        one.to_csv(path, index=False) if suffix == "csv" else one.to_parquet(path)
        found = pl.read_series(str(path), time="t")
    np.testing.assert_allclose(found.values[0], one[["x", "y"]].to_numpy().T, rtol=1e-6)


def test_dates_become_seconds() -> None:
    table = pd.DataFrame(
        {"at": pd.to_datetime(["2024-01-01 00:00", "2024-01-01 00:01"]), "x": [1, 2.0]}
    )
    found = pl.read_series(table, time="at")
    np.testing.assert_array_equal(found.times[0], [0, 60])
    assert found.label == "at, seconds from the first"


def test_padding_and_its_mask() -> None:
    values, mask = read_wide().padded()
    assert values.shape == (2, 2, 9)
    assert (values[1, :, 6:] == 0).all()
    np.testing.assert_array_equal(mask.sum(1), [9, 6])


@pytest.mark.parametrize(
    ("given", "named", "said"),
    [
        ({"time": "tt"}, pl.ParameterError, "no column 'tt'"),
        ({"time": "t"}, pl.InputError, "'sensor' holds no numbers"),
        ({"channel": "x"}, pl.ParameterError, "both channel= and value="),
    ],
)
def test_what_cannot_be_read_is_told(given: Any, named: Any, said: str) -> None:
    with pytest.raises(named, match=said):
        pl.read_series(wide(), **given)


class Pooled(nn.Module):
    """A network that knows no mask: its mean over time would count the padding."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.relu, self.fc = nn.Conv1d(2, 4, 3, padding=1), nn.ReLU(), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.relu(self.conv(x)).mean(2))


class Masked(Pooled):
    """The same with a mask of what counts."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        counted = mask[:, None].float()
        maps = self.relu(self.conv(x * counted)) * counted
        return self.fc(maps.sum(2) / counted.sum(2))


@pytest.mark.parametrize("net", [Pooled, Masked])
@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("grad_cam", {}),
        ("cam", {}),
        ("integrated_gradients", {}),
        ("occlusion", {"window": 3}),
        ("occlusion", {"window": 3, "channels": "apart"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_padded_equals_unpadded(net: Any, method: str, options: Any) -> None:
    if net is Masked and method == "cam":
        pytest.skip("the mask is not the pooling that CAM needs")
    series = read_wide()
    together = pl.explain(net(), series, method, target=[0, 1], **options)
    assert together.values.shape[-1] == 9
    for i in range(2):
        x = torch.from_numpy(series.values[i][None])
        given = x if net is Pooled else {"x": x, "mask": torch.ones(1, x.shape[2], dtype=bool)}
        alone = pl.explain(net(), given, method, target=i, **options)
        own = together.values[i, ..., : x.shape[2]]
        np.testing.assert_allclose(own, alone.values[0], atol=1e-6)
        np.testing.assert_array_equal(together.values[i, ..., x.shape[2] :], 0)
        assert together.score[i] == pytest.approx(alone.score[0], abs=1e-6)
        assert together[i].verdict == alone.verdict


def test_several_methods_give_a_list() -> None:
    found = pl.explain(Pooled(), read_wide(), ["gradient", "grad_cam"], target=0)
    assert [e.method for e in found] == ["gradient", "grad_cam"]


class Flat(nn.Module):
    """`Pooled` on a picture of height 1, with the same weights."""

    def __init__(self) -> None:
        super().__init__()
        line = Pooled()
        self.conv, self.relu, self.fc = nn.Conv2d(2, 4, (1, 3), padding=(0, 1)), nn.ReLU(), line.fc
        self.conv.load_state_dict({"weight": line.conv.weight[:, :, None], "bias": line.conv.bias})

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.relu(self.conv(x)).mean((2, 3)))


@pytest.mark.parametrize(
    ("method", "of_line", "of_picture"),
    [
        ("grad_cam", {}, {}),
        ("cam", {}, {}),
        ("layer_cam", {}, {}),
        ("gradient", {}, {}),
        ("smooth_grad", {}, {}),
        ("integrated_gradients", {}, {}),
        ("occlusion", {"window": 3, "stride": 2}, {"window": (1, 3), "stride": (1, 2)}),
    ],
)
def test_a_series_is_a_picture_of_height_one(method: str, of_line: Any, of_picture: Any) -> None:
    torch.manual_seed(1)
    x = torch.randn(2, 2, 20)
    line = pl.explain(Pooled(), x, method, target=1, **of_line)
    picture = pl.explain(Flat(), x[:, :, None], method, target=1, **of_picture)
    found = picture.values.reshape(line.values.shape)
    np.testing.assert_allclose(found, line.values, atol=2e-6)


def test_the_receptive_field_is_stated() -> None:
    net = nn.Sequential(
        nn.Conv1d(1, 2, 5), nn.ReLU(), nn.Conv1d(2, 2, 3, dilation=2), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(2, 2),
    )  # fmt: skip
    e = pl.explain(net, torch.randn(1, 1, 40), "grad_cam", layer="3", target=0)
    assert e.record["receptive_field"] == 5 + 2 * 2
    assert "receptive field 9 steps" in str(e.plot().subfigs[0].subfigs[0]._suptitle.get_text())


def test_the_figure_has_the_users_time(tmp_path: Any) -> None:
    e = pl.explain(Pooled(), read_wide(), "grad_cam", target=0)
    loaded = pl.Explanation.load(e.save(tmp_path / "e.npz"))
    for found, end in ((e[1], 1.25), (loaded[1], 1.25), (e[0], 2.0)):
        axes = found.plot().subfigs[0].subfigs[0].axes
        assert [a.get_ylabel() for a in axes[:2]] == ["x", "y"]
        assert axes[1].get_xlabel() == "t (s)"
        assert axes[1].get_xlim()[1] == pytest.approx(end + 0.125)
