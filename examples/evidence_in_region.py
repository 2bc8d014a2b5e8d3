"""Does the evidence lie in the lungs? LIME before and after the rest of the picture is masked.

    python examples/evidence_in_region.py --out figures

Generated radiographs, in which those with a shadow come mostly from a hospital that puts the letter
L in a corner. A network fitted to whole pictures may read the letter; another is fitted to the same
pictures with all but the lungs masked. Measured are the share of LIME's positive evidence inside
the lungs, the accuracy where the letter says nothing, and by similarity distance how far pictures
lie from what each network was trained on. Writes `evidence_in_region.png` and
`evidence_distance_whole.png`, `evidence_distance_masked.png`.
"""

from dataclasses import replace

import numpy as np
import torch
from matplotlib.figure import Figure
from small_nets import Scans, convnet, fitted, options, probabilities, scans
from torch import nn

import pellucid as pl

CLASSES = ("clear", "shadow")
CONTRAST = (0.15, 0.35)


def masked(found: Scans) -> Scans:
    """The same, black outside the lungs."""
    return replace(found, pictures=found.pictures * found.lungs[:, None])


def accuracy(net: nn.Module, found: Scans) -> float:
    return float((probabilities(net, found.pictures).argmax(1) == found.labels).float().mean())


def share_inside(e: pl.Explanation, region: torch.Tensor) -> np.ndarray:
    """Of each map the share of its positive evidence that lies in the region."""
    positive = np.maximum(e.values, 0)
    return (positive * region.numpy()).sum((1, 2)) / positive.sum((1, 2))


def cells(region: torch.Tensor, side: int = 6) -> np.ndarray:
    """Squares of the picture, those on the region's edge cut in two along it: `(N, H, W)`."""
    down, across = np.indices(region.shape[1:]) // side
    squares = down * (across.max() + 1) + across
    return 2 * squares + region.numpy()


def main(arguments: list[str] | None = None) -> dict[str, float]:
    words = options(__doc__, arguments)
    seen = scans(400 if words.quick else 800, 0, CONTRAST, marked=0.9)
    same, other = scans(300, 1, CONTRAST, marked=0.9), scans(300, 2, CONTRAST)
    rows = torch.arange(300)[same.labels == 1][: 6 if words.quick else 20]
    results: dict[str, float] = {}
    drawn = []
    for name, view in (("whole", lambda found: found), ("masked", masked)):
        torch.manual_seed(0)
        fit, test, elsewhere = view(seen), view(same), view(other)
        net = fitted(convnet(2), fit.pictures, fit.labels, 8 if words.quick else 15)
        model = pl.Model(net, classes=CLASSES)
        e = pl.explain(
            model, test.pictures[rows], "lime", 1, space="logit", baseline="segment_mean",
            segments=cells(test.lungs[rows]),
        )  # fmt: skip
        shares = share_inside(e, test.lungs[rows])
        drawn.append((name, test.pictures[rows], e, shares))
        here, there = accuracy(net, test), accuracy(net, elsewhere)
        print(
            f"{name}: right on {here:.1%} of pictures like those seen, on {there:.1%} where the "
            f"letter says nothing; {shares.mean():.2f} of LIME's evidence in the lungs"
        )
        reference = pl.dataset(fit.pictures, fit.labels)
        distance = pl.similarity_distance(
            model, pl.dataset(elsewhere.pictures, elsewhere.labels), reference
        )
        strange = pl.similarity_distance(model, pl.dataset(1 - elsewhere.pictures), reference)
        near, *_, far = distance.accuracy_by_distance(bins=4)
        outliers, strangers = float(distance.outlier.mean()), float(strange.outlier.mean())
        print(
            f"  farther than 99 % of its class: {outliers:.0%} of them, {strangers:.0%} of their "
            f"negatives; right on {near.accuracy:.1%} of the nearest quarter, on "
            f"{far.accuracy:.1%} of the farthest"
        )
        distance.plot().savefig(words.out / f"evidence_distance_{name}.png", dpi=110)
        results |= {
            f"share {name}": float(shares.mean()), f"accuracy {name}": there,
            f"outliers {name}": outliers, f"strangers {name}": strangers,
        }  # fmt: skip
    area = float(same.lungs[rows].float().mean())
    print(f"the lungs are {area:.2f} of the picture")
    figure(drawn, same.lungs[rows]).savefig(words.out / "evidence_in_region.png", dpi=130)
    return {**results, "area": area}


def figure(drawn: list, lungs: torch.Tensor, across: int = 4) -> Figure:
    """A row for every network: pictures, and beside each its evidence with the lungs' outline."""
    made = Figure((2.9 * across, 3.3), layout="constrained")
    grid = made.subplots(len(drawn), 2 * across)
    for places, (name, pictures, e, shares) in zip(grid, drawn, strict=True):
        places[0].text(-0.1, 0.5, name, rotation=90, ha="right", va="center", fontsize=9,
                      transform=places[0].transAxes)  # fmt: skip
        for axes in places:
            axes.set_axis_off()
        for k in range(across):
            picture, evidence = places[2 * k], places[2 * k + 1]
            picture.imshow(pictures[k, 0].numpy(), cmap="gray", vmin=0, vmax=1)
            most = float(np.abs(e.values[k]).max())
            evidence.imshow(e.values[k], cmap="RdBu_r", vmin=-most, vmax=most)
            evidence.contour(lungs[k].numpy(), [0.5], colors="#333333", linewidths=0.8)
            picture.set_title(f"shadow: {e.score[k]:.1f} logit", fontsize=8)
            evidence.set_title(f"in the lungs {shares[k]:.0%}", fontsize=8)
    made.suptitle("LIME: red supports shadow, blue speaks against it; each on its own scale",
                  fontsize=9)  # fmt: skip
    return made


if __name__ == "__main__":
    main()
