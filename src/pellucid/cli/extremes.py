"""`pellucid extremes`: the items of a data set that drive scores or units to their extremes."""

import json as json_format
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..api.extremes import extremes
from ..core.explanation import Explanation
from ..core.gallery import Gallery
from ..core.progress import Progress
from ..errors import PellucidError
from ..io.writing import write_bytes, write_text
from ..render.encode import png
from ..render.progress import ProgressBar
from ..report.gallery import gallery_page
from .explain import target_of
from .figures import need_ending
from .loading import loaded
from .results import checks_json, plain
from .terminal import answer, say

ENDINGS = (".html", ".htm", ".png", ".json", ".npz", ".svg", ".pdf")


@dataclass(frozen=True)
class Job:
    """What was asked on the command line."""

    data: Path
    model: str
    weights: Path | None
    trust_pickle: bool
    classes: Path | None
    device: str | None
    targets: list[str]
    layer: str | None
    channels: list[int]
    options: dict[str, Any]
    method: str | None
    out: Path | None
    json: bool


def run(job: Job) -> None:
    """Rank the items, print the lists, and write the page."""
    out = _out(job)
    model = loaded(job.model, job.weights, job.trust_pickle, job.classes, job.device)
    say(f"Ranking the items of {job.data}")
    with ProgressBar() as bar:
        gallery = extremes(
            model,
            job.data,
            [target_of(word, model) for word in job.targets] or None,
            layer=job.layer,
            channels=job.channels or None,
            progress=Progress(bar),
            **job.options,
        )
    maps = _explained(gallery, job.method)
    if out is not None:
        _write(gallery, maps, out)
    for check in gallery.checks:
        say(f"{check.verdict}: {check.meaning}")
    if job.json:
        answer(json_format.dumps(as_json(gallery), indent=2, allow_nan=False))
        return
    for listing in gallery.listings:
        answer(listing.title)
        for entry in listing.entries:
            said = "  ".join(part for part in (entry.label, _arrow(entry.predicted)) if part)
            answer(f"  {entry.value:>9.4g}  {entry.name}  {said}".rstrip())
    if out is not None:
        answer(str(out))


def as_json(gallery: Gallery) -> dict[str, Any]:
    """The lists without their pictures."""
    return {
        "data": gallery.data,
        "items": gallery.items,
        "unit": gallery.unit,
        "layer": gallery.layer,
        "lists": [
            {
                "unit": listing.unit,
                "index": listing.index,
                "kind": listing.kind,
                "items": [
                    {
                        "id": e.id, "name": e.name, "value": plain(e.value),
                        "label": e.label, "predicted": e.predicted,
                        "receptive_field": plain(e.box),
                    }
                    for e in listing.entries
                ],
            }
            for listing in gallery.listings
        ],
        "checks": checks_json(gallery.checks),
        "skipped": [{"id": i, "name": name, "reason": why} for i, name, why in gallery.skipped],
    }  # fmt: skip


def _out(job: Job) -> Path | None:
    if job.out is None:
        return None if job.json else Path("pellucid-extremes.html")
    need_ending(job.out, ENDINGS)
    return job.out


def _explained(gallery: Gallery, method: str | None) -> dict[int, Explanation]:
    """An explanation of every listed item; one that cannot be explained is named and left out."""
    found: dict[int, Explanation] = {}
    if method is None:
        return found
    for number in range(len(gallery.entries)):
        try:
            found[number] = gallery.explain(number, method)
        except PellucidError as error:
            say(f"Error: {gallery.entries[number].name}: {error}")
    return found


def _write(gallery: Gallery, maps: dict[int, Explanation], out: Path) -> None:
    suffix = out.suffix.lower()
    if suffix in (".html", ".htm"):
        write_text(out, gallery_page(gallery, maps))
    elif suffix == ".json":
        write_text(out, json_format.dumps(as_json(gallery), indent=2, allow_nan=False))
    elif suffix == ".npz":
        gallery.save(out)
    elif suffix == ".png":
        write_bytes(out, png(gallery.plot()))
    else:
        import io

        buffer = io.BytesIO()
        gallery.plot().savefig(buffer, format=suffix[1:])
        write_bytes(out, buffer.getvalue())


def _arrow(predicted: str | None) -> str:
    return "" if predicted is None else f"→ {predicted}"
