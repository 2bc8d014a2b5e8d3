"""A gallery: the items of a data set that drive a score or a unit to its extremes."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from ..errors import InputError, NotApplicable
from .checks import Check
from .services import service

TITLES = {
    "strongest": "highest scores of the class",
    "weakest": "lowest scores of the class",
    "fooled": "highest scores of other classes",
    "top": "highest",
    "bottom": "lowest",
}
"""What the lists of a gallery are called."""


@final
@dataclass(frozen=True, eq=False)
class Entry:
    """One item in a list.

    `shown` is what a reader sees of it: a uint8 picture, a series `(channels, time)`, or a text.
    `box` is the receptive field of the place where a channel is greatest, from and to along every
    spatial axis of the input; None where it was not asked for.
    """

    id: int
    name: str
    value: float
    label: str | None = None
    predicted: str | None = None
    correct: bool | None = None
    """Whether the prediction is the label; None where either is not known."""
    shown: Any = None
    box: tuple[tuple[int, int], ...] | None = None


@final
@dataclass(frozen=True, eq=False)
class Listing:
    """The most extreme items of one unit, the most extreme first.

    `kind` is `strongest`, `weakest` or `fooled` for a class (`TITLES` has them in words), `top` or
    `bottom` for any other scalar.
    """

    unit: str
    kind: str
    entries: tuple[Entry, ...]
    index: int = 0
    """The class or channel."""

    @property
    def ids(self) -> tuple[int, ...]:
        """The items' places in the data set."""
        return tuple(entry.id for entry in self.entries)

    @property
    def title(self) -> str:
        """The unit and the kind of list in words."""
        return f"{self.unit}: {TITLES[self.kind]}"


@final
@dataclass(frozen=True, eq=False)
class Gallery:
    """Lists of extreme items of a data set, in the order in which they were asked for.

    `unit` says in what the values are measured (a logit, a probability, the maximum of a channel).
    """

    listings: tuple[Listing, ...]
    data: str
    items: int
    unit: str
    layer: str | None = None
    checks: tuple[Check, ...] = ()
    skipped: tuple[tuple[int, str, str], ...] = ()
    """Id, name and reason of every item that was left out."""
    record: dict[str, Any] = field(default_factory=dict)
    model: Any = field(default=None, repr=False)
    source: Any = field(default=None, repr=False)
    """The data set, to read listed items again; not saved."""

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, kind: str) -> Listing:
        """The first list of a kind."""
        for listing in self.listings:
            if listing.kind == kind:
                return listing
        raise InputError(
            f"There is no list {kind!r}.", f"There are {sorted({x.kind for x in self.listings})}."
        )

    def of(self, index: int) -> dict[str, Listing]:
        """The lists of one class or channel by their kinds."""
        return {listing.kind: listing for listing in self.listings if listing.index == index}

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, list by list."""
        return tuple(entry for listing in self.listings for entry in listing.entries)

    def input(self, which: int | Entry) -> Any:
        """A listed item (an entry or its number in `entries`) as `pl.explain` takes it."""
        entry = which if isinstance(which, Entry) else self.entries[which]
        if self.source is None:
            raise NotApplicable(
                "The gallery has no data set: it was loaded, or made from columns.",
                "Load it with source=…, the data set that it was made from.",
            )
        return self.source.input(entry.id)

    def explain(self, which: int | Entry, method: Any, target: Any = None, **options: Any) -> Any:
        """`pl.explain` of a listed item; of a class's list, for that class unless told else."""
        if self.model is None:
            raise NotApplicable("The gallery has no model.", "Load it with model=….")
        entry = which if isinstance(which, Entry) else self.entries[which]
        listing = next(x for x in self.listings if any(e is entry for e in x.entries))
        if target is None and listing.kind in ("strongest", "weakest", "fooled"):
            target = listing.index
        return service("explain")(self.model, self.input(entry), method, target, **options)

    def plot(self, *args: Any, **options: Any) -> Any:
        """A montage of the lists as a matplotlib figure; options of `render.montage.montage`."""
        return service("plot_gallery")(self, *args, **options)

    def save(self, path: Any) -> Path:
        """Write to a `.npz` file (plain arrays and JSON); returns its path."""
        found: Path = service("save_gallery")(self, path)
        return found

    @staticmethod
    def load(path: Any, model: Any = None, source: Any = None) -> "Gallery":
        """Read what `save` wrote; `model` and `source`, the data set, let it explain again."""
        found: Gallery = service("load_gallery")(path, model, source)
        return found

    def _repr_html_(self) -> str:
        html: str = service("gallery_html")(self)
        return html
