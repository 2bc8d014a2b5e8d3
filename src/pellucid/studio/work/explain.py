"""Methods × targets on one item; each result is shown as soon as there is something to see."""

from functools import partial
from typing import Any

from ...api import explain as verb
from ...core import registry
from ...core.explanation import Explanation
from ...core.method import Method
from ...core.model import Model
from ...core.targets import Contrast, Negative, Positive, Value
from ...errors import Cancelled, PellucidError
from ...parts.own_rows import takes_rows, with_rows
from ..opening import Opened
from ..requests import Contrast as Rather
from ..requests import Explain, MethodOf, TargetOf
from .artefacts import plain, write_explanation, write_view
from .context import Context

_WORDS = {"positive": Positive(), "negative": Negative(), "value": Value()}


def explain(context: Context, asked: Explain) -> None:
    """Results are numbered method by method, target by target. A refusal is a result too."""
    model, opened = context.library.model(asked.model), context.open(asked.item)
    each = len(asked.targets)
    for place, given in enumerate(asked.methods):
        numbers = [str(place * each + k) for k in range(each)]
        try:
            _one(context, asked, model, opened, given, numbers)
        except Cancelled:
            raise
        except PellucidError as error:
            for number, target in zip(numbers, asked.targets, strict=True):
                if not _is_whole(context, number):
                    _refused(context, number, given, target, error)


def _one(
    context: Context,
    asked: Explain,
    model: Model,
    opened: Opened,
    given: MethodOf,
    numbers: list[str],
) -> None:
    method = made(given, opened)
    targets = [target_of(t, model) for t in asked.targets]
    if not method.card.needs_target:
        targets, numbers = targets[:1], numbers[:1]
    together = method.card.many_targets and len(targets) > 1
    groups = (
        [(targets, numbers)]
        if together
        else [([t], [n]) for t, n in zip(targets, numbers, strict=True)]
    )
    for some, places in groups:
        context.telling.show = partial(_show, context, asked, places, True)
        found = verb.explain(
            model,
            opened.given,
            method,
            target=[some] if together else some[0],
            space=asked.space,
            seed=asked.seed,
            progress=context.telling.progress,
        )
        context.telling.show = None
        _show(context, asked, places, False, found)


def made(given: MethodOf, opened: Opened) -> Method:
    """The method; rows of the same table stand in for its background where it takes one."""
    method = registry.create(given.name, dict(given.params))
    says = {"background", "baseline"} & set(given.params)
    if opened.others is None or says or not takes_rows(method):
        return method
    return with_rows(method, opened.others)


def remade(e: Explanation, opened: Opened) -> Any:
    """The method with the rows that stood in for its background, where an explanation only keeps
    their description; else None."""
    if opened.others is None or "background" not in e.params:
        return None
    params = {name: value for name, value in e.params.items() if name != "background"}
    return made(MethodOf(name=e.method, params=params), opened)


def target_of(given: TargetOf, model: Model) -> Any:
    """A target as `pl.explain` takes it."""
    if isinstance(given, Rather):
        return Contrast(given.a, given.b)
    if isinstance(given, str) and given not in (model.classes or ()):
        return _WORDS.get(given.lower(), given)
    return given


def _show(
    context: Context, asked: Explain, numbers: list[str], unfinished: bool, found: Explanation
) -> None:
    first = next(iter(found.parts.values())) if found.parts else found
    if len(first) != len(numbers):
        return
    spec = context.library.specs[asked.model]["spec"]
    source = context.sources[asked.item].get("path")
    for row, number in enumerate(numbers):
        write_explanation(
            first[row], context.folder / number, partial=unfinished, model=spec, source=source
        )
        context.result(number, unfinished)


def _is_whole(context: Context, number: str) -> bool:
    return (context.folder / number / "explanation.npz").exists()


def _refused(
    context: Context, number: str, given: MethodOf, target: TargetOf, error: PellucidError
) -> None:
    view = {
        "kind": "refused",
        "method": given.name,
        "params": plain(given.params),
        "cause": error.cause,
        "remedy": error.remedy,
        "partial": False,
        "revision": 0,
    }
    write_view(context.folder / number, view)
    context.result(number)
