"""What was measured about an explanation, with a verdict in words."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "poor", "failed"]


@dataclass(frozen=True)
class Check:
    """One measurement on one explanation.

    `value` is a number, one number per sample, or a text; `meaning` is a sentence for the reader.
    """

    name: str
    value: float | tuple[float, ...] | str | None
    verdict: Verdict
    meaning: str


def grade(value: float, *, ok: float, poor: float) -> Verdict:
    """`ok` up to the first limit, `poor` up to the second, `failed` beyond or if not a number."""
    if value <= ok:
        return "ok"
    return "poor" if value <= poor else "failed"


def worst(checks: tuple[Check, ...]) -> Verdict:
    """The verdict of the whole: that of its worst check."""
    verdicts = {check.verdict for check in checks}
    return "failed" if "failed" in verdicts else "poor" if "poor" in verdicts else "ok"
