"""Every method keeps the public contract."""

import pytest
import torch

import pellucid as pl
from pellucid.core import registry
from pellucid.core.inputs import Inputs
from pellucid.core.structure import leaves, spell
from pellucid.methods.expected_gradients import ExpectedGradients
from pellucid.testing import check_method, checks_for


def with_zero_background(x) -> ExpectedGradients:
    inputs = {spell(path) or "input": tensor for path, tensor in leaves(Inputs.of(x).value)}
    return ExpectedGradients(
        background={name: torch.zeros_like(t[:1]).repeat(4, *[1] * (t.ndim - 1))
                    for name, t in inputs.items()},
        n_samples=40,
    )  # fmt: skip


WITH_DATA = {"expected_gradients": with_zero_background}
"""Methods that need data, and how to give it; the promises are checked for the baseline zero."""

SHORT = {
    "deep_dream": pl.DeepDream(steps=2, octaves=2),
    "feature_visualization": pl.FeatureVisualization(steps=4),
    "kernel_shap": pl.KernelSHAP(n_samples=256),
    "lime": pl.LIME(n_samples=256, interactions=False),
    "rise": pl.RISE(n_masks=400),
}
"""Methods that take many steps or samples, with few."""

GIVEN = {**WITH_DATA, **SHORT}

CHECKS = [check for name in registry.names() for check in checks_for(GIVEN.get(name, name))]


@pytest.mark.parametrize("check", CHECKS, ids=repr)
def test_contract(check) -> None:
    check()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kernel_shap", "lime", "rise"])
def test_contract_with_the_default_number_of_samples(name: str) -> None:
    check_method(name)


def test_every_method_is_checked() -> None:
    assert {check.method for check in CHECKS} == set(registry.names())


@pytest.mark.parametrize("name", registry.names())
def test_promises_are_checked(name: str) -> None:
    promised = {f"promise_{promise}" for promise in registry.card(name).promises}
    assert promised <= {c.name for c in CHECKS if c.method == name}


def test_check_method_accepts_names_and_classes() -> None:
    check_method("input_x_gradient")
    check_method(registry.get("input_x_gradient"))
