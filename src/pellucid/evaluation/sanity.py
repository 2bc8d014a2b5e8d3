"""Model-parameter randomisation of several explanations side by side, as a result to keep."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

from ..core.explanation import Explanation
from ..core.guard import undisturbed
from ..core.progress import Progress
from ..core.services import service
from ..errors import ParameterError, suggest
from .randomisation import SAME, SIMILAR, Mode, Randomisation, randomisation
from .resuming import resumed

MODES: tuple[Mode, ...] = ("cascading", "independent")


@final
@dataclass(frozen=True, eq=False)
class Sanity:
    """How alike maps of the trained and of ever more random networks are, by method."""

    mode: Mode
    curves: tuple[tuple[str, Randomisation], ...]
    """Method and its similarities `(stages, N)`."""

    def plot(self) -> Any:
        """A figure: a line a method over the layers that were drawn anew."""
        return service("plot_sanity")(self)

    def __str__(self) -> str:
        wide = max(len(name) for name, _ in self.curves)
        lines = [f"{self.mode} randomisation; similarity with the original map, output first"]
        for name, curve in self.curves:
            means = " ".join(f"{value:5.2f}" for value in curve.similarity.mean(1).tolist())
            lines.append(f"{name:<{wide}} {means}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "mode": self.mode,
            "same": SAME,
            "similar": SIMILAR,
            "methods": [
                {
                    "method": name,
                    "layers": list(curve.stages),
                    "similarity": curve.similarity.tolist(),
                }
                for name, curve in self.curves
            ],
        }

    def to_json(self, **options: Any) -> str:
        """The same as JSON."""
        return json.dumps(self.as_dict(), **options)


def sanity(
    explanations: Sequence[Explanation],
    model: Any = None,
    x: Any = None,
    *,
    mode: str = "cascading",
    stages: int = 8,
    draws: int = 3,
    progress: Progress | None = None,
) -> Sanity:
    """The randomisation test on every explanation; see `pl.randomisation`."""
    chosen = next((known for known in MODES if known == mode), None)
    if chosen is None:
        raise ParameterError(f"mode={mode!r} is unknown.", suggest(str(mode), MODES))
    if stages < 1 or draws < 1:
        raise ParameterError(f"stages={stages}, draws={draws}.", "Give 1 or more of each.")
    curves = []
    for e in (progress or Progress()).track(explanations, "randomisation"):
        subject = resumed(e, model, x)
        with undisturbed(subject.model.net, subject.seed):
            curves.append((e.method, randomisation(subject, chosen, stages, draws)))
    return Sanity(chosen, tuple(curves))
