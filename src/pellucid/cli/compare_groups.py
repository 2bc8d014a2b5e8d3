"""`pellucid compare-groups`: the cross-entropy test from the shell."""

import json as json_format
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.projection import Projection
from ..errors import ParameterError
from ..io import tables
from ..io.archives import kind_of
from .figures import write_figure
from .project import Job, mapped
from .results import FIGURES, plain
from .terminal import answer, say


def run(
    job: Job, units: str | None, test: str, permutations: int, out: Path | None, json: bool
) -> None:
    """Map the data set where it is none yet, and compare its groups."""
    from ..api.compare_groups import compare_groups

    if out is not None and out.suffix.lower() not in FIGURES:
        raise ParameterError(f"--out {out} is no figure.", "Say .png, .svg or .pdf.")
    found, drawn = _projection(job, units)
    result = compare_groups(
        found,
        layer=job.layers[0] if job.layers else None,
        test=test,
        permutations=permutations,
        units=drawn,
        seed=job.seed,
    )
    files = [] if out is None else [write_figure(result.plot(), out)]
    if json:
        answer(json_format.dumps(plain({**result.as_dict(), "files": list(map(str, files))})))
        return
    answer(result.table())
    if result.overall is not None:
        answer(f"Kruskal–Wallis over all groups: p = {result.overall:.4g}")
    say("p-values after Holm in adj-p; points of one map hang on each other, so trust perm-p.")
    for path in files:
        answer(str(path))


def _projection(job: Job, units: str | None) -> tuple[Any, list[Any] | None]:
    if job.data.suffix.lower() == ".npz" and kind_of(job.data) == "projection":
        if units or job.label:
            raise ParameterError(
                "Saved maps know one class an item, and no other column.",
                "Leave out --by and --units, or give the data set itself.",
            )
        return Projection.load(job.data), None
    if units is None:
        return mapped(job, job.data), None
    if not tables.is_table(job.data):
        raise ParameterError("--units is a column, and the data set is no table.", "Leave it out.")
    frame = tables.read_table(job.data, job.drop)
    for name in filter(None, (units, job.label)):
        if name not in frame.columns:
            raise ParameterError(
                f"{job.data} has no column {name!r}.", f"It has {', '.join(map(str, frame))}."
            )
    drawn = frame[units].tolist()
    found = mapped(replace(job, kind=None), frame.drop(columns=[units]))
    if len(found) != len(drawn):
        raise ParameterError("Some rows could not be read.", "Mend the table first.")
    return found, drawn
