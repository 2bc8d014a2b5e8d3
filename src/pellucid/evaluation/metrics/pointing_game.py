"""Pointing game: does the greatest value lie where the evidence is known to be?"""

from typing import final

from ...ops.localisation import pointing_game
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject


@metric(
    MetricCard(
        name="pointing_game",
        title="Pointing game",
        paper="Zhang et al. 2018, arXiv:1608.00507",
        family="localisation",
        better="higher",
        range=(0.0, 1.0),
        flaw="One place decides. A network may rightly look beside the object: the mask is what a "
        "person would point at.",
        needs_mask=True,
    )
)
@final
class PointingGame(Metric):
    """1 where the greatest value lies inside the mask, else 0; ties count by their share.

    **Source:** Zhang et al. 2018, section 4.2, without the tolerance of 15 pixels.
    """

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        values = subject.map().flatten(1)
        return Measured(pointing_game(values, bench.evidence(values)))
