"""`pellucid demo`: the main job on a bundled model and photograph, offline."""

import time
from pathlib import Path

from ..api.explain import explain
from ..core import registry
from ..core.explanation import Explanation
from ..io.bundled import efficientnet_lite0
from ..io.samples import sample as photograph
from ..report.outcome import outcome_of
from . import results
from .terminal import answer, say

METHODS = (
    "cam",
    "grad_cam",
    "layer_cam",
    "guided_backprop",
    "integrated_gradients",
    "smooth_grad",
)
"""The methods shown, as far as they are installed."""

_MODEL = "efficientnet_lite0"


def run(out: Path, sample: str, seed: int) -> None:
    """Explain a photograph, write the report, print the answer."""
    start = time.perf_counter()
    path = photograph(sample)
    methods = [name for name in METHODS if name in registry.names()]
    say("[1/3] Loading EfficientNet-Lite0, a classifier of 1000 kinds of things")
    model = efficientnet_lite0()
    say(f"[2/3] Explaining {path.name} with {len(methods)} methods (about half a minute)")
    found = list(explain(model, str(path), methods, seed=seed, progress=True))
    say("[3/3] Writing the report")
    title = f"What made it say so: {path.name}"
    written = results.write_folder(found, out, results.About(title, _MODEL, path.name))
    say(f"Done in {time.perf_counter() - start:.0f} s.")
    for text in [*top_classes(found[0]), *results.lines(found), "", f"Report: {written[0]}"]:
        answer(text)


def top_classes(e: Explanation, most: int = 5) -> list[str]:
    """The most probable classes of the first input, a line each."""
    rows = outcome_of(e, 0, e.target).rows[:most]
    return [*(f"{row.share:6.1%}  {row.name}" for row in rows), ""]
