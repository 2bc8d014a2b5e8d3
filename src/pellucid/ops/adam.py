"""Adam's update, entry by entry."""

from jaxtyping import Float
from torch import Tensor


def adam(
    gradient: Float[Tensor, "*shape"],
    first: Float[Tensor, "*shape"],
    second: Float[Tensor, "*shape"],
    step: int,
    rate: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Float[Tensor, "*shape"]:
    """The change of the parameters in step 1, 2, …; `first` and `second`, the running moments, are
    updated in place (Kingma & Ba 2015, algorithm 1)."""
    first.mul_(beta1).add_(gradient, alpha=1 - beta1)
    second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
    unbiased = second.div(1 - beta2**step).sqrt_().add_(eps)
    return first.div(unbiased).mul_(rate / (1 - beta1**step))
