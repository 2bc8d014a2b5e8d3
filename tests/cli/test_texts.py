"""`pellucid explain --text`: words with their values, in a terminal and in a pipe."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest

import pellucid as pl
from pellucid.cli import terminal

SPAM = """
import numpy as np
from pellucid import Model

def load():
    def spam(texts):
        score = np.array([0.9 if "channel" in text else 0.1 for text in texts])
        return np.stack([1 - score, score], axis=1)
    return Model(spam, classes=["legitimate", "spam"])
"""

MODEL = ("--model", "spam.py:load", "--target", "spam")
TEXT = "For Christmas visit my channel!"


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    (folder / "spam.py").write_text(SPAM)


def test_words_are_listed_with_their_values(run, folder: Path) -> None:
    done = run("explain", "--text", TEXT, *MODEL)
    assert done.code == 0, done.err
    rows = [line.split() for line in done.out.splitlines()[2:7]]
    assert [row[0] for row in rows] == ["For", "Christmas", "visit", "my", "channel"]
    assert [float(row[1]) for row in rows] == [0, 0, 0, 0, 0.8]
    assert "\x1b" not in done.out
    assert TEXT.split()[1] in (folder / "pellucid-report.html").read_text()


def test_several_texts_are_one_call_and_one_report(run, folder: Path) -> None:
    done = run("explain", "--text", TEXT, "--text", "東京 channel", *MODEL, "-o", "out")
    assert done.code == 0, done.err
    assert "Explaining 2 texts with occlusion" in done.err
    assert "occlusion, 東京 channel, spam (class 1)" in done.out
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "東京 channel" in page
    assert {path.name for path in (folder / "out").iterdir()} == {
        "report.html", "occlusion.1.png", "occlusion.2.png", "occlusion.npz",
    }  # fmt: skip


def test_every_text_has_its_own_verdict(run) -> None:
    done = run("explain", "--text", TEXT, "--text", "nothing of the kind", *MODEL, "--json")
    assert done.results[0]["explanations"][0]["verdict"] == "failed"
    lines = run("explain", "--text", TEXT, "--text", "nothing of the kind", *MODEL).out.splitlines()
    assert [line.split()[1] for line in lines[:2]] == ["ok", "failed"]


def test_json_has_the_words_and_the_numbers_of_python(run) -> None:
    done = run("explain", "--text", TEXT, "--text", "my channel", *MODEL, "--json", "--method",
               "shapley")  # fmt: skip
    assert done.code == 0, done.err
    entry = done.results[0]["explanations"][0]
    e = pl.explain(pl.load_model("spam.py:load"), [TEXT, "my channel"], "shapley", target="spam")
    assert entry["words"][1] == ["my", "channel"]
    np.testing.assert_array_equal(entry["values"], e.values)
    assert done.results[0]["names"] == [TEXT, "my channel"]


def test_a_terminal_gets_the_text_in_colour(run, monkeypatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[" in run("explain", "--text", TEXT, *MODEL).out
    monkeypatch.setenv("NO_COLOR", "1")
    plain = run("explain", "--text", TEXT, *MODEL).out
    assert "\x1b[" not in plain
    assert "channel    +0.8000" in plain


def test_letters_that_a_pipe_cannot_take_are_escaped(monkeypatch) -> None:
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", pipe)
    terminal.answer("東 +0.5")
    pipe.flush()
    assert pipe.buffer.getvalue().split() == [b"\\u6771", b"+0.5"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["a.png", "--text", TEXT], 2, "instead of INPUT"),
        (["--text", TEXT, "--row", "1"], 2, "instead of INPUT"),
        (["--text", TEXT, "--method", "gradient"], 1, "no gradients"),
        (["--text", " "], 1, "holds no words"),
        (["--text", TEXT, "--out", "e.htm1"], 2, "'.html'"),
    ],
)
def test_what_cannot_be_done(run, arguments, code, words) -> None:
    done = run("explain", *arguments, *MODEL)
    assert done.code == code, done.err
    assert words in done.err
