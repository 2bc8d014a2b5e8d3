"""What was measured of surrogates, in words."""

from collections.abc import Sequence

from torch import Tensor

from ..core.checks import Check, Verdict, check_each, grade
from .ranking import Stop
from .surrogates import Fit, Surrogate

FAITHFUL, POOR = 0.5, 0.1
"""R² from which a surrogate is a fair picture of the model nearby, and from which it is any."""

NOISY = 0.25
"""Standard error relative to the greatest weight up to which weights can be told apart."""

SURE = 0.95
"""Probability from which an order is taken to be stable where none was asked for."""


def checks_of(
    fits: Sequence[Fit],
    seen: Sequence[Tensor],
    holds: Sequence[Sequence[float]],
    surrogate: Surrogate,
    stop: Stop,
    known: Sequence[bool],
) -> list[Check]:
    """Checks with one value for every sample and target."""
    found = [_fidelity(fits, seen, known), _ranking(holds, stop)]
    found.append(_errors(fits, surrogate) if all(known) else _no_errors())
    short = [
        own.shape[1] > 0 and _undetermined(fit, own) for fit, own in zip(fits, seen, strict=True)
    ]
    if any(short) and surrogate.kind != "tree" and surrogate.n_features is None:
        found.append(_rank(fits, seen, short))
    return found


def _fidelity(fits: Sequence[Fit], seen: Sequence[Tensor], known: Sequence[bool]) -> Check:
    values: list[float] = []
    verdicts: list[Verdict | None] = []
    for fit, z, sure in zip(fits, seen, known, strict=True):
        rows = len(z)
        for value in fit.r_squared.tolist():
            adjusted = 1 - (1 - value) * (rows - 1) / max(fit.freedom, 1)
            values.append(value)
            verdict = grade(1 - adjusted, ok=1 - FAITHFUL, poor=1 - POOR)
            verdicts.append(verdict if sure else "poor")
    text = (
        "R² of the surrogate on the weighted samples: the share of the scores' change nearby that "
        "it explains. The verdict is on R² adjusted for the number of weights; with as "
        "many weights as samples it says nothing."
    )
    return check_each("surrogate fit", values, verdicts, text)


def _errors(fits: Sequence[Fit], surrogate: Surrogate) -> Check:
    values: list[float] = []
    for fit in fits:
        size = fit.weights.abs().amax(1).clamp_min(1e-12)
        values += (fit.errors().amax(1) / size).where(fit.weights.abs().amax(1) > 0, 0.0).tolist()
    verdicts = [grade(value, ok=NOISY, poor=float("inf")) for value in values]
    text = f"Greatest standard error relative to the greatest weight; {surrogate.error}."
    return check_each("standard error", values, verdicts, text)


def _no_errors() -> Check:
    text = "As many weights as samples were fitted, so their error is unknown; raise n_samples."
    return Check("standard error", None, "failed", text)


def _ranking(holds: Sequence[Sequence[float]], stop: Stop) -> Check:
    values = [value for own in holds for value in own]
    sure = SURE if stop.confidence is None else stop.confidence
    verdicts: list[Verdict | None] = ["ok" if value >= sure else "poor" for value in values]
    text = (
        f"Least probability that the {stop.top} greatest weights keep their order with other "
        f"samples, ties within {stop.tie:.0%} of the greatest left aside; more samples raise it."
    )
    return check_each("ranking of the top features", values, verdicts, text)


def _undetermined(fit: Fit, z: Tensor) -> bool:
    varying = int((z.amax(0) > z.amin(0)).sum())
    return fit.rank < varying


def _rank(fits: Sequence[Fit], seen: Sequence[Tensor], short: Sequence[bool]) -> Check:
    values, verdicts = [], []
    for fit, z, bad in zip(fits, seen, short, strict=True):
        values += [fit.rank / z.shape[1]] * len(fit.weights)
        verdicts += ["failed" if bad else "ok"] * len(fit.weights)
    text = (
        "The samples do not determine all weights; the shortest of the possible ones are shown. "
        "Raise n_samples, or take fewer features or surrogate='ridge'."
    )
    return check_each("determined weights", values, verdicts, text)  # type: ignore[arg-type]
