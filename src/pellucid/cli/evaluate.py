"""`pellucid evaluate`: metrics of explanations, over one input or many."""

import json as json_format
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from ..api.evaluate import evaluate
from ..api.explain import explain
from ..core.method import Method
from ..core.model import Model
from ..core.progress import Progress
from ..errors import FileError, ParameterError, PellucidError, suggest
from ..evaluation.evaluating import metric_of
from ..evaluation.scores import Evaluation, Score, joined
from ..io.images import read_mask
from ..io.inputs import read_array
from ..render.progress import ProgressBar
from ..run.files import each_file, expand
from .explain import target_of
from .figures import write_figure
from .loading import loaded
from .options import methods_of
from .results import FIGURES
from .terminal import answer, say, show


@dataclass(frozen=True)
class Job:
    """What was asked on the command line."""

    inputs: list[Path]
    model: str
    weights: Path | None
    trust_pickle: bool
    methods: list[str]
    params: list[str]
    metrics: list[str] | None
    masks: Path | None
    target: str | None
    layer: str | None
    seed: int
    out: Path | None
    json: bool
    device: str | None


def run(job: Job) -> None:
    """Explain and measure file by file, print the table; exits with 1 if any failed."""
    if job.out is not None and job.out.suffix.lower() not in FIGURES:
        raise ParameterError(
            f"--out {job.out} has an unknown ending.", suggest(job.out.suffix, FIGURES)
        )
    methods = methods_of(job.methods, job.params, job.layer)
    for name in job.metrics or ():
        metric_of(name)
    files = expand(job.inputs)
    model = loaded(job.model, job.weights, job.trust_pickle, None, job.device)
    say(f"Evaluating {', '.join(m.card.name for m in methods)} on {len(files)} inputs")
    errors: dict[str, PellucidError] = {}
    parts: list[Evaluation] = []
    with ProgressBar() as bar:
        steps = each_file(files, lambda file: _measured(job, model, methods, file), Progress(bar))
        for file, found in steps:
            if isinstance(found, PellucidError):
                say(f"Error: {file}: {found}")
                errors[str(file)] = found
            else:
                parts.append(found)
    if not parts:
        raise next(iter(errors.values()))
    _tell(job, joined(parts), errors)
    if errors:
        sys.exit(1)


def _measured(job: Job, model: Model, methods: list[Method], file: Path) -> Evaluation:
    target = target_of(job.target, model)
    found = explain(model, str(file), methods, target, seed=job.seed)
    return evaluate(model, found, job.metrics, masks=_mask(job.masks, file))


def _mask(masks: Path | None, file: Path) -> Any:
    """The mask of one input, `(*places)`; None where there is none for any."""
    if masks is None:
        return None
    if masks.is_dir():
        same = sorted(path for path in masks.iterdir() if path.stem == file.stem)
        if not same:
            raise FileError(f"{masks} has no mask for {file.name}.", f"Name it {file.stem}.png.")
        masks = same[0]
    return read_array(masks) if masks.suffix.lower() == ".npy" else read_mask(masks)


def _tell(job: Job, found: Evaluation, errors: dict[str, PellucidError]) -> None:
    written = []
    if job.out is not None:
        written.append(write_figure(found.plot(), job.out))
    if job.json:
        told = {
            **found.as_dict(),
            "errors": {name: str(error) for name, error in errors.items()},
            "files": [str(path) for path in written],
        }
        answer(json_format.dumps(told, indent=2, allow_nan=False))
        return
    show(_table(found))
    for (metric, method), why in found.refused.items():
        answer(f"not measured: {metric} of {method}: {why}")
    for path in written:
        answer(str(path))


def _table(found: Evaluation) -> Table:
    """A row a method, a column a metric: the mean, and its 95 % interval over the inputs."""
    metrics = dict.fromkeys((s.metric, "↑" if s.better == "higher" else "↓") for s in found)
    table = Table(box=None, pad_edge=False)
    table.add_column("method", no_wrap=True)
    for metric, arrow in metrics:
        table.add_column(f"{metric} {arrow}")
    for method in dict.fromkeys(s.method for s in found):
        own = {s.metric: s for s in found if s.method == method}
        table.add_row(method, *(_cell(own.get(metric)) for metric, _ in metrics))
    return table


def _cell(score: Score | None) -> str:
    if score is None:
        return "–"
    spread = "" if np.isnan(score.low) else f" [{score.low:.3g}, {score.high:.3g}]"
    return f"{score.mean:.3g}{spread}"
