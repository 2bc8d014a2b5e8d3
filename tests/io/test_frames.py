"""Data frames with numbers, categories and texts, through a user's own pipeline."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import pellucid as pl
from pellucid.io.frames import Codes


def data() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({
        "age": rng.integers(18, 80, 60),
        "income": rng.normal(50, 10, 60),
        "city": rng.choice(["Rom", "Köln", "東京"], 60),
        "grade": pd.Categorical(rng.choice(["low", "high"], 60), ["low", "high"], ordered=True),
        "member": rng.random(60) > 0.5,
        "seats": pd.array(rng.integers(0, 9, 60), dtype="Int64"),
    })  # fmt: skip


def pipeline() -> Any:
    frame = data()
    y = (frame["city"] == "Rom").to_numpy() * 2 + frame["income"].to_numpy() / 10 > 6
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["city", "grade", "member"]),
        (StandardScaler(), ["age", "income", "seats"]),
    )
    return make_pipeline(columns, LogisticRegression()).fit(frame, np.where(y, "yes", "no"))


def test_a_frame_comes_back_with_its_columns_types_and_categories() -> None:
    frame = data().iloc[:7].reset_index(drop=True)
    codes = Codes(frame)
    assert codes.kinds == ("numeric", "numeric", *["categorical"] * 3, "numeric")
    back = codes.frame(torch.from_numpy(codes.numbers(frame)))
    pd.testing.assert_frame_equal(back, frame, check_index_type=False)


def test_missing_values_come_back_as_missing() -> None:
    frame = pd.DataFrame({"a": [1.5, np.nan], "b": ["x", None], "c": [1, 2]})
    codes = Codes(frame)
    back = codes.frame(torch.from_numpy(codes.numbers(frame)))
    assert np.isnan(back["a"][1])
    assert back["b"][1] is None or back["b"][1] != back["b"][1]
    assert codes.display()[1, 0] == "missing"


def test_a_background_may_hold_new_categories() -> None:
    frame = data()
    codes = Codes(frame.iloc[:1])
    other = frame.assign(city="Oslo").iloc[:3]
    assert list(codes.frame(codes.encode(other))["city"]) == ["Oslo"] * 3
    with pytest.raises(pl.InputError, match="no column 'age'"):
        codes.encode(other.rename(columns={"age": "ages"}))


def test_lime_draws_columns_as_the_data_has_them() -> None:
    model, frame = pipeline(), data()
    e = pl.explain(model, frame.iloc[[3, 17]], "lime", background=frame, target="yes")
    assert e.record["feature_names"] == list(frame.columns)
    strongest = {frame.columns[i] for i in np.abs(e.values).argmax(1)}
    assert strongest <= {"income", "city"}
    assert not np.abs(e.values[:, 3]).max() > 0.02  # grade says nothing


def test_lime_refuses_a_background_with_missing_numbers() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, np.nan, 4.0], "b": [1.0, 0.0, 1.0, 0.0]})

    def score(rows: pd.DataFrame) -> np.ndarray:
        return rows["b"].to_numpy()[:, None]

    with pytest.raises(pl.PellucidError, match="missing"):
        pl.explain(score, frame.iloc[[0]], "lime", background=frame)


@pytest.mark.parametrize("method", ["kernel_shap", "shapley"])
def test_a_pipeline_on_rows_with_texts_and_categories(method: str) -> None:
    model, frame = pipeline(), data()
    e = pl.explain(model, frame.iloc[[3, 17]], method, target="yes", background=frame.iloc[:20])
    assert e.record["feature_names"] == list(frame.columns)
    assert e.classes == ("no", "yes")
    change = e.score - model.predict_proba(frame.iloc[:20])[:, 1].mean()
    np.testing.assert_allclose(e.values.sum(1), change, atol=1e-4)
    strongest = e.values.__abs__().argmax(1)
    assert {frame.columns[i] for i in strongest} <= {"income", "city"}


def test_a_background_keeps_categories_and_numbers_that_the_row_has_not() -> None:
    row = pd.DataFrame({"kind": pd.Categorical(["b"]), "count": np.array([5], np.int8)})
    other = pd.DataFrame({"kind": pd.Categorical(["a", "c"]), "count": [1000, 2000]})

    def score(frame: pd.DataFrame) -> np.ndarray:
        kinds = frame["kind"].astype(str).map({"a": 1.0, "b": 2.0, "c": 4.0}).to_numpy()
        return kinds + frame["count"].to_numpy() / 1000

    e = pl.explain(score, row, "shapley", background=other, target=pl.Value())
    np.testing.assert_allclose(e.values[0], [2 - 2.5, 0.005 - 1.5], atol=1e-5)


def test_cells_without_a_single_value_and_missing_words() -> None:
    codes = Codes(pd.DataFrame({"a": pd.array([True, None], dtype="boolean"), "b": ["x", None]}))
    assert codes.numbers(codes.like).tolist() == [[0, 0], [1, 1]]
    with pytest.raises(pl.InputError, match="holds a list in a cell"):
        Codes(pd.DataFrame({"a": [[1, 2]]})).encode(pd.DataFrame({"a": [[1, 2]]}))


def test_a_row_alone_and_a_typical_row_as_the_baseline() -> None:
    model, frame = pipeline(), data()
    typical = frame.mode().iloc[[0]].astype(frame.dtypes)
    e = pl.explain(model, frame.iloc[[5]], "occlusion", baseline=typical, target="yes")
    without = frame.iloc[[5]].copy()
    without["city"] = typical["city"].iloc[0]
    change = model.predict_proba(frame.iloc[[5]])[0, 1] - model.predict_proba(without)[0, 1]
    assert e.values[0, 2] == pytest.approx(change, abs=1e-6)


def test_categories_have_no_zero() -> None:
    with pytest.raises(pl.ParameterError, match="'city' holds categories"):
        pl.explain(pipeline(), data().iloc[:2], "occlusion")


def test_missing_numbers_reach_a_pipeline_that_takes_them() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(80, 3)), columns=list("abc"))
    frame.loc[::5, "b"] = np.nan
    y = frame["b"].isna().to_numpy() | (frame["a"] > 1).to_numpy()
    model = HistGradientBoostingClassifier(max_iter=20, min_samples_leaf=5).fit(frame, y)
    e = pl.explain(model, frame.iloc[[0]], "shapley", background=frame.iloc[1:5], target=1)
    assert e.values[0].argmax() == 1
    assert e.values[0, 1] > 0.5


def test_a_network_takes_a_frame_of_numbers_or_says_what_it_needs() -> None:
    net = torch.nn.Linear(3, 2)
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3, 4], "c": [0.5, 0.25]})
    wanted = pl.explain(net, torch.tensor(frame.to_numpy(np.float32)), "input_x_gradient", target=1)
    e = pl.explain(net, frame, "input_x_gradient", target=1)
    assert np.array_equal(e.values, wanted.values)
    occluded = pl.explain(net, frame, "occlusion", target=1, space="logit")
    np.testing.assert_allclose(occluded.values, wanted.values, atol=1e-5)
    with pytest.raises(pl.InputError, match=r"columns \['city'\] hold none"):
        pl.explain(net, frame.assign(city="Rom"), "gradient")


def test_an_empty_frame_is_refused() -> None:
    with pytest.raises(pl.InputError, match="empty"):
        pl.explain(pipeline(), data().iloc[:0], "occlusion")
