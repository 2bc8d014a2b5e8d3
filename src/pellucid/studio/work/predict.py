"""The model's answer on one item, or on all items of a data set."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...core.entry import with_axes
from ...core.guard import undisturbed
from ...core.model import Model, as_array
from ...errors import PellucidError
from ...io.inputs import read
from ...io.texts import Text
from ...render.photo import as_rgb, composite
from ...report.outcome import probabilities
from ..requests import Predict, PredictAll
from .artefacts import plain, write_array, write_picture, write_view
from .context import Context

BEST = 5
MOST_FIELDS = 200


def predict(context: Context, asked: Predict) -> None:
    """The best classes, and the picture that the network saw."""
    model, given = context.library.model(asked.model), context.open(asked.item).given
    scores, display = scores_of(model, given)
    folder = context.folder / "0"
    folder.mkdir(parents=True, exist_ok=True)
    picture = None
    if display is not None and display.dtype == np.uint8 and display.ndim >= 3:
        photo = as_rgb(display[0])
        write_picture(folder / "display.png", photo)
        picture = list(photo.shape[:2])
    elif display is not None and display.dtype.kind == "f" and display.ndim == 4:
        photo = composite(display[0])
        write_picture(folder / "display.png", photo)
        picture = list(photo.shape[:2])
    view = {
        "kind": "outcome",
        "outcome": _outcome(model, scores),
        "picture": picture,
        "fields": _fields(given),
        "text": "\n".join(given.several) if isinstance(given, Text) else None,
        "arrays": _series(folder, given if display is None else display),
        "partial": False,
        "revision": 0,
    }
    write_view(folder, view)
    context.result("0")


def _fields(given: Any) -> list[tuple[str, Any]] | None:
    """Names and values of the one row of a table."""
    if not hasattr(given, "iloc"):
        return None
    row = given.iloc[0]
    return [(str(name), plain(value)) for name, value in list(row.items())[:MOST_FIELDS]]


def _series(folder: Path, shown: Any) -> dict[str, Any]:
    """The channels of a series `(1, channel, time)`, to be drawn."""
    if not isinstance(shown, np.ndarray) or shown.dtype.kind != "f" or shown.ndim != 3:
        return {}
    return {"input": write_array(folder, "input-0", shown[0])}


def predict_all(context: Context, asked: PredictAll) -> None:
    """The best classes of every item; an item that fails does not stop the rest."""
    model = context.library.model(asked.model)
    items = list(context.sources)
    indices = np.full((len(items), BEST), -1, np.int32)
    shares = np.full((len(items), BEST), np.nan, np.float32)
    failures: dict[str, str] = {}
    for place in context.telling.progress.track(range(len(items)), "Predicting"):
        try:
            scores, _ = scores_of(model, context.open(items[place]).given)
        except PellucidError as error:
            failures[items[place]] = error.cause
            continue
        found = _shares(model, scores)
        best = np.argsort(-found, kind="stable")[:BEST]
        indices[place, : len(best)], shares[place, : len(best)] = best, found[best]
    folder = context.folder / "0"
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {
        "indices": write_array(folder, "indices-0", indices),
        "shares": write_array(folder, "shares-0", shares),
    }
    view = {
        "kind": "predictions",
        "model": asked.model,
        "dataset": asked.dataset,
        "items": items,
        "failures": failures,
        "arrays": arrays,
        "partial": False,
        "revision": 0,
    }
    write_view(folder, view)
    context.result("0")


def scores_of(model: Model, given: Any) -> tuple[np.ndarray[Any, Any], Any]:
    """The raw scores of one input, `(K,)`, and what the network saw of it."""
    value, display = read(model, given, black_box=model.net is None)
    inputs = with_axes(model, model.inputs(value, display))
    with undisturbed(model.net, 0), torch.no_grad():
        scores = model.scores(model.run(inputs), inputs.n)
    return as_array(scores)[0].reshape(-1), inputs.display


def _shares(model: Model, scores: Any) -> Any:
    if len(scores) < 2 or model.gives_values:
        return scores
    likely = bool((scores >= 0).all()) and abs(float(scores.sum()) - 1) < 1e-3
    return probabilities(scores, "probabilities" if likely else "classes")[0]


def _outcome(model: Model, scores: Any) -> dict[str, Any]:
    if len(scores) < 2:
        return {"rows": [], "value": float(scores[0]), "origin": ""}
    shares = _shares(model, scores)
    best = np.argsort(-shares, kind="stable")[:BEST]
    rows = [
        {
            "name": model.class_name(int(i)) if model.classes else f"class {i}",
            "index": int(i),
            "share": float(shares[i]),
            "raw": float(scores[i]),
        }
        for i in best
    ]
    return {"rows": rows, "value": None, "origin": ""}
