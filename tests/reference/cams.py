"""Class activation maps written naively: one sample, one channel, one place at a time, float64.

`features(x)` gives the maps `(1, C, *space)` of an input `(1, …)`; `head(maps)` gives `(1, K)`.
Every result is the signed map `(N, *space)` at the layer's size, before any ReLU.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .upsampling import upsample

Array = NDArray[np.float64]
Part = Callable[[Tensor], Tensor]


def _maps(features: Part, x: Tensor) -> list[Array]:
    """The maps `(C, *space)` of every sample."""
    with torch.no_grad():
        return [features(x[n : n + 1])[0].double().numpy().copy() for n in range(len(x))]


def _score(head: Part, maps: Array, index: int) -> float:
    with torch.no_grad():
        return float(head(torch.tensor(maps)[None])[0, index])


def _gradient(head: Part, maps: Array, index: int) -> Array:
    """∂y/∂A, `(C, *space)`."""
    leaf = torch.tensor(maps)[None].requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(head(leaf)[0, index], leaf)
    return gradient[0].numpy()


def _weighted(weights: list[float], maps: Array) -> Array:
    total = np.zeros(maps.shape[1:])
    for weight, channel in zip(weights, maps, strict=True):
        total += weight * channel
    return total


def cam(features: Part, x: Tensor, weight: Array, index: int) -> Array:
    """Σ_k w_k A_k with `weight` `(K, C)` of the linear layer after the mean (Zhou 2016)."""
    return np.stack([_weighted(list(weight[index]), maps) for maps in _maps(features, x)])


def grad_cam(features: Part, head: Part, x: Tensor, index: int) -> Array:
    """Σ_k α_k A_k with α_k = mean over places of ∂y/∂A_k (Selvaraju 2017, eq. 1)."""
    found = []
    for maps in _maps(features, x):
        gradient = _gradient(head, maps, index)
        found.append(_weighted([channel.sum() / channel.size for channel in gradient], maps))
    return np.stack(found)


def grad_cam_plus_plus(features: Part, head: Part, x: Tensor, index: int) -> Array:
    """Σ_k w_k A_k, w_k = Σ_p α_p relu(g_p), α_p = g_p² / (2 g_p² + g_p³ Σ_q A_q), 0 where the
    denominator is 0 (Chattopadhay 2018, eq. 10 and 19; the common factor exp(y) is left out)."""
    found = []
    for maps in _maps(features, x):
        gradient = _gradient(head, maps, index)
        weights = []
        for channel, slopes in zip(maps, gradient, strict=True):
            total, weight = channel.sum(), 0.0
            for g in slopes.ravel():
                below = 2 * g**2 + g**3 * total
                weight += (g**2 / below if below != 0 else 0.0) * max(g, 0.0)
            weights.append(weight)
        found.append(_weighted(weights, maps))
    return np.stack(found)


def layer_cam(features: Part, head: Part, x: Tensor, index: int) -> Array:
    """Σ_k relu(∂y/∂A_k) A_k, place by place (Jiang 2021, eq. 5 and 6)."""
    found = []
    for maps in _maps(features, x):
        gradient = _gradient(head, maps, index)
        total = np.zeros(maps.shape[1:])
        for channel, slopes in zip(maps, gradient, strict=True):
            for place in np.ndindex(channel.shape):
                total[place] += max(slopes[place], 0.0) * channel[place]
        found.append(total)
    return np.stack(found)


def score_cam(
    features: Part, head: Part, x: Tensor, index: int, scale_first: bool = False
) -> Array:
    """Σ_k softmax_k(y(x ⊙ H_k)) A_k with H_k = A_k upsampled to `(N, C, *space)`'s size, then
    scaled to [0, 1] (Wang 2020, algorithm 1); `scale_first` scales before upsampling. A constant
    channel gives an empty mask."""
    found = []
    for n, maps in enumerate(_maps(features, x)):
        scores = []
        for channel in maps:
            low = _unit(channel) if scale_first else channel
            mask = upsample(low, tuple(x.shape[2:]))
            mask = mask if scale_first else _unit(mask)
            seen = x[n : n + 1].double() * torch.tensor(mask)
            with torch.no_grad():
                scores.append(float(head(features(seen))[0, index]))
        powers = [np.exp(score - max(scores)) for score in scores]
        found.append(_weighted([power / sum(powers) for power in powers], maps))
    return np.stack(found)


def _unit(values: Array) -> Array:
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def ablation_cam(features: Part, head: Part, x: Tensor, index: int) -> Array:
    """Σ_k (y − y_k)/|y| A_k with y_k the score when channel k is zero (Ramaswamy 2020, eq. 3)."""
    found = []
    for maps in _maps(features, x):
        clean, weights = _score(head, maps, index), []
        for k in range(len(maps)):
            without = maps.copy()
            without[k] = 0
            weights.append((clean - _score(head, without, index)) / abs(clean))
        found.append(_weighted(weights, maps))
    return np.stack(found)


def eigen_cam(features: Part, x: Tensor) -> Array:
    """A v₁ with v₁ the first right singular vector of A, places × channels, not centred
    (Muhammad & Yeasin 2020); its sign makes the total positive."""
    found = []
    for maps in _maps(features, x):
        places = maps.reshape(len(maps), -1).T
        _, _, right = np.linalg.svd(places)
        projected = (places @ right[0]).reshape(maps.shape[1:])
        found.append(-projected if projected.sum() < 0 else projected)
    return np.stack(found)
