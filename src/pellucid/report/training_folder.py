"""A folder with what was seen along a training: pictures, raw values, numbers, and a page.

watch.json                what is watched
epoch_0003/grad_cam_0.png the map of item 0
epoch_0003/grad_cam.npz   the explanation itself
epoch_0003/seen.json      scores and metrics; written last, so an epoch is whole or not there
metrics.csv, index.html   written again after every epoch
"""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from ..core.training_epoch import TrainingEpoch
from ..errors import FileError
from ..io.explanations import save
from ..io.writing import PathLike, write_bytes, write_text
from ..render.encode import png
from ..render.photo import enlarged, reduced
from .training import Seen, training_page

LEAST, MOST = 96, 480
"""Pixels of a picture: smaller ones are drawn larger, larger ones smaller."""

_WATCHED, _SEEN = "watch.json", "seen.json"
_COLUMNS = ("epoch", "method", "metric", "item", "value", "low", "high")


class TrainingFolder:
    """Writes every epoch to a folder, and goes on where an earlier training ended.

    `watched` is plain data that says what is watched. A folder that holds something else is refused
    with `FileError`, for its epochs could not be compared.
    """

    def __init__(self, path: PathLike, watched: dict[str, Any]) -> None:
        self.path = Path(path)
        known = _read(self.path / _WATCHED) if (self.path / _WATCHED).exists() else None
        plain = json.loads(json.dumps(watched))
        if known is not None and known != plain:
            changed = [name for name in plain if known.get(name) != plain[name]]
            raise FileError(
                f"{self.path} holds a training that was watched in another way: other "
                f"{', '.join(changed)}.",
                "Choose another folder, or watch the same.",
            )
        self.watched: dict[str, Any] = plain

    def write(self, seen: TrainingEpoch) -> None:
        """Write one epoch, in place of what the folder held of it. Raises `FileError`."""
        own = self.path / f"epoch_{seen.epoch:04d}"
        write_text(self.path / _WATCHED, json.dumps(self.watched, indent=1))
        (own / _SEEN).unlink(missing_ok=True)
        panels = []
        for panel in seen.panels:
            file = f"{panel.method}_{panel.item}.png"
            write_bytes(own / file, png(reduced(enlarged(panel.picture, LEAST), MOST)))
            panels.append({**vars(panel), "picture": file})
        for method, explanation in seen.explanations.items():
            save(explanation, own / f"{method}.npz")
        plain = {
            "epoch": seen.epoch,
            "panels": panels,
            "measures": [vars(measure) for measure in seen.measures],
            "failures": seen.failures,
        }
        write_text(own / _SEEN, json.dumps(plain, indent=1, allow_nan=False))
        epochs = self.epochs()
        write_text(self.path / "metrics.csv", _table(epochs))
        write_text(self.path / "index.html", training_page(epochs))

    def epochs(self) -> list[Seen]:
        """Every whole epoch of the folder, in order."""
        folders = [p for p in self.path.glob("epoch_*") if re.fullmatch(r"epoch_\d+", p.name)]
        whole = [_seen(folder) for folder in folders if (folder / _SEEN).exists()]
        return sorted(whole, key=lambda seen: seen.epoch)


def _seen(folder: Path) -> Seen:
    return Seen(folder, **_read(folder / _SEEN))


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{path} cannot be read: {error}.", "Remove it, or its folder.") from None
    return found


def _table(epochs: list[Seen]) -> str:
    """Long form: a row with an empty item is the mean over the items with its 95 % interval."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for seen in epochs:
        names = {(panel["method"], panel["item"]): panel["name"] for panel in seen.panels}
        for panel in seen.panels:
            if panel["score"] is not None:
                name, score = panel["name"], panel["score"]
                rows.writerow([seen.epoch, panel["method"], "score", name, score, "", ""])
        for measure in seen.measures:
            start = [seen.epoch, measure["method"], measure["metric"]]
            rows.writerow([*start, "", *(_cell(measure[k]) for k in ("mean", "low", "high"))])
            for item, value in enumerate(measure["values"]):
                rows.writerow([*start, names[measure["method"], item], _cell(value), "", ""])
    return text.getvalue()


def _cell(value: float | None) -> str | float:
    return "" if value is None else value
