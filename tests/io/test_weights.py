"""Weights are read, code is not run."""

import os
import pickle

import pytest
import safetensors.torch
import torch
from torch import nn

from pellucid.errors import FileError
from pellucid.io import weights
from pellucid.io.weights import apply_state, load_state


def net(width: int = 3) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, width), nn.BatchNorm1d(width))


def same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt"])
def test_round_trip(tmp_path, name) -> None:
    state = net().state_dict()
    write = safetensors.torch.save_file if name.endswith("safetensors") else torch.save
    write(state, tmp_path / name)
    assert same(load_state(tmp_path / name), state)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod."])
def test_wrappers_and_nesting_are_removed(tmp_path, prefix) -> None:
    state = net().state_dict()
    torch.save(
        {"state_dict": {prefix + k: v for k, v in state.items()}, "epoch": 3}, tmp_path / "w.pt"
    )
    assert same(load_state(tmp_path / "w.pt"), state)


class Attack:
    def __init__(self, marker: str) -> None:
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (self.marker,)


@pytest.mark.parametrize("legacy", [True, False])
def test_code_in_a_checkpoint_never_runs(tmp_path, legacy) -> None:
    marker = tmp_path / "ran"
    if legacy:
        (tmp_path / "w.pt").write_bytes(pickle.dumps({"w": Attack(str(marker))}))
    else:
        torch.save({"w": Attack(str(marker))}, tmp_path / "w.pt")
    with pytest.raises(FileError) as caught:
        load_state(tmp_path / "w.pt")
    assert not marker.exists()
    assert "safetensors" in caught.value.remedy
    assert "--trust-pickle" in caught.value.remedy


def test_trusted_pickle_is_read(tmp_path) -> None:
    torch.save(net(), tmp_path / "w.pt")
    with pytest.raises(FileError):
        load_state(tmp_path / "w.pt")
    assert same(load_state(tmp_path / "w.pt", trust_pickle=True), net().state_dict())


def test_old_torch_refuses_checkpoints_but_not_safetensors(tmp_path, monkeypatch) -> None:
    torch.save(net().state_dict(), tmp_path / "w.pt")
    safetensors.torch.save_file(net().state_dict(), tmp_path / "w.safetensors")
    monkeypatch.setattr(weights.torch, "__version__", "2.9.1")
    with pytest.raises(FileError, match=r"2\.9\.1 cannot read") as caught:
        load_state(tmp_path / "w.pt")
    assert "safetensors" in caught.value.remedy
    assert load_state(tmp_path / "w.safetensors")


def test_inflated_archive_is_refused(tmp_path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "w.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", bytes(1_000_000))
    with pytest.raises(FileError, match="unpacks from"):
        load_state(tmp_path / "w.pt")


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt"])
@pytest.mark.parametrize("content", [b"", b"nonsense" * 20])
def test_damaged_files(tmp_path, name, content) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=name):
        load_state(tmp_path / name)


def test_what_does_not_fit_is_named_in_one_error() -> None:
    state = net(width=4).state_dict()
    state["extra"] = state.pop("1.bias")
    with pytest.raises(FileError) as caught:
        apply_state(net(), state, "w.pt")
    message = str(caught.value)
    assert "1 missing (1.bias)" in message
    assert "1 unexpected (extra)" in message
    assert "0.weight (4, 2) instead of (3, 2)" in message


def test_no_weights_inside(tmp_path) -> None:
    torch.save({"epoch": 3}, tmp_path / "w.pt")
    with pytest.raises(FileError, match="epoch"):
        load_state(tmp_path / "w.pt")
