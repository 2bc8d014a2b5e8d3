"""`pellucid spectral-relevance`: clusters among the explanations of every class."""

import json as json_format
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..api.aggregates import spectral_relevance
from ..core.progress import Progress
from ..core.relevance_clusters import ClassClusters, RelevanceClusters
from ..render.progress import ProgressBar
from .explain import target_of
from .figures import need_ending, write_found
from .loading import loaded
from .options import methods_of
from .results import checks_json, plain
from .terminal import answer, say

TYPICAL = 3
"""Items named of a cluster in the terminal."""


@dataclass(frozen=True)
class Job:
    """What was asked on the command line."""

    data: Path
    model: str
    weights: Path | None
    trust_pickle: bool
    classes: Path | None
    device: str | None
    method: str
    params: list[str]
    layer: str | None
    target: str | None
    options: dict[str, Any]
    out: Path | None
    json: bool


def run(job: Job) -> None:
    """Explain the items, cluster the maps, print the clusters, and write the file."""
    need_ending(job.out)
    method = methods_of([job.method], job.params, job.layer)[0]
    model = loaded(job.model, job.weights, job.trust_pickle, job.classes, job.device)
    say(f"Explaining the items of {job.data}")
    with ProgressBar() as bar:
        found = spectral_relevance(
            model,
            job.data,
            method,
            target_of(job.target, model),
            progress=Progress(bar),
            **job.options,
        )
    if job.out is not None:
        write_found(found, job.out)
    for check in found.checks:
        say(f"{check.verdict}: {check.meaning}")
    if job.json:
        answer(json_format.dumps(as_json(found), indent=2, allow_nan=False))
        return
    for one in found.classes:
        answer(f"{one.name}: {_counted(one)}")
        for number, cluster in enumerate(one.clusters):
            typical = ", ".join(cluster.names[:TYPICAL])
            answer(f"  {number}: {len(cluster)} items, typically {typical}")
    if job.out is not None:
        answer(str(job.out))


def as_json(found: RelevanceClusters) -> dict[str, Any]:
    """Every class with its clusters, without the maps."""
    classes = [
        {
            "class": one.name,
            "index": one.index,
            "separation": one.separation,
            "eigengap": one.gap,
            "clusters": [list(cluster.names) for cluster in one.clusters],
        }
        for one in found.classes
    ]
    known: dict[str, Any] = plain(
        {
            "method": found.method,
            "classes": classes,
            "skipped": [list(one) for one in found.skipped],
            "checks": checks_json(found.checks),
        }
    )
    return known


def _counted(one: ClassClusters) -> str:
    if len(one.clusters) == 1:
        return "1 cluster"
    return f"{len(one.clusters)} clusters, separation {one.separation:.2f}"
