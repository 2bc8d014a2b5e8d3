"""Gradients with another backward rule at every ReLU: what guided methods share."""

from functools import partial

from torch import Tensor

from ..errors import NotApplicable
from .call import Call
from .rectifiers import Rule, refuse_unsound, rewriting


def rectified_gradient(call: Call, rule: Rule, title: str) -> dict[str, Tensor]:
    """The gradients at the inputs by name when every ReLU passes them back by `rule`."""
    if call.model.scripted:
        raise NotApplicable(
            f"The model is TorchScript: its ReLUs cannot be intercepted, and {title} would equal "
            "the plain gradient.",
            "Give the original module, or use gradient.",
        )
    with rewriting(rule) as count:
        _, gradients = call.input_gradient(check=partial(refuse_unsound, count=count, method=title))
    return gradients


def guided(passing: Tensor, gradient: Tensor) -> Tensor:
    """(x > 0) · (g > 0) · g (Springenberg et al. 2015)."""
    return passing * gradient.relu()


def deconvolved(passing: Tensor, gradient: Tensor) -> Tensor:
    """(g > 0) · g (Zeiler & Fergus 2014)."""
    return gradient.relu()
