"""One method on one input, ready for the page: pictures, legend, checks and how it was made."""

from dataclasses import dataclass
from typing import Any, get_args

from ..core.checks import Check, Verdict, worst
from ..core.explanation import Explanation
from ..evaluation.trust import HEADLINES, reasons_of
from ..render.encode import data_address, png
from ..render.figure import own_scale
from ..render.image import image
from ..render.palette import gradient
from ..render.panels import facts
from ..render.photo import Pixels, enlarged, reduced
from ..render.pictures import View
from ..render.reading import card_of, read, usual_view
from ..render.scale import Scale, number
from ..render.tokens import words_html
from ..render.words import ends_of, score_of, target_of, title_of
from .snippet import snippet

_VIEWS: tuple[View, ...] = tuple(view for view in get_args(View)[1:] if view != "segments")

LEAST, MOST = 160, 800
"""Pixels: smaller pictures are drawn larger, larger ones smaller."""

_BADGES: dict[Verdict, str] = {
    "ok": "Checks passed",
    "poor": "Read with care",
    "failed": "Do not rely on it",
}


@dataclass(frozen=True)
class Legend:
    """A colour bar in words."""

    colours: tuple[str, ...]
    ticks: tuple[str, ...]
    low: str
    high: str
    facts: str


@dataclass(frozen=True)
class Said:
    """One check in words."""

    name: str
    verdict: Verdict
    meaning: str
    value: str


@dataclass(frozen=True)
class Card:
    """Everything the page shows of one method; `pictures` by view, with the one to
    begin with, or the one figure."""

    title: str
    target: str
    score: str
    verdict: Verdict
    badge: str
    note: str
    pictures: tuple[tuple[str, str], ...]
    usual: str
    figure: str
    words: str
    """A text with its words in colours, as HTML that is safe."""
    legend: Legend | None
    checks: tuple[Said, ...]
    facts: tuple[tuple[str, str], ...]
    params: tuple[tuple[str, str], ...]
    caution: str
    snippet: str
    trust: tuple[str, ...] = ()
    """The verdict of a verification in words, then its reasons; empty where there was none."""


def card(
    e: Explanation, row: int, model: str | None, source: str | None, scale: Scale | None = None
) -> Card:
    """The card of one row; `scale` makes its colours comparable with other cards'."""
    reading = read(e, row)
    drawn = scale or own_scale(reading)
    flat, spoken = reading.kind == "image", reading.kind == "words"
    own = tuple(found for check in e.checks if (found := check.of([row])))
    checks, verdict = tuple(_said(check) for check in own), worst(own)
    declared = card_of(e)
    trust: tuple[str, ...] = ()
    if "trust" in e.record:
        verified = tuple(check for check in own if check.name in e.record["trust"]["checks"])
        verdict = worst(verified)
        trust = (HEADLINES[verdict], *reasons_of(verified, 1))
    return Card(
        title=title_of(e),
        target=target_of(e, row),
        score=score_of(e, row),
        verdict=verdict,
        badge=_badge(verdict, bool(checks), bool(trust)),
        note=reading.note,
        pictures=tuple((v, address(image(e, row, v, drawn))) for v in _VIEWS) if flat else (),
        usual=usual_view(e),
        figure="" if flat or spoken else data_address(png(image(e, row))),
        words=words_html(e, row, drawn) if spoken else "",
        legend=_legend(e, row, drawn) if flat or spoken else None,
        checks=tuple(sorted(checks, key=lambda said: ("failed", "poor", "ok").index(said.verdict))),
        facts=_facts(e),
        params=tuple((name, _plain(value)) for name, value in e.params.items()),
        caution=declared.caution if declared else "",
        snippet=snippet(e, row, model, source),
        trust=trust,
    )


def _badge(verdict: Verdict, checked: bool, verified: bool) -> str:
    if verified and verdict == "ok":
        return "Verified"
    return _BADGES[verdict] if checked else "Not checked"


def address(picture: Pixels) -> str:
    """A picture in a size fit for a page, as a `data:` address."""
    return data_address(png(reduced(enlarged(picture, LEAST), MOST)))


def _legend(e: Explanation, row: int, scale: Scale) -> Legend:
    low, high = ends_of(e, row, scale.signed, 60)
    ends = (scale.low, 0.0, scale.high) if scale.signed else (0.0, scale.high)
    ticks = tuple(number(tick) for tick in ends) if scale.high > 0 else ("0",)
    return Legend(tuple(gradient(signed=scale.signed)), ticks, low, high, facts(e, row, scale))


def _said(check: Check) -> Said:
    value = check.value
    if isinstance(value, tuple):
        value = value[0] if len(value) == 1 else None
    shown = number(value) if isinstance(value, int | float) else ""
    return Said(check.name, check.verdict, check.meaning, shown)


def _facts(e: Explanation) -> tuple[tuple[str, str], ...]:
    declared = card_of(e)
    layer = e.record.get("layer")
    cost = e.cost
    found = [
        ("Layer", ", ".join(layer) if isinstance(layer, list | tuple) else layer),
        ("Layout", e.record.get("layout")),
        ("Seed", str(e.seed)),
        ("Passes", _passes(cost)),
        ("Time", f"{cost['seconds']:.2g} s" if "seconds" in cost else ""),
        ("Paper", declared.paper if declared else ""),
    ]
    return tuple((name, str(value)) for name, value in found if value)


def _passes(cost: Any) -> str:
    if "forwards" not in cost:
        return ""
    text = f"{cost['forwards']:g} forward, {cost.get('backwards', 0):g} backward"
    tail = cost.get("tail_backwards", 0)
    return f"{text}, {tail:g} backward to the layer" if tail else text


def _plain(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value)
    return str(value)
