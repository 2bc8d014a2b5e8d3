"""Attributions with the axes of the inputs, one per input, colours reduced on request."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ..ops.colour import Reduction, reduce_channels
from .axes import CHANNEL
from .call import Call
from .checks import check_each, grade
from .embedding import Embedding
from .method import Attribution


def input_maps(
    call: Call,
    values: Mapping[str, Tensor],
    reduce: Reduction | None = None,
    std_error: Mapping[str, Tensor] | None = None,
    of_vectors: Reduction = "sum",
) -> Attribution:
    """The attribution of values by input name, in the order of the inputs; what looked-up vectors
    got is added up to their ids.

    `of_vectors` says how: derivatives add up to nothing where a layer normalisation follows, so
    that only their sizes tell.

    The standard error of a value reduced from several colours is at most the sum of theirs.
    """
    embedding, axes = call.inputs.embedding, {name: call.inputs.axes(name) for name in values}
    if embedding is not None:
        embedding = embedding.take(_samples(call, values))
        _check_padding(call, embedding, values)
        values, axes = embedding.to_inputs(values, axes, reduce or of_vectors)
        std_error = None if std_error is None else embedding.to_inputs(std_error, axes, "sum")[0]
    reduced, errors = dict(values), None if std_error is None else dict(std_error)
    for name, tensor in values.items():
        if reduce is not None and CHANNEL in axes[name]:
            axis = axes[name].index(CHANNEL)
            reduced[name] = reduce_channels(tensor, axis, reduce)
            if errors is not None:
                errors[name] = errors[name].sum(axis)
    kept = {
        name: tuple(a for a in names if reduce is None or a != CHANNEL)
        for name, names in axes.items()
    }
    return Attribution(values=reduced, axes=kept, std_error=errors)


def _samples(call: Call, values: Mapping[str, Tensor]) -> Tensor:
    """Of which sample each row is: with several targets, a sample has as many rows."""
    rows = len(next(iter(values.values())))
    return torch.arange(call.n).repeat_interleave(rows // call.n)


def _check_padding(call: Call, embedding: Embedding, values: Mapping[str, Tensor]) -> None:
    """Say what share of the evidence lay on padding, which gets zero, where there was any."""
    share = embedding.share_of_padding(values)
    if share is None or not bool((share > 0).any()):
        return
    verdicts = [grade(s, ok=1e-3, poor=float("inf")) for s in share.tolist()]
    text = "Share of the evidence on padding, which is shown as zero; the network does not mask it."
    call.checks[:] = [check for check in call.checks if check.name != "padding"]
    call.checks.append(check_each("padding", share.tolist(), verdicts, text))
