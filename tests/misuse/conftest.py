"""What users have: files of every kind, and no checker of types that would speak first."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import jaxtyping
import numpy as np
import pytest
import torch
from PIL import Image

from misuse.nets import THREE


@pytest.fixture(autouse=True)
def types_unchecked() -> Iterator[None]:
    """Outside our tests nothing checks the types of arguments."""
    before = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", before)


@pytest.fixture(scope="session")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files that a user may name by mistake."""
    folder = tmp_path_factory.mktemp("given")
    pixels = np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "photo.jpg")
    whole = (folder / "photo.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "note.png").write_text("not a picture")
    (folder / "empty.png").write_bytes(b"")
    Image.new("1", (20_000, 6_000)).save(folder / "huge.png")
    np.save(folder / "objects.npy", np.array([{}], object), allow_pickle=True)
    np.savez(folder / "arrays.npz", a=np.zeros(2))
    (folder / "pickle.npz").write_bytes(pickle.dumps([1, 2]))
    torch.save(THREE, folder / "network.pt")
    torch.save(THREE.state_dict(), folder / "weights.pt")
    (folder / "gap.json").write_text('{"0": "cat", "2": "dog"}')
    return folder
