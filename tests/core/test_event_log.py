"""Progress as lines of JSON in a file: the same words everywhere."""

import json

import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.core import event_log
from pellucid.core.event_log import EventLog
from pellucid.core.progress import Event

FIELDS = {"event", "time", "task", "done", "total", "seconds", "seconds_left"}


def lines(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_line_has_the_same_fields(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(event_log, "RARELY", 0.0)
    path = tmp_path / "deep" / "events.jsonl"
    net = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
    pl.explain(net, torch.ones(1, 4), "smooth_grad", target=0, progress=pl.EventLog(path))
    found = lines(path)
    assert all(set(line) == FIELDS for line in found)
    assert {line["event"] for line in found} == {"progress"}
    assert found[0]["done"] == 0
    assert found[0]["seconds_left"] is None
    assert found[-1]["done"] == found[-1]["total"] > 0


def test_most_steps_are_left_out_but_never_the_last(tmp_path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    for done in range(1001):
        log(Event("Counting", done, 1000, done / 1e6))
    told = [line["done"] for line in lines(tmp_path / "events.jsonl")]
    assert told[-1] == 1000
    assert len(told) < 100


def test_a_line_break_stays_in_its_line(tmp_path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    log(Event('a\n{"event": "forged"}', 1, 1, 0.0))
    assert [line["event"] for line in lines(tmp_path / "events.jsonl")] == ["progress"]


def test_where_nothing_can_be_written(tmp_path) -> None:
    with pytest.raises(pl.FileError, match="cannot be written"):
        EventLog(tmp_path)


def test_a_bar_writes_where_the_variable_says(tmp_path, monkeypatch) -> None:
    from pellucid.render.progress import ProgressBar

    monkeypatch.setenv(event_log.VARIABLE, str(tmp_path / "events.jsonl"))
    with ProgressBar() as bar:
        bar(Event("Counting", 3, 3, 0.5))
    assert lines(tmp_path / "events.jsonl")[0]["done"] == 3
