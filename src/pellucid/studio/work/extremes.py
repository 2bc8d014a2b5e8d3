"""The items of a data set that drive a channel of a layer to its extremes."""

from ...api import extremes as verb
from ..requests import Extremes
from .artefacts import write_view
from .context import Context
from .items import items_of

TOP = 8


def extremes(context: Context, asked: Extremes) -> None:
    """The strongest and the weakest items of one channel, with what it sees there."""
    model = context.library.model(asked.model)
    gallery = verb.extremes(
        model,
        items_of(context, model),
        layer=asked.layer,
        channels=asked.channel,
        top=TOP,
        progress=context.telling.progress,
    )
    names = list(context.sources)
    lists = {
        listing.kind: [
            {"item": names[entry.id], "value": entry.value, "box": entry.box}
            for entry in listing.entries
        ]
        for listing in gallery.listings
    }
    view = {
        "kind": "extremes",
        "lists": lists,
        "unit": gallery.unit,
        "skipped": len(gallery.skipped),
        "partial": False,
        "revision": 0,
    }
    write_view(context.folder / "0", view)
    context.result("0")
