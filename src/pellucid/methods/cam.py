"""CAM: the exact share of every place in a class score after global average pooling."""

from typing import final

import torch

from ..core.call import Call
from ..core.checks import Check, check_each, grade
from ..core.heads import PooledHead
from ..core.layers import Choice
from ..core.maps import layer_map
from ..core.method import Attribution, Card, Method, method
from ..core.target import Target
from ..core.targets import Class, Contrast, Label, Negative, Positive, Value
from ..errors import NotApplicable, TargetError
from ..ops.precision import full


@method(
    Card(
        name="cam",
        title="CAM",
        paper="Zhou et al. 2016, arXiv:1512.04150",
        access="layers",
        modalities=("image", "volume", "series"),
        promises=("mean_plus_bias",),
        axes="space",
        many_targets=True,
    )
)
@final
class CAM(Method):
    """M_c = Σ_k w_k^c A_k, whose mean over the places plus the bias is the class score.

    Needs global average pooling and one linear layer; other networks are refused with the reason.
    That the mean plus the bias is the logit is measured in every run.

    **Source:** Zhou et al. 2016, eq. 2.
    """

    upsample: bool = True
    """Interpolate to the input's size; the map at the layer's own size is kept as `coarse`."""

    def attribute(self, call: Call) -> Attribution:
        head = call.head()
        if not isinstance(head, PooledHead):
            raise NotApplicable(
                f"CAM needs global average pooling followed by one linear layer; here {head}.",
                "Use grad_cam, which generalises CAM to any network.",
            )
        if call.space != "logit":
            raise TargetError("CAM explains logits.", "Leave out space='probability'.")
        maps = full(call.pooled_maps(head))
        weights = torch.stack([_weights(head, maps, row) for row in call.targets])
        found = torch.einsum("nkc,nc...->nk...", weights, maps)
        assert head.visit.layout is not None
        choice = Choice(head.visit, head.visit.layout, "feeds global average pooling", True)
        attribution = layer_map(call, choice, list(found.unbind(1)), self.upsample)
        attribution.checks.append(_mean_plus_bias(call, head, found, maps))
        return attribution


def _weights(head: PooledHead, maps: torch.Tensor, row: list[Target]) -> torch.Tensor:
    weight = head.weight(maps)
    return torch.stack([_combine(weight, target) for target in row])


def _combine(table: torch.Tensor, target: Target) -> torch.Tensor:
    """The row of a table with one row per output that the target stands for."""
    match target:
        case Class(index) | Label(index):
            return table[index]  # type: ignore[index]
        case Positive():
            return table[0]
        case Negative():
            return -table[0]
        case Value(sign):
            return sign * table[0]
        case Contrast(a, b):
            return _combine(table, a) - _combine(table, b)
    raise TargetError(
        f"CAM has no map for {target.label(None)}.",
        "Explain a class, or use grad_cam for any target.",
    )


def _mean_plus_bias(call: Call, head: PooledHead, found: torch.Tensor, maps: torch.Tensor) -> Check:
    bias = head.bias(maps)[:, None]
    shift = torch.stack([torch.stack([_combine(bias, t)[0] for t in row]) for row in call.targets])
    gap = (found.flatten(2).mean(2) + shift - call.clean()).abs()
    relative = (gap / call.clean().abs().max().clamp_min(1e-12)).flatten().tolist()
    verdicts = [grade(r, ok=1e-4, poor=1e-2) for r in relative]
    text = "The mean of the map plus the bias is the logit; the value is the relative difference."
    return check_each("mean plus bias", relative, verdicts, text)
