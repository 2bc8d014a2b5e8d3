"""`pellucid explain` on rows of tables and on series, and `pellucid table`, with models from a
file."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pellucid as pl
from pellucid.cli.sources import row_numbers

PIPELINE = """
import pandas as pd
from pathlib import Path
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

def load():
    data = pd.read_csv(Path(__file__).with_name("data.csv"))
    answer = data.pop("answer")
    columns = make_column_transformer((OneHotEncoder(), ["city"]), (StandardScaler(), ["age"]))
    return make_pipeline(columns, LogisticRegression()).fit(data, answer)

def strict():
    pipeline = load()
    def answer(data):
        assert list(data.columns) == ["age", "city"], list(data.columns)
        return pipeline.predict_proba(data)
    return answer
"""

NET = """
import torch
from torch import nn

def build():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv1d(2, 4, 5), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(4, 3)
    )

def rows():
    torch.manual_seed(0)
    return nn.Linear(3, 2)
"""

MODEL = ("--model", "pipeline.py:load")
DROP = ("--drop", "answer")


@pytest.fixture(autouse=True)
def files(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"age": rng.integers(18, 80, 60), "city": rng.choice(["Rome", "Oslo"], 60)})
    data["answer"] = np.where((data["city"] == "Rome") & (data["age"] > 40), "yes", "no")
    data.to_csv("data.csv", index=False)
    data.to_csv("data.tsv", index=False, sep="\t")
    data.iloc[:1].to_csv("single.csv", index=False)
    time = np.arange(30)
    signal = pd.DataFrame({"time": time, "a": np.sin(time), "b": np.cos(time)})
    signal.to_csv("signal.csv", index=False)
    np.save("x.npy", rng.normal(size=(5, 3)).astype(np.float32))
    (folder / "pipeline.py").write_text(PIPELINE)
    (folder / "net.py").write_text(NET)
    return folder


@pytest.mark.parametrize(
    ("words", "numbers"),
    [(["17"], [17]), (["3-5", "1"], [3, 4, 5, 1]), (["2,0", "2"], [2, 0]), (["4-4"], [4])],
)
def test_rows_are_numbers_and_ranges(words: list[str], numbers: list[int]) -> None:
    assert row_numbers(words) == numbers


def test_rows_of_a_table_in_one_call(run, files: Path) -> None:
    done = run("explain", "data.csv", "--row", "17", "--row", "3-4", *DROP, *MODEL, "-t", "yes")
    assert done.code == 0, done.err
    assert "Other rows of the table stand in" in done.err
    assert [line.split()[0] for line in done.out.splitlines()[:3]] == ["kernel_shap"] * 3
    assert "kernel_shap, row 3, yes (class 1)" in done.out
    city = pd.read_csv("data.csv")["city"][17]
    assert f"city = {city}" in done.out
    assert "answer" not in done.out
    assert "row 17" in (files / "pellucid-report.html").read_text()


def test_json_is_what_python_gives(run) -> None:
    """Counted from 0 without the header, and the background is the other rows."""
    done = run("explain", "data.tsv", "--row", "17", *DROP, *MODEL, "-t", "yes", "--json")
    assert done.code == 0, done.err
    entry = done.results[0]["explanations"][0]
    data = pd.read_csv("data.csv").drop(columns="answer")
    others = data.drop(index=17).iloc[[i * 59 // 50 for i in range(50)]]
    model = pl.load_model("pipeline.py:load")
    e = pl.explain(model, data.iloc[[17]], "kernel_shap", target="yes", background=others)
    assert entry["feature_names"] == ["age", "city"]
    np.testing.assert_array_equal(entry["values"], e.values)
    assert done.results[0]["names"] == ["row 17"]


def test_a_background_of_ones_own(run) -> None:
    common = ("explain", "data.csv", "--row", "17", *DROP, *MODEL, "-t", "yes", "--json")
    own = run(*common, "--method", "shapley", "-p", "background=single.csv")
    assert own.code == 0, own.err
    assert "stand in" not in own.err
    entry = own.results[0]["explanations"][0]
    data = pd.read_csv("data.csv").drop(columns="answer")
    chance = pl.load_model("pipeline.py:load").function(data.iloc[[17, 0]])[:, 1]
    assert np.sum(entry["values"]) == pytest.approx(chance[0] - chance[1], abs=1e-5)
    zero = run(*common, "--method", "shapley", "-p", "shapley.baseline=zero")
    assert zero.code == 2
    assert "'city' holds categories" in zero.err


def test_columns_that_the_model_does_not_take_are_pointed_out(run) -> None:
    done = run("explain", "data.csv", "--row", "1", "--model", "pipeline.py:strict")
    assert done.code == 1
    assert "with --drop; it got age, city, answer" in done.err


def test_the_dropped_column_does_not_reach_the_model(run) -> None:
    strict = ("--model", "pipeline.py:strict", "--method", "lime", "-o", "e.npz")
    assert run("explain", "data.csv", "--row", "1", *DROP, *strict).code == 0
    done = run("explain", "data.csv", "--row", "1", *strict)
    assert done.code == 1
    assert "'answer'" in done.err


def test_a_table_of_one_row_needs_no_number(run) -> None:
    done = run(
        "explain", "single.csv", *DROP, *MODEL, "--method", "lime", "-p", "background=data.csv",
        "--json",
    )  # fmt: skip
    assert done.code == 0, done.err


def test_several_tables_get_reports_and_an_index(run, files: Path) -> None:
    done = run("explain", "data.csv", "data.tsv", "--row", "2", *DROP, *MODEL, "-o", "out")
    assert done.code == 0, done.err
    names = {path.name for path in (files / "out").iterdir()}
    assert names == {"data.csv.html", "data.tsv.html", "index.html"}


def test_rows_of_an_array(run) -> None:
    done = run(
        "explain", "x.npy", "--row", "3", "--model", "net.py:rows", "--method", "input_x_gradient",
        "-t", "1", "-o", "e.npz",
    )  # fmt: skip
    assert done.code == 0, done.err
    model = pl.load_model("net.py:rows")
    wanted = pl.explain(model, np.load("x.npy")[[3]], "input_x_gradient", target=1)
    assert np.array_equal(pl.Explanation.load("e.npz").values, wanted.values)


def test_a_series(run) -> None:
    common = ("explain", "signal.csv", "--as", "series", "--model", "net.py:build", "-o", "e.npz")
    done = run(*common, "--drop", "time", "--method", "gradient", "-t", "2")
    assert done.code == 0, done.err
    saved = pl.Explanation.load("e.npz")
    assert (saved.axes, saved.values.shape) == (("sample", "channel", "time"), (1, 2, 30))
    signal = pd.read_csv("signal.csv")[["a", "b"]].to_numpy(np.float32).T[None]
    direct = pl.explain(pl.load_model("net.py:build"), signal, "gradient", target=2)
    assert np.array_equal(saved.values, direct.values)
    timed = run(*common, "--time", "time", "--method", "gradient", "-t", "2")
    assert timed.code == 0, timed.err
    loaded = pl.Explanation.load("e.npz")
    assert np.array_equal(loaded.values, direct.values)
    assert loaded.record["time_label"] == "time"
    np.testing.assert_allclose(loaded.record["times"][0], pd.read_csv("signal.csv")["time"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["signal.csv", "--time", "time"], "Say --as series too"),
        (["data.csv", "--row", "60", *DROP], "no row 60. It has 60 rows, 0 to 59"),
        (["data.csv", "--row", "1", "--drop", "answr"], "Did you mean 'answer'?"),
        (["data.csv", *DROP], "has 60 rows; which one?"),
        (["data.csv", "--row", "-1"], "--row -1 is no row"),
        (["data.csv", "--row", "5-3"], "--row 3-5"),
        (["data.csv", "--row", "0-999999999"], "at most 10000"),
        (["data.csv", "--row", "1", "--as", "serie"], "'series'"),
        (["signal.csv", "--row", "1", "--as", "series"], "time steps"),
        (["a.png", "--row", "1"], "--row is for tables"),
        (["a.png", "--drop", "b"], "--drop is for tables"),
        (["a.png", "--as", "series"], "--as is for tables"),
        (["x.npy", "--row", "5"], "no row 5. It has 5 rows, 0 to 4"),
        ([], "Give an INPUT, or --text"),
    ],
)
def test_wrong_words_exit_with_2(run, arguments, words) -> None:
    done = run("explain", *arguments, *MODEL)
    assert done.code == 2, done.err
    assert words in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent.csv", "--row", "1", *MODEL], "absent.csv does not exist"),
        (["data.csv", "--row", "1", *MODEL, "--method", "gradient"], "no gradients"),
        (["data.csv", "--row", "1", "--model", "absent.py:load"], "absent.py does not exist"),
    ],
)
def test_failures_exit_with_1(run, arguments, words) -> None:
    done = run("explain", *arguments)
    assert done.code == 1, done.err
    assert words in done.err


def test_optional_libraries_are_listed(run) -> None:
    found = json.loads(run("doctor", "--json").out)["optional"]
    assert {"lime", "tables", "onnx"} <= set(found)


TABLE = ("table", "data.csv", *MODEL, "--answer", "answer")


def test_global_views_are_those_of_python(run) -> None:
    wanted = ("importance", "permutation", "dependence", "effects", "tree")
    options = [word for view in wanted for word in ("--view", view)]
    found = run(*TABLE, *options, "--rows", "8", "--out", "views", "--json")
    assert found.code == 0, found.err
    views = {view["view"]: view for view in json.loads(found.out)["views"]}
    assert list(views) == [
        "importance", "permutation", "dependence of age", "dependence of city", "effects of age",
        "tree",
    ]  # fmt: skip
    model, data = pl.load_model("pipeline.py:load"), pd.read_csv("data.csv")
    answers = data.pop("answer")
    assert views["permutation"]["values"] == pytest.approx(
        pl.permutation_importance(model, data, answers).values
    )
    assert sorted(views["dependence of city"]["labels"]) == ["Oslo", "Rome"]
    assert views["effects of age"]["values"] == pytest.approx(
        pl.accumulated_local_effects(model, data, "age").values
    )
    assert views["tree"]["rules"] == pl.surrogate_tree(model, data).rules()
    assert views["importance"]["names"] == ["age", "city"]
    assert "yes (class 1)" in views["importance"]["about"]
    assert {path.name for path in Path("views").iterdir()} >= {"tree.png", "effects_of_age.png"}


def test_global_views_in_words(run) -> None:
    found = run(*TABLE, "--view", "permutation", "--out", "drop.svg")
    assert found.code == 0, found.err
    assert "drop of accuracy" in found.out
    assert found.out.splitlines()[-1] == "drop.svg"
    assert Path("drop.svg").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("table", "data.csv", *MODEL, *DROP, "--view", "permutation"), "needs the true answers"),
        ((*TABLE, "--view", "tre"), "Did you mean 'tree'"),
        ((*TABLE, "--view", "tree", "--feature", "age"), "for dependence and effects"),
        ((*TABLE, "--view", "effects", "--feature", "city"), "have no order"),
        ((*TABLE, "--out", "views.csv"), "unknown ending"),
        ((*TABLE, "--view", "dependence", "--out", "one.png"), "one figure"),
        ((*TABLE, "--answer", "price"), "no column 'price'"),
    ],
)
def test_wrong_words_for_global_views(run, words: tuple[str, ...], message: str) -> None:
    found = run(*words)
    assert found.code != 0
    assert message in found.err
