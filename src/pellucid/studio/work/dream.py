"""Inputs that are made to be responded to: from the request to the library and back."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from ...api import explain as verb
from ...core import registry
from ...core.explanation import Explanation
from ...core.model import Model
from ...errors import Cancelled, InputError
from ...io.preprocess import ImagePreprocess
from ...methods.deep_dream import DeepDream
from ...methods.feature_visualization import FeatureVisualization
from ...report.snippet import literal, snippet
from ..requests import Dream
from .context import Context
from .explain import target_of
from .reel import Reel, steps_done

PACE = 0.25
"""Seconds between two pictures on the way."""

_EARLIER = 'pl.Explanation.load("start.npz").values.copy()'
_NOTE = "# start.npz: the raw values (NPZ) of the picture that this one goes on from"


def dream(context: Context, asked: Dream) -> None:
    """Make the input; a picture is kept every now and then, and where it is stopped."""
    model = context.library.model(asked.model)
    wish = _wish(context, asked, model)
    reel = Reel(context, asked.start, partial(_code, context, asked, wish))
    context.telling.show, context.telling.pace = reel.show, PACE
    try:
        e = verb.explain(
            model,
            wish.x,
            wish.method,
            target=target_of(asked.target, model),
            seed=asked.seed,
            progress=context.telling.progress,
        )
    except Cancelled as stopped:
        if stopped.partial is not None:
            reel.end(stopped.partial, stopped=True)
        raise
    reel.end(e)


def _code(context: Context, asked: Dream, wish: "_Wish", e: Explanation) -> str:
    """Python that gives the result again."""
    spec = context.library.specs[asked.model]["spec"]
    return snippet(e, 0, spec, wish.path, preparing=wish.preparing, spelled=wish.spelled)


@dataclass(frozen=True)
class _Wish:
    """What is asked of the library, and how its lines of Python read."""

    x: Any
    method: Any
    path: str | None
    preparing: tuple[str, ...] = ()
    spelled: dict[str, str] = field(default_factory=dict)


def _wish(context: Context, asked: Dream, model: Model) -> _Wish:
    given, path = context.open(asked.item).given, context.sources[asked.item].get("path")
    wish = _Wish(given, registry.create(asked.method.name, dict(asked.method.params)), path)
    if asked.guide is not None:
        wish = _guided(context, asked, asked.guide, wish)
    if asked.size is not None:
        line = _resize(model, asked.size, wish.method, given)
        wish = replace(wish, preparing=(*wish.preparing, line))
    return wish if asked.start is None else _going_on(context, asked.start, wish)


def _guided(context: Context, asked: Dream, item: str, wish: _Wish) -> _Wish:
    """With another item whose features are to be found."""
    guide, path = context.open(item).given, context.sources[item].get("path")
    method = registry.create(asked.method.name, {**asked.method.params, "guide": guide})
    line = f"guide = {'...  # your guide' if path is None else literal(path)}"
    return replace(wish, method=method, preparing=(line,), spelled={"guide": "guide"})


def _going_on(context: Context, start: str, wish: _Wish) -> _Wish:
    """From the result of another dream."""
    method = wish.method
    wish = replace(wish, preparing=(*wish.preparing, _NOTE))
    begun = context.explanation(start)
    if isinstance(method, FeatureVisualization):
        going_on = replace(method, start=begun.values, steps=_steps_left(method, begun))
        return replace(wish, method=going_on, spelled={"start": _EARLIER})
    going_on = replace(method, **_octaves_left(method, begun))
    spelled = {**wish.spelled, "x": _EARLIER}
    return replace(wish, x=np.array(begun.values), method=going_on, path=None, spelled=spelled)


def _resize(model: Model, size: int, method: Any, given: Any) -> str:
    """Let the preprocessing give pictures of this size; returns the line of Python that does."""
    if not isinstance(model.preprocess, ImagePreprocess):
        raise InputError("The size of this model's inputs is its own.", "Leave the size out.")
    noise = isinstance(method, FeatureVisualization)
    like = given.size if isinstance(given, Image.Image) and not noise else None
    model.preprocess = model.preprocess.sized(size, like)
    told = f"{size}" if like is None else f"{size}, {like}"
    return f"model.preprocess = model.preprocess.sized({told})"


def _steps_left(method: FeatureVisualization, begun: Explanation) -> int:
    """Those that a stopped one still owes; of a finished one, all once more."""
    return int(begun.params.get("steps", 0)) - steps_done(begun) or method.steps


def _octaves_left(method: Any, begun: Explanation) -> dict[str, int]:
    """Octaves that a stopped dream still owes, the one it was in among them; of a finished one,
    all once more."""
    if not isinstance(method, DeepDream) or not method.settings().keeps_detail:
        return {}
    settings = method.settings()
    planned = begun.params.get("octaves") or settings.octaves
    return {"octaves": planned - steps_done(begun) // max(1, settings.steps) or settings.octaves}
