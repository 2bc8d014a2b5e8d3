"""Backward passes of a stack of conv, ReLU and linear layers, with loops and without autograd."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Conv:
    """`(C, H, W)` to `(K, H', W')`, weight `(K, C, h, w)`, bias `(K,)`; zeros are padded."""

    weight: Array
    bias: Array
    stride: int = 1
    padding: int = 0

    def forward(self, x: Array) -> Array:
        """The convolution."""
        p, s, (h, w) = self.padding, self.stride, self.weight.shape[2:]
        x = np.pad(x, ((0, 0), (p, p), (p, p)))
        rows, columns = (x.shape[1] - h) // s + 1, (x.shape[2] - w) // s + 1
        out = np.zeros((len(self.weight), rows, columns))
        for k, i, j in np.ndindex(out.shape):
            seen = x[:, i * s : i * s + h, j * s : j * s + w]
            out[k, i, j] = (self.weight[k] * seen).sum() + self.bias[k]
        return out

    def backward(self, x: Array, above: Array, rule: str) -> Array:
        """Every output hands its gradient back through the window that it saw."""
        p, s, (h, w) = self.padding, self.stride, self.weight.shape[2:]
        below = np.zeros((x.shape[0], x.shape[1] + 2 * p, x.shape[2] + 2 * p))
        for k, i, j in np.ndindex(above.shape):
            window = below[:, i * s : i * s + h, j * s : j * s + w]
            window += above[k, i, j] * self.weight[k]
        return below[:, p : p + x.shape[1], p : p + x.shape[2]]


@dataclass(frozen=True)
class ReLU:
    """max(x, 0) of any shape."""

    def forward(self, x: Array) -> Array:
        """The positive part."""
        return np.maximum(x, 0)

    def backward(self, x: Array, above: Array, rule: str) -> Array:
        """`gradient`: where x > 0; `deconvnet`: where the gradient > 0; `guided`: where both."""
        passes = {
            "gradient": x > 0,
            "deconvnet": above > 0,
            "guided": (x > 0) & (above > 0),
        }
        return np.where(passes[rule], above, 0.0)


@dataclass(frozen=True)
class Linear:
    """Any shape, flattened to `(F,)`, to `(K,)`; weight `(K, F)`, bias `(K,)`."""

    weight: Array
    bias: Array

    def forward(self, x: Array) -> Array:
        """W x + b."""
        return self.weight @ x.ravel() + self.bias

    def backward(self, x: Array, above: Array, rule: str) -> Array:
        """Wᵀ g in the input's shape."""
        return (self.weight.T @ above).reshape(x.shape)


@dataclass(frozen=True)
class GlobalMean:
    """`(C, H, W)` to `(C,)`."""

    def forward(self, x: Array) -> Array:
        """The mean over places."""
        return x.mean((1, 2))

    def backward(self, x: Array, above: Array, rule: str) -> Array:
        """Every place gets an equal share."""
        return np.broadcast_to(above[:, None, None], x.shape) / (x.shape[1] * x.shape[2])


Layer = Conv | ReLU | Linear | GlobalMean


def forward(layers: Sequence[Layer], x: Array) -> Array:
    """The output `(K,)` of one sample `(C, H, W)`."""
    for layer in layers:
        x = layer.forward(x)
    return x


def backward(layers: Sequence[Layer], x: Array, index: int, rule: str = "gradient") -> Array:
    """What output `index` sends back to one sample `(C, H, W)` under the ReLU rule `gradient`,
    `guided` (Springenberg 2014) or `deconvnet` (Zeiler & Fergus 2014)."""
    seen = [np.asarray(x, np.float64)]
    for layer in layers:
        seen.append(layer.forward(seen[-1]))
    signal = np.zeros(seen[-1].shape)
    signal[index] = 1.0
    for layer, given in zip(reversed(layers), reversed(seen[:-1]), strict=True):
        signal = layer.backward(given, signal, rule)
    return signal


def guided_backprop(layers: Sequence[Layer], x: Array, index: int) -> Array:
    """Guided backpropagation of one sample `(C, H, W)`."""
    return backward(layers, x, index, "guided")


def deconvnet(layers: Sequence[Layer], x: Array, index: int) -> Array:
    """The deconvolutional network of one sample `(C, H, W)`."""
    return backward(layers, x, index, "deconvnet")
