"""The verb `project`: a data set as maps, of its items or of what layers make of them."""

from collections.abc import Callable, Sequence
from typing import Any

from ..core.model import as_model
from ..core.progress import Event, Progress
from ..core.projection import Projection
from ..errors import ParameterError, suggest
from ..io.columns import Columns
from ..io.datasets import open_dataset
from ..parts.library_projectors import UMAP, OpenTSNE
from ..parts.tsne import TSNE
from ..run.features import Pool
from ..run.projecting import INPUT, table_of, table_of_columns
from ..run.projecting import project as projected
from .listening import listening

PROJECTORS: dict[str, Any] = {"tsne": TSNE, "opentsne": OpenTSNE, "umap": UMAP}


def project(
    data: Any,
    model: Any = None,
    layers: str | Sequence[str] = (),
    *,
    method: Any = "tsne",
    pool: Pool = "mean",
    label: Any = None,
    kind: str | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    progress: Progress | Callable[[Event], None] | bool = False,
) -> Projection:
    """Maps of a data set by t-SNE: of its items, or of the activations of several layers.

    `data` is what `pl.dataset` takes (`label` and `kind` are passed on), or the columns that
    `pl.collect` kept, which need no model. `layers` are names as `pl.layers` lists them; `input`
    stands for the items themselves and is what is mapped where no layer is named. A layer's
    features are `pool` over its places: `mean`, `max`, or `flat` for every value. `method` is
    `tsne`, `opentsne` (extra `opentsne`), `umap` (extra `umap`), or an object such as
    `pl.TSNE(perplexity=50)`.

    The result has a map for every layer, the true and the predicted classes, and what each map
    tells of them. Raises `PellucidError`.
    """
    projector = projector_of(method)
    chosen = [layers] if isinstance(layers, str) else list(layers)
    with listening(progress) as listener:
        if isinstance(data, Columns):
            table = table_of_columns(data, chosen)
        else:
            if model is None and any(layer != INPUT for layer in chosen):
                raise ParameterError("Layers belong to a model.", "Give the model too.")
            table = table_of(
                open_dataset(data, label, kind),
                None if model is None else as_model(model),
                chosen or [INPUT],
                pool,
                batch_size,
                listener,
            )
        return projected(table, projector, seed, listener)


def projector_of(method: Any) -> Any:
    """The projector of a name, or the given one. Raises `ParameterError` for an unknown name."""
    if isinstance(method, type) and method in PROJECTORS.values():
        return method()
    if not isinstance(method, str):
        if not hasattr(method, "fit"):
            raise ParameterError(
                f"{type(method).__name__} maps nothing.", "Give 'tsne', or pl.TSNE(…)."
            )
        return method
    name = method.lower().replace("-", "").replace("_", "").replace(" ", "")
    if name not in PROJECTORS:
        raise ParameterError(f"method={method!r} is unknown.", suggest(name, PROJECTORS))
    return PROJECTORS[name]()
