"""Model-parameter randomisation: does the map depend on what the network learned?

**Source:** Adebayo et al. 2018, arXiv:1810.03292, section 3.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import torch
from torch import Tensor

from ..core.checks import Check, Verdict, check_each, worst_verdict
from ..errors import NotApplicable
from .likeness import signed_correlation, texture_correlation
from .randomised import layers_of, randomised
from .subject import Subject

Mode = Literal["cascading", "independent"]

SAME, SIMILAR = 0.75, 0.55
"""Similarities with the map of a random network from which a map counts as the same, and as
similar."""


@dataclass(frozen=True)
class Randomisation:
    """Similarities with the original map, `(stages, N)`: of slopes the rank correlation of the
    sizes where both maps show something, of other values the correlation with their signs.

    `stages` names the layers that were drawn anew at each: all from the output down to this one, or
    this one alone.
    """

    mode: Mode
    stages: tuple[str, ...]
    similarity: Tensor


def badge(similarity: Tensor) -> Check:
    """What the similarity with a random network's map says."""
    values = similarity.tolist()
    verdicts: list[Verdict] = [
        "ok" if value < SIMILAR else "poor" if value < SAME else "failed" for value in values
    ]
    text = {
        "ok": "A network with random upper layers gives another map: this one shows what was "
        "learned.",
        "poor": "A network with random upper layers gives a similar map: part of it shows the "
        "input, not what was learned.",
        "failed": "This map would look the same for a random network: it shows the input, not what "
        "was learned.",
    }
    return check_each("random network", values, verdicts, text[worst_verdict(verdicts)])


def random_network(subject: Subject, draws: int = 3) -> Tensor:
    """The mean similarity `(N,)` with the maps of `draws` networks whose upper half was drawn anew.

    The upper half, for there methods differ: with the first layers drawn anew every gradient sees
    other edges.
    """
    names = layers_of(subject.model, subject.inputs)
    return _mean(subject, names[: -(-len(names) // 2)], draws)


def randomisation(
    subject: Subject, mode: Mode = "cascading", stages: int = 8, draws: int = 3
) -> Randomisation:
    """Draw the layers anew, from the output to the input one more at each stage (`cascading`) or
    one at a time (`independent`), at most `stages`, evenly spread."""
    names = layers_of(subject.model, subject.inputs)
    if not names:
        raise NotApplicable("The network has no weights to draw anew.", "Use another check.")
    count = min(stages, len(names))
    ends = [round((k + 1) * len(names) / count) for k in range(count)]
    found = []
    for end in ends:
        chosen = names[:end] if mode == "cascading" else [names[end - 1]]
        found.append(_mean(subject, chosen, draws))
    return Randomisation(mode, tuple(names[end - 1] for end in ends), torch.stack(found))


def _mean(subject: Subject, names: list[str], draws: int) -> Tensor:
    found = []
    for draw in range(draws):
        twin = randomised(subject.model, names, subject.inputs, subject.seed + 1 + draw)
        other = pinned(subject).again(model=twin)
        compare = texture_correlation if subject.slopes else signed_correlation
        found.append(compare(subject, other))
    # a network that shows nothing at all shows something else
    return torch.stack(found).nanmean(0).nan_to_num(0.0)


def pinned(subject: Subject) -> Subject:
    """The subject with the layer that was chosen for it, so that another network uses the same."""
    layer = subject.e.record.get("layer")
    own: Any = subject.method
    known = {f.name for f in fields(own)}
    if "layer" not in known or own.layer is not None or not isinstance(layer, str):
        return subject
    return replace(subject, method=type(own)(**{**own.params(), "layer": layer}))
