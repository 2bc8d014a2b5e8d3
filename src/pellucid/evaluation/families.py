"""Families of methods: how a method finds out what counts. Methods of one family share their
mistakes, so that their agreement says little."""

from typing import Any

from ..core import registry
from ..core.method import Method

FAMILIES: dict[str, tuple[str, ...]] = {
    "gradients": ("integrated_gradients", "input_x_gradient", "gradient"),
    "maps of a layer": ("grad_cam", "cam"),
    "one part hidden at a time": ("occlusion",),
    "many parts hidden together": ("kernel_shap", "rise"),
}
"""Of every family the methods that are asked for a second opinion, the best first."""

_HIDES_MANY = ("lime", "kernel_shap", "shapley", "rise")


def family_of(method: Method) -> str:
    """The family of a method, from what it needs and how it asks."""
    card = method.card
    if card.access == "black_box":
        many = card.name in _HIDES_MANY
        return "many parts hidden together" if many else "one part hidden at a time"
    maps = card.access == "layers" and card.axes == "space"
    return "maps of a layer" if maps else "gradients"


def cheap(name: str, quick: bool) -> Method:
    """A method for a second opinion, in a setting that answers in seconds."""
    settings: dict[str, dict[str, Any]] = {
        "integrated_gradients": {"n_steps": 8, "max_steps": 16} if quick else {},
        "occlusion": {"max_evaluations": 64} if quick else {},
        "kernel_shap": {"n_samples": 128} if quick else {},
        "rise": {"n_masks": 256} if quick else {},
    }
    return registry.create(name, settings.get(name, {}))
