"""Right and wrong decisions side by side: true and false positives and negatives with their maps.

    python examples/right_and_wrong.py --out figures

A small network looks for faint shadows in generated radiographs. Of each of the four outcomes the
surest pictures are drawn with the Grad-CAM map of "shadow" and its probability; where a picture has
a shadow, the map can be compared with where it is. Writes `right_and_wrong.png`.
"""

import numpy as np
import torch
from matplotlib.figure import Figure
from small_nets import Scans, convnet, fitted, options, probabilities, scans

import pellucid as pl

OUTCOMES = (("true positives", 1, 1), ("false positives", 0, 1), ("false negatives", 1, 0),
            ("true negatives", 0, 0))  # fmt: skip
ACROSS = 5


def main(arguments: list[str] | None = None) -> dict[str, float]:
    words = options(__doc__, arguments)
    torch.manual_seed(0)
    faint = (0.05, 0.35)
    seen, held = scans(600 if words.quick else 800, 0, faint), scans(400, 1, faint)
    net = fitted(convnet(2), seen.pictures, seen.labels, 12 if words.quick else 15)
    chance = probabilities(net, held.pictures)[:, 1].numpy()
    truth, says = held.labels.numpy(), (chance > 0.5).astype(int)
    found = {name: np.flatnonzero((truth == t) & (says == s)) for name, t, s in OUTCOMES}
    print(", ".join(f"{len(rows)} {name}" for name, rows in found.items()))

    e = pl.explain(pl.Model(net, classes=("clear", "shadow")), held.pictures, "grad_cam", 1)
    hits = pl.evaluate(net, e, "pointing_game", masks=held.shadow.numpy())
    hit = np.asarray(hits["pointing_game"].values)
    for name in ("true positives", "false negatives"):
        if not len(found[name]):
            continue
        print(f"of {name} the map's maximum is in the shadow for {hit[found[name]].mean():.0%}")

    surest = {
        name: rows[np.argsort(-chance[rows] if says_so else chance[rows])][:ACROSS]
        for (name, rows), (_, _, says_so) in zip(found.items(), OUTCOMES, strict=True)
    }
    galleries(held, e, chance, surest).savefig(words.out / "right_and_wrong.png", dpi=130)
    return {
        "accuracy": float((truth == says).mean()),
        "pointing": float(hit[found["true positives"]].mean()),
        **{name: len(rows) for name, rows in found.items()},
    }


def galleries(
    held: Scans, e: pl.Explanation, chance: np.ndarray, chosen: dict[str, np.ndarray]
) -> Figure:
    """A row for every outcome: each picture, and beside it its map; a ring where a shadow is."""
    figure = Figure((1.25 * 2 * ACROSS, 1.5 * len(chosen)), layout="constrained")
    grid = figure.subplots(len(chosen), 2 * ACROSS, squeeze=False)
    top = max(float(e.values[rows].max()) for rows in chosen.values() if len(rows))
    for cells, (name, rows) in zip(grid, chosen.items(), strict=True):
        for axes in cells:
            axes.set_axis_off()
        cells[0].text(-0.15, 0.5, name, rotation=90, ha="right", va="center", fontsize=9,
                      transform=cells[0].transAxes)  # fmt: skip
        for k, row in enumerate(rows):
            picture, drawn = cells[2 * k], cells[2 * k + 1]
            picture.imshow(held.pictures[row, 0].numpy(), cmap="gray", vmin=0, vmax=1)
            picture.set_title(f"shadow {chance[row]:.2f}", fontsize=8)
            drawn.imshow(e.values[row], cmap="inferno", vmin=0, vmax=top)
            if held.labels[row] == 1:
                drawn.contour(held.shadow[row].numpy(), [0.5], colors="#7fd4ff", linewidths=1)
    figure.suptitle(
        f"Grad-CAM of shadow, one scale from 0 to {top:.2g}; ring: the shadow", fontsize=9
    )
    return figure


if __name__ == "__main__":
    main()
