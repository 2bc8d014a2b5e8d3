"""What users do wrong, and what they are told: one error of ours with a cause and a remedy.

The misuses are lines of two tables: `asked.py` (methods, layers, targets) and `brought.py` (inputs,
models, results, files). Those with files get a folder of `given` ones and an empty one to write to.
"""

from pathlib import Path

import pytest
import torch

import pellucid as pl
from misuse.asked import LAYERS, METHODS, TARGETS
from misuse.brought import FILES, INPUTS, MODELS, RESULTS
from misuse.nets import THREE, X, explain
from misuse.told import Misuse, assert_told

MISUSES = METHODS | LAYERS | TARGETS | INPUTS | MODELS | RESULTS


@pytest.mark.parametrize("misuse", MISUSES.values(), ids=MISUSES)
def test_one_clear_error(misuse: Misuse) -> None:
    assert_told(misuse)


@pytest.mark.parametrize("misuse", FILES.values(), ids=FILES)
def test_one_clear_error_and_nothing_half_written(
    misuse: Misuse, given: Path, tmp_path: Path
) -> None:
    before = sorted(given.rglob("*"))
    assert_told(misuse, given, tmp_path)
    assert not list(tmp_path.iterdir())
    assert sorted(given.rglob("*")) == before


def test_no_misuse_is_written_twice() -> None:
    tables = (METHODS, LAYERS, TARGETS, INPUTS, MODELS, RESULTS, FILES)
    assert len(MISUSES | FILES) == sum(len(table) for table in tables)


def test_the_network_is_left_as_it_was() -> None:
    """Refusals come from within hooks and modes, which have to be gone afterwards."""
    for misuse in (METHODS | LAYERS | TARGETS).values():
        with pytest.raises(pl.PellucidError):
            misuse.do()
    assert not any(module._forward_hooks for module in THREE.modules())
    assert torch.is_grad_enabled()
    assert explain(THREE, x=X).verdict == "ok"
