"""A method of another package, added through its entry point, is found everywhere by name."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from docs.blocks import ROOT, blocks

PAGE = "docs/adding-a-method.md"
EXPLAIN = """
import pellucid as pl, torch
from torch import nn
torch.manual_seed(0)
conv, linear = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)
net = nn.Sequential(conv, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear)
x = torch.randn(1, 3, 8, 8)
e = pl.explain(net, x, "Hi-Res CAM", target=1, layer="1", upsample=False)
maps = conv(x).relu()[0]
wanted = torch.einsum("k,khw->hw", linear.weight[1] / maps[0].numel(), maps)
torch.testing.assert_close(torch.tensor(e.values[0]), wanted.detach())
assert e.method == "hi_res_cam", e.method
print(pl.methods()["hi_res_cam"])
"""
CHECK = """
import pellucid as pl
from pellucid.testing import check_method
from hi_res_cam import HiResCAM
check_method(HiResCAM())
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The page's method as an installed distribution: a module and its metadata."""
    module = next(block for block in blocks(PAGE, "python") if block.file)
    (tmp_path / module.file).write_text(module.text, encoding="utf-8")
    group = next(block for block in blocks(PAGE, "toml")).text
    entry = group.splitlines()[1].replace('"', "")
    about = tmp_path / "hi_res_cam-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: hi-res-cam\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[pellucid.methods]\n{entry}\n")
    return tmp_path


def python(folder: Path, *arguments: str, **environment: str) -> str:
    paths = [str(folder), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    known = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **environment}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=known, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_explains_by_name(installed: Path) -> None:
    found = python(installed, "-c", EXPLAIN)
    assert found.startswith("HiResCAM: every place of every channel")


def test_command_line_lists_and_describes_it(installed: Path) -> None:
    listed = json.loads(python(installed, "-m", "pellucid", "methods", "--json"))
    described = json.loads(python(installed, "-m", "pellucid", "methods", "hi-res-cam", "--json"))
    assert "grad_cam" in listed
    assert listed["hi_res_cam"].startswith("HiResCAM")
    assert [p["name"] for p in described["parameters"]] == ["layer", "layout", "upsample"]


def test_can_be_left_out(installed: Path) -> None:
    listed = python(installed, "-m", "pellucid", "methods", "--json", PELLUCID_PLUGINS="0")
    assert "hi_res_cam" not in json.loads(listed)


def test_passes_the_conformance_checks(installed: Path) -> None:
    python(installed, "-c", CHECK)
