"""`pellucid dream`: pictures, films, several classes, and words that do not fit together."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pellucid as pl
from pellucid.cli import main

MODEL = """
import torch
from pellucid import ImagePreprocess, Model
from torch import nn

def build():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3)
    )
    return Model(net, preprocess=ImagePreprocess(size=24), classes=["cup", "cat", "car"])
"""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs `pellucid dream …` in a folder with a photograph; gives code, output and messages."""
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(MODEL)
    pixels = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    Image.fromarray(pixels).save("photo.png")

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as done:
            main(["dream", *words, "-m", "net.py:build"])
        printed = capsys.readouterr()
        code = done.value.code
        return (0 if code is None else int(code)), printed.out, printed.err

    return run


def test_a_dream_keeps_the_proportions_of_the_photograph(shell) -> None:
    code, out, _ = shell("photo.png", "--layer", "0", "--steps", "2", "--animate", "dream.gif")
    assert code == 0
    assert out.splitlines()[-2:] == ["pellucid-dream.png", "dream.gif"]
    with Image.open("pellucid-dream.png") as found:
        assert found.size == (60, 40)
    with Image.open("dream.gif") as film:
        assert film.n_frames > 2


def test_size_preset_channels_and_a_guide(shell) -> None:
    for words in (["--channel", "0-2"], ["--guide", "photo.png"], ["--preset", "tensorflow"]):
        code, _, err = shell(
            "photo.png", "-l", "0", "--size", "32", "--steps", "1", "--octaves", "2",
            "--out", "dream.jpg", *words,
        )  # fmt: skip
        assert code == 0, err
        with Image.open("dream.jpg") as found:
            assert found.size == (32, 21)


def test_classes_and_channels_from_noise(shell) -> None:
    code, out, err = shell(
        "--class", "cup", "--class", "2", "--steps", "2", "--json", "--out", "e.npz"
    )
    assert code == 0, err
    found = json.loads(out)
    assert found["target"] == ["cup (class 0)", "car (class 2)"]
    assert pl.Explanation.load("e.npz").values.shape == (2, 3, 24, 24)
    code, _, err = shell("-l", "0", "--channel", "0-3", "--steps", "2", "--out", "page.html")
    assert code == 0, err
    assert "channel 3 of 0" in Path("page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "Nothing to draw"),
        (["photo.png", "--channel", "1"], "--layer too"),
        (["--class", "cat", "--guide", "photo.png"], "--guide"),
        (["--class", "cat", "--octaves", "2"], "--octaves"),
        (["photo.png", "--class", "dog"], "no class 'dog'"),
        (["photo.png", "--layer", "9"], "no layer"),
        (["photo.png", "--preset", "orginal"], "original"),
        (["photo.png", "--out", "dream.bmp"], "unknown ending"),
        (["photo.png", "--size", "3"], "too small"),
        (["photo.png", "--steps", "-1"], "steps"),
    ],
)
def test_wrong_words_are_wrong_usage(shell, words: list[str], text: str) -> None:
    code, _, err = shell(*words)
    assert code == 2, err
    assert text in err


def test_a_film_is_refused_before_the_work(shell, monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")
    code, _, err = shell("photo.png", "--animate", "dream.mp4")
    assert code == 1
    assert "mp4" in err
    assert not Path("pellucid-dream.png").exists()
