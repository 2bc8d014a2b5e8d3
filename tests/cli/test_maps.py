"""`pellucid project` and `pellucid compare-groups`."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from pellucid.cli.app import with_commands

pytest.importorskip("scipy")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    generator = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("maps") / "cells.csv"
    lines = ["a,b,c,day,donor"]
    for i in range(48):
        row = generator.normal(size=3) + (i // 24)
        lines.append(",".join([*map(str, row), f"day {i // 24}", f"donor {i // 6}"]))
    path.write_text("\n".join(lines))
    return path


def run(*words):
    return CliRunner().invoke(with_commands(), list(map(str, words)))


def test_maps_go_to_a_folder_and_groups_come_from_them(table, tmp_path) -> None:
    pytest.importorskip("pandas")
    numbers = tmp_path / "cells.npz"
    x = np.random.default_rng(0).normal(size=(40, 4))
    np.savez(numbers, x=x, y=np.arange(40) % 2)
    made = run("project", numbers, "--out", tmp_path / "maps", "--json")
    assert made.exit_code == 0, made.output
    found = json.loads(made.stdout)
    assert found["items"] == 40
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == [
        "maps.html", "maps.npz", "maps.png",
    ]  # fmt: skip
    saved = tmp_path / "maps" / "maps.npz"
    told = run("compare-groups", saved, "--permutations", 19, "--out", tmp_path / "g.png")
    assert told.exit_code == 0, told.output
    assert "0 – 1" in told.stdout
    assert (tmp_path / "g.png").exists()


def test_units_change_groups_together(table) -> None:
    pytest.importorskip("pandas")
    told = run("compare-groups", table, "--by", "day", "--units", "donor", "--json",
               "--permutations", 99)  # fmt: skip
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert found["groups"] == ["day 0", "day 1"]
    assert found["sizes"] == [24, 24]


def test_wrong_words_are_told(table, tmp_path) -> None:
    assert "unknown ending" in str(run("project", table, "--out", "maps.doc").exception)
    told = run("compare-groups", table, "--by", "day", "--units", "sex")
    assert "no column 'sex'" in str(told.exception)
