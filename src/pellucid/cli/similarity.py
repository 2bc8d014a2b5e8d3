"""`pellucid similarity`: how far items lie from the classes of the training data."""

import json as json_format
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..api.similarity_distance import similarity_distance
from ..core.progress import Progress
from ..core.similarity import SimilarityDistance
from ..render.progress import ProgressBar
from .figures import need_ending, write_found
from .loading import loaded
from .results import checks_json, plain
from .terminal import answer, say


@dataclass(frozen=True)
class Job:
    """What was asked on the command line."""

    data: Path
    reference: Path
    model: str
    weights: Path | None
    trust_pickle: bool
    classes: Path | None
    device: str | None
    options: dict[str, Any]
    out: Path | None
    json: bool


def run(job: Job) -> None:
    """Measure the distances, print them, and write the file."""
    need_ending(job.out)
    model = loaded(job.model, job.weights, job.trust_pickle, job.classes, job.device)
    say(f"Comparing the items of {job.data} with those of {job.reference}")
    with ProgressBar() as bar:
        found = similarity_distance(
            model, job.data, job.reference, progress=Progress(bar), **job.options
        )
    if job.out is not None:
        write_found(found, job.out)
    for check in found.checks:
        say(f"{check.verdict}: {check.meaning}")
    if job.json:
        answer(json_format.dumps(as_json(found), indent=2, allow_nan=False))
        return
    for item in items(found):
        mark = "outlier" if item["outlier"] else ""
        words = f"nearest {item['nearest']}, predicted {item['predicted'] or 'another'}"
        answer(f"  {item['percentile']:>5.1f} %  {item['name']}  {words}  {mark}".rstrip())
    if job.out is not None:
        answer(str(job.out))


def as_json(found: SimilarityDistance) -> dict[str, Any]:
    """Every item, and what is known of the whole."""
    known: dict[str, Any] = plain(
        {
            "layer": found.layer,
            "metric": found.metric,
            "classes": list(found.classes),
            "outliers": int(found.outlier.sum()),
            "items": items(found),
            "checks": checks_json(found.checks),
        }
    )
    return known


def items(found: SimilarityDistance) -> list[dict[str, Any]]:
    """What was found of every item, the farthest first."""
    order = (-found.percentile).argsort(kind="stable")
    return [
        {
            "name": found.names[i],
            "percentile": float(found.percentile[i]),
            "distance": float(found.nearest_distance[i]),
            "margin": float(found.margin[i]),
            "outlier": bool(found.outlier[i]),
            "nearest": found.classes[found.nearest[i]],
            "predicted": _class(found, int(found.predicted[i])),
            "label": _class(found, int(found.label[i])),
        }
        for i in order
    ]


def _class(found: SimilarityDistance, index: int) -> str | None:
    return found.classes[index] if index >= 0 else None
