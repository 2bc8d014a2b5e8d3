"""One picture by many methods, beside how unsure the network is of it by Monte-Carlo dropout.

    python examples/saliency_panel.py --out figures

A small network with dropout finds faint shadows in generated radiographs. With dropout left on, it
answers many times: the mean, its entropy and what the answers disagree about (BALD) say when a
doctor should look; and so does every pass's own map. Writes `saliency_panel.png` (the methods),
`saliency_uncertainty.png` (answers, and what passing on the least sure brings) and
`saliency_spread.png` (mean and standard deviation of the map over the passes).
"""

from dataclasses import replace

import numpy as np
import torch
from small_nets import convnet, fitted, options, scans

import pellucid as pl

METHODS = ("gradient", "smooth_grad", "guided_backprop", "integrated_gradients", "grad_cam",
           "score_cam", "occlusion", "lrp")  # fmt: skip
CLASSES = ("clear", "shadow")


def main(arguments: list[str] | None = None) -> dict[str, float]:
    words = options(__doc__, arguments)
    torch.manual_seed(0)
    faint = (0.08, 0.4)
    seen, held = scans(400 if words.quick else 800, 0, faint), scans(300, 1, faint)
    net = fitted(convnet(2, dropout=0.2), seen.pictures, seen.labels, 12 if words.quick else 15)
    model = pl.Model(net, classes=CLASSES)

    sure = pl.mc_dropout(model, held.pictures, passes=20 if words.quick else 50)
    labels = held.labels.numpy()
    accuracy = float((sure.predicted == labels).mean())
    curve = sure.referral(labels)
    kept = float(curve.accuracy[len(labels) // 5])
    print(f"right on {accuracy:.1%} of {len(labels)} pictures kept out (mean of the passes)")
    print(f"{kept:.1%} of the others when the least sure fifth is passed on")
    print(f"a wrong answer is less sure than a right one in {curve.auroc:.0%} of pairs (AUROC)")

    weights = pl.mc_dropout(model, held.pictures, passes=20, thins="dropconnect", rate=0.2)
    dropconnect = weights.referral(labels).auroc
    print(f"with weights of the last layer left out instead (DropConnect): {dropconnect:.0%}")

    rows = np.flatnonzero((labels == 1) & (sure.predicted == 1))
    order = rows[np.argsort(sure.entropy[rows])]
    clear, doubtful = int(order[0]), int(order[-1])
    for name, row in (("sure", clear), ("doubtful", doubtful)):
        mean, entropy = sure.mean[row, 1], sure.entropy[row]
        bald = sure.mutual_information[row]
        print(f"{name}: shadow with {mean:.3f}, entropy {entropy:.3f}, BALD {bald:.4f} nats")

    pair = held.pictures[[clear, doubtful]]
    panel = pl.compare(model, pair, METHODS, 1, names=["sure", "doubtful"], badges=False)
    panel.plot().savefig(words.out / "saliency_panel.png", dpi=130)
    first = [clear, doubtful, *np.setdiff1d(np.arange(len(labels)), [clear, doubtful])]
    ordered = replace(sure, passes=sure.passes[:, first])
    ordered.plot(labels[first], samples=2).savefig(words.out / "saliency_uncertainty.png", dpi=130)

    maps = pl.mc_dropout(model, pair, passes=10 if words.quick else 30, method="grad_cam", target=1)
    assert maps.maps is not None
    spread = maps.maps["standard deviation"]
    ratio = spread.values.max((1, 2)) / maps.maps.values.max((1, 2))
    print(
        "the map's greatest standard deviation, as a share of its maximum: "
        f"{ratio[0]:.2f} for the sure picture, {ratio[1]:.2f} for the doubtful one"
    )
    maps.maps.plot(sample=None).savefig(words.out / "saliency_spread.png", dpi=130)
    return {
        "accuracy": accuracy, "kept": kept, "auroc": curve.auroc, "dropconnect": dropconnect,
        "bald": float(sure.mutual_information.max()), "entropy": float(sure.entropy.max()),
    }  # fmt: skip


if __name__ == "__main__":
    main()
