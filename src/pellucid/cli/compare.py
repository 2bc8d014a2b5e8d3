"""`pellucid compare`: methods, targets and checkpoints in one figure."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..api.compare import compare
from ..core.model import Model
from ..errors import ParameterError, suggest
from ..io.writing import write_bytes
from ..render.comparison import SCALES
from .explain import target_of
from .loading import loaded
from .results import FIGURES
from .terminal import answer, say

METHODS = ("grad_cam", "integrated_gradients", "occlusion")
"""What is compared where no method is named."""


@dataclass(frozen=True)
class Job:
    """What was asked on the command line."""

    inputs: list[Path]
    model: str
    weights: Path | None
    against: Path | None
    trust_pickle: bool
    methods: list[str]
    layers: list[str]
    targets: list[str]
    rather: str | None
    scale: str
    badges: bool
    seed: int
    out: Path
    json: bool
    device: str | None


def run(job: Job) -> None:
    """Compare, write the figure, print the agreement."""
    _need_words(job)
    models = _models(job)
    first = next(iter(models.values()))
    targets = [target_of(text, first) for text in job.targets]
    methods = job.methods or list(METHODS[:1] if job.layers else METHODS)
    names = [path.name for path in job.inputs]
    say(f"Comparing {', '.join(methods)} on {', '.join(names)}")
    found = compare(
        first if len(models) == 1 else models,
        [str(path) for path in job.inputs] if len(job.inputs) > 1 else str(job.inputs[0]),
        methods,
        _rows(targets, len(job.inputs)) if job.rather is None else None,
        contrast=None if job.rather is None else (targets[0], target_of(job.rather, first)),
        layers=job.layers or None,
        names=names if len(names) > 1 else None,
        badges=job.badges,
        seed=job.seed,
    )
    buffer = io.BytesIO()
    found.plot(job.scale).savefig(buffer, format=job.out.suffix[1:].lower(), dpi=150)
    written = write_bytes(job.out, buffer.getvalue())
    if job.json:
        answer(found.to_json(indent=2))
        return
    answer(str(found))
    answer(str(written))


def _need_words(job: Job) -> None:
    if job.scale not in SCALES:
        raise ParameterError(f"--scale {job.scale} is unknown.", suggest(job.scale, SCALES))
    if job.out.suffix.lower() not in FIGURES:
        raise ParameterError(
            f"--out {job.out} has an unknown ending.", suggest(job.out.suffix, FIGURES)
        )
    if job.rather is not None and len(job.targets) != 1:
        raise ParameterError("--not needs one --target.", "Say --target A --not B.")
    if job.against is not None and job.weights is None:
        raise ParameterError("--against is a second checkpoint.", "Give the first as --weights.")


def _models(job: Job) -> dict[str, Model]:
    files = [job.weights] if job.against is None else [job.weights, job.against]
    return {
        file.name if file else "": loaded(job.model, file, job.trust_pickle, None, job.device)
        for file in files
    }


def _rows(targets: list[Any], inputs: int) -> Any:
    """The targets as `pl.explain` takes them: all of them for every input."""
    if not targets:
        return None
    return targets if inputs == 1 else [targets] * inputs
