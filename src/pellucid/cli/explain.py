"""`pellucid explain`: from files, rows and texts to reports."""

import json as json_format
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..api.explain import explain
from ..core.explanation import Explanation
from ..core.method import Method
from ..core.model import Model
from ..core.progress import Progress
from ..core.target import Space
from ..core.targets import Negative, Positive, Value
from ..errors import ParameterError, PellucidError, PredictorError, suggest
from ..render.progress import ProgressBar
from ..run.files import each_file
from . import results
from .choices import default_method, takes_background, with_background
from .index import Entry, write_index
from .listing import show_features
from .loading import loaded
from .options import methods_of
from .sources import Read, Source, sources_of
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
    texts: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)
    reading: str | None = None
    time: str | None = None
    check: str | None = None


def run(job: Job) -> None:
    """Explain every input; exits with 1 if any failed."""
    typed = methods_of(job.methods, job.params, job.layer) if job.methods else None
    _space(job.space)
    _level(job.check)
    several = len(job.inputs) > 1 or any(path.is_dir() for path in job.inputs)
    out = _out(job, several)
    sources = sources_of(job.inputs, job.texts, job.rows, job.drop, job.reading, job.time)
    model = _model(job)
    if typed is None:
        typed = methods_of([default_method(model, sources)], job.params, job.layer)
    if several:
        _run_many(job, model, typed, sources, out)
    else:
        _run_one(job, model, typed, sources[0], out)


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
    return loaded(job.model, job.weights, job.trust_pickle, job.classes, job.device)


def _space(text: str | None) -> Space | None:
    if text is None or text in _SPACES:
        return text
    raise ParameterError(f"There is no space {text!r}.", suggest(text, _SPACES))


def _level(text: str | None) -> None:
    if text is not None and text not in ("quick", "full"):
        raise ParameterError(f"--check {text} is unknown.", suggest(text, ("quick", "full")))


def target_of(text: str | None, model: Model) -> Any:
    """The target that was typed: an index, a class name, or a word for models with one output."""
    if text is None or text in (model.classes or ()):
        return text
    if text.lstrip("-").isdigit():
        return int(text)
    return _WORDS.get(text.lower(), text)


def _explain(
    job: Job, model: Model, methods: list[Method], read: Read, progress: Progress
) -> list[Explanation]:
    try:
        found = explain(
            model,
            read.given,
            with_background(methods, read.others, job.params),
            target=target_of(job.target, model),
            space=_space(job.space),
            seed=job.seed,
            progress=progress,
        )
    except PredictorError as error:
        if read.others is None or "the unchanged inputs" not in error.cause:
            raise
        columns = ", ".join(map(str, read.given.columns))
        raise PredictorError(
            error.cause, f"Leave out columns that it does not take with --drop; it got {columns}."
        ) from error
    if job.check is None:
        return list(found)
    return [e.verify(level=job.check).explanation for e in found]


def _run_one(
    job: Job, model: Model, methods: list[Method], source: Source, out: Path | None
) -> None:
    read = source.read()
    say(f"Explaining {source.name} with {_names(methods)}")
    _say_background(job, [source], methods)
    with ProgressBar() as bar:
        found = _explain(job, model, methods, read, Progress(bar))
    written = [] if out is None else _written(job, found, source, out)
    if job.json:
        _answer_json([_entry(source, found, written)])
        return
    for text in results.lines(found):
        answer(text)
    for e in found:
        show_features(e, source.short_names)
    for file in written:
        answer(str(file))


def _names(methods: list[Method]) -> str:
    return ", ".join(method.card.name for method in methods)


def _say_background(job: Job, sources: list[Source], methods: list[Method]) -> None:
    taking = [method for method in methods if takes_background(method, job.params)]
    if taking and any(source.kind == "table" for source in sources):
        say(f"Other rows of the table stand in for what {_names(taking)} takes away")


def _written(job: Job, found: list[Explanation], source: Source, out: Path) -> list[Path]:
    about = results.About(source.title, job.model, source.snippet, source.short_names)
    return results.write(found, out, about)


def _run_many(
    job: Job, model: Model, methods: list[Method], sources: list[Source], out: Path | None
) -> None:
    say(f"Explaining {len(sources)} files with {_names(methods)}")
    _say_background(job, sources, methods)
    entries: list[dict[str, Any]] = []
    rows: list[Entry] = []
    with ProgressBar() as bar:
        steps = each_file(
            sources, lambda source: _finish(job, model, methods, source, sources, out),
            Progress(bar),
        )  # fmt: skip
        for source, result in steps:
            if isinstance(result, PellucidError):
                say(f"Error: {source.name}: {result}")
                entries.append({"input": source.name, "error": str(result)})
                rows.append(Entry(source.title, error=str(result)))
            else:
                found, written = result
                entries.append(_entry(source, found, written))
                rows.append(_row(source, found, written))
    index = [] if out is None else [write_index(out / "index.html", rows)]
    _answer_many(job, entries, index)
    if any(row.error for row in rows):
        sys.exit(1)


def _finish(
    job: Job,
    model: Model,
    methods: list[Method],
    source: Source,
    sources: list[Source],
    out: Path | None,
) -> tuple[list[Explanation], list[Path]]:
    found = _explain(job, model, methods, source.read(), Progress())
    if out is None:
        return found, []
    same = [other for other in sources if other.file == source.file]
    name = source.file if len(same) == 1 else f"{source.file}.{same.index(source) + 1}"
    return found, _written(job, found, source, out / f"{name}.html")


def _row(source: Source, found: list[Explanation], written: list[Path]) -> Entry:
    first = found[0]
    return Entry(
        source.title,
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


def _entry(source: Source, found: list[Explanation], written: list[Path]) -> dict[str, Any]:
    return {
        "input": source.name,
        **({"names": list(source.names)} if source.names else {}),
        "explanations": [results.as_json(e) for e in found],
        "files": [str(file) for file in written],
    }


def _answer_json(entries: list[dict[str, Any]]) -> None:
    answer(json_format.dumps({"results": entries}, indent=2, allow_nan=False))
