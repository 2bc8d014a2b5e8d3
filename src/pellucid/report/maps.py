"""One self-contained HTML page with maps side by side; opens offline and fetches nothing."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from markupsafe import Markup

from ..core.item_map import ItemMap
from ..core.projection import UNKNOWN, Projection
from ..io.writing import PathLike, write_text
from ..ops.neighbours import nearest_neighbours
from ..render import categories
from ..render.encode import data_address
from .pages import static, template

_SPAN = 10_000
"""Steps along a map's longer side: points are whole numbers on the page."""

_NEAR = 10


def map_page(made: ItemMap, path: PathLike, labels: Any = None, title: str | None = None) -> Path:
    """Write the page of one map, coloured by `labels`; returns the path."""
    names: list[str] = []
    index = np.full(len(made), UNKNOWN)
    if labels is not None:
        words = [str(label) for label in labels]
        names = sorted(set(words), key=lambda word: (not word.isdigit(), word.zfill(9)))
        index = np.array([names.index(word) for word in words])
    items = tuple(f"item {i}" for i in range(len(made)))
    return projection_page(Projection({made.method: made}, items, tuple(names), index), path, title)


def projection_page(projection: Projection, path: PathLike, title: str | None = None) -> Path:
    """Write the page of a projection; returns the path. The same maps give the same bytes."""
    return write_text(path, page_of(projection, title))


def page_of(projection: Projection, title: str | None = None) -> str:
    """The page as text."""
    layers = ", ".join(projection.maps)
    return template("maps.html").render(
        title=title or f"Maps of {layers}",
        count=len(projection),
        wrong=int(projection.wrong.sum()),
        labelled=bool((projection.true >= 0).any()),
        predicted=bool((projection.predicted >= 0).any()),
        layers=[
            {"name": name, "measured": measured(projection, name), "checks": _doubts(made)}
            for name, made in projection.maps.items()
        ],
        style=static("maps.css"),
        script=static("maps.js"),
        data=Markup(_json(_data(projection))),
    )


def measured(projection: Projection, layer: str) -> str:
    """What was measured of a layer's map, in a line."""
    made, quality = projection[layer], projection.quality.get(layer, {})
    parts = []
    if not math.isnan(quality.get("silhouette", math.nan)):
        parts += [
            f"silhouette {quality['silhouette']:.2f}",
            f"neighbourhood hit {quality['neighbourhood_hit']:.1%}",
            f"1-NN error {quality['one_nn_error']:.1%}"
            f" ({quality['one_nn_error_of_features']:.1%} before)",
        ]
    parts.append(f"10-NN recall {made.recall:.0%}")
    if made.kl is not None:
        parts.append(f"KL {made.kl:.3f}")
    return " · ".join(parts)


def _doubts(made: ItemMap) -> list[Any]:
    return [check for check in made.checks if check.verdict != "ok"]


def _data(projection: Projection) -> dict[str, Any]:
    classes = max(int(projection.true.max(initial=-1)), int(projection.predicted.max(initial=-1)))
    near = min(_NEAR, len(projection) - 1)
    return {
        "names": list(projection.names),
        "classes": [projection.class_name(i) for i in range(classes + 1)],
        "colours": categories.categories(classes + 1),
        "unknown": categories.UNKNOWN,
        "true": projection.true.tolist(),
        "predicted": projection.predicted.tolist(),
        "labelled": bool((projection.true >= 0).any()),
        "pictures": [_address(picture) for picture in projection.thumbnails],
        "order": np.random.default_rng(0).permutation(len(projection)).tolist(),
        "span": _SPAN,
        "k": near,
        "layers": [
            {"name": name, "points": _points(made), "near": _neighbours(made, near)}
            for name, made in projection.maps.items()
        ],
    }


def _points(made: ItemMap) -> list[int]:
    """x and y of every item in turn, from 0 to `_SPAN`, y downwards, the map in the middle."""
    points = made.points * np.array([1, -1], np.float32)
    low, high = points.min(0), points.max(0)
    side = float((high - low).max()) or 1.0
    placed = (points - (low + high) / 2) / side + 0.5
    return [int(value) for value in np.rint(placed * _SPAN).astype(int).ravel()]


def _neighbours(made: ItemMap, k: int) -> list[int]:
    return [int(i) for i in nearest_neighbours(torch.tensor(made.features), k)[1].flatten()]


def _address(picture: bytes) -> str:
    kind = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
    return data_address(picture, kind) if picture else ""


def _json(value: Any) -> str:
    """JSON that cannot end the element that holds it."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")
