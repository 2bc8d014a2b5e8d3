"""The items of a data set that drive a channel of a layer to its extremes."""

from typing import Any

from torch.utils.data import Dataset

from ... import api
from ...core.model import Model
from ...io.inputs import read
from ..requests import Extremes
from .artefacts import write_view
from .context import Context

TOP = 8


class _Items(Dataset[Any]):
    """The items of a data set, opened one by one."""

    def __init__(self, context: Context, model: Model) -> None:
        self._context, self._model, self._names = context, model, list(context.sources)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, place: int) -> Any:
        if not 0 <= place < len(self._names):
            raise IndexError(place)
        value, _ = read(self._model, self._context.open(self._names[place]).given)
        return value[0]


def extremes(context: Context, asked: Extremes) -> None:
    """The strongest and the weakest items of one channel, with what it sees there."""
    model = context.library.model(asked.model)
    gallery = api.extremes(
        model,
        _Items(context, model),
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
