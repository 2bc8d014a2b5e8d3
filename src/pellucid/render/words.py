"""The words beside a picture: what the colours mean, and in which unit."""

import re

from ..core.explanation import Explanation
from .reading import card_of
from .scale import Scale

_WITHOUT_UNIT = (
    *("value", "output", "function", "cosine", "dot", "box"),
    *("layer", "channel", "direction", "the guide"),
)
_SHARES = {"completeness", "linear_exact", "linear_exact_in_expectation", "mean_plus_bias"}
"""Promises of methods whose values add up to the score or to its change."""

ONLY_INPUT = "input"
"""The name of the input where there is one alone; it goes without saying."""


def title_of(e: Explanation) -> str:
    """The method's usual name, with the input or layer where there are several."""
    card = card_of(e)
    name = card.title if card is not None else e.method.replace("_", " ").capitalize()
    part = e.record.get("part")
    return f"{name} · {part}" if part and part != ONLY_INPUT else name


def target_of(e: Explanation, sample: int = 0) -> str:
    """What was explained, as the target prints itself; empty where there is no target."""
    return e.target[sample] if sample < len(e.target) else ""


def score_of(e: Explanation, sample: int = 0) -> str:
    """The model's output for the target with its unit; empty where there is none."""
    if sample >= len(e.score) or not target_of(e, sample):
        return ""
    return f"{float(e.score[sample]):.4g} {unit_of(e, sample)}".strip()


def unit_of(e: Explanation, sample: int = 0) -> str:
    """The unit of the target's score: `logit`, `probability`, or empty where it is not known."""
    if target_of(e, sample).startswith(_WITHOUT_UNIT):
        return ""
    if e.record.get("probabilities"):
        return "probability"
    return str(e.record.get("space", ""))


def unit_of_values(e: Explanation, sample: int = 0) -> str:
    """The unit of the values, where they are shares of the score."""
    card = card_of(e)
    shares = card is not None and _SHARES & set(card.promises)
    return unit_of(e, sample) if shares else ""


def ends_of(e: Explanation, sample: int, signed: bool, letters: int = 34) -> tuple[str, str]:
    """What the low and the high end of the colours say: (against, for), or (zero, for)."""
    target = shortened(target_of(e, sample), letters)
    if not target or e.method == "activations":
        return ("negative" if signed else "none", "strong response")
    return ("speaks against" if signed else "no support", f"supports {target}")


def clip_note(scale: Scale) -> str:
    """That the strongest values share the end colour, where they do."""
    if scale.clipped >= 100:
        return ""
    return f"colours end at the {scale.clipped:g}th percentile"


def shortened(text: str, most: int) -> str:
    """`text` cut in its middle to at most `most` letters; a class number stays."""
    if len(text) <= most:
        return text
    tail = re.search(r" \([a-z]+ \d+\)$", text)
    kept = len(tail[0]) if tail and len(tail[0]) < most - 8 else (most - 1) // 3
    return f"{text[: most - 1 - kept].rstrip()}…{text[len(text) - kept :]}"
