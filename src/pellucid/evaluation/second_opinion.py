"""Agreement with two methods of other families."""

import torch

from ..core import registry
from ..core.checks import Check, Verdict, check_each
from ..core.explaining import explained
from ..core.method import Method
from ..errors import NotApplicable, PellucidError
from ..ops.ranking import top_overlap
from .families import FAMILIES, cheap, family_of
from .likeness import SHARE, cells_of, correlation
from .subject import Subject

AGREES = 0.25
"""Correlation, cell by cell, from which two methods of different families agree: they differ in
grain and in what they measure."""

OVERLAP = 3 * SHARE
"""Overlap of the greatest cells from which they do: three times that of random maps."""


def second_opinion(subject: Subject, quick: bool = True, count: int = 2) -> Check:
    """The greatest correlation `(N,)` with `count` methods of other families. One that agrees is
    enough; where none does, one of them is wrong, and which cannot be told from this."""
    others = _others(subject, quick, count)
    if not others:
        raise NotApplicable("No method of another family applies.", "Give a torch module.")
    best = torch.full((subject.n,), -1.0, dtype=torch.float64)
    agree = torch.zeros(subject.n, dtype=torch.bool)
    cells = cells_of(subject)
    for other in others:
        found = correlation(subject, other)
        overlap = top_overlap(subject.density(cells), other.density(cells), SHARE)
        best = torch.maximum(best, found)
        agree |= (found >= AGREES) | ((overlap >= OVERLAP) & (found > 0))
    verdicts: list[Verdict] = ["ok" if yes else "failed" for yes in agree.tolist()]
    names = " and ".join(registry.card(other.e.method).title for other in others)
    told = "agrees" if bool(agree.all()) else "does not agree"
    text = f"The map {told} with methods that find out in other ways ({names})."
    return check_each("second opinion", best.tolist(), verdicts, text)


def _others(subject: Subject, quick: bool, count: int) -> list[Subject]:
    own = family_of(subject.method)
    found: list[Subject] = []
    for family, names in FAMILIES.items():
        if family == own or len(found) == count:
            continue
        for name in names:
            other = _explained(subject, cheap(name, quick))
            if other is not None:
                found.append(other)
                break
    return found


def _explained(subject: Subject, method: Method) -> Subject | None:
    """The same inputs and targets by another method; None where it does not apply."""
    if method.card.access != "black_box" and subject.inputs.encoding is not None:
        return None  # a text that is read as words has no gradient
    method = _with_background(subject, method)
    try:
        e = explained(
            subject.model, subject.inputs, method, [[t] for t in subject.targets],
            subject.space, subject.seed,
        )  # fmt: skip
        other = Subject(
            e, subject.model, subject.inputs, subject.targets, method, subject.space, subject.seed
        )
        _ = other.values
    except PellucidError:
        return None
    return other


def _with_background(subject: Subject, method: Method) -> Method:
    own, params = subject.method, method.params()
    for name in ("background", "baseline"):
        given = getattr(own, name, None)
        if name in params and given is not None and not isinstance(given, str):
            return type(method)(**{**params, name: given})
    return method
