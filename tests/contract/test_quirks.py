"""Every method on every model of the quirk matrix: equal to the plain twin, or refused as written
here; and nothing is left behind.

Methods and models come from their registries, so that a new one of either enters by existing.
"""

import re
import warnings
from typing import Any

import numpy as np
import pytest

import pellucid as pl
from contract.test_methods import WITH_DATA
from pellucid.core import registry
from pellucid.testing import unchanged
from pellucid.testing.behaviour import arrays
from pellucid.testing.quirks import QUIRKS, Quirk

Changed = dict[str, Any]
"""Parameters other than those that all quirks are tried with."""

METHODS = registry.names()
LAYERS = [name for name in METHODS if registry.card(name).access == "layers"]
GRADIENTS = [name for name in METHODS if registry.card(name).access == "gradients"]
TARGETLESS = [name for name in METHODS if not registry.card(name).needs_target]
RULES = ["lrp", "deeplift"]
"""They propagate by rules of their own, without gradients through the network."""
RECTIFIED = ["guided_backprop", "deconvnet", "guided_grad_cam"]

GAP = r"CAM needs global average pooling followed by one linear layer"
NO_MAP = "No layer has a spatial map"
NO_RELU = "defined for ReLU only"

REFUSED: dict[str, dict[str, list[str]]] = {
    "two_heads_unsaid": {
        "not one table of scores": ["cam"],
        "Which output holds the scores": [n for n in METHODS if n not in ("cam", *TARGETLESS)],
    },
    "nan_weights": {r"NaN|not finite|infinite": METHODS},
    "silu": {f"{NO_RELU}.*SiLU": RECTIFIED},
    "swin_like": {f"{NO_RELU}.*GELU": RECTIFIED},
    "convnext_like": {GAP: ["cam"], f"{NO_RELU}.*GELU": RECTIFIED},
    "vit_cls": {GAP: ["cam"], f"{NO_RELU}.*GELU": RECTIFIED},
    "vit_registers": {GAP: ["cam"], f"{NO_RELU}.*GELU": RECTIFIED},
    "vit_softmax": {GAP: ["cam"], f"{NO_RELU}.*GELU": RECTIFIED},
    "cait_like": {GAP: ["cam"], f"{NO_RELU}.*GELU": RECTIFIED},
    "vit_gap": {f"{NO_RELU}.*GELU": RECTIFIED},
    "nograd_forward": {
        "No gradient reaches the input": [
            *(n for n in GRADIENTS if n not in RULES), "guided_grad_cam", "deep_dream"
        ]
    },
    "traced": {
        GAP: ["cam"],
        "TorchScript": [n for n in [*LAYERS, *RECTIFIED] if n != "cam"],
    },
    "mlp": {GAP: ["cam"], NO_MAP: [n for n in LAYERS if n != "cam"]},
    "tab_mixed": {GAP: ["cam"], NO_MAP: [n for n in LAYERS if n != "cam"]},
    "two_relu_toy": {GAP: ["cam"], NO_MAP: [n for n in LAYERS if n != "cam"]},
    "packed_rnn": {
        GAP: ["cam"],
        NO_MAP: [n for n in LAYERS if n != "cam"],
        "no ReLU": ["guided_backprop", "deconvnet"],
    },
    "embed_lstm": {
        GAP: ["cam"],
        "No input is floating point": ["guided_grad_cam", "deep_dream", "feature_visualization"],
        "no ReLU": ["guided_backprop", "deconvnet"],
        "token ids": ["score_cam", "rise"],
    },
    **{
        name: {GAP: ["cam"]}
        for name in ("seg", "seg_1ch", "det_list", "siamese", "two_input", "dict_input",
                     "lstm_cnn", "one_conv", "vgg_like", "se_net", "unet")
    },
}  # fmt: skip
"""What each model's refusals say, and the methods that give them."""

LOOSER = {
    ("traced", "integrated_gradients"): 0.05,  # the ReLUs inside cannot be averaged over cells
    # Its weights are shares of the score, here 0.002: rounding by 7e-7 turns all of them by 4e-4.
    ("vit_registers", "ablation_cam"): 1e-3,
    # ε rules divide by sums near zero, which the two orders of summation round differently.
    **{(name, "lrp"): 1e-3 for name in ("vit_cls", "vit_gap", "vit_registers", "cait_like")},
    ("half", "expected_gradients"): 0.05,  # rounding moves points to the other side of a kink
    ("half", "smooth_grad"): 0.05,
    ("half", "feature_visualization"): 0.3,  # Adam's steps are as large where gradients are tiny
    ("bf16", "feature_visualization"): 0.6,
    ("bf16", "expected_gradients"): 0.2,
    ("bf16", "smooth_grad"): 0.3,
}
"""Where a twin may differ by more than the quirk's tolerance, relative to the greatest value."""

SAID = {
    # A composite tells convolutions from linear layers, which are twins here.
    ("seg", "lrp"): {"composite": "epsilon"},
    ("seg_1ch", "lrp"): {"composite": "epsilon"},
    ("convnext_like", "lrp"): {"composite": "epsilon"},
}
"""Parameters without which two spellings of one network are two networks to a method."""

FEW = {
    "smooth_grad": {"n_samples": 4},
    "integrated_gradients": {"max_steps": 32},
    "kernel_shap": {"n_samples": 256, "tolerance": None},
    "lime": {"n_samples": 256, "interactions": False},
    "occlusion": {"window": 4, "stride": 3},
    "rise": {"n_masks": 200, "tolerance": 0.0},
    "deep_dream": {"steps": 1, "octaves": 2},
    "feature_visualization": {"steps": 2},
}


def made(name: str, x: Any, quirk: Quirk, changed: Changed) -> Any:
    if name in WITH_DATA:
        return WITH_DATA[name](x)
    return registry.create(name, FEW.get(name, {}) | SAID.get((quirk.name, name), {}) | changed)


def explained(
    model: Any, x: Any, name: str, target: Any, options: Any, quirk: Quirk, changed: Changed
) -> pl.Explanation:
    return pl.explain(pl.Model(model, **options), x, made(name, x, quirk, changed), target=target)


def refusal(quirk: str, method: str) -> str | None:
    found = [text for text, names in REFUSED.get(quirk, {}).items() if method in names]
    return found[-1] if found else None


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("quirk", QUIRKS.values(), ids=QUIRKS)
def test_equal_to_the_twin_or_refused(quirk: Quirk, method: str) -> None:
    equal_to_the_twin_or_refused(quirk, method, {})


@pytest.mark.slow
@pytest.mark.parametrize("quirk", QUIRKS.values(), ids=QUIRKS)
def test_lime_that_predicts_interactions(quirk: Quirk) -> None:
    """As it is without parameters; slow, since a process is fitted to the answers of each."""
    equal_to_the_twin_or_refused(quirk, "lime", {"interactions": None})


def equal_to_the_twin_or_refused(quirk: Quirk, method: str, changed: Changed) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        model = quirk.build()
    expected = refusal(quirk.name, method)
    with unchanged(model):
        if expected is not None:
            with pytest.raises(pl.PellucidError, match=f"(?s){expected}") as caught:
                explained(
                    model, quirk.inputs(), method, quirk.target, quirk.options, quirk, changed
                )
            assert caught.value.remedy
            return
        ours = explained(model, quirk.inputs(), method, quirk.target, quirk.options, quirk, changed)
    if quirk.twin is None:  # nobody needs its scores
        assert method in TARGETLESS
        assert all(np.isfinite(array).all() for array in arrays(ours).values())
        return
    target = quirk.target if quirk.twin_target is None else quirk.twin_target
    options = {key: value for key, value in quirk.options.items() if key != "output"}
    twin = explained(quirk.twin(), quirk.inputs_of_twin(), method, target, options, quirk, changed)
    assert_same(ours, twin, max(quirk.tolerance, 1e-4, LOOSER.get((quirk.name, method), 0)))


def assert_same(ours: pl.Explanation, twin: pl.Explanation, tolerance: float) -> None:
    found, wanted = list(arrays(ours).values()), list(arrays(twin).values())
    assert [a.shape for a in found] == [a.shape for a in wanted]
    for a, b in zip(found, wanted, strict=True):
        size = np.abs(b).max(initial=1e-12)
        np.testing.assert_allclose(a / size, b / size, rtol=0, atol=tolerance)


def test_refusals_name_models_and_methods_that_exist() -> None:
    assert set(REFUSED) <= set(QUIRKS)
    assert {q for q, _ in LOOSER} <= set(QUIRKS)
    for texts in REFUSED.values():
        for text, names in texts.items():
            assert re.compile(text)
            assert set(names) <= set(METHODS)
