"""The list of layers, in the order in which the network computes them."""

from dataclasses import asdict

from ...api import explain as verb
from ..requests import Layers
from .artefacts import write_view
from .context import Context


def layers(context: Context, asked: Layers) -> None:
    """Names, types, shapes and layouts; the automatic choice marked."""
    found = verb.layers(context.library.model(asked.model), context.open(asked.item).given)
    view = {
        "kind": "layers",
        "layers": [asdict(layer) for layer in found],
        "partial": False,
        "revision": 0,
    }
    write_view(context.folder / "0", view)
    context.result("0")
