"""Methods, layers, targets, items and checkpoints side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..core import registry
from ..core.method import Method
from ..core.targets import Contrast
from ..errors import ParameterError
from ..evaluation.comparison import Comparison, compared
from .explain import explain


def compare(
    model: Any,
    x: Any,
    methods: Any = ("grad_cam", "integrated_gradients", "occlusion"),
    target: Any = None,
    *,
    contrast: tuple[Any, Any] | None = None,
    layers: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    badges: bool = True,
    seed: int = 0,
    batch_size: int | None = None,
) -> Comparison:
    """Explain `x` by several methods and put them side by side, with how well they agree.

    `model` is one model, or a dict of them by name (two checkpoints of a network). `layers`
    explains one method at several layers instead. Several items or targets give a row each;
    `contrast=(a, b)` stands for the targets a, b, and "why a and not b". `names` are those of the
    items. `badges` measures what each map owes to the weights.

    `.plot()` draws it, `.agreement` has the matrices, `.to_json()` the numbers.
    """
    models = dict(model) if isinstance(model, Mapping) else {"": model}
    chosen = _columns(methods, layers)
    if contrast is not None:
        if target is not None:
            raise ParameterError("Both target and contrast were given.", "Give one of them.")
        target = _contrast(contrast, x)
    found = {
        one: explain(one_model, x, list(chosen.values()), target, seed=seed, batch_size=batch_size)
        for one, one_model in models.items()
    }
    columns = {name: [found[one][k] for one in models] for k, name in enumerate(chosen)}
    return compared(columns, list(models), names, badges)


def _columns(methods: Any, layers: Sequence[str] | None) -> dict[str, Any]:
    several = list(methods) if isinstance(methods, list | tuple) else [methods]
    if layers is None:
        found: dict[str, Any] = {}
        for one in several:
            name = registry.card(one).title if isinstance(one, str) else one.card.title
            count = sum(key.split(" (")[0] == name for key in found)
            found[f"{name} ({count + 1})" if count else name] = one
        return found
    if len(several) != 1:
        raise ParameterError(
            f"{len(several)} methods at several layers.", "Give one method with layers=."
        )
    only = several[0]
    name = registry.find(only) if isinstance(only, str) else only.card.name
    params = {} if isinstance(only, str) else only.params()
    made: dict[str, Method] = {
        layer: registry.create(name, {**params, "layer": layer}) for layer in layers
    }
    return dict(made)


def _contrast(pair: tuple[Any, Any], x: Any) -> Any:
    a, b = pair
    wanted = [a, b, Contrast(a, b)]
    count = len(x) if hasattr(x, "shape") or isinstance(x, list | tuple) else 1
    return wanted if count == 1 else [wanted] * count
