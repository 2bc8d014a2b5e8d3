"""Composites: which rule of relevance propagation each layer follows."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from torch import Tensor

from ..core.graph.node import Node
from ..errors import ParameterError, suggest
from .relevance_rules import AlphaBeta, Box, Epsilon, Flat, Gamma, Pass, Rule, WSquare

_LINEAR, _NORM, _FIRST = ("linear", "epsilon"), ("norm", "pass"), ("first", "flat")
_ALPHA_BETA = ("conv", "alpha_beta(2, 1)")

COMPOSITES: dict[str, tuple[tuple[str, str], ...]] = {
    "zero": (("any", "zero"),),
    "epsilon": (("any", "epsilon"),),
    "gamma": (("any", "gamma"),),
    "z_plus": (("any", "z_plus"),),
    "epsilon_plus": (("conv", "z_plus"), _LINEAR, _NORM),
    "epsilon_plus_flat": (_FIRST, ("conv", "z_plus"), _LINEAR, _NORM),
    "epsilon_alpha2_beta1": (_ALPHA_BETA, _LINEAR, _NORM),
    "epsilon_alpha2_beta1_flat": (_FIRST, _ALPHA_BETA, _LINEAR, _NORM),
    "epsilon_gamma_box": (("first", "box"), ("conv", "gamma"), _LINEAR, _NORM),
}
"""Layers and their rules; the first that fits holds, and where none does, ε."""

KINDS = ("any", "first", "conv", "linear", "norm", "sum")
_WRITTEN = re.compile(r"\s*(\w+)\s*(?:\(([^)]*)\))?\s*$")


@dataclass(frozen=True)
class Settings:
    """Parameters of the rules that are written without any."""

    epsilon: float
    relative: bool
    gamma: float
    low: Tensor | float | None
    high: Tensor | float | None


class Composite:
    """The rules of a call."""

    def __init__(self, spec: Any, settings: Settings) -> None:
        self.settings = settings
        self.pairs = [(str(key), self._rule(text)) for key, text in _pairs(spec)]
        self.default = Epsilon(settings.epsilon, settings.relative)

    def rule(self, node: Node, kind: str, first: bool) -> Rule:
        """The rule of a layer of the kind `conv`, `linear` or `norm`."""
        fitting = (rule for key, rule in self.pairs if _fits(key, node, kind, first))
        return next(fitting, self.default)

    def sums(self) -> Epsilon:
        """The rule of sums, means and explicit constants."""
        rules = [rule for key, rule in self.pairs if key in ("sum", "any")]
        return next((r for r in rules if isinstance(r, Epsilon)), Epsilon())

    def need_known(self, layers: Iterable[tuple[Node, str, bool]]) -> None:
        """Refuse a pattern that no layer of the network fits."""
        layers = list(layers)
        for key, _ in self.pairs:
            if key in KINDS or any(_fits(key, *layer) for layer in layers):
                continue
            names = [n for node, _, _ in layers for n in (node.layer, node.kind) if n]
            raise ParameterError(
                f"The composite names {key!r}, and no layer with weights is called so.",
                suggest(key, dict.fromkeys([*names, *KINDS])),
            )

    def _rule(self, text: Any) -> Rule:
        if isinstance(text, Rule):
            return text
        found = _WRITTEN.match(str(text))
        words = [w.strip() for w in (found[2] or "").split(",") if w.strip()] if found else []
        name = found[1] if found else str(text)
        if name not in RULES:
            raise ParameterError(f"There is no LRP rule {str(text)!r}.", suggest(name, RULES))
        try:
            return RULES[name](self.settings, words)
        except (ValueError, TypeError) as error:
            raise ParameterError(
                f"The LRP rule {str(text)!r} is not valid: {error}.", f"Write {_HOW[name]}."
            ) from error


def _epsilon(settings: Settings, words: Sequence[str]) -> Rule:
    relative = "relative" in words or (not words and settings.relative)
    numbers = _numbers([w for w in words if w != "relative"], 1)
    return Epsilon(numbers[0] if numbers else settings.epsilon, relative)


def _gamma(settings: Settings, words: Sequence[str]) -> Rule:
    return Gamma(*(_numbers(words, 1) or [settings.gamma]))


def _alpha_beta(settings: Settings, words: Sequence[str]) -> Rule:
    alpha, beta = _numbers(words, 2) or [2.0, 1.0]
    if abs(alpha - beta - 1) > 1e-6 or beta < 0:
        raise ValueError("α − β has to be 1, and β ≥ 0")
    return AlphaBeta(alpha, beta)


def _box(settings: Settings, words: Sequence[str]) -> Rule:
    low, high = _numbers(words, 2) or (settings.low, settings.high)
    return Box(low, high)


def _plain(rule: Rule) -> Callable[[Settings, Sequence[str]], Rule]:
    def make(settings: Settings, words: Sequence[str]) -> Rule:
        _numbers(words, 0)
        return rule

    return make


def _numbers(words: Sequence[str], count: int) -> list[float]:
    numbers = [float(word) for word in words]
    if numbers and len(numbers) != count:
        raise ValueError(f"it takes {count} numbers")
    if any(n < 0 for n in numbers) and count == 1:
        raise ValueError("it takes no negative number")
    return numbers


RULES: dict[str, Callable[[Settings, Sequence[str]], Rule]] = {
    "zero": _plain(Epsilon(0.0)),
    "epsilon": _epsilon,
    "gamma": _gamma,
    "alpha_beta": _alpha_beta,
    "z_plus": _plain(AlphaBeta(1.0, 0.0)),
    "w_square": _plain(WSquare()),
    "flat": _plain(Flat()),
    "pass": _plain(Pass()),
    "box": _box,
}
"""Every rule by name."""

_HOW = {
    **{name: name for name in RULES},
    "epsilon": "epsilon, epsilon(0.01) or epsilon(0.1, relative)",
    "gamma": "gamma or gamma(0.25)",
    "alpha_beta": "alpha_beta(2, 1)",
    "box": "box or box(-2.1, 2.6)",
}


def _pairs(spec: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(spec, str):
        name = spec.strip().lower().replace("-", "_").replace(" ", "_")
        if name not in COMPOSITES:
            raise ParameterError(f"There is no composite {spec!r}.", suggest(name, COMPOSITES))
        return COMPOSITES[name]
    pairs = [tuple(pair) if isinstance(pair, list | tuple) else (pair,) for pair in spec]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ParameterError(
            "A composite of your own is a list of pairs of a layer and a rule.",
            'Give [("first", "flat"), ("features.*", "gamma(0.25)"), ("Linear", "epsilon")].',
        )
    return pairs


def _fits(key: str, node: Node, kind: str, first: bool) -> bool:
    if key in KINDS:
        return key == "any" or key == kind or (key == "first" and first)
    return key == node.kind or fnmatchcase(node.layer, key)
