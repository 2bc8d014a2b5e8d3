"""`pellucid project`: a data set as maps."""

import json as json_format
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import ParameterError
from .figures import write_figure
from .results import FIGURES, checks_json, plain
from .terminal import answer, say

PAGE = Path("pellucid-maps.html")


@dataclass(frozen=True)
class Job:
    """What was typed."""

    data: Path
    model: str | None = None
    weights: Path | None = None
    trust_pickle: bool = False
    layers: list[str] | None = None
    method: str = "tsne"
    perplexity: float = 30.0
    pool: str = "mean"
    label: Any = None
    kind: str | None = None
    seed: int = 0
    device: str | None = None
    drop: Sequence[str] = ()


def run(job: Job, out: Path | None, json: bool) -> None:
    """Map the data set and write the maps."""
    _check(out)
    found = mapped(job, job.data)
    paths = write(found, out or PAGE, f"Maps of {job.data.name}")
    if json:
        answer(json_format.dumps({**summary(found), "files": list(map(str, paths))}, indent=2))
        return
    for layer, made in found.maps.items():
        answer(f"{layer}  {made}")
        for name, value in found.quality[layer].items():
            answer(f"  {name}: {value:.3f}")
        for check in made.checks:
            if check.verdict != "ok":
                say(f"{layer}: {check.verdict}: {check.meaning}")
    for path in paths:
        answer(str(path))


def mapped(job: Job, data: Any) -> Any:
    """The projection of a data set, with a bar of progress."""
    from ..api.project import project, projector_of
    from ..core.model import as_model
    from ..io.models import load_model
    from ..io.tables import read_table

    if job.drop and isinstance(data, Path):
        data = read_table(data, job.drop)
    method = projector_of(job.method)
    if hasattr(method, "perplexity"):
        method = replace(method, perplexity=job.perplexity)
    model = None
    if job.model is not None:
        model = as_model(load_model(job.model, job.weights, job.trust_pickle))
        if job.device is not None:
            model.module.to(job.device)
    return project(
        data,
        model,
        job.layers or (),
        method=method,
        pool=job.pool,  # type: ignore[arg-type]
        label=job.label,
        kind=job.kind,
        seed=job.seed,
        progress=True,
    )


def summary(found: Any) -> dict[str, Any]:
    """What is known of the maps, without the points."""
    return {
        "items": len(found),
        "misclassified": int(found.wrong.sum()),
        "layers": {
            layer: {
                "method": made.method,
                "params": plain(made.params),
                "kl": made.kl,
                "quality": plain(dict(found.quality[layer])),
                "checks": checks_json(made.checks),
            }
            for layer, made in found.maps.items()
        },
    }  # fmt: skip


def write(found: Any, out: Path, title: str) -> list[Path]:
    """Write to a page, a figure, an archive, or a folder with all three."""
    kind = out.suffix.lower()
    if kind == ".html":
        return [found.html(out, title)]
    if kind == ".npz":
        return [found.save(out)]
    if kind in FIGURES:
        return [write_figure(found.plot(), out)]
    return [
        found.html(out / "maps.html", title),
        write_figure(found.plot(), out / "maps.png"),
        found.save(out / "maps.npz"),
    ]


def _check(out: Path | None) -> None:
    if out is not None and out.suffix.lower() not in ("", ".html", ".npz", *FIGURES):
        raise ParameterError(
            f"--out {out} has an unknown ending.", "Say .html, .png, .svg, .pdf, .npz or a folder."
        )
