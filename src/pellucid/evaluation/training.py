"""Training small networks, repeatable to the bit and without gradients left behind."""

from collections import deque

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F


def train(
    net: nn.Module,
    x: Tensor,
    labels: Tensor,
    steps: int,
    rate: float,
    generator: Generator,
    *,
    until: float = 0.0,
    batch: int = 64,
) -> nn.Module:
    """`steps` of Adam on the cross-entropy of class numbers `(N,)`, or of several labels `(N, K)`;
    fewer, where the mean loss of the last twenty is below `until`.

    The network comes back in the mode in which it was, without gradients.
    """
    loss_of = F.cross_entropy if labels.ndim == 1 else F.binary_cross_entropy_with_logits
    labels = labels if labels.ndim == 1 else labels.float()
    parameters = list(net.parameters())
    optimiser = torch.optim.Adam(parameters, rate)
    recent: deque[float] = deque(maxlen=20)
    with torch.enable_grad():
        net.requires_grad_(True)
        for _ in range(steps):
            if len(recent) == recent.maxlen and sum(recent) < until * len(recent):
                break
            rows = torch.randint(len(x), (min(batch, len(x)),), generator=generator)
            loss = loss_of(net(x[rows]), labels[rows])
            for parameter, gradient in zip(
                parameters, torch.autograd.grad(loss, parameters), strict=True
            ):
                parameter.grad = gradient
            optimiser.step()
            recent.append(float(loss.detach()))
    optimiser.zero_grad()
    return net.requires_grad_(False)
