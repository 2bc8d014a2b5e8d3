"""`--check` and `pellucid compare`: the verdict and the comparison from the shell."""

import json
from pathlib import Path

MODEL = ("--model", "tiny:build")


def test_a_checked_explanation_has_a_verdict_everywhere(run, folder: Path) -> None:
    done = run(
        "explain", "a.png", *MODEL, "--method", "gradient", "--check", "quick", "-o", "r.html"
    )
    assert done.code == 0, done.err
    words = ("The checks found nothing against it", "Read with care", "Do not rely on it")
    headline = next(word for word in words if word in done.out)
    page = (folder / "r.html").read_text()
    assert 'class="trust ' in page
    assert headline in page
    told = run("explain", "a.png", *MODEL, "--method", "gradient", "--check", "quick", "--json")
    trust = told.results[0]["explanations"][0]["trust"]
    assert trust["headline"] == headline
    assert trust["reasons"]


def test_an_unknown_depth_is_wrong_usage(run) -> None:
    done = run("explain", "a.png", *MODEL, "--check", "quik")
    assert done.code == 2
    assert "'quick'" in done.err


def test_methods_are_compared_in_one_figure(run, folder: Path) -> None:
    shown = ("--method", "gradient", "--method", "grad_cam", "--no-badges", "-o", "c.png")
    done = run("compare", "a.png", "b.png", *MODEL, *shown)
    assert done.code == 0, done.err
    assert (folder / "c.png").stat().st_size > 5000
    assert done.out.splitlines()[-1] == "c.png"
    contrast = run("compare", "a.png", *MODEL, *shown, "--target", "cat", "--not", "dog", "--json")
    told = json.loads(contrast.out)
    assert told["columns"] == ["Gradient", "Grad-CAM"]
    assert "rather than" in told["rows"][2]
    assert len(told["agreement"]["ssim"]) == 2


def test_wrong_words_of_a_comparison(run) -> None:
    assert run("compare", "a.png", *MODEL, "--scale", "ownn").code == 2
    assert run("compare", "a.png", *MODEL, "--not", "dog").code == 2
    assert run("compare", "a.png", *MODEL, "-o", "c.gif").code == 2
