"""Models trained in seconds on data that lie inside scikit-learn, the same every time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

Array = NDArray[Any]
SIDE = 32
TRAINING = 1500
"""Digits to train on; the explained ones are beyond."""


@dataclass
class Counted:
    """A predictor that counts the rows it was asked for."""

    predict: Callable[[Array], Array]
    rows: int = field(default=0)

    def __call__(self, x: Array) -> Array:
        self.rows += len(x)
        return self.predict(x)


def digits() -> tuple[nn.Module, Tensor]:
    """A convolutional network for digits of 32 × 32 pixels, and three that it has not seen."""
    from sklearn.datasets import load_digits

    data = load_digits()
    small = torch.tensor(data.images, dtype=torch.float32)[:, None] / 16
    x, y = F.interpolate(small, (SIDE, SIDE), mode="bilinear"), torch.tensor(data.target)
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU()),
        *(nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU()),
        *(nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 10)),
    )
    optimiser = torch.optim.Adam(net.parameters(), 2e-3)
    for _ in range(12):
        for rows in torch.randperm(TRAINING).split(64):
            loss = F.cross_entropy(net(x[rows]), y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return net.eval().requires_grad_(False), x[[1600, 1650, 1700]]


def photograph(side: int = 96) -> tuple[nn.Module, Tensor]:
    """EfficientNet-Lite0 with its trained weights, and a photograph of a cat made small."""
    import nets

    net = nets.build(nets.TRAINED).requires_grad_(False)
    x = F.interpolate(nets.image(nets.TRAINED), (side, side), mode="area")
    return net, x


@dataclass(frozen=True)
class Table:
    """A model of a table, three rows to explain, ten rows as background, and the exact Shapley
    values of the first output column explained."""

    predict: Callable[[Array], Array]
    rows: Array
    background: Array
    truth: Array
    column: int
    classes: bool = True


def forest(name: str) -> Table:
    """A random forest; its Shapley values by the exact algorithm for trees."""
    import shap
    from sklearn import datasets, ensemble

    data = getattr(datasets, f"load_{name}")()
    x, classes = data.data.astype(np.float32).astype(float), name != "diabetes"
    kind = ensemble.RandomForestClassifier if classes else ensemble.RandomForestRegressor
    model = kind(n_estimators=30, max_depth=8, random_state=0, n_jobs=1).fit(
        x[30:], data.target[30:]
    )
    rows, background = x[:3], x[40:400:36]
    exact = shap.TreeExplainer(model, background, feature_perturbation="interventional")
    truth = np.asarray(exact.shap_values(rows, check_additivity=False))
    if classes:
        return Table(model.predict_proba, rows, background, truth[..., 1], 1)
    return Table(lambda a: model.predict(a)[:, None], rows, background, truth, 0, classes=False)


def wine() -> Table:
    """A small neural network on 13 features; its Shapley values by all 8192 coalitions."""
    from sklearn.datasets import load_wine
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = load_wine(return_X_y=True)
    model = make_pipeline(StandardScaler(), MLPClassifier((32, 32), max_iter=400, random_state=0))
    model.fit(x[3:], y[3:])
    rows, background = x[[0, 70, 150]], x[10:170:16]
    truth = np.stack([enumerated(lambda a: model.predict_proba(a)[:, 0], row, background)
                      for row in rows])  # fmt: skip
    return Table(model.predict_proba, rows, background, truth, 0)


def enumerated(score: Callable[[Array], Array], row: Array, background: Array) -> Array:
    """Shapley values of one row by definition, absent features taken from every background row."""
    from math import factorial

    d = len(row)
    held = np.arange(2**d)[:, None] >> np.arange(d) & 1
    game = np.zeros(2**d)
    for b in background:
        game += score(np.where(held == 1, row, b)) / len(background)
    size = held.sum(1)
    weight = np.array([factorial(s) * factorial(d - s - 1) / factorial(d) for s in range(d)])
    found = np.zeros(d)
    for j in range(d):
        without = np.flatnonzero(held[:, j] == 0)
        found[j] = (weight[size[without]] * (game[without + 2**j] - game[without])).sum()
    return found


TABLES: dict[str, Callable[[], Table]] = {
    "diabetes": lambda: forest("diabetes"),
    "wine": wine,
    "breast_cancer": lambda: forest("breast_cancer"),
}
PICTURES: dict[str, Callable[[], tuple[nn.Module, Tensor]]] = {
    "digits": digits,
    "digits, fine": digits,
    "photograph": photograph,
}
