"""The commands that only tell something, and the demonstration."""

import json

import pytest

from pellucid.core import registry


def test_methods_lists_every_method(run) -> None:
    done = run("methods")
    assert [line.split()[0] for line in done.out.splitlines()] == registry.names()
    assert list(json.loads(run("methods", "--json").out)) == registry.names()


def test_one_method_shows_its_parameters_under_any_spelling(run) -> None:
    done = run("methods", "Grad-CAM")
    assert done.code == 0
    assert "Selvaraju" in done.out
    assert "upsample" in done.out
    about = json.loads(run("methods", "grad_cam", "--json").out)
    assert {"layer", "upsample"} <= {p["name"] for p in about["parameters"]}


@pytest.mark.parametrize("name", registry.names())
def test_every_method_can_be_described(run, name) -> None:
    assert json.loads(run("methods", name, "--json").out)["name"] == name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["methods", "gradcm"], "grad_cam"),
        (["explan"], "explain"),
        (["layers"], "--model"),
        (["demo", "--sample", "chelse"], "chelsea"),
    ],
)
def test_wrong_usage(run, arguments, words) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert words in done.err


def test_layers_marks_the_choice(run) -> None:
    done = run("layers", "--model", "tiny:build")
    marked = [line for line in done.out.splitlines() if "→" in line]
    assert len(marked) == 1
    found = json.loads(run("layers", "-m", "tiny:build", "-i", "a.png", "--json").out)
    chosen = [layer["name"] for layer in found if layer["chosen"]]
    assert chosen == [marked[0].split()[1]]
    assert f"→ {chosen[0]} is chosen" in done.err


def test_layers_says_how_to_name_one_of_several_calls(run) -> None:
    done = run("layers", "--model", "tiny:shared", "--input", "a.png")
    row = next(line.split() for line in done.out.splitlines() if "ReLU" in line)
    assert row[:4] == ["→", "1", "ReLU", "N×4×16×16,"]
    assert "1@0 to 1@1" in done.err
    assert "1@1 is chosen" in done.err


def test_layers_of_a_model_that_does_not_say_what_it_takes(run) -> None:
    done = run("layers", "--model", "tiny:bare")
    assert done.code == 2
    assert "--input" in done.err


def test_doctor(run) -> None:
    found = json.loads(run("doctor", "--json").out)
    assert found["versions"]["torch"]
    assert found["choices"]["methods"] == len(registry.names())
    assert "allocator" in run("doctor").out


def test_help_has_examples(run) -> None:
    done = run("explain", "--help")
    assert "Examples" in done.out
    assert "pellucid explain cat.jpg" in done.out


@pytest.mark.slow
def test_demo(run, folder) -> None:
    pytest.importorskip("efficientnet_lite_pytorch", reason="the extra demo is not installed")
    done = run("demo", "--sample", "coffee", "--out", "demo")
    assert done.code == 0, done.err
    assert "espresso" in done.out.splitlines()[0]
    assert done.out.splitlines()[-1] == "Report: demo/report.html"
    names = {path.name for path in (folder / "demo").iterdir()}
    assert {"report.html", "grad_cam.png", "grad_cam.npz"} <= names
