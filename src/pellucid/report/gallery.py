"""A gallery as one self-contained HTML page; opens offline and fetches nothing."""

from dataclasses import dataclass

from ..core.explanation import Explanation
from ..core.gallery import TITLES, Entry, Gallery
from ..render.encode import data_address, png
from ..render.image import image
from ..render.montage import tile
from ..render.scale import number
from .pages import static, template


@dataclass(frozen=True)
class Card:
    """One item: its pictures, and what is said of it."""

    name: str
    value: str
    label: str
    predicted: str
    mark: str
    picture: str | None
    whole: str | None
    map: str | None
    text: str


@dataclass(frozen=True)
class Section:
    """One list."""

    unit: str
    title: str
    cards: tuple[Card, ...]


def gallery_page(
    gallery: Gallery, explanations: dict[int, Explanation] | None = None, title: str = ""
) -> str:
    """The page; `explanations` are shown beside their items, by the items' numbers in `entries`."""
    maps = explanations or {}
    numbers = {id(entry): number for number, entry in enumerate(gallery.entries)}
    sections = tuple(
        Section(
            listing.unit,
            TITLES[listing.kind],
            tuple(_card(entry, maps.get(numbers[id(entry)])) for entry in listing.entries),
        )
        for listing in gallery.listings
    )
    method = next((e.method for e in maps.values()), "")
    return template("gallery.html").render(
        title=title or _title(gallery),
        facts=f"{gallery.items} items of {gallery.data} · values: {gallery.unit}",
        sections=sections,
        checks=[check for check in gallery.checks if check.verdict != "ok"],
        skipped=gallery.skipped,
        method=method,
        style=static("page.css", "gallery.css"),
    )


def _title(gallery: Gallery) -> str:
    where = f"units of {gallery.layer}" if gallery.layer else "scores"
    return f"What drives the {where} to their extremes"


def _card(entry: Entry, explanation: Explanation | None) -> Card:
    own = tile(entry)
    whole = None
    if own is not None and entry.box is not None and len(entry.box) == 2:
        uncut = tile(entry, crop=False)
        whole = data_address(uncut) if uncut is not None and uncut != own else None
    mark = "" if entry.correct is None else "right" if entry.correct else "wrong"
    return Card(
        name=entry.name,
        value=number(entry.value),
        label=entry.label or "",
        predicted=entry.predicted or "",
        mark=mark,
        picture=None if own is None else data_address(own),
        whole=whole,
        map=None if explanation is None else data_address(png(image(explanation))),
        text=entry.shown if isinstance(entry.shown, str) else "",
    )
