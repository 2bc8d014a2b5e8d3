"""`pellucid table`: what counts for a model over a whole table, from the shell."""

import json as json_format
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..api.accumulated_local_effects import accumulated_local_effects
from ..api.explain import explain
from ..api.feature_importance import feature_importance
from ..api.partial_dependence import partial_dependence
from ..api.permutation_importance import permutation_importance
from ..api.surrogate_tree import surrogate_tree
from ..core.dependence import Dependence
from ..core.guard import undisturbed
from ..core.importance import Importance
from ..core.model import Model
from ..core.surrogate_tree import SurrogateTree
from ..core.table_scores import only_target
from ..errors import NotApplicable, ParameterError, suggest
from ..io.inputs import inputs_of
from ..io.tables import read_table, without_columns
from .choices import with_background
from .explain import target_of
from .figures import write_figure
from .loading import loaded
from .options import methods_of
from .results import FIGURES, checks_json, plain
from .terminal import answer, say

VIEWS = ("importance", "permutation", "dependence", "effects", "tree")

_MOST_POINTS = 10
"""Points of a curve that are printed; `--json` has all."""

View = Importance | Dependence | SurrogateTree
Named = tuple[str, View]


@dataclass(frozen=True)
class Job:
    """What was asked on the command line."""

    data: Path
    model: str
    weights: Path | None
    trust_pickle: bool
    classes: Path | None
    views: list[str]
    features: list[str]
    answer: str | None
    drop: list[str]
    target: str | None
    method: str
    rows: int
    seed: int
    out: Path | None
    json: bool


def run(job: Job) -> None:
    """Make every view, print it, and write its figure."""
    views = _views(job)
    frame = read_table(job.data, job.drop)
    answers = None
    if job.answer is not None:
        kept = without_columns(frame, [job.answer], job.data)
        answers, frame = frame[job.answer], kept
    model = loaded(job.model, job.weights, job.trust_pickle, job.classes)
    target = target_of(job.target, model)
    if target is None:
        with undisturbed(model.net):
            target = only_target(model, inputs_of(model, frame.iloc[:1], black_box=True))
    found = [one for view in views for one in _seen(job, view, model, target, frame, answers)]
    files = [path for name, view in found for path in _written(job, name, view, len(found))]
    if job.json:
        results = [{"view": name, **as_json(view)} for name, view in found]
        paths = [str(path) for path in files]
        answer(json_format.dumps({"views": results, "files": paths}, indent=2, allow_nan=False))
        return
    for name, view in found:
        answer("\n".join([name, *(f"  {line}" for line in lines(view)), ""]))
        for check in view.checks:
            if check.verdict != "ok":
                say(f"{name}: {check.meaning}")
    for path in files:
        answer(str(path))


def _views(job: Job) -> list[str]:
    for word in job.views:
        if word not in VIEWS:
            raise ParameterError(f"--view {word} is unknown.", suggest(word, VIEWS))
    views = job.views or ["importance", *["permutation"] * (job.answer is not None), "tree"]
    if "permutation" in views and job.answer is None:
        raise ParameterError(
            "--view permutation needs the true answers.", "Say which column: --answer COLUMN."
        )
    curves = [view for view in views if view in ("dependence", "effects")]
    if job.features and not curves:
        raise ParameterError("--feature is for dependence and effects.", "Say --view dependence.")
    if job.out is not None and job.out.suffix.lower() not in ("", *FIGURES):
        raise ParameterError(
            f"--out {job.out} has an unknown ending.", f"Use {', '.join(FIGURES)}, or a folder."
        )
    return list(dict.fromkeys(views))


def _seen(
    job: Job, view: str, model: Model, target: Any, frame: Any, answers: Any
) -> Iterator[Named]:
    """The views of one kind, each with its name."""
    if view == "importance":
        drawn = frame.sample(min(job.rows, len(frame)), random_state=job.seed)
        (method,) = with_background(methods_of([job.method], [], None), frame, [])
        e = explain(model, drawn, method, target, seed=job.seed, progress=True)
        yield view, feature_importance(e)
    elif view == "permutation":
        yield view, permutation_importance(model, frame, answers, seed=job.seed, progress=True)
    elif view == "tree":
        yield view, surrogate_tree(model, frame, target, seed=job.seed, progress=True)
    else:
        curve = partial_dependence if view == "dependence" else accumulated_local_effects
        for column in job.features or list(frame.columns):
            try:
                yield f"{view} of {column}", curve(model, frame, column, target)
            except NotApplicable:  # an effect of a column without an order
                if job.features:
                    raise


def _written(job: Job, name: str, view: View, count: int) -> Iterator[Path]:
    """The figure of a view: in a folder by its name, or the one file that was asked for."""
    if job.out is None:
        return
    if job.out.suffix:
        if count > 1:
            raise ParameterError(
                f"--out {job.out} is one figure, and there are {count} views.",
                "Say a folder, or one --view (and one --feature).",
            )
        path = job.out
    else:
        path = job.out / f"{re.sub(r'[^A-Za-z0-9]+', '_', name).strip('_')}.png"
    swarm = isinstance(view, Importance) and view.data is not None
    yield write_figure(view.plot(kind="beeswarm") if swarm else view.plot(), path)


def lines(view: View) -> list[str]:
    """A view in words, one line a feature, a point or a leaf."""
    if isinstance(view, SurrogateTree):
        return [f"R² {view.fidelity:.3f} to the {view.unit} of {view.target}", *view.rules()]
    if isinstance(view, Importance):
        wide = max(map(len, view.names))
        return [f"{view.measure}; {view.about}"] + [
            f"{view.names[i]:<{wide}}  {view.values[i]:.4g} [{view.low[i]:.4g}, {view.high[i]:.4g}]"
            for i in view.order
        ]
    places = np.unique(np.linspace(0, len(view.grid) - 1, _MOST_POINTS).round().astype(int))
    named = view.labels or [f"{value:.4g}" for value in view.grid]
    points = [f"{named[i]}: {view.values[i]:.4g}" for i in places]
    return [f"{view.unit} of {view.target}", *points]


def as_json(view: View) -> dict[str, Any]:
    """A view as plain values."""
    checks = checks_json(view.checks)
    if isinstance(view, SurrogateTree):
        known = {"target": view.target, "unit": view.unit, "fidelity": view.fidelity}
        return {**plain({**known, "rules": view.rules()}), "checks": checks}
    names: tuple[str, ...] = ("measure", "names", "values", "low", "high", "about")
    if isinstance(view, Dependence):
        names = ("feature", "target", "unit", "grid", "labels", "values", "std_error")
    found = {name: getattr(view, name) for name in names}
    listed = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in found.items()}
    return {**plain(listed), "checks": checks}
