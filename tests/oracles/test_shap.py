"""The same Shapley values as shap, shapiq and Captum."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.methods.kernel_shap import KernelSHAP
from pellucid.testing.nets import built

pytestmark = pytest.mark.filterwarnings("ignore")

X = torch.randn(3, 9, generator=torch.Generator().manual_seed(0))
DATA = torch.randn(6, 9, generator=torch.Generator().manual_seed(1))


def make() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Linear(9, 32), nn.ReLU(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 3)),
    )


NET = built(make)


def probabilities(x: Any) -> np.ndarray:
    with torch.no_grad():
        found: np.ndarray = NET(torch.as_tensor(x).float()).softmax(1).numpy()
    return found


@pytest.mark.parametrize("method", ["shapley", "kernel_shap"])
def test_shap_with_every_coalition(method: str) -> None:
    shap = pytest.importorskip("shap", reason="shap is an oracle")
    explainer = shap.KernelExplainer(probabilities, DATA.numpy())
    theirs = explainer.shap_values(X.numpy(), nsamples=2**9, l1_reg=False, silent=True)
    ours = pl.explain(NET, X, method, target=pl.Class([0, 1, 2]), background=DATA)
    np.testing.assert_allclose(ours.values.reshape(3, 3, 9).transpose(0, 2, 1), theirs, atol=2e-5)


def test_shap_within_standard_errors() -> None:
    shap = pytest.importorskip("shap", reason="shap is an oracle")
    explainer = shap.KernelExplainer(probabilities, np.zeros((1, 9)))
    theirs = explainer.shap_values(X.numpy(), nsamples=2**9, l1_reg=False, silent=True)
    ours = pl.explain(NET, X, KernelSHAP(n_samples=120, tolerance=None), target=1)
    assert (np.abs(ours.values - theirs[..., 1]) <= 4 * ours.std_error + 1e-5).all()
    assert ours.std_error.any()


def test_shapiq_with_every_coalition() -> None:
    shapiq = pytest.importorskip("shapiq", reason="shapiq is an oracle")

    def game(coalitions: np.ndarray) -> np.ndarray:
        present = torch.as_tensor(coalitions)
        return probabilities(torch.where(present, X[0], 0.0))[:, 1]

    theirs = shapiq.ExactComputer(n_players=9, game=game)("SV").get_n_order_values(1)
    ours = pl.explain(NET, X[:1], "shapley", target=1)
    np.testing.assert_allclose(ours.values[0], theirs, atol=2e-5)


@pytest.mark.parametrize("segments", [None, [0, 0, 1, 1, 2, 2, 3, 3, 3]])
def test_captum_over_many_orders(segments: Any) -> None:
    captum = pytest.importorskip("captum.attr", reason="captum is an oracle")
    torch.manual_seed(0)

    def f(x: Tensor) -> Tensor:
        return NET(x).softmax(1)

    mask = None if segments is None else torch.tensor([segments])
    theirs = captum.ShapleyValueSampling(f).attribute(
        X, target=1, n_samples=400, feature_mask=mask, perturbations_per_eval=64
    )
    given = {} if segments is None else {"segments": np.array(segments)}
    ours = pl.explain(NET, X, "shapley", target=1, **given)
    np.testing.assert_allclose(ours.values, theirs.detach().numpy(), atol=0.03)
