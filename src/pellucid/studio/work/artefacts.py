"""A result as the page reads it: one JSON file, and raw arrays beside it."""

import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...core.axes import CHANNEL
from ...core.checks import worst
from ...core.explanation import Explanation
from ...core.method import describe_value
from ...io.writing import write_bytes
from ...render.photo import photo_of, shown
from ...render.reading import card_of, read, usual_view
from ...render.words import ends_of, score_of, target_of, title_of, unit_of_values
from ...report.outcome import outcome_of
from ...report.snippet import snippet

MOST_BARS = 400


def write_explanation(
    e: Explanation,
    folder: Path,
    *,
    partial: bool = False,
    model: str | None = None,
    source: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """One sample of an explanation: `view.json`, its arrays, and the explanation itself.

    The JSON is written last; a folder without it holds no result.
    """
    arrays: dict[str, Any] = {}
    revision = next_revision(folder)
    for name, array in _arrays(e).items():
        arrays[name] = write_array(folder, f"{name}-{revision}", array)
    photo = photo_of(e)
    if photo is not None and not (folder / "display.png").exists():
        write_picture(folder / "display.png", photo)
    if not partial:
        e.save(folder / "explanation.npz")
    view = {
        **words_of(e),
        **checks_of(e, 0),
        "arrays": arrays,
        "picture": None if photo is None else [int(size) for size in photo.shape[:2]],
        "partial": partial,
        "revision": revision,
        "outcome": outcome(e),
        "snippet": snippet(e, 0, model, source),
        **(more or {}),
    }
    write_view(folder, view)


def write_view(folder: Path, view: Mapping[str, Any]) -> None:
    """The JSON that makes a result whole."""
    write_bytes(folder / "view.json", json.dumps(plain(view), allow_nan=False).encode())


def write_array(folder: Path, name: str, array: NDArray[Any]) -> dict[str, Any]:
    """Raw little-endian numbers; returns how they are read."""
    whole = np.issubdtype(array.dtype, np.integer)
    raw = np.ascontiguousarray(array, "<i4" if whole else "<f4")
    write_bytes(folder / f"{name}.bin", raw.tobytes())
    return {
        "file": f"{name}.bin",
        "shape": list(raw.shape),
        "type": "int32" if whole else "float32",
    }


def write_picture(path: Path, pixels: NDArray[np.uint8]) -> None:
    """An RGB picture as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png", compress_level=3)
    write_bytes(path, buffer.getvalue())


def outcome(e: Explanation) -> dict[str, Any]:
    """The model's answer: its best classes, or its value."""
    found = outcome_of(e, e.sample_of([0])[0], e.target)
    rows = [
        {"name": row.name, "index": row.index, "share": row.share, "raw": row.raw}
        for row in found.rows
    ]
    return {"rows": rows, "value": found.value, "origin": found.origin}


def plain(value: Any) -> Any:
    """`value` as strict JSON: numbers that are not finite become null."""
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return describe_value(value)


def next_revision(folder: Path) -> int:
    """How often the result was written before."""
    try:
        return int(json.loads((folder / "view.json").read_text(encoding="utf-8"))["revision"]) + 1
    except (OSError, ValueError, KeyError):
        return 0


def _arrays(e: Explanation) -> dict[str, NDArray[Any]]:
    """Everything that the browser colours, channels first, without the sample axis."""
    found: dict[str, NDArray[Any]] = {"values": _channels_first(e, e.values[0])}
    if e.coarse is not None:
        found["coarse"] = np.asarray(e.coarse[0])
    if e.std_error is not None:
        found["std_error"] = _channels_first(e, e.std_error[0])
    if e.segments is not None:
        found["segments"] = np.asarray(e.segments[0])
    raw = shown(e)
    if raw is not None and raw.dtype.kind == "f" and raw.size < 4_000_000:
        found["input"] = raw
    return found


def _channels_first(e: Explanation, values: NDArray[Any]) -> NDArray[Any]:
    axes = e.axes[1:]
    if CHANNEL not in axes:
        return np.asarray(values)
    return np.moveaxis(np.asarray(values), axes.index(CHANNEL), 0)


def words_of(e: Explanation) -> dict[str, Any]:
    """Everything that is said about its first sample: titles, target, parameters."""
    reading, card = read(e), card_of(e)
    axes = [axis for axis in e.axes[1:] if axis != CHANNEL]
    record = {k: e.record.get(k) for k in ("layer", "layout", "space", "input_shapes", "device")}
    words = e.record.get("words")
    return {
        "method": e.method,
        "title": title_of(e),
        "paper": card.paper if card else "",
        "caution": card.caution if card else "",
        "kind": reading.kind,
        "axes": [CHANNEL, *axes] if CHANNEL in e.axes else axes,
        "signed": reading.signed,
        "note": reading.note,
        "usual": usual_view(e),
        "target": target_of(e),
        "score": score_of(e),
        "unit": unit_of_values(e),
        "ends": {"signed": ends_of(e, 0, True, 60), "positive": ends_of(e, 0, False, 60)},
        "params": dict(e.params),
        "seed": e.seed,
        "cost": dict(e.cost),
        "record": record,
        "versions": e.record.get("versions", {}),
        "names": _names(e),
        "words": words[0] if words else None,
    }


def checks_of(e: Explanation, row: int) -> dict[str, Any]:
    """What was measured about one sample, and the worst of it."""
    checks = [found for check in e.checks if (found := check.of([row])) is not None]
    return {
        "verdict": worst(tuple(checks)),
        "checks": [
            {"name": c.name, "verdict": c.verdict, "meaning": c.meaning, "value": _one(c.value)}
            for c in checks
        ],
    }


def _names(e: Explanation) -> list[str] | None:
    found = e.record.get("feature_names")
    return None if found is None else [str(name) for name in found]


def _one(value: Any) -> Any:
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 else None
    return value
