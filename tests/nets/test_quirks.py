"""The fixtures themselves: they run, are small and seeded, and twins are twins."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pellucid.testing.quirk import Quirk
from pellucid.testing.quirks import QUIRKS

ALL = pytest.mark.parametrize("quirk", QUIRKS.values(), ids=QUIRKS)
PAIRED = [quirk for quirk in QUIRKS.values() if quirk.twin is not None]
TWINS = pytest.mark.parametrize("quirk", PAIRED, ids=[quirk.name for quirk in PAIRED])
NAMED = """
plain inplace reuse functional silu bn_dropout frozen nograd_forward dict_out
tuple_out namedtuple_out dataclass_out hf_like_out one_logit_N1 one_logit_N
multilabel regression_multi seg seg_1ch det_list siamese two_input dict_input
embed_lstm packed_rnn lstm_cnn conv1d conv3d gray bands7 nonsquare vit_cls
vit_registers vit_gap swin_like convnext_like resnet_like densenet_like
vgg_like squeezenet_like mobilenet_like unet mlp lightning_like tab_mixed
dataparallel compiled traced half bf16 double user_hook nan_weights
channels_last gap_net_1d gap_net_2d gap_net_3d se_net groupnorm_net tied
custom_static_pad two_relu_toy one_conv
"""


def run(net: Any, inputs: Any) -> Any:
    return net(*inputs) if isinstance(inputs, tuple) else net(inputs)


def tensors(value: Any) -> Iterator[Tensor]:
    """Every tensor in nested dicts, lists, tuples and dataclasses."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from tensors(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from tensors(entry)
    elif hasattr(value, "__dict__"):
        yield from tensors(vars(value))


def scores(raw: Any, quirk: Quirk) -> Tensor:
    """The scores as the quirk returns them, found without Pellucid."""
    if quirk.name == "det_list":
        return torch.stack([entry["scores"] for entry in raw])
    if "output" in quirk.options:
        return raw[quirk.options["output"]]
    return next(tensors(raw))


def test_every_named_fixture_is_there() -> None:
    assert not set(NAMED.split()) - set(QUIRKS)
    assert all(name == quirk.name for name, quirk in QUIRKS.items())


@ALL
def test_forward_runs(quirk: Quirk) -> None:
    found = list(tensors(run(quirk.build(), quirk.inputs())))
    assert found
    if quirk.name != "nan_weights":
        assert all(torch.isfinite(tensor).all() for tensor in found)


@ALL
def test_small_and_in_eval_mode(quirk: Quirk) -> None:
    net = quirk.build()
    assert sum(p.numel() for p in net.parameters()) < 50_000
    assert net.training == (quirk.name == "bn_dropout")
    if quirk.name != "frozen":
        assert all(p.requires_grad for p in net.parameters())


@ALL
def test_two_builds_and_two_inputs_are_equal(quirk: Quirk) -> None:
    first, second = quirk.build().state_dict(), quirk.build().state_dict()
    assert first.keys() == second.keys()
    for name, tensor in first.items():
        torch.testing.assert_close(tensor, second[name], rtol=0, atol=0, equal_nan=True)
    pairs = zip(tensors(quirk.inputs()), tensors(quirk.inputs()), strict=True)
    assert all(a is not b and torch.equal(a, b) for a, b in pairs)


@ALL
def test_global_random_state_is_untouched(quirk: Quirk) -> None:
    before = torch.get_rng_state()
    quirk.build(), quirk.inputs()
    if quirk.twin is not None:
        quirk.twin(), quirk.inputs_of_twin()
    assert torch.equal(before, torch.get_rng_state())


@TWINS
def test_twin_gives_the_same_scores(quirk: Quirk) -> None:
    assert quirk.twin is not None
    net, twin = quirk.build(), quirk.twin()
    assert isinstance(twin, nn.Module)
    assert not any(module.training for module in twin.modules())
    net.eval()
    with torch.no_grad():
        ours = scores(run(net, quirk.inputs()), quirk).float()
        plain = run(twin, quirk.inputs_of_twin())
    assert isinstance(plain, Tensor)
    if ours.ndim != plain.ndim:
        ours, plain = ours.reshape(2, -1), plain.reshape(2, -1)
    size = float(plain.abs().max())
    torch.testing.assert_close(ours, plain, rtol=0, atol=quirk.tolerance * max(size, 1.0))


@TWINS
def test_samples_and_weights_matter(quirk: Quirk) -> None:
    """Equal scores would hide a slip: the two samples differ, and so do other weights."""
    assert quirk.twin is not None
    twin = quirk.twin()
    with torch.no_grad():
        before = run(twin, quirk.inputs_of_twin())
        assert not torch.allclose(before[0], before[1], atol=1e-3)
        for parameter in twin.parameters():
            parameter.mul_(1.2)
        after = run(twin, quirk.inputs_of_twin())
    assert not list(twin.parameters()) or not torch.allclose(before, after, atol=1e-3)


@pytest.mark.parametrize("name", ["two_input", "siamese", "tab_mixed"])
def test_every_input_matters(name: str) -> None:
    quirk = QUIRKS[name]
    first, second = quirk.inputs()
    net = quirk.build()
    with torch.no_grad():
        clean = net(first, second)
        assert not torch.allclose(clean, net(first.flip(0), second), atol=1e-3)
        assert not torch.allclose(clean, net(first, second.flip(0)), atol=1e-3)


def test_quirks_are_what_they_say() -> None:
    """The trouble is really there: each line fails if the fixture loses its quirk."""
    build = {name: QUIRKS[name].build for name in QUIRKS}
    reuse = build["reuse"]()
    assert reuse.relu1 is reuse.relu2
    assert not run(build["nograd_forward"](), QUIRKS["plain"].inputs()).requires_grad
    assert not any(p.requires_grad for p in build["frozen"]().parameters())
    assert len(build["user_hook"]().conv2._forward_hooks) == 1
    assert isinstance(build["traced"](), torch.jit.ScriptModule)
    assert hasattr(build["compiled"](), "_orig_mod")
    assert torch.isnan(run(build["nan_weights"](), QUIRKS["plain"].inputs())).any()
    low = {"half": torch.float16, "bf16": torch.bfloat16, "double": torch.float64}
    assert all(run(build[n](), QUIRKS[n].inputs()).dtype is dtype for n, dtype in low.items())
    conv1 = build["channels_last"]().conv1.weight
    assert conv1.is_contiguous(memory_format=torch.channels_last)


def test_train_mode_would_change_the_scores() -> None:
    quirk = QUIRKS["bn_dropout"]
    assert quirk.twin is not None
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        training, eval_mode = quirk.build()(quirk.inputs()), quirk.twin()(quirk.inputs())
    assert not torch.allclose(training, eval_mode, atol=1e-2)


def test_in_place_relu_overwrites_the_convolution() -> None:
    seen: list[Tensor] = []
    net = QUIRKS["inplace"].build()
    net.conv2.register_forward_hook(lambda module, args, output: seen.append(output))
    with torch.no_grad():
        net(QUIRKS["inplace"].inputs())
    assert float(seen[0].min()) == 0.0
