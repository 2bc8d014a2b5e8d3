"""The verb `similarity_distance`: how far items lie from the classes of the training data."""

from collections.abc import Callable, Mapping
from typing import Any

from ..core.model import as_model
from ..core.progress import Event, Progress
from ..core.similarity import SimilarityDistance
from ..run.similarity import Space
from ..run.similarity import similarity_distance as measured
from .extremes import data_or_columns
from .listening import listening


def similarity_distance(
    model: Any,
    data: Any,
    reference: Any,
    *,
    layer: Any = None,
    metric: str = "mahalanobis",
    shrinkage: float | str = "ledoit_wolf",
    threshold: float = 99.0,
    label: Any = None,
    kind: str | None = None,
    aliases: Mapping[str, int | str] | None = None,
    batch_size: int | None = None,
    progress: Progress | Callable[[Event], None] | bool = False,
) -> SimilarityDistance:
    """How far the items of `data` lie from the classes of the labelled `reference`, the training
    items, in the network's feature space: an objective confidence beside a prediction.

    The features are the means over the places of every channel of `layer`, left out the last before
    the scores, without its rectifier. `metric` is `euclidean`, `cosine`, or `mahalanobis` with one
    covariance for all classes, of which `shrinkage` (a share, or `ledoit_wolf`) is replaced by a
    multiple of the identity. An item is an outlier if it is farther from its nearest class than
    `threshold` percent of that class's own training items. Both data sets are as for `pl.dataset`,
    or what `pl.collect` returned.

    **Source:** Lee et al. 2018, arXiv:1807.03888; Ledoit & Wolf 2004.
    """
    space = Space(layer, metric, shrinkage, threshold)
    with listening(progress) as listener:
        return measured(
            None if model is None else as_model(model),
            data_or_columns(data, label, kind),
            data_or_columns(reference, label, kind),
            space,
            aliases,
            batch_size,
            listener,
        )
