"""The verbs `average` and `spectral_relevance`: the explanations of a whole data set together."""

from collections.abc import Callable, Mapping
from typing import Any

from ..core.explanation import Explanation
from ..core.model import as_model
from ..core.progress import Event, Progress
from ..core.relevance_clusters import RelevanceClusters
from ..core.target import Space
from ..errors import ParameterError
from ..io.datasets import open_dataset
from ..run.averages import average as averaged
from ..run.maps import Maps
from ..run.spectral_relevance import Clustering
from ..run.spectral_relevance import spectral_relevance as clustered
from ..run.truth import Truth
from .explain import method_of
from .listening import listening


def average(
    model: Any,
    data: Any,
    method: Any,
    target: Any = None,
    *,
    by_class: bool = True,
    absolute: bool = False,
    normalise: bool = False,
    space: Space | None = None,
    seed: int = 0,
    label: Any = None,
    kind: str | None = None,
    aliases: Mapping[str, int | str] | None = None,
    batch_size: int | None = None,
    on_error: str = "skip",
    progress: Progress | Callable[[Event], None] | bool = False,
    **params: Any,
) -> Explanation:
    """The mean explanation of every class of a data set, or of the whole (`by_class=False`).

    Every item is explained for the class of its label (for the predicted one where it has none), or
    for `target`. The result is an `Explanation` with one sample a class: mean maps in `values`,
    their standard errors, the mean picture to draw beside, and the numbers of items in
    `record["counts"]`. `absolute` averages sizes, so that opposite signs do not cancel (of a table,
    the global importance of its features); `normalise` divides every map by its greatest size
    first, so that sure items do not outweigh others. `data`, `label`, `kind` and `aliases` are as
    for `pl.extremes`; all else as for `pl.explain`.
    """
    with listening(progress) as listener:
        maps = _maps(
            *(model, data, method, target, space, seed, label, kind, aliases),
            *(batch_size, on_error, listener, params),
        )
        return averaged(maps, by_class, absolute, normalise)


def spectral_relevance(
    model: Any,
    data: Any,
    method: Any,
    target: Any = None,
    *,
    size: int = 16,
    neighbours: int = 7,
    most: int = 8,
    space: Space | None = None,
    seed: int = 0,
    label: Any = None,
    kind: str | None = None,
    aliases: Mapping[str, int | str] | None = None,
    batch_size: int | None = None,
    on_error: str = "skip",
    progress: Progress | Callable[[Event], None] | bool = False,
    **params: Any,
) -> RelevanceClusters:
    """Clusters among the explanations of each class, to find classes that are recognised for
    several reasons, of which one may be wrong (a watermark, a border, a scanner's mark).

    Maps are summed over channels, divided by their greatest size and averaged to `size` cells along
    each axis. The affinity of two falls with their distance, in units of the distance of each to
    its `neighbours`-th nearest; the eigengap of the normalised Laplacian gives the number of
    clusters, at most `most`. Classes with the best separated clusters (mean silhouette) come first.
    Needs the extra `clusters`.

    **Source:** Lapuschkin et al. 2019, doi:10.1038/s41467-019-08987-4 (SpRAy).
    """
    for name, value, least in (("size", size, 1), ("neighbours", neighbours, 1)):
        if value < least:
            raise ParameterError(f"{name}={value} is too few.", f"Give at least {least}.")
    if most < 2:
        raise ParameterError(f"most={most} is too few clusters.", "Give at least 2.")
    with listening(progress) as listener:
        maps = _maps(
            *(model, data, method, target, space, seed, label, kind, aliases),
            *(batch_size, on_error, listener, params),
        )
        return clustered(maps, Clustering(size, neighbours, most))


def _maps(
    model: Any,
    data: Any,
    method: Any,
    target: Any,
    space: Space | None,
    seed: int,
    label: Any,
    kind: str | None,
    aliases: Mapping[str, int | str] | None,
    batch_size: int | None,
    on_error: str,
    progress: Progress,
    params: Mapping[str, Any],
) -> Maps:
    wrapped, chosen = as_model(model), method_of(method, params)
    source = open_dataset(data, label, kind)
    truth = Truth(source.counts(), wrapped.classes, aliases)
    own = "logit" if wrapped.gives_values else chosen.card.space
    return Maps(
        *(wrapped, source, chosen, truth, target, space or own, seed),
        *(batch_size, progress, on_error),
    )
