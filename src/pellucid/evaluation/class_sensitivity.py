"""Class sensitivity: is another class explained by another map?"""

from torch import Tensor

from ..core.checks import Check, Verdict, check_each
from ..core.targets import Class, class_of
from ..errors import NotApplicable
from .likeness import signed_correlation
from .subject import Subject

SAME, SIMILAR = 0.98, 0.9


def other_class(subject: Subject, outputs: Tensor) -> tuple[Class, ...]:
    """For every row the least probable class that is not its own; `outputs` are scores `(N, K)`."""
    if not all(isinstance(target, Class) for target in subject.targets):
        raise NotApplicable("The target is no class among several.", "Explain one of the classes.")
    order = outputs.argsort(dim=1)
    pairs = zip(order.tolist(), subject.targets, strict=True)
    return tuple(Class(row[0] if row[0] != class_of(target) else row[1]) for row, target in pairs)


def class_sensitivity(subject: Subject, outputs: Tensor) -> Check:
    """The correlation with the map of the least probable class; high where a map does not tell
    classes apart."""
    if outputs.ndim != 2 or outputs.shape[1] < 2:
        raise NotApplicable("The model has one output.", "There is no other class to explain.")
    other = subject.again(targets=other_class(subject, outputs))
    values = signed_correlation(subject, other).tolist()
    verdicts: list[Verdict] = [
        "ok" if v < SIMILAR else "poor" if v < SAME else "failed" for v in values
    ]
    same = any(verdict != "ok" for verdict in verdicts)
    text = (
        "The least probable class is explained by the same places: the map does not tell why this "
        "class and not another."
        if same
        else "The least probable class is explained by other places."
    )
    return check_each("class sensitivity", values, verdicts, text)
