"""The conformance kit rejects plug-ins with one fault each, and names the check that found it."""

from dataclasses import replace
from typing import Annotated, Any

import numpy as np
import pydantic
import pytest
import torch

from pellucid import Attribution, Card, Method, method
from pellucid.core.call import Call
from pellucid.core.checks import Check
from pellucid.core.pixels import input_maps
from pellucid.testing import check_method, checks_for

CARD = Card(
    name="saliency_like", title="Saliency-like", paper="a test", modalities=("image", "table")
)


def gradient_of(call: Call) -> dict[str, torch.Tensor]:
    return call.input_gradient()[1]


@method(CARD)
class Sound(Method):
    """The gradient."""

    scale: Annotated[float, pydantic.Field(gt=0)] = 1.0
    """Factor."""

    def attribute(self, call: Call) -> Attribution:
        return input_maps(call, {n: self.scale * g for n, g in gradient_of(call).items()})


@method(CARD)
class SwappedAxes(Method):
    """Height and width exchanged."""

    def attribute(self, call: Call) -> Attribution:
        values = {n: g.movedim(-1, 1) if g.ndim == 4 else g for n, g in gradient_of(call).items()}
        return input_maps(call, values)


@method(CARD)
class Mixing(Method):
    """Divides by the largest value of the whole batch."""

    def attribute(self, call: Call) -> Attribution:
        return input_maps(call, {n: g / g.abs().max() for n, g in gradient_of(call).items()})


@method(CARD)
class ByPosition(Method):
    """The first sample counts twice."""

    def attribute(self, call: Call) -> Attribution:
        values = gradient_of(call)
        for g in values.values():
            g[:1] *= 2
        return input_maps(call, values)


@method(CARD)
class SecretlyRandom(Method):
    """Draws without saying so."""

    def attribute(self, call: Call) -> Attribution:
        draw = torch.randn((), generator=call.generator())
        return input_maps(call, {n: g * draw for n, g in gradient_of(call).items()})


@method(replace(CARD, randomised=True))
class DeafToSeeds(Method):
    """Says that it draws, but gives the same for every seed."""

    def attribute(self, call: Call) -> Attribution:
        return input_maps(call, gradient_of(call))


@method(replace(CARD, randomised=True))
class Unseeded(Method):
    """Draws from a generator that no seed reaches."""

    def attribute(self, call: Call) -> Attribution:
        draw = np.random.default_rng().standard_normal()
        return input_maps(call, {n: g * draw for n, g in gradient_of(call).items()})


@method(CARD)
class LeavesHooks(Method):
    """Forgets a hook in the network."""

    def attribute(self, call: Call) -> Attribution:
        attach = next(call.model.module.children()).register_forward_hook
        attach(lambda *_: None)
        return input_maps(call, gradient_of(call))


@method(CARD)
class Backwards(Method):
    """Takes gradients by `.backward()`, so that the weights have some afterwards."""

    def attribute(self, call: Call) -> Attribution:
        x = call.inputs.explained[call.inputs.main].clone().requires_grad_()
        with torch.enable_grad():
            raw = call.forward(call.inputs.replaced({call.inputs.main: x}))
            call.scores(raw).sum().backward()
        assert x.grad is not None
        return input_maps(call, {call.inputs.main: x.grad})


@method(CARD)
class Trains(Method):
    """Nudges a weight."""

    def attribute(self, call: Call) -> Attribution:
        with torch.no_grad():
            for parameter in call.model.module.parameters():
                parameter.mul_(1.001)
        return input_maps(call, gradient_of(call))


@method(CARD)
class ForgivesTargets(Method):
    """Explains class 0 where the class does not exist."""

    def attribute(self, call: Call) -> Attribution:
        x = call.inputs.explained[call.inputs.main].clone().requires_grad_()
        with torch.enable_grad():
            raw = call.forward(call.inputs.replaced({call.inputs.main: x}))
            (g,) = torch.autograd.grad(raw[:, 0].sum(), x)
        return input_maps(call, {call.inputs.main: g})


@method(CARD)
class DividesByZero(Method):
    """NaN where the gradient vanishes."""

    def attribute(self, call: Call) -> Attribution:
        values = gradient_of(call)
        return input_maps(call, {n: g / g.abs().sum() for n, g in values.items()})


@method(replace(CARD, promises=("completeness",)))
class Incomplete(Method):
    """Promises completeness, and says that it is kept."""

    def attribute(self, call: Call) -> Attribution:
        found = input_maps(call, gradient_of(call))
        found.checks = [Check("completeness gap", 0.0, "ok", "It adds up.")]
        return found


@method(replace(CARD, promises=("completeness",)))
class Unmeasured(Method):
    """Promises completeness and does not measure it."""

    def attribute(self, call: Call) -> Attribution:
        return input_maps(call, gradient_of(call))


@method(replace(CARD, promises=("linear_exact",)))
class Rectified(Method):
    """Shows only what speaks for the target, but promises w · x."""

    def attribute(self, call: Call) -> Attribution:
        x = call.inputs.explained
        return input_maps(call, {n: (x[n] * g).relu() for n, g in gradient_of(call).items()})


@method(replace(CARD, promises=("eternal_truth",)))
class Boasts(Method):
    """Promises what nobody can check."""

    def attribute(self, call: Call) -> Attribution:
        return input_maps(call, gradient_of(call))


@method(CARD)
class Undescribed(Method):
    """A parameter that says nothing about itself."""

    scale: float = 1.0

    def attribute(self, call: Call) -> Attribution:
        return input_maps(call, {n: self.scale * g for n, g in gradient_of(call).items()})


@method(CARD)
class SquareOnly(Method):
    """Gives a square, whatever the input is."""

    def attribute(self, call: Call) -> Attribution:
        values = {
            n: g[..., : g.shape[-2]] if g.ndim == 4 else g for n, g in gradient_of(call).items()
        }
        return input_maps(call, values)


@method(replace(CARD, paper=""))
class Sourceless(Method):
    """No paper."""

    def attribute(self, call: Call) -> Attribution:
        return input_maps(call, gradient_of(call))


@method(CARD)
class TouchesGlobals(Method):
    """Seeds the process."""

    def attribute(self, call: Call) -> Attribution:
        torch.set_default_dtype(torch.float64)
        return input_maps(call, gradient_of(call))


FAULTS: dict[type[Method], str] = {
    SwappedAxes: "declared_result",
    Mixing: "batch_equals_singles",
    ByPosition: "order_does_not_matter",
    SecretlyRandom: "seed_decides",
    DeafToSeeds: "seed_decides",
    Unseeded: "seed_decides",
    LeavesHooks: "leaves_no_trace",
    Backwards: "leaves_no_trace",
    Trains: "leaves_no_trace",
    TouchesGlobals: "leaves_no_trace",
    ForgivesTargets: "refuses_bad_target",
    DividesByZero: "constant_model",
    Incomplete: "promise_completeness",
    Unmeasured: "promise_completeness",
    Rectified: "promise_linear_exact",
    Boasts: "promise_eternal_truth",
    Undescribed: "described_parameters",
    SquareOnly: "other_sizes_and_modalities",
    Sourceless: "complete_card",
}


@pytest.fixture(autouse=True)
def _own_dtype() -> Any:
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("faulty", FAULTS, ids=lambda cls: cls.__name__)
def test_a_fault_is_found_by_the_check_that_looks_for_it(faulty: type[Method]) -> None:
    check = next(check for check in checks_for(faulty) if check.name == FAULTS[faulty])
    with pytest.raises(AssertionError, match=f"fails {FAULTS[faulty]}: "):
        check()


def test_a_sound_plugin_passes() -> None:
    check_method(Sound)
    check_method(Sound(scale=2.0))


def test_check_method_names_every_check_that_fails() -> None:
    with pytest.raises(AssertionError) as caught:
        check_method(Mixing)
    assert "batch_equals_singles" in str(caught.value)
    assert "constant_model" in str(caught.value)  # 0 / 0
    assert "seed_decides" not in str(caught.value)
