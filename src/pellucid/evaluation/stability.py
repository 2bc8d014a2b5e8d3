"""Agreement of a method with itself: under another seed, and under a change that nobody sees."""

import torch
from torch import Tensor

from ..core.checks import Check, check_each, grade
from .likeness import correlation, signed_correlation
from .neighbourhood import nudged
from .subject import Subject

ALIKE, RELATED = 0.8, 0.5
"""Correlations, cell by cell, from which two runs of a method say the same, or something alike."""

RADIUS = 0.005
"""The change that nobody sees: at most so many standard deviations of the input in every number."""


def another_seed(subject: Subject) -> Check:
    """The correlation with the same method under another seed."""
    other = subject.again(seed=subject.seed + 1)
    return _told("another seed", correlation(subject, other), "run again with another seed")


def imperceptible_change(subject: Subject) -> Check:
    """The correlation with the same method on an input that looks the same; of slopes also with
    their signs."""
    other = subject.again(inputs=nudged(subject, RADIUS, subject.seed + 1))
    values = correlation(subject, other)
    if subject.slopes:  # slopes of another class may be as large at the same places
        values = torch.minimum(values, signed_correlation(subject, other))
    return _told("imperceptible change", values, "on an input that looks alike")


def _told(name: str, values: Tensor, how: str) -> Check:
    found = values.tolist()
    verdicts = [grade(-value, ok=-ALIKE, poor=-RELATED) for value in found]
    alike = set(verdicts) == {"ok"}
    text = f"The method gives {'the same' if alike else 'another'} map {how}."
    return check_each(name, found, verdicts, text)
