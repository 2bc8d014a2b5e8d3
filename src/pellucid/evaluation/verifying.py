"""Verification: an explanation against its model, in seconds."""

import time
from collections.abc import Callable
from typing import Any

import torch

from ..core.checks import Check, Verdict, check_each, grade, worst_verdict
from ..core.evaluation import clean
from ..core.explanation import Explanation
from ..core.guard import undisturbed
from ..core.method import Method
from ..core.progress import Progress
from ..errors import NotApplicable, ParameterError, PellucidError, suggest
from .class_sensitivity import class_sensitivity
from .evaluating import Desk
from .faithful_order import faithful, order_of
from .metrics.completeness import Completeness
from .randomisation import badge, random_network
from .resuming import resumed
from .second_opinion import second_opinion
from .stability import another_seed, imperceptible_change
from .subject import Subject
from .trust import Level, Trust, advisory, reasons_of, row_verdict

RERUNS = 20.0
"""Seconds that a `quick` verification spends on running the method again, as far as can be foreseen
from how long it took; what does not fit is left out and said to be."""

_OWN = ("completeness gap", "surrogate fit", "mean plus bias")
"""What methods measure of themselves and speaks for a map; whatever speaks against it counts."""

Step = tuple[str, Callable[[], Check]]


def verified(
    e: Explanation,
    model: Any = None,
    x: Any = None,
    *,
    level: str = "quick",
    method: Method | None = None,
    progress: Progress | None = None,
) -> Trust:
    """Check an explanation against its model; see `Explanation.verify`."""
    if level not in ("quick", "full"):
        raise ParameterError(f"level={level!r} is unknown.", suggest(str(level), ("quick", "full")))
    depth: Level = "full" if level == "full" else "quick"
    start = time.perf_counter()
    subject, desk = resumed(e, model, x, method), Desk(progress)
    if not subject.targets:
        raise NotApplicable(
            f"{e.method} explains no target, so there is nothing to verify it against.",
            "Verify a method that has a target.",
        )
    steps = _steps(subject, desk, depth)
    made = {name for name, _ in steps}
    own = (check for check in e.checks if check.name not in made)
    checks = [check for check in own if check.name in _OWN or check.verdict != "ok"]
    skipped: dict[str, str] = {}
    with undisturbed(subject.model.net, subject.seed):
        for name, step in steps:
            try:
                checks.append(advisory(step()))
            except PellucidError as error:
                skipped[name] = error.cause
    found = tuple(checks)
    verdicts = tuple(row_verdict(found, row) for row in range(len(e)))
    verdict: Verdict = worst_verdict(verdicts)
    seconds = time.perf_counter() - start
    reasons = reasons_of(found, len(e))
    return Trust(
        verdict, verdicts, reasons, found, skipped, depth, desk.forwards, seconds, e
    )  # fmt: skip


def _steps(subject: Subject, desk: Desk, level: Level) -> list[Step]:
    quick, bench = level == "quick", desk.bench()
    steps, draws = (8, 6) if quick else (16, 24)
    probe = desk.probe_of(subject, "logit")

    def outputs() -> torch.Tensor:
        clean(probe.call)
        found = probe.call.clean_outputs
        return torch.zeros(subject.n, 1) if found is None else found

    draws_of_weights = 2 if quick else 5
    again: list[tuple[int, Step]] = []
    if subject.method.card.randomised or not _can_be_nudged(subject):
        again.append((1, ("another seed", lambda: another_seed(subject))))
    if _can_be_nudged(subject):
        again.append((1, ("imperceptible change", lambda: imperceptible_change(subject))))
    again += [
        (1, ("class sensitivity", lambda: class_sensitivity(subject, outputs()))),
        (
            draws_of_weights,
            ("random network", lambda: badge(random_network(subject, draws_of_weights))),
        ),
    ]
    return [
        ("tells places apart", lambda: _tells_apart(subject)),
        *([("completeness", lambda: _complete(subject, desk))] if _promises(subject) else []),
        ("deletion and insertion", lambda: faithful(order_of(subject, bench, steps, draws))),
        *_affordable(again, float(subject.e.cost.get("seconds", 0)), RERUNS if quick else None),
        ("second opinion", lambda: second_opinion(subject, quick)),
    ]


def _affordable(again: list[tuple[int, Step]], seconds: float, most: float | None) -> list[Step]:
    """The steps that run the method again so many times, as far as `most` seconds reach."""
    found, spent = [], 0.0
    for runs, (name, step) in again:
        spent += runs * seconds
        if most is None or spent <= most:
            found.append((name, step))
        else:
            found.append((name, _refusing(seconds)))
    return found


def _refusing(seconds: float) -> Callable[[], Check]:
    def refuse() -> Check:
        raise NotApplicable(
            f"the method took {seconds:.0f} s and would have to run again; level='full' does",
            "level='full'",
        )

    return refuse


def _can_be_nudged(subject: Subject) -> bool:
    return bool(subject.inputs.explained) and subject.inputs.encoding is None


def _tells_apart(subject: Subject) -> Check:
    values = subject.importance(subject.features)
    spread = (values.amax(1) - values.amin(1)) / values.abs().amax(1).clamp_min(1e-300)
    verdicts: list[Verdict] = [
        "ok" if value > 1e-6 and torch.isfinite(spread).all() else "failed"
        for value in spread.tolist()
    ]
    told = set(verdicts) == {"ok"}
    text = "The map tells places apart." if told else "Every place of the map has the same value."
    return check_each("tells places apart", spread.tolist(), verdicts, text)


def _promises(subject: Subject) -> bool:
    card = subject.method.card
    known = any(hasattr(subject.method, name) for name in ("baseline", "background"))
    return "completeness" in card.promises and known


def _complete(subject: Subject, desk: Desk) -> Check:
    gaps = Completeness().measure(subject, desk.bench()).values.tolist()
    verdicts = [grade(gap, ok=0.05, poor=0.2) for gap in gaps]
    told = "add up" if set(verdicts) == {"ok"} else "do not add up"
    text = f"The values {told} to the change of the score from the baseline."
    return check_each("completeness", gaps, verdicts, text)
