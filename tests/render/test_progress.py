"""A bar on a terminal, a line now and then elsewhere, and always on standard error."""

import io

import pytest
import torch
from rich.console import Console

import pellucid as pl
from pellucid.core.progress import Event
from pellucid.render import progress
from pellucid.render.progress import ProgressBar
from pellucid.testing.nets import Plain, built

HALFWAY = Event("Score-CAM", 40, 80, 2.0)


def test_a_terminal_shows_a_bar_with_the_time_left() -> None:
    screen = io.StringIO()
    with ProgressBar(Console(file=screen, force_terminal=True, width=100)) as bar:
        bar(Event("Score-CAM", 0, 80, 0.0))
        bar(HALFWAY)
    assert "Score-CAM" in screen.getvalue()
    assert "40 of 80" in screen.getvalue()


def test_a_file_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    with ProgressBar(Console(file=log, force_terminal=False)) as bar:
        bar(HALFWAY)
        assert log.getvalue() == ""  # too soon
        monkeypatch.setattr(progress, "EVERY", 0.0)
        bar(HALFWAY)
    assert log.getvalue() == "Score-CAM: 40 of 80, about 2 s left\n"


@pytest.mark.parametrize("widgets", [None, "found"])
def test_a_notebook_without_widgets_gets_lines(monkeypatch: pytest.MonkeyPatch, widgets) -> None:
    """rich can draw anew there only with them, and would warn at every line."""
    monkeypatch.setattr(progress, "find_spec", lambda name: widgets)
    bar = ProgressBar(Console(file=io.StringIO(), force_jupyter=True))
    assert bar._live is (widgets is not None)


def test_progress_true_draws_nothing_on_standard_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.0)
    pl.explain(
        built(Plain), torch.rand(1, 3, 16, 16), "smooth_grad", 0, progress=True, batch_size=8
    )
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "SmoothGrad: 8 of 50" in captured.err
