"""The case studies in `examples/` show what they say, on less data."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = pytest.mark.slow


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Runs an example by name; what it measured, once its figures are seen to be pictures."""
    monkeypatch.syspath_prepend(EXAMPLES)

    def run(name, *figures):
        spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
        example = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, example)
        spec.loader.exec_module(example)
        found = example.main(["--quick", "--out", str(tmp_path)])
        assert {path.name for path in tmp_path.iterdir()} == {f"{figure}.png" for figure in figures}
        for path in tmp_path.iterdir():
            pixels = np.asarray(Image.open(path).convert("L"))
            assert min(pixels.shape) > 200
            assert 0.01 < (pixels < 250).mean() < 0.99, f"{path.name} is empty"
        return found

    return run


def test_grad_cam_finds_the_sensor_that_fails(ran):
    found = ran("sensor_failure", "sensor_failure_grad_cam", "sensor_failure_lime")
    assert found["accuracy"] > 0.85
    assert found["mass"] >= 0.8 > 2 * found["chance"]
    assert found["lime"] >= 0.8
    assert found["channel"] >= 0.75


def test_passing_on_the_least_sure_makes_fewer_mistakes(ran):
    found = ran("saliency_panel", "saliency_panel", "saliency_uncertainty", "saliency_spread")
    assert found["accuracy"] > 0.8
    assert found["kept"] > found["accuracy"]
    assert min(found["auroc"], found["dropconnect"]) > 0.7
    assert 0 <= found["bald"] <= found["entropy"] <= np.log(2) + 1e-6


def test_windows_over_ink_count_more_than_over_paper(ran):
    found = ran("grayscale_occlusion", "grayscale_occlusion")
    assert found["accuracy"] > 0.85
    assert found["parameters"] < 10_000
    assert found["ink"] > 1.3 * found["paper"]


def test_the_four_outcomes_are_told_apart(ran):
    found = ran("right_and_wrong", "right_and_wrong")
    outcomes = ("true positives", "false positives", "false negatives", "true negatives")
    assert sum(found[name] for name in outcomes) == 400
    assert found["true positives"] + found["false negatives"] == 200
    assert found["accuracy"] == (found["true positives"] + found["true negatives"]) / 400 > 0.8
    assert found["pointing"] > 0.8


def test_masking_brings_the_evidence_into_the_lungs(ran):
    found = ran(
        *("evidence_in_region", "evidence_in_region"),
        *("evidence_distance_whole", "evidence_distance_masked"),
    )
    assert found["share masked"] > 0.9
    assert found["share masked"] > found["share whole"] + 0.1
    assert found["accuracy masked"] > found["accuracy whole"]
    assert found["strangers masked"] > found["outliers masked"]
