"""Saved explanations come back as they were, and nothing half-written is left."""

import io
import json
import pickle
import zipfile

import numpy as np
import pytest

from pellucid.core.checks import Check
from pellucid.core.explanation import Explanation
from pellucid.errors import FileError
from pellucid.io import explanations, writing
from pellucid.io.explanations import load, save
from pellucid.io.xarray import to_xarray


def example(**changes) -> Explanation:
    rng = np.random.default_rng(0)

    def normal(*size: int) -> np.ndarray:
        return rng.normal(size=size).astype(np.float32)

    part = Explanation(normal(2, 4), ("sample", "feature"), "gradient", {})
    fields = {
        "values": normal(2, 3, 5),
        "axes": ("sample", "height", "width"),
        "method": "grad_cam",
        "params": {"layer": "layer4", "window": (3, 5), "limits": [1, None], "inf": float("inf")},
        "target": ("tabby cat", "tiger cat"),
        "score": normal(2),
        "seed": 7,
        "checks": (
            Check("gap", 0.25, "poor", "It misses 25 %."),
            Check("each", (0.5, float("inf")), "ok", "Fine."),
            Check("layer", "layer4", "ok", "Chosen."),
            Check("none", None, "failed", "Nothing."),
        ),
        "coarse": normal(2, 2, 2),
        "std_error": normal(2, 3, 5),
        "cost": {"forwards": 1.0},
        "record": {"input_of_sample": [0, 1], "nested": {"a": (1, (2,))}, 3: "three"},
        "outputs": normal(2, 9),
        "classes": ("tabby cat", "tiger cat"),
        "display": rng.integers(0, 255, (2, 3, 5, 3), dtype=np.uint8),
        "parts": {"a/b": part, "": part},
    }
    return Explanation(**{**fields, **changes})


def assert_same(a: Explanation, b: Explanation) -> None:
    for name in ("values", "score", "coarse", "std_error", "outputs", "display"):
        left, right = getattr(a, name), getattr(b, name)
        assert (left is None) == (right is None), name
        if left is not None:
            assert left.dtype == right.dtype, name
            assert left.tobytes() == right.tobytes(), name
    for name in ("axes", "method", "params", "target", "seed", "checks", "cost", "record"):
        assert getattr(a, name) == getattr(b, name), name
    assert a.classes == b.classes
    assert list(a.parts) == list(b.parts)
    for name, part in a.parts.items():
        assert_same(part, b.parts[name])


def test_round_trip_is_exact(tmp_path) -> None:
    e = example()
    assert_same(load(save(e, tmp_path / "e.npz")), e)


def test_round_trip_without_the_optional_fields(tmp_path) -> None:
    e = Explanation(np.zeros((1, 2), np.float32), ("sample", "feature"), "gradient", {})
    assert_same(load(save(e, tmp_path / "e.npz")), e)


def test_ending_is_added_and_returned(tmp_path) -> None:
    assert save(example(), tmp_path / "v1.5") == tmp_path / "v1.5.npz"


def test_no_pickle_in_the_file(tmp_path) -> None:
    path = save(example(params={"function": test_round_trip_is_exact}), tmp_path / "e.npz")
    assert load(path).params["function"] == "function"
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            np.load(io.BytesIO(archive.read(name)), allow_pickle=False)


def test_failed_write_leaves_the_old_file_alone(tmp_path, monkeypatch) -> None:
    path = save(example(), tmp_path / "e.npz")
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "fsync", full)
    with pytest.raises(FileError, match="no space left"):
        save(example(seed=8), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["e.npz"]


def test_place_that_cannot_be_written(tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileError, match="cannot be written"):
        save(example(), tmp_path / "file" / "e.npz")


def damaged(data: bytes) -> dict[str, bytes]:
    foreign = io.BytesIO()
    np.savez(foreign, values=np.zeros(3))
    other = io.BytesIO()
    np.savez(other, meta=np.frombuffer(json.dumps({"format": "x"}).encode(), np.uint8))
    return {
        "empty": b"",
        "cut": data[: len(data) // 2],
        "text": b"hello",
        "pickle": pickle.dumps([1, 2]),
        "foreign": foreign.getvalue(),
        "other": other.getvalue(),
        "bomb": bomb(np.zeros(2**25, np.float32)),
        "lie": bomb(header((10**12,)) + b"\0" * 64),
    }


def header(shape: tuple[int, ...]) -> bytes:
    """What stands before the numbers of an array, whether they follow or not."""
    written = io.BytesIO()
    facts = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(written, facts)
    return written.getvalue()


def bomb(content: np.ndarray | bytes) -> bytes:
    """An archive that unpacks to far more than it has, or says so."""
    written = io.BytesIO()
    raw = content if isinstance(content, bytes) else header(content.shape) + content.tobytes()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("values.npy", raw)
        archive.writestr("meta.npy", header((0,)))
    return written.getvalue()


@pytest.mark.parametrize(
    "kind", ["empty", "cut", "text", "pickle", "foreign", "other", "bomb", "lie"]
)
def test_anything_else_is_refused(tmp_path, kind) -> None:
    data = save(example(), tmp_path / "e.npz").read_bytes()
    bad = tmp_path / "bad.npz"
    bad.write_bytes(damaged(data)[kind])
    with pytest.raises(FileError, match=r"bad\.npz"):
        load(bad)


def test_newer_format_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(explanations, "VERSION", 2)
    path = save(example(), tmp_path / "e.npz")
    monkeypatch.setattr(explanations, "VERSION", 1)
    with pytest.raises(FileError, match="newer Pellucid"):
        load(path)


def test_xarray_keeps_axes_and_values() -> None:
    pytest.importorskip("xarray", reason="the extra xarray is not installed")
    e = example()
    array = to_xarray(e)
    assert array.dims == e.axes
    assert np.array_equal(array.values, e.values)
    assert list(array.coords["target"].values) == list(e.target)
