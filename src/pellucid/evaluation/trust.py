"""The trust report: what was checked of an explanation, and one verdict with its reasons."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, final

from ..core.checks import Check, Verdict, worst_verdict
from ..core.explanation import Explanation
from ..core.services import service

Level = Literal["quick", "full"]

HEADLINES: dict[Verdict, str] = {
    "ok": "The checks found nothing against it",
    "poor": "Read with care",
    "failed": "Do not rely on it",
}

VITAL = ("tells places apart", "another seed", "imperceptible change", "deletion and insertion")
"""Checks whose failure means that the map is wrong; others only call for care (`advisory`)."""


@final
@dataclass(frozen=True, eq=False)
class Trust:
    """What `e.verify()` found. `verdicts` has one for every row; `verdict` is the worst.

    `reasons` are sentences, the gravest first. `skipped` says by check why it was not made.
    """

    verdict: Verdict
    verdicts: tuple[Verdict, ...]
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]
    skipped: Mapping[str, str]
    level: Level
    forwards: int
    seconds: float
    verified: Explanation

    @property
    def headline(self) -> str:
        """The verdict in words."""
        return HEADLINES[self.verdict]

    @property
    def explanation(self) -> Explanation:
        """The explanation with these checks among its own, to save, to draw and to report."""
        own = {check.name for check in self.checks}
        kept = tuple(check for check in self.verified.checks if check.name not in own)
        return replace(
            self.verified,
            checks=(*kept, *self.checks),
            record={**self.verified.record, "trust": self.summary()},
        )

    def summary(self) -> dict[str, Any]:
        """Verdict and reasons as plain values."""
        return {
            "level": self.level,
            "verdict": self.verdict,
            "headline": self.headline,
            "verdicts": list(self.verdicts),
            "reasons": list(self.reasons),
            "checks": [check.name for check in self.checks],
            "skipped": dict(self.skipped),
        }

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        checks = [
            {
                "name": check.name,
                "value": list(check.value) if isinstance(check.value, tuple) else check.value,
                "verdict": check.verdict,
                "meaning": check.meaning,
            }
            for check in self.checks
        ]
        return {
            **self.summary(),
            "method": self.verified.method,
            "target": list(self.verified.target),
            "checks": checks,
            "forwards": self.forwards,
            "seconds": self.seconds,
        }

    def to_json(self, **options: Any) -> str:
        """Everything as JSON."""
        return json.dumps(self.as_dict(), **options)

    def plot(self) -> Any:
        """A figure: the verdict with its reasons, and every check on every row."""
        return service("plot_trust")(self)

    def __str__(self) -> str:
        lines = [f"{self.verified.method}: {self.headline}."]
        lines += [f"  {reason}" for reason in self.reasons]
        lines += [f"  not checked: {name} ({why})" for name, why in self.skipped.items()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Trust {self.verified.method} {self.verdict} ({len(self.checks)} checks)>"

    def _repr_html_(self) -> str:
        import html

        items = "".join(f"<li>{html.escape(reason)}</li>" for reason in self.reasons)
        return f"<p><b>{html.escape(self.headline)}</b></p><ul>{items}</ul>"


def advisory(check: Check) -> Check:
    """A check that is not vital as it counts in a verdict: failing calls for care, no more."""
    if check.name in VITAL:
        return check
    eased: dict[Verdict | None, Verdict | None] = {"failed": "poor", "poor": "ok", "ok": "ok"}
    verdicts = tuple(eased.get(verdict) for verdict in check.verdicts)
    return replace(check, verdict=worst_verdict(verdicts), verdicts=verdicts)


def row_verdict(checks: tuple[Check, ...], row: int) -> Verdict:
    """The verdict of one row: that of its worst check."""
    found = (check.of([row]) for check in checks)
    return worst_verdict(own.verdict for own in found if own is not None)


def reasons_of(checks: tuple[Check, ...], n: int) -> tuple[str, ...]:
    """The gravest first; where all is well, what speaks for the map."""
    order: tuple[Verdict, ...] = ("failed", "poor", "ok")
    ranked = sorted(checks, key=lambda c: (order.index(c.verdict), c.name not in VITAL))
    bad = [check for check in ranked if check.verdict != "ok"]
    found = []
    for check in bad or ranked:
        hit = sum(verdict not in ("ok", None) for verdict in check.verdicts)
        where = f" ({hit} of {n})" if bad and 0 < hit < n else ""
        found.append(f"{check.meaning.rstrip('.')}{where}.")
    return tuple(dict.fromkeys(found))
