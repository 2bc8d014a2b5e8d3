"""What was measured about an explanation, with a verdict in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Verdict = Literal["ok", "poor", "failed"]


@dataclass(frozen=True)
class Check:
    """One measurement on one explanation.

    `value` is a number, one number per sample, or a text; `meaning` is a sentence for the reader.
    `verdicts` has one per sample, None where the sentence is not about that sample; it is empty
    where the check is about all samples alike. `verdict` is the worst.
    """

    name: str
    value: float | tuple[float, ...] | str | None
    verdict: Verdict
    meaning: str
    verdicts: tuple[Verdict | None, ...] = ()

    def of(self, rows: Sequence[int]) -> "Check | None":
        """The check of some samples; None where it says nothing about them."""
        value = self.value
        if isinstance(value, tuple):
            value = tuple(value[row] for row in rows)
        if not self.verdicts:
            return replace(self, value=value)
        verdicts = tuple(self.verdicts[row] for row in rows)
        if all(verdict is None for verdict in verdicts):
            return None
        return replace(self, value=value, verdict=worst_verdict(verdicts), verdicts=verdicts)


def check_each(
    name: str, values: Iterable[float], verdicts: Iterable[Verdict | None], meaning: str
) -> Check:
    """A check with a value and a verdict of its own for every sample."""
    found = tuple(verdicts)
    return Check(name, tuple(map(float, values)), worst_verdict(found), meaning, found)


def grade(value: float, *, ok: float, poor: float) -> Verdict:
    """`ok` up to the first limit, `poor` up to the second, `failed` beyond or if not a number."""
    if value <= ok:
        return "ok"
    return "poor" if value <= poor else "failed"


def worst(checks: tuple[Check, ...]) -> Verdict:
    """The verdict of the whole: that of its worst check."""
    return worst_verdict(check.verdict for check in checks)


def worst_verdict(verdicts: Iterable[Verdict | None]) -> Verdict:
    """The worst of some verdicts."""
    found = set(verdicts)
    return "failed" if "failed" in found else "poor" if "poor" in found else "ok"


def woven(groups: Sequence[Sequence[Check]], n: int) -> tuple[Check, ...]:
    """The checks of several explanations of the same `n` samples, as of one that has them sample by
    sample; what is about all samples alike is kept once."""
    names = dict.fromkeys((check.name, not check.verdicts) for group in groups for check in group)
    found: list[Check] = []
    for name, alike in names:
        same = [next((c for c in group if c.name == name), None) for group in groups]
        known = [check for check in same if check is not None]
        if alike:
            found.extend(dict.fromkeys(known))
        else:
            verdicts = [c.verdicts[i] if c else None for i in range(n) for c in same]
            values = [_value(c, i) if c else float("nan") for i in range(n) for c in same]
            found.append(check_each(name, values, verdicts, known[0].meaning))
    return tuple(found)


def _value(check: Check, sample: int) -> float:
    value = check.value
    return value[sample] if isinstance(value, tuple) else float("nan")
