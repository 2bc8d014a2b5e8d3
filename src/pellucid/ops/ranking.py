"""How alike two maps are: correlation, order, the greatest places, structure."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def pearson(
    a: Float[Tensor, "*rows feature"], b: Float[Tensor, "*rows feature"]
) -> Float[Tensor, "*rows"]:
    """The correlation along the last axis; 0 where one of the two does not vary."""
    a, b = a.double(), b.double()
    x, y = a - a.mean(-1, keepdim=True), b - b.mean(-1, keepdim=True)
    # below rounding of the values themselves there is no variation, only noise
    flat = (x.abs().amax(-1) <= 1e-9 * a.abs().amax(-1)) | (
        y.abs().amax(-1) <= 1e-9 * b.abs().amax(-1)
    )
    size = (x.square().sum(-1) * y.square().sum(-1)).sqrt()
    found = (x * y).sum(-1) / size.where(~flat & (size > 0), size.new_ones(()))
    return found.masked_fill(flat | (size == 0), 0.0).clamp(-1, 1)


def mean_ranks(values: Float[Tensor, "*rows feature"]) -> Float[Tensor, "*rows feature"]:
    """Ranks from 0; equals share the mean of theirs."""
    ordered = values.sort(-1).values.contiguous()
    low = torch.searchsorted(ordered, values.contiguous())
    high = torch.searchsorted(ordered, values.contiguous(), right=True)
    return (low + high - 1).double() / 2


def spearman(
    a: Float[Tensor, "*rows feature"], b: Float[Tensor, "*rows feature"]
) -> Float[Tensor, "*rows"]:
    """The correlation of the ranks (Spearman 1904); 0 where one of the two does not vary."""
    return pearson(mean_ranks(a), mean_ranks(b))


def top_overlap(
    a: Float[Tensor, "*rows feature"], b: Float[Tensor, "*rows feature"], share: float
) -> Float[Tensor, "*rows"]:
    """The part of the greatest `share` of places of `a` that are among those of `b`; two random
    maps overlap in `share` of them."""
    count = max(1, round(share * a.shape[-1]))
    first, second = (_greatest(values, count) for values in (a, b))
    return (first & second).sum(-1).double() / count


def structural_similarity(
    a: Float[Tensor, "sample *space"], b: Float[Tensor, "sample *space"], width: int = 7
) -> Float[Tensor, " sample"]:
    """The mean over windows of (2μaμb + c₁)(2σab + c₂) / ((μa² + μb² + c₁)(σa² + σb² + c₂)).

    Each map is first divided by its greatest size, so that only the pattern counts; then the range
    is 2, c₁ = (0.01·2)², c₂ = (0.03·2)². Windows are boxes of `width`.

    **Source:** Wang et al. 2004, doi:10.1109/TIP.2003.819861, eq. 13.
    """
    space = a.ndim - 1
    width = max(1, min(width, *a.shape[1:]))
    x, y = (_unit(values)[:, None] for values in (a, b))
    pool = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}[space]

    def mean(values: Tensor) -> Tensor:
        found: Tensor = pool(values, width, stride=1)
        return found

    mx, my = mean(x), mean(y)
    vx, vy, cov = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = 0.02**2, 0.06**2
    top = (2 * mx * my + c1) * (2 * cov + c2)
    return (top / ((mx * mx + my * my + c1) * (vx + vy + c2))).flatten(1).mean(1)


def _greatest(values: Tensor, count: int) -> Tensor:
    chosen = values.argsort(dim=-1, descending=True, stable=True)[..., :count]
    return torch.zeros_like(values, dtype=torch.bool).scatter_(-1, chosen, True)


def _unit(values: Tensor) -> Tensor:
    size = values.double().abs().flatten(1).amax(1).clamp_min(1e-300)
    return values.double() / size.view(-1, *(1,) * (values.ndim - 1))
