"""Random changes of the input, what the values say they do to the score, and what they did."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..errors import NotApplicable
from ..parts.coalitions import Features, Off
from .probe import Probe
from .subject import Subject
from .subsets import changes_of, random_halves


def changed_by_cells(
    subject: Subject, probe: Probe, draws: int, off: Sequence[Off]
) -> tuple[Tensor, Tensor]:
    """What the values say that random cells hold, and what their absence took: `(N, draws)`."""
    cells = subject.cells(None)
    gone = random_halves(cells.most, draws, subject.seed)
    change = changes_of(probe, cells, gone, off)
    return _held(subject, cells, off) @ gone.double().T, change


def changed_by_noise(
    subject: Subject, probe: Probe, draws: int, size: float
) -> tuple[Tensor, Tensor]:
    """Σ I φ and f(x) − f(x − I) for Gaussian I of `size` times the input's standard deviation."""
    x = subject.inputs.changeable
    if not all(tensor.is_floating_point() for tensor in x.values()) or subject.inputs.encoding:
        raise NotApplicable("Ids, categories and words cannot be moved a little.", "Use removal.")
    generator = torch.Generator().manual_seed(subject.seed)
    steps = {
        name: torch.randn((draws, *tensor.shape[1:]), generator=generator)
        for name, tensor in x.items()
    }
    scale = {name: size * tensor.flatten(1).double().std(1).cpu() for name, tensor in x.items()}
    key = ("noise", draws, size, subject.seed)
    scores = probe.remembered(key, lambda: probe.moved(steps, scale))
    told = torch.zeros(subject.n, draws, dtype=torch.float64)
    for name, values in subject.values.items():
        own = steps[name].flatten(1).double()
        told += scale[name][:, None] * (values.flatten(1).double() @ own.T)
    return told, (probe.clean()[:, None] - scores).double()


def _held(subject: Subject, cells: Features, off: Sequence[Off]) -> Tensor:
    """Σ φ over every cell; Σ (x − baseline) φ where φ are slopes."""
    if not subject.slopes:
        return subject.total(cells)
    x = subject.inputs.changeable
    means = {name: torch.stack([one[name].to(x[name]) for one in off]).mean(0) for name in x}
    return subject.total(cells, weights={name: (x[name] - means[name]).cpu() for name in x})
