"""Input invariance: a shift of the input that the network undoes should not change the map."""

from typing import final

from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..shifted import shifted
from ..subject import Subject


@metric(
    MetricCard(
        name="input_invariance",
        title="Input invariance",
        paper="Kindermans et al. 2019, arXiv:1711.00867",
        family="axioms",
        better="lower",
        range=(0.0, float("inf")),
        flaw="A method that compares with a baseline depends on it by design; shift it too and "
        "it passes.",
        reruns=True,
    )
)
@final
class InputInvariance(Metric):
    """‖φ′(x + c) − φ(x)‖ / ‖φ(x)‖, with φ′ of the network f′(x) = f(x − c), which gives the same
    scores.

    **Source:** Kindermans et al. 2019, section 2.
    """

    shift: float = 1.0
    """The constant c added to every number, in standard deviations of the input."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        other = shifted(subject, self.shift)
        gap = sum(
            (other.values[name] - values).double().flatten(1).square().sum(1)
            for name, values in subject.values.items()
        )
        size = sum(v.double().flatten(1).square().sum(1) for v in subject.values.values())
        return Measured((gap / size.clamp_min(1e-300)).sqrt())  # type: ignore[union-attr]
