"""What a job is called on the page."""

from .datasets import Catalogue
from .requests import Asked, CompareGroups, Dream, Explain, Export, Extremes, PredictAll, Project

_TITLES = {
    "predict": "Predict",
    "layers": "Layers of the network on",
    "activations": "Feature maps of",
    "trust": "Measure explanations of",
    "verify": "Verify explanations of",
    "sweep": "A method over the layers on",
}


def title(asked: Asked, catalogue: Catalogue) -> str:
    """A job in a few words."""
    if isinstance(asked, Export):
        return f"Save {_several(len(asked.results), 'result')} as {asked.format.upper()}"
    if isinstance(asked, CompareGroups):
        return f"Compare {_named([group.name for group in asked.groups])}"
    if isinstance(asked, PredictAll):
        dataset = catalogue.dataset(asked.dataset)
        assert dataset is not None
        return f"Predict {_several(len(dataset.items), 'item')} of {dataset.name}"
    if isinstance(asked, Extremes):
        return f"Extreme items of channel {asked.channel} of {asked.layer}"
    if isinstance(asked, Project):
        return f"Map of the items by {asked.layer}"
    found = catalogue.find(asked.item)
    assert found is not None
    if isinstance(asked, Dream):
        guide = None if asked.guide is None else catalogue.find(asked.guide)
        words = f"{asked.method.name} {'of' if asked.start is None else 'goes on with'}"
        return f"{words} {found[1].name}{f' guided by {guide[1].name}' if guide else ''}"
    if isinstance(asked, Explain):
        return f"{_named([m.name for m in asked.methods])} on {found[1].name}"
    return f"{_TITLES[asked.kind]} {found[1].name}"


def _several(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
