"""Whether, at how many places, and how wholly a network's output depends on a layer."""

from typing import Any

import torch
from torch import Tensor

from ..errors import LayerError, OutputError
from .cut import forward_from, forward_replacing, found_gradient
from .diagnosis import first_not_finite
from .guard import undisturbed
from .inputs import Inputs
from .model import Model
from .structure import leaves
from .trace import Visit


def probe(inputs: Inputs) -> Inputs:
    """Two samples like the first, with noise from 0 to 1 for its values: what a network shows on
    them does not hang on what it was asked first."""
    generator = torch.Generator("cpu").manual_seed(0)
    sample = inputs.take(torch.zeros(2, dtype=torch.long))
    noise = {
        name: torch.rand(x.shape, generator=generator, device="cpu").to(x)
        for name, x in sample.explained.items()
    }
    return sample.replaced(noise)


def evidence(model: Model, sample: Inputs, visit: Visit) -> int | None:
    """At how many places the output depends on the layer; None where no gradient can tell."""
    with undisturbed(model.module):
        gradient = _gradient(model, sample, visit)
        if gradient is None:
            return None if _changes(model, sample, visit) else 0
    assert visit.layout is not None
    strength = visit.layout.maps(gradient)[0].abs().sum(0)
    return int((strength > 0).sum())


def bypassed(model: Model, sample: Inputs, visit: Visit, start: Visit) -> bool:
    """Whether ways from the layer at `start` to the output lead past the layer at `visit`."""
    with undisturbed(model.module):
        gradient = _gradient(model, sample, start, without=visit)
    return gradient is not None and bool(gradient.any())


def _gradient(
    model: Model, sample: Inputs, visit: Visit, without: Visit | None = None
) -> Tensor | None:
    """That of some sum of all outputs at a layer; None where there is no way."""
    raw, activation = forward_from(model, sample, visit, without)
    outputs = [t for t in _outputs(model, raw, sample.n) if t.requires_grad]
    if not outputs:
        return None
    with torch.enable_grad():
        total = torch.stack([(t * _noise(t)).sum() for t in outputs]).sum()
    return found_gradient(total, [activation])[0]


def _outputs(model: Model, raw: Any, n: int) -> list[Tensor]:
    """The scores; where it takes a target to tell them, all outputs."""
    try:
        with torch.enable_grad():
            return [model.scores(raw, n)]
    except OutputError:
        return [tensor for _, tensor in leaves(raw)]


def need_variation(model: Model, sample: Inputs) -> None:
    """Refuse a network that gives one output whatever its input is."""
    other = {name: _noise(x) for name, x in sample.explained.items()}
    with undisturbed(model.module):
        clean = model.run(sample)
        if any(t.is_floating_point() and t.isnan().any() for _, t in leaves(clean)):
            raise first_not_finite(model, sample)
        same = _equal(clean, model.run(sample.replaced(other)))
    if other and same:
        raise LayerError(
            "The model's output is the same for another input, so no layer carries evidence.",
            "Look for a last layer of zeros, or weights that were never loaded.",
        )


def _changes(model: Model, sample: Inputs, visit: Visit) -> bool:
    """Whether other values of the layer change the output, though no gradient leads back."""
    raw = forward_replacing(model, sample, visit, lambda x: x + 1 + _noise(x).abs())
    return not _equal(model.run(sample), raw)


def _equal(a: Any, b: Any) -> bool:
    first, second = dict(leaves(a)), dict(leaves(b))
    return first.keys() == second.keys() and all(
        torch.equal(second[p], t) for p, t in first.items()
    )


def _noise(tensor: Tensor) -> Tensor:
    generator = torch.Generator("cpu").manual_seed(1)
    return torch.randn(tensor.shape, generator=generator, device="cpu").to(tensor)
