"""Relevance rank accuracy: how many of the K greatest values lie in a mask of K places."""

from typing import final

from ...ops.localisation import rank_accuracy
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject


@metric(
    MetricCard(
        name="relevance_rank_accuracy",
        title="Relevance rank accuracy",
        paper="Arras, Osman & Samek 2022, arXiv:2003.07258",
        family="localisation",
        better="higher",
        range=(0.0, 1.0),
        flaw="It expects the whole mask to count; a map of the one part that decides scores low.",
        needs_mask=True,
    )
)
@final
class RelevanceRankAccuracy(Metric):
    """The share of the K greatest values inside the mask of K places.

    **Source:** Arras, Osman & Samek 2022, eq. 3.
    """

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        values = subject.map().flatten(1)
        return Measured(rank_accuracy(values, bench.evidence(values)))
