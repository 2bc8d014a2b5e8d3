"""`pellucid explain`: files, options, exit codes, and the same numbers as from Python."""

from pathlib import Path

import numpy as np
import pytest

import pellucid as pl

MODEL = ("--model", "tiny:build")


def tiny() -> pl.Model:
    import tiny as module

    return module.build()


def test_report_is_written_and_named_last(run, folder: Path) -> None:
    done = run("explain", "a.png", *MODEL, "--method", "grad_cam", "--method", "gradient")
    assert done.code == 0, done.err
    assert done.out.splitlines()[-1] == "pellucid-report.html"
    assert "<html" in (folder / "pellucid-report.html").read_text()
    assert [line.split()[0] for line in done.out.splitlines()[:2]] == ["grad_cam", "gradient"]
    assert "Explaining a.png" in done.err
    assert "Explaining" not in done.out


def test_arrays_equal_those_from_python(run, folder: Path) -> None:
    done = run("explain", "a.png", *MODEL, "--method", "GradCAM", "-t", "dog", "--out", "e.npz")
    assert done.code == 0, done.err
    saved = pl.Explanation.load("e.npz")
    direct = pl.explain(tiny(), "a.png", "grad_cam", target="dog")
    assert np.array_equal(saved.values, direct.values)
    assert saved.target == direct.target


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_figures(run, folder: Path, ending: str) -> None:
    assert run("explain", "a.png", *MODEL, "-o", f"e.{ending}").code == 0
    assert (folder / f"e.{ending}").stat().st_size > 1000


def test_folder_gets_everything(run, folder: Path) -> None:
    done = run("explain", "a.png", *MODEL, "--method", "gradient", "-o", "out")
    assert done.code == 0, done.err
    names = {path.name for path in (folder / "out").iterdir()}
    assert names == {"report.html", "gradient.png", "gradient.npz"}


def test_json_is_the_only_output_and_writes_nothing(run, folder: Path) -> None:
    before = set(folder.iterdir())
    done = run("explain", "a.png", *MODEL, "--target", "2", "--json")
    entry = done.results[0]["explanations"][0]
    assert (entry["method"], entry["shape"]) == ("grad_cam", [1, 16, 16])
    assert "bird" in entry["target"][0]
    assert {path for path in folder.iterdir() if path.name != "__pycache__"} == before


def test_parameters_are_typed_and_recorded(run) -> None:
    done = run(
        "explain", "a.png", *MODEL, "--json", "--method", "grad_cam", "--method", "smooth_grad",
        "-p", "smooth_grad.n_samples=3", "--layer", "0", "--seed", "5",
    )  # fmt: skip
    assert done.code == 0, done.err
    grad_cam, smooth_grad = done.results[0]["explanations"]
    assert grad_cam["params"]["layer"] == "0"
    assert (smooth_grad["params"]["n_samples"], smooth_grad["seed"]) == (3, 5)


def test_many_files_get_reports_and_an_index_though_one_is_bad(run, folder: Path) -> None:
    (folder / "bad.png").write_bytes((folder / "a.png").read_bytes()[:200])
    done = run("explain", "a.png", "bad.png", "b.png", *MODEL, "-o", "out")
    assert done.code == 1
    assert [line for line in done.err.splitlines() if "bad.png" in line and "damaged" in line]
    assert "Traceback" not in done.err
    names = {path.name for path in (folder / "out").iterdir()}
    assert names == {"a.png.html", "b.png.html", "index.html"}
    index = (folder / "out" / "index.html").read_text()
    assert 'href="a.png.html"' in index
    assert "1 failed" in index


def test_folder_as_input(run, folder: Path) -> None:
    done = run("explain", ".", *MODEL, "--json")
    assert [Path(entry["input"]).name for entry in done.results] == ["a.png", "b.png"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--method", "grad_cm"], "'grad_cam'"),
        (["-p", "uplayer=1"], "'layer'"),
        (["-p", "smooth_grad.n_samples=3"], "not among the chosen"),
        (["-p", "layer"], "NAME=VALUE"),
        (["--space", "logits"], "'logit'"),
        (["--target", "dogg"], "'dog'"),
        (["--target", "7"], "7"),
        (["--layer", "nowhere"], "nowhere"),
        (["--model", "tiny:biuld"], "'build'"),
        (["--out", "e.htm1"], "'.html'"),
        (["--metod", "cam"], "--method"),
        (["--seed", "x"], "--seed"),
    ],
)
def test_wrong_words_exit_with_2_and_name_the_right_one(run, arguments, words) -> None:
    done = run("explain", "a.png", *MODEL, *arguments)
    assert done.code == 2, done.err
    assert words in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.png", *MODEL], "missing.png does not exist"),
        (["a.png", "--model", "tiny:bare"], "preprocess"),
        (["a.png", *MODEL, "--weights", "tiny.py"], "damaged or no checkpoint"),
        (["a.png", *MODEL, "-o", "a.png/x.html"], "cannot be written"),
    ],
)
def test_failures_exit_with_1_and_one_line(run, arguments, words) -> None:
    done = run("explain", *arguments)
    assert done.code == 1
    errors = [line for line in done.err.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert words in errors[0]


def test_class_names_from_a_file(run, folder: Path) -> None:
    (folder / "names.txt").write_text("x\ny\nz\n")
    done = run("explain", "a.png", *MODEL, "--classes", "names.txt", "-t", "y", "--json")
    assert "y" in done.results[0]["explanations"][0]["target"][0]


def test_file_names_are_escaped_in_the_index(run, folder: Path) -> None:
    name = "<b>&.png"
    (folder / "a.png").rename(folder / name)
    assert run("explain", name, "b.png", *MODEL, "-o", "out").code == 0
    assert "<b>" not in (folder / "out" / "index.html").read_text()
