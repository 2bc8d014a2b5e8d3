"""`pellucid explain`: from files to reports."""

import json as json_format
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from .. import api
from ..core.explanation import Explanation
from ..core.method import Method
from ..core.model import Model
from ..core.progress import Progress
from ..core.target import Space
from ..core.targets import Negative, Positive, Value
from ..errors import ParameterError, PellucidError, suggest
from ..io.classes import read_classes
from ..io.models import load_model
from ..render.progress import ProgressBar
from ..run.files import each_file, expand
from . import results
from .index import Entry, write_index
from .options import methods_of
from .terminal import answer, say

_SPACES: tuple[Space, ...] = ("logit", "probability")
_WORDS = {"positive": Positive(), "negative": Negative(), "value": Value()}


@dataclass(frozen=True)
class Job:
    """What was asked on the command line."""

    inputs: list[Path]
    model: str
    weights: Path | None
    trust_pickle: bool
    methods: list[str]
    params: list[str]
    target: str | None
    space: str | None
    layer: str | None
    seed: int
    classes: Path | None
    out: Path | None
    json: bool
    device: str | None


def run(job: Job) -> None:
    """Explain every input; exits with 1 if any failed."""
    methods = methods_of(job.methods, job.params, job.layer)
    _space(job.space)
    several = len(job.inputs) > 1 or job.inputs[0].is_dir()
    out = _out(job, several)
    paths = expand(job.inputs)
    model = _model(job)
    if several:
        _run_many(job, model, methods, paths, out)
    else:
        _run_one(job, model, methods, paths[0], out)


def _out(job: Job, several: bool) -> Path | None:
    if job.out is None:
        default = Path("pellucid-report" if several else "pellucid-report.html")
        return None if job.json else default
    if several and job.out.suffix and not job.out.is_dir():
        raise ParameterError(f"--out {job.out} is one file for several inputs.", "Give a folder.")
    known = {".html", ".htm", ".npz", *results.FIGURES}
    if not several and job.out.suffix and not job.out.is_dir() and job.out.suffix not in known:
        raise ParameterError(
            f"--out {job.out} has an unknown ending.", suggest(job.out.suffix, sorted(known))
        )
    return job.out


def _model(job: Job) -> Model:
    model = load_model(job.model, job.weights, job.trust_pickle)
    if job.classes is not None:
        model.classes = read_classes(job.classes)
    if job.device is not None:
        try:
            model.module.to(torch.device(job.device))
        except (RuntimeError, AssertionError) as error:
            reason = str(error).partition("\n")[0]
            raise ParameterError(
                f"--device {job.device} cannot be used: {reason}.",
                "`pellucid doctor` lists the devices.",
            ) from None
    return model


def _space(text: str | None) -> Space | None:
    if text is None or text in _SPACES:
        return text
    raise ParameterError(f"There is no space {text!r}.", suggest(text, _SPACES))


def target_of(text: str | None, model: Model) -> Any:
    """The target that was typed: an index, a class name, or a word for models with one output."""
    if text is None or text in (model.classes or ()):
        return text
    if text.lstrip("-").isdigit():
        return int(text)
    return _WORDS.get(text.lower(), text)


def _explain(
    job: Job, model: Model, methods: list[Method], path: Path, progress: Progress
) -> list[Explanation]:
    found = api.explain(
        model,
        str(path),
        methods,
        target=target_of(job.target, model),
        space=_space(job.space),
        seed=job.seed,
        progress=progress,
    )
    return list(found)


def _run_one(job: Job, model: Model, methods: list[Method], path: Path, out: Path | None) -> None:
    say(f"Explaining {path} with {', '.join(job.methods)}")
    with ProgressBar() as bar:
        found = _explain(job, model, methods, path, Progress(bar))
    written = _written(job, found, path, out)
    if job.json:
        _answer_json([_entry(path, found, written)])
        return
    for text in [*results.lines(found), *(str(file) for file in written)]:
        answer(text)


def _written(job: Job, found: list[Explanation], path: Path, out: Path | None) -> list[Path]:
    if out is None:
        return []
    return results.write(found, out, f"{path.name}", job.model, str(path))


def _run_many(
    job: Job, model: Model, methods: list[Method], paths: list[Path], out: Path | None
) -> None:
    say(f"Explaining {len(paths)} files with {', '.join(job.methods)}")
    entries: list[dict[str, Any]] = []
    rows: list[Entry] = []
    with ProgressBar() as bar:
        steps = each_file(
            paths, lambda path: _finish(job, model, methods, path, paths, out), Progress(bar)
        )
        for path, result in steps:
            if isinstance(result, PellucidError):
                say(f"Error: {path}: {result}")
                entries.append({"input": str(path), "error": str(result)})
                rows.append(Entry(path.name, error=str(result)))
            else:
                found, written = result
                entries.append(_entry(path, found, written))
                rows.append(_row(path, found, written))
    index = [] if out is None else [write_index(out / "index.html", rows)]
    _answer_many(job, entries, index)
    if any(row.error for row in rows):
        sys.exit(1)


def _finish(
    job: Job,
    model: Model,
    methods: list[Method],
    path: Path,
    paths: list[Path],
    out: Path | None,
) -> tuple[list[Explanation], list[Path]]:
    found = _explain(job, model, methods, path, Progress())
    if out is None:
        return found, []
    same = [p for p in paths if p.name == path.name]
    name = path.name if len(same) == 1 else f"{path.name}.{same.index(path) + 1}"
    return found, _written(job, found, path, out / f"{name}.html")


def _row(path: Path, found: list[Explanation], written: list[Path]) -> Entry:
    first = found[0]
    return Entry(
        path.name,
        link=written[0].name if written else "",
        target=first.target[0] if first.target else "",
        verdicts=tuple((e.method, e.verdict) for e in found),
    )


def _answer_many(job: Job, entries: list[dict[str, Any]], index: list[Path]) -> None:
    if job.json:
        _answer_json(entries)
        return
    for entry in entries:
        for e in entry.get("explanations", ()):
            target = ", ".join(e["target"]) or "-"
            answer(f"{entry['input']}  {e['method']}  {e['verdict']}  {target}")
    for path in index:
        answer(str(path))


def _entry(path: Path, found: list[Explanation], written: list[Path]) -> dict[str, Any]:
    return {
        "input": str(path),
        "explanations": [results.as_json(e) for e in found],
        "files": [str(file) for file in written],
    }


def _answer_json(entries: list[dict[str, Any]]) -> None:
    answer(json_format.dumps({"results": entries}, indent=2, allow_nan=False))
