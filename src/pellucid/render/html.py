"""An explanation in a notebook: the picture, and what was measured about it."""

from html import escape

from ..core.explanation import Explanation
from .encode import data_address, png
from .figure import plot
from .reading import kind_of
from .tokens import words_html
from .words import score_of, target_of, title_of

_COLOURS = {"ok": "#1a7f4b", "poor": "#a34700", "failed": "#b3261e"}
_CELL = "text-align:left;vertical-align:top;padding:2px 12px 2px 0"


def explanation_html(e: Explanation) -> str:
    """The first sample's picture with target, score and checks; all text is escaped."""
    picture = words_html(e) if kind_of(e) == "words" else _picture(e)
    more = f" and {len(e) - 1} more samples" if len(e) > 1 else ""
    rows = [("Target", target_of(e) + more), ("Score", score_of(e))]
    facts = "".join(_row(name, escape(text)) for name, text in rows if text)
    checks = "".join(_row(c.name, _check(c.verdict, c.meaning)) for c in e.checks)
    return (
        '<div style="max-width:60rem">'
        f"{picture}"
        f'<table style="border-collapse:collapse;font-size:90%">{facts}{checks}</table></div>'
    )


def _picture(e: Explanation) -> str:
    address = data_address(png(plot(e), dpi=100))
    return f'<img src="{address}" alt="{escape(title_of(e))}" style="max-width:100%">'


def _row(name: str, content: str) -> str:
    return f'<tr><th style="{_CELL}">{escape(name)}</th><td style="{_CELL}">{content}</td></tr>'


def _check(verdict: str, meaning: str) -> str:
    colour = _COLOURS.get(verdict, "inherit")
    return f'<b style="color:{colour}">{escape(verdict)}</b> {escape(meaning)}'
