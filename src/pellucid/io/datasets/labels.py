"""From the labels of a data set to the classes of a model."""

from collections.abc import Iterable, Mapping, Sequence

from ...errors import TargetError
from .item import Label

UNLABELLED, OTHER = -1, -2
"""In place of the class of an item without a label, and of one whose label is no class of the
model."""

Aliases = Mapping[str, "int | str"]


def label_indices(
    labels: Iterable[Label], classes: Sequence[str] | None, aliases: Aliases | None = None
) -> tuple[dict[Label, int], tuple[str, ...]]:
    """The class of every label, and notes on those that have none.

    Numbers are indices. Names are looked up among the model's classes, case, dashes and underscores
    aside; `aliases` says what others mean. Without class names of the model, names that are all
    numbers are indices, and others are numbered in sorted order, as torchvision's ImageFolder does.
    Raises `TargetError` for a name that several classes have.
    """
    distinct = list(dict.fromkeys(labels))
    names = sorted(label for label in distinct if isinstance(label, str))
    given = dict(aliases or {})
    found: dict[Label, int] = {None: UNLABELLED}
    found |= {label: int(label) for label in distinct if isinstance(label, int)}
    notes: list[str] = []
    if not names:
        return found, ()
    if classes is None:
        numbers = all(name.isdigit() for name in names)
        found |= {name: int(name) if numbers else i for i, name in enumerate(names)}
        if not numbers:
            notes.append(
                "labels are numbered in sorted order, since the model has no class names: "
                + ", ".join(f"{i} {name}" for i, name in enumerate(names[:6]))
                + (" …" if len(names) > 6 else "")
            )
    else:
        known = _places(classes)
        for name in names:
            found[name] = _place(given.get(name, name), known, len(classes))
        missing = [name for name in names if found[name] == OTHER]
        if missing:
            listed = ", ".join(missing[:6]) + (" …" if len(missing) > 6 else "")
            notes.append(f"{len(missing)} labels are no classes of the model: {listed}")
    return found, tuple(notes)


def _places(classes: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, name in enumerate(classes):
        places.setdefault(_plain(name), []).append(index)
    return places


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _place(name: int | str, known: Mapping[str, list[int]], count: int) -> int:
    if isinstance(name, int):
        return name
    hits = known.get(_plain(name), [])
    if len(hits) > 1:
        raise TargetError(
            f"{len(hits)} classes are called {name!r}: {hits}.",
            f"Say which one is meant: aliases={{{name!r}: {hits[0]}}}.",
        )
    if hits:
        return hits[0]
    return int(name) if name.isdigit() and int(name) < count else OTHER
