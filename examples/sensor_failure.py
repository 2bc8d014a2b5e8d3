"""Normal, or a sensor failure? Waveforms of different lengths, a 1-D CNN, Grad-CAM and LIME.

    python examples/sensor_failure.py --out figures

Three sensors record a sum of sines and noise, for 1.2 to 2 seconds. In a failure a small burst is
added to one of them, for a quarter of a second. The network is told only which recordings are
failures. Where does it look? Writes `sensor_failure_grad_cam.png` and `sensor_failure_lime.png`.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from small_nets import fitted, options, probabilities
from torch import Tensor, nn

import pellucid as pl

RATE = 100
"""Steps a second."""

CHANNELS = ("pressure", "flow", "torque")
CLASSES = ("normal", "sensor failure")
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Recordings:
    """Waveforms `(channels, time)`, whether each is a failure, and of each its channel and from
    and to which step it is (of what would be one, where it is none)."""

    waves: list[Floats]
    labels: Tensor
    channel: list[int]
    window: list[tuple[int, int]]

    def padded(self) -> tuple[Tensor, Tensor]:
        """`(N, channels, longest)`, zero behind the end of each, and the mask `(N, longest)`."""
        whole, mask = pl.Series(tuple(self.waves)).padded()
        return torch.from_numpy(whole), torch.from_numpy(mask)

    def series(self, rows: list[int]) -> pl.Series:
        """Some of them, with their times in seconds."""
        waves = tuple(self.waves[row] for row in rows)
        times = tuple(np.arange(wave.shape[1]) / RATE for wave in waves)
        names = tuple(f"recording {row}" for row in rows)
        return pl.Series(waves, times, CHANNELS, "time (s)", names)


def recordings(n: int, seed: int) -> Recordings:
    """Every other one is a failure."""
    random = np.random.default_rng(seed)
    found = Recordings([], torch.arange(n) % 2, [], [])
    for label in found.labels.tolist():
        length = int(random.choice(np.arange(120, 201, 8)))
        time = np.arange(length) / RATE
        wave = 0.15 * random.standard_normal((len(CHANNELS), length))
        for row in wave:
            for frequency in random.uniform(0.5, 4, 3):
                row += random.uniform(0.3, 0.7) * np.sin(
                    2 * np.pi * (frequency * time + random.random())
                )
        channel, width = int(random.integers(len(CHANNELS))), 25
        start = int(random.integers(0, length - width))
        burst = np.hanning(width) * np.sin(2 * np.pi * 20 * np.arange(width) / RATE)
        wave[channel, start : start + width] += label * random.uniform(0.5, 0.9) * burst
        found.waves.append(wave.astype(np.float32))
        found.channel.append(channel)
        found.window.append((start, start + width))
    return found


class Network(nn.Module):
    """Three convolutions, then the maximum over time.

    What lies behind a recording's end is set to zero after every layer, so that padding changes
    nothing; no step has less than that.
    """

    def __init__(self) -> None:
        super().__init__()
        sizes = [(len(CHANNELS), 16, 7), (16, 32, 5), (32, 32, 5)]
        self.layers = nn.ModuleList(nn.Conv1d(i, o, k, padding=k // 2) for i, o, k in sizes)
        self.head = nn.Linear(32, len(CLASSES))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        there = mask[:, None].to(x.dtype)
        for layer in self.layers:
            x = layer(x).relu() * there
        return self.head(x.amax(2))


def share_near(e: pl.Explanation, windows: list[tuple[int, int]], reach: int) -> Floats:
    """Of each map the share of its positive mass that lies within the window, or `reach` steps from
    it."""
    positive = np.maximum(e.values, 0)
    positive = positive.sum(1) if positive.ndim == 3 else positive
    steps = np.arange(positive.shape[1])
    near = [(steps >= start - reach) & (steps < end + reach) for start, end in windows]
    return (positive * near).sum(1) / positive.sum(1)


def main(arguments: list[str] | None = None) -> dict[str, float]:
    words = options(__doc__, arguments)
    torch.manual_seed(0)
    seen, held = recordings(600 if words.quick else 1000, 0), recordings(200, 1)
    x, mask = seen.padded()
    net = fitted(Network(), x, seen.labels, 12 if words.quick else 20, mask)
    answers = probabilities(net, *held.padded()).argmax(1)
    accuracy = float((answers == held.labels).float().mean())
    print(f"right on {accuracy:.1%} of {len(answers)} recordings kept out")

    found = [i for i in range(len(answers)) if held.labels[i] == 1 and answers[i] == 1]
    model = pl.Model(net, classes=CLASSES)
    cam = pl.explain(model, held.series(found), "grad_cam", 1)
    reach = int(cam.record["receptive_field"])
    shares = share_near(cam, [held.window[i] for i in found], reach)
    print(
        f"Grad-CAM: {shares.mean():.2f} of the positive mass (median {np.median(shares):.2f}) lies "
        f"within the failure or {reach} steps, the receptive field, of it; {len(found)} failures"
    )

    few = found[: 4 if words.quick else 12]
    lime = pl.explain(
        model, held.series(few), "lime", 1, space="logit", count=16, each_channel=True, n_features=4
    )
    near = share_near(lime, [held.window[i] for i in few], reach)
    strongest = np.maximum(lime.values, 0).sum(2).argmax(1)
    channel = float(np.mean(strongest == [held.channel[i] for i in few]))
    print(
        f"LIME, the 4 strongest slices: {near.mean():.2f} of the positive mass there; "
        f"the right sensor for {channel:.0%} of {len(few)}"
    )

    cam[0].plot().savefig(words.out / "sensor_failure_grad_cam.png", dpi=150)
    lime[0].plot().savefig(words.out / "sensor_failure_lime.png", dpi=150)
    start, end = held.window[few[0]]
    print(
        f"the failure drawn: {CHANNELS[held.channel[few[0]]]}, "
        f"{start / RATE:.2f} to {end / RATE:.2f} s"
    )
    chance = np.mean([
        (min(end + reach, held.waves[i].shape[1]) - max(start - reach, 0)) / held.waves[i].shape[1]
        for i in found for start, end in [held.window[i]]
    ])  # fmt: skip
    print(f"a map of one value would have {chance:.2f} there")
    return {
        "accuracy": accuracy, "mass": float(shares.mean()), "chance": float(chance),
        "lime": float(near.mean()), "channel": channel,
    }  # fmt: skip


if __name__ == "__main__":
    main()
