"""Occlusion maps of a small grayscale network: what it loses when part of a picture is hidden.

    python examples/grayscale_occlusion.py --out figures

A network of a few thousand weights tells handwritten digits apart (scikit-learn's, one channel,
drawn at 32 × 32). Every window of the picture is covered in turn with paper, the value 0; the map
is how far the probability of the digit falls. Windows over ink should count more than windows over
paper. Writes `grayscale_occlusion.png`.
"""

import numpy as np
import torch
from sklearn.datasets import load_digits
from small_nets import convnet, fitted, options, probabilities

import pellucid as pl


def digits() -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures `(1797, 1, 32, 32)` from 0 (paper) to 1 (ink), and the digits `(1797,)`."""
    data = load_digits()
    small = torch.tensor(data.images, dtype=torch.float32)[:, None] / 16
    large = torch.nn.functional.interpolate(small, (32, 32), mode="bicubic", align_corners=False)
    return large.clamp(0, 1), torch.tensor(data.target)


def main(arguments: list[str] | None = None) -> dict[str, float]:
    words = options(__doc__, arguments)
    torch.manual_seed(0)
    x, y = digits()
    seen, held = slice(0, 1000 if words.quick else 1400), slice(1400, None)
    net = fitted(convnet(10), x[seen], y[seen], 12 if words.quick else 15)
    answers = probabilities(net, x[held]).argmax(1)
    accuracy = float((answers == y[held]).float().mean())
    weights = sum(p.numel() for p in net.parameters())
    print(f"{weights} parameters; right on {accuracy:.1%} of {len(answers)} digits kept out")

    right = torch.arange(len(x))[held][answers == y[held]]
    rows = [int(right[y[right] == digit][0]) for digit in range(10)]
    model = pl.Model(net, classes=[f"digit {k}" for k in range(10)])
    e = pl.explain(model, x[rows], "occlusion", window=8, stride=2)
    ink = x[rows, 0].numpy()
    over_ink = float((e.values * ink).sum() / ink.sum())
    over_paper = float((e.values * (1 - ink)).sum() / (1 - ink).sum())
    print(f"mean drop of the probability: {over_ink:.3f} over ink, {over_paper:.3f} over paper")
    turned = [np.unique(found) for found in e.record["class_when_occluded"]]
    for digit, found in enumerate(turned):
        others = [str(k) for k in found if k != digit]
        print(f"{digit} is taken for {', '.join(others) or 'nothing else'} under some window")
    figure = e[[2, 3, 4]].plot(sample=None)
    figure.suptitle(f"a network of {weights} parameters", fontsize=9)
    figure.savefig(words.out / "grayscale_occlusion.png", dpi=110)
    return {
        "accuracy": accuracy, "parameters": weights, "ink": over_ink, "paper": over_paper
    }  # fmt: skip


if __name__ == "__main__":
    main()
