"""Approximate nearest neighbours of very many points, by a library."""

from importlib.util import find_spec

import numpy as np
import torch
from torch import Tensor

from ..core.extras import require


def is_installed() -> bool:
    """Whether the extra `neighbours` is there."""
    return find_spec("pynndescent") is not None


def approximate_neighbours(points: Tensor, k: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Distances and numbers `(point, k)` of about the k nearest others, by NN-descent."""
    library = require("pynndescent", "Finding approximate neighbours", "'pellucid[neighbours]'")
    index = library.NNDescent(points.cpu().numpy(), n_neighbors=k + 1, random_state=seed)
    numbers, distances = index.neighbor_graph
    own = numbers == np.arange(len(numbers))[:, None]
    own[~own.any(1), -1] = True
    shape = len(numbers), k
    return (
        torch.from_numpy(distances[~own].reshape(shape)).to(points),
        torch.from_numpy(numbers[~own].reshape(shape).astype(np.int64)).to(points.device),
    )
