"""LIME of tables in their own space: kinds of columns, groups, what is drawn, what is refused."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import pellucid as pl
from pellucid.core.encoding import Encoding
from pellucid.core.inputs import Inputs
from pellucid.parts.table_schema import schema_of


def data(rows: int = 300) -> Tensor:
    """Income, age, sex (0, 1), rooms (1 … 5), latitude, longitude (which go together)."""
    generator = torch.Generator().manual_seed(0)
    income = torch.randn(rows, generator=generator).exp()
    age = 20 + 50 * torch.rand(rows, generator=generator)
    sex = torch.randint(0, 2, (rows,), generator=generator).float()
    rooms = torch.randint(1, 6, (rows,), generator=generator).float()
    place = torch.rand(rows, generator=generator)
    return torch.stack([income, age, sex, rooms, 48 + place, 11 + place.square()], 1).double()


DATA = data()
ROW = DATA[3:4]
COLUMNS = {2: "categorical", 3: "ordinal"}
GROUPS = {"place": [4, 5]}


class Watched:
    """A model that keeps what it was asked."""

    def __init__(self) -> None:
        self.rows: list[Tensor] = []

    def __call__(self, t: Tensor) -> Tensor:
        self.rows.append(t.clone())
        return torch.stack([t[:, 0] - t[:, 1] / 50, t[:, 2] + t[:, 4] - 48], 1)

    @property
    def seen(self) -> Tensor:
        return torch.cat(self.rows)[1:]


def explained(model: Any, x: Any = ROW, **params: Any) -> pl.Explanation:
    options = {"background": DATA, "columns": COLUMNS, "groups": GROUPS, "n_samples": 1200}
    method = pl.LIME(**{**options, "stop": "budget", **params})
    return pl.explain(model, x, method, target=1, space="logit")


@pytest.mark.parametrize("design", ["hadamard", "paired", "random"])
@pytest.mark.parametrize("discretize", ["quartile", "none"])
def test_columns_are_drawn_as_the_data_has_them(discretize: str, design: str) -> None:
    model = Watched()
    explained(model, design=design, discretize=discretize)
    seen = model.seen
    assert seen[:, 2].mean().item() == pytest.approx(DATA[:, 2].mean().item(), abs=0.05)
    assert set(seen[:, 2].tolist()) == {0.0, 1.0}
    assert torch.equal(seen[:, 3], seen[:, 3].round())
    known = {tuple(row) for row in DATA[:, 4:].tolist()}
    assert {tuple(row) for row in seen[:, 4:].tolist()} <= known
    if discretize == "quartile":
        low, high = DATA.min(0).values, DATA.max(0).values
        assert bool((seen >= low - 1e-9).all())
        assert bool((seen <= high + 1e-9).all())
        edges = torch.quantile(DATA[:, 0], torch.tensor([0.25, 0.5, 0.75]).double())
        shares = torch.searchsorted(edges, seen[:, 0].contiguous()).bincount() / len(seen)
        assert float((shares - 0.25).abs().max()) < 0.04
    assert seen[:, 1].mean().item() == pytest.approx(DATA[:, 1].mean().item(), abs=2)


def test_the_instance_is_the_centre_where_asked() -> None:
    model = Watched()
    row = ROW.clone()
    row[0, 1] = 90
    explained(model, row, discretize="none", centre="instance")
    assert model.seen[:, 1].mean().item() == pytest.approx(90, abs=2)


def test_a_linear_model_without_discretisation() -> None:
    """The weight of a column is its coefficient times its standard deviation, R² = 1."""
    slopes = torch.tensor([2.0, -0.1, 0, 0, 0, 0]).double()
    e = pl.explain(
        lambda t: torch.stack([-t @ slopes, t @ slopes], 1),
        ROW,
        pl.LIME(background=DATA, discretize="none"),
        target=1,
        space="logit",
    )
    wanted = slopes * DATA.std(0, correction=0)
    np.testing.assert_allclose(e.values[0], wanted, atol=1e-4)
    assert e.record["r_squared"][0] == pytest.approx(1)


def test_a_category_has_the_effect_of_being_the_same() -> None:
    e = explained(Watched())
    sign = 1 if ROW[0, 2] == 1 else -1
    assert e.values[0, 2] == pytest.approx(sign, abs=0.05)
    assert e.segments[0].tolist() == [0, 1, 2, 3, 4, 4]
    assert e.values[0, 4] == e.values[0, 5]
    assert e.coarse.shape == (1, 5)


def test_groups_without_a_background_go_on_and_off_together() -> None:
    e = pl.explain(
        lambda t: torch.stack([t[:, 4] * t[:, 5], t[:, 4] + t[:, 5]], 1),
        ROW,
        pl.LIME(groups=GROUPS),
        target=1,
        space="logit",
    )
    assert e.values[0, 4] == pytest.approx(float(ROW[0, 4] + ROW[0, 5]), rel=1e-5)
    assert e.coarse.shape == (1, 5)


def test_rows_of_a_batch_are_explained_as_alone() -> None:
    x = DATA[:3]
    whole = explained(Watched(), x)
    for i in range(3):
        alone = explained(Watched(), x[i : i + 1])
        np.testing.assert_allclose(alone.values[0], whole.values[i], atol=1e-6)


def test_a_category_that_the_data_does_not_have() -> None:
    row = ROW.clone()
    row[0, 2] = 7
    assert np.isfinite(explained(Watched(), row).values).all()


def test_a_column_that_never_changes_has_no_weight() -> None:
    still = DATA.clone()
    still[:, 1] = 30
    row = ROW.clone()
    row[0, 1] = 30
    for discretize in ("quartile", "none"):
        e = explained(Watched(), row, background=still, discretize=discretize)
        assert e.values[0, 1] == pytest.approx(0, abs=1e-9)
        assert not [c for c in e.checks if c.name == "determined weights"]


def test_a_tree_sees_bins() -> None:
    e = explained(Watched(), surrogate="tree")
    assert np.abs(e.values[0]).argmax() == 2
    with pytest.raises(pl.ParameterError, match="discretize='quartile'"):
        explained(Watched(), surrogate="tree", discretize="none")


def test_kinds_come_from_the_reading_and_from_the_user() -> None:
    kinds = ("numeric", "categorical", "numeric")
    encoding = Encoding(lambda value: value, ("height", "colour", "size"), kinds)
    inputs = Inputs(torch.zeros(2, 3), encoding=encoding)
    assert schema_of(inputs).kinds == ("numeric", "categorical", "numeric")
    schema = schema_of(inputs, {"size": "ordinal"}, {"both": ["height", "size"]})
    assert schema.kinds == ("numeric", "categorical", "ordinal")
    assert schema.features == ((0, 2), (1,))
    assert schema.labels.tolist() == [0, 1, 0]
    with pytest.raises(pl.ParameterError, match=r"no column 'hight'.*Did you mean 'height'"):
        schema_of(inputs, {"hight": "numeric"})


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"columns": {2: "categorial"}}, "cannot be 'categorial'.*'categorical'"),
        ({"columns": {9: "numeric"}}, "no column 9 of 6"),
        ({"groups": {"a": [1, 2], "b": [2]}}, "column 2 is in two groups"),
        ({"background": DATA[:, :4]}, r"background has shape \(300, 4\)"),
        ({"background": DATA * torch.nan}, "NaN"),
        ({"background": [["a"] * 6] * 3}, "no array of numbers"),
    ],
)
def test_a_wrong_schema_is_refused(params: dict[str, Any], text: str) -> None:
    with pytest.raises(pl.ParameterError, match=f"(?s){text}"):
        explained(Watched(), **params)


def test_a_background_is_for_tables() -> None:
    with pytest.raises(pl.NotApplicable, match="describe a table"):
        explained(lambda t: t.flatten(1)[:, :2], torch.randn(1, 3, 8, 8))
