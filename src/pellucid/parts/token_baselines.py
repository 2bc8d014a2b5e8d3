"""Baselines for ids: the vectors that stand for nothing in the place of those looked up."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.embedding import Embedding
from ..core.inputs import Inputs
from ..core.structure import at
from ..errors import ParameterError, suggest
from .background_rows import need_rows, need_whole

NAMES = ("zero", "pad", "mask")


def token_baseline(inputs: Inputs, name: str, spec: Any) -> Tensor:
    """The baseline `(N, k, D)` of the look-up `name`.

    `spec` is `zero` (vectors of zeros), `pad` or `mask` (that token in the place of every other;
    tokens such as `[CLS]` stay), an id, an array of ids that broadcasts to the input, or vectors.
    What only fills up a row stays as it is.
    """
    embedding = inputs.embedding
    assert embedding is not None
    vectors = embedding.vectors[name]
    made = _vectors(inputs, embedding, name, spec)
    padded = embedding.padded(name)
    return made if padded is None else torch.where(padded[..., None], vectors, made)


def _vectors(inputs: Inputs, embedding: Embedding, name: str, spec: Any) -> Tensor:
    x = embedding.vectors[name]
    if isinstance(spec, str):
        if spec == "zero":
            return torch.zeros_like(x)
        return _of_ids(inputs, embedding, name, _all(inputs, embedding, name, spec))
    if isinstance(spec, int):
        return _of_ids(inputs, embedding, name, _all(inputs, embedding, name, spec))
    ids = at(inputs.value, embedding.source_of(name).path)
    try:
        given = torch.as_tensor(np.asarray(spec) if not isinstance(spec, Tensor) else spec)
        if given.is_floating_point() and not ids.is_floating_point():
            return given.to(x).detach().expand_as(x)
        return _of_ids(inputs, embedding, name, given.to(ids).expand_as(ids).clone())
    except (RuntimeError, ValueError, TypeError) as error:
        raise ParameterError(
            f"A baseline ({type(spec).__name__}) does not fit ids of shape {tuple(ids.shape)}.",
            f"Give an id, ids of that shape, or one of {', '.join(NAMES)}.",
        ) from error


def _all(inputs: Inputs, embedding: Embedding, name: str, spec: str | int) -> Tensor:
    """The ids with one in the place of all that mean something."""
    ids = at(inputs.value, embedding.source_of(name).path)
    special = embedding.special
    if isinstance(spec, str):
        if spec not in NAMES:
            raise ParameterError(f"There is no baseline {spec!r} for ids.", suggest(spec, NAMES))
        known = special.get(spec)
        if known is None and spec == "pad":
            known = embedding.lookups[name].padding
        if known is None:
            raise ParameterError(
                f"The network does not say which id is its {spec} token.",
                "Give the id itself as the baseline, or 'zero'.",
            )
        spec = int(known)
    kept = torch.as_tensor(special.get("kept", ()), dtype=ids.dtype, device=ids.device)
    return torch.where(torch.isin(ids, kept), ids, torch.full_like(ids, spec))


def _of_ids(inputs: Inputs, embedding: Embedding, name: str, ids: Tensor) -> Tensor:
    try:
        return embedding.embed({embedding.source_of(name).name: ids})[name]
    except KeyError:
        raise ParameterError(
            "The network cannot look up the ids of the baseline.",
            "Give ids that are in its table.",
        ) from None


def token_background(inputs: Inputs, name: str, ids: Any) -> Tensor:
    """The vectors `(B, k, D)` of background rows of ids `(B, …)`."""
    embedding = inputs.embedding
    assert embedding is not None
    source = embedding.source_of(name)
    own = at(inputs.value, source.path)
    try:
        given = torch.as_tensor(ids if isinstance(ids, Tensor) else np.asarray(ids))
        need_whole(own, given)
        rows = given.to(own)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ParameterError(
            f"The background of input {source.name!r} holds no ids ({type(ids).__name__}).",
            "Give background=(B, …), rows like those of the input.",
        ) from error
    need_rows(source.name, own, rows)
    return _of_ids(inputs, embedding, name, rows)
