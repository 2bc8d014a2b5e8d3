"""Sanity checks: does a map depend on what the network learned?"""

from collections.abc import Callable, Sequence
from typing import Any

from ..core.explanation import Explanation
from ..core.progress import Event, Progress
from ..evaluation.sanity import Sanity, sanity
from .listening import listening


def randomisation(
    explanations: Explanation | Sequence[Explanation],
    model: Any = None,
    x: Any = None,
    *,
    mode: str = "cascading",
    stages: int = 8,
    draws: int = 3,
    progress: Progress | Callable[[Event], None] | bool = False,
) -> Sanity:
    """Draw the network's layers anew, from the output to the input, and compare the maps.

    `mode` is `cascading` (one layer more at each of at most `stages`) or `independent` (one layer
    alone); similarities are means over `draws` random networks. A map that stays alike shows the
    input, not what was learned. `model` and `x` are needed for explanations from a file. Private
    copies are drawn anew; the network is left as it was.

    `print()` shows the means, `.plot()` the curves. **Source:** Adebayo et al. 2018,
    arXiv:1810.03292, section 3.
    """
    several = [explanations] if isinstance(explanations, Explanation) else list(explanations)
    with listening(progress) as listener:
        return sanity(several, model, x, mode=mode, stages=stages, draws=draws, progress=listener)
