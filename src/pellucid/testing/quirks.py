"""The registry of quirks: every model that a method must explain like its twin, or refuse."""

import warnings
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from . import convnets, recurrent, structured, transformers
from .nets import (
    BatchNormDropout,
    Functional,
    Halved,
    InPlace,
    NoGradForward,
    Plain,
    Reuse,
    SiLU,
    SiLUModules,
    Tied,
    Untied,
    built,
    gap_net,
    mlp,
    one_conv,
    quietly,
    two_relu_toy,
)
from .quirk import Quirk, batch, ids, pair, together

_IMAGES = batch(3, 16, 16)

_plain = partial(built, Plain)


def _train_mode() -> nn.Module:
    return built(BatchNormDropout).train()


def _frozen() -> nn.Module:
    return _plain().requires_grad_(False)


def _nan_weights() -> nn.Module:
    net = _plain()
    with torch.no_grad():
        net.conv2.weight[0, 0] = float("nan")
    return net


def _user_hook() -> nn.Module:
    net = _plain()
    # The hook is the user's, the one thing this fixture is about; Pellucid's own are in core.
    attach = net.conv2.register_forward_hook
    attach(lambda module, args, output: 0.5 * output)
    return net


def _compiled() -> Any:
    return torch.compile(_plain(), backend="eager")


def _traced() -> Any:
    with warnings.catch_warnings():  # users still have traced models, though tracing is deprecated
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.trace(_plain(), _IMAGES())  # type: ignore[no-untyped-call]


def _channels_last() -> nn.Module:
    net: nn.Module = _plain().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return net


def _rounded(dtype: torch.dtype) -> nn.Module:
    return _plain().to(dtype).float()


def _first_box(raw: Any) -> Tensor:
    return torch.stack([entry["scores"][0] for entry in raw])


def _in_table(given: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    return {"image": given[0], "table": given[1]}


def _padded() -> tuple[Tensor, Tensor]:
    """Series of 12 and 7 steps, padded with zeros."""
    x, lengths = batch(12, 4)(), torch.tensor([12, 7])
    x[1, 7:] = 0
    return x, lengths


def _variant(name: str, note: str, make: type[nn.Module], **more: Any) -> Quirk:
    """A quirk whose twin is `Plain`."""
    return pair(name, note, make, Plain, _IMAGES, **more)


def _wrapped(name: str, note: str, build: Any, **more: Any) -> Quirk:
    """A quirk that is something done to `Plain` after it was built."""
    return Quirk(name, build, more.pop("inputs", _IMAGES), more.pop("twin", _plain), note, **more)


def _shaped(name: str, note: str, make: Any, *shape: int) -> Quirk:
    """A quirk of the input's shape: the twin is the same net, built again."""
    return Quirk(name, partial(built, make), batch(*shape), partial(built, make), note)


def _precision(name: str, dtype: torch.dtype, tolerance: float) -> Quirk:
    return Quirk(
        name,
        lambda: _plain().to(dtype),
        batch(3, 16, 16, dtype=dtype),
        partial(_rounded, dtype),
        f"weights and inputs in {str(dtype).removeprefix('torch.')}",
        twin_inputs=lambda x: x.float(),
        tolerance=tolerance,
    )


_USE = [
    _wrapped("plain", "module ReLUs, one tensor in, one tensor out", _plain),
    _variant("inplace", "ReLUs overwrite the convolution's output", InPlace),
    _variant("reuse", "one ReLU module called twice", Reuse),
    _variant("functional", "F.relu in place of modules", Functional),
    pair("silu", "F.silu: rules for ReLU do not apply", SiLU, SiLUModules, _IMAGES),
    Quirk(
        "bn_dropout",
        _train_mode,
        _IMAGES,
        partial(built, BatchNormDropout),
        "left in train mode; equal to the twin in eval mode",
    ),
    _wrapped("frozen", "no parameter requires a gradient", _frozen),
    _variant("nograd_forward", "forward runs under no_grad: no gradients", NoGradForward),
    Quirk(
        "tied",
        partial(built, Tied),
        _IMAGES,
        lambda: quietly(lambda: Untied(built(Tied))),
        "one block called twice",
    ),
    _wrapped(
        "user_hook",
        "the user's forward hook halves conv2",
        _user_hook,
        twin=partial(built, Halved),
    ),
    _wrapped("nan_weights", "NaN in conv2: only a refusal is right", _nan_weights, twin=None),
    _variant("lightning_like", "a training module around the net", structured.LightningLike),
    _wrapped("dataparallel", "nn.DataParallel", lambda: nn.DataParallel(_plain()).eval()),
    _wrapped("compiled", "torch.compile", _compiled),
    _wrapped("traced", "torch.jit.trace: its functions cannot be reached", _traced),
    _wrapped(
        "channels_last",
        "channels-last memory",
        _channels_last,
        inputs=lambda: _IMAGES().contiguous(memory_format=torch.channels_last),
    ),
    _precision("half", torch.float16, 1e-2),
    _precision("bf16", torch.bfloat16, 5e-2),
    _precision("double", torch.float64, 1e-5),
]

_OUTPUTS = [
    _variant("dict_out", "a dict with logits and maps", structured.DictOut),
    _variant("tuple_out", "a tuple with logits and maps", structured.TupleOut),
    _variant("namedtuple_out", "a named tuple with scores and maps", structured.NamedTupleOut),
    _variant("dataclass_out", "a dataclass with logits and maps", structured.DataclassOut),
    _variant("hf_like_out", "an ordered dict with attributes", structured.HFLikeOut),
    pair(
        "two_heads",
        "two outputs of class scores, one of them named",
        structured.TwoHeads,
        structured.SecondHead,
        _IMAGES,
        options={"output": 1},
    ),
    Quirk(
        "two_heads_unsaid",
        partial(built, structured.TwoHeads),
        _IMAGES,
        None,
        "two outputs of class scores, none named: only a refusal is right",
    ),
    pair("one_logit_N1", "one logit as (N, 1)", partial(Plain, classes=1), structured.OneLogit,
         _IMAGES),
    pair("one_logit_N", "one logit as (N,)", structured.OneLogit, partial(Plain, classes=1),
         _IMAGES),
    pair("multilabel", "five labels, a sigmoid each", partial(Plain, classes=5),
         partial(Plain, classes=5), _IMAGES, target=2),
    pair("regression_multi", "two values", partial(Plain, classes=2), partial(Plain, classes=2),
         _IMAGES, target=1),
    pair("seg", "dense logits (N, 4, H, W)", partial(structured.Segmenter, 4),
         partial(structured.SegmenterLinear, 4), _IMAGES),
    pair("seg_1ch", "dense logits (N, 1, H, W)", partial(structured.Segmenter, 1),
         partial(structured.SegmenterLinear, 1), _IMAGES),
    pair(
        "det_list",
        "a list of dicts with boxes, labels and scores",
        structured.Detector,
        structured.DetectorScores,
        _IMAGES,
        target=_first_box,
        twin_target=lambda scores: scores[:, 0],
    ),
]  # fmt: skip

_INPUTS = [
    Quirk(
        "siamese",
        partial(built, structured.Siamese),
        together(_IMAGES, batch(3, 16, 16, seed=1)),
        lambda: quietly(lambda: structured.TwoBackbones(built(structured.Siamese))),
        "two pictures through one backbone",
    ),
    pair("two_input", "a picture and a table row", structured.TwoInput, structured.TwoInput,
         together(_IMAGES, batch(4))),
    pair(
        "dict_input",
        "a picture and a table row in one dict",
        structured.DictInput,
        structured.TwoInput,
        lambda: _in_table((_IMAGES(), batch(4)())),
        twin_inputs=lambda given: (given["image"], given["table"]),
    ),
    pair("tab_mixed", "numbers and category ids", structured.MixedTable, structured.MixedTable,
         together(batch(4), ids(2, 5))),
    pair("embed_lstm", "token ids, embedding, LSTM", recurrent.EmbedLSTM,
         recurrent.EmbedLSTMSteps, ids(9, 20)),
    pair("packed_rnn", "padded series and their lengths", recurrent.PackedRNN,
         recurrent.PaddedRNN, _padded,
         options={"input_axes": ("sample", "time", "channel")}),
    pair("lstm_cnn", "a convolution, then an LSTM", recurrent.LSTMCNN, recurrent.LSTMCNNState,
         batch(4, 20)),
    _shaped("conv1d", "series (N, 5, 32)", partial(Plain, 5, 3, 1), 5, 32),
    _shaped("conv3d", "volumes (N, 1, 8, 8, 12)", partial(Plain, 1, 3, 3), 1, 8, 8, 12),
    _shaped("gray", "one channel", partial(Plain, 1), 1, 16, 16),
    _shaped("bands7", "seven channels", partial(Plain, 7), 7, 16, 16),
    _shaped("nonsquare", "16×28 pixels", Plain, 3, 16, 28),
    Quirk("mlp", mlp, batch(6), mlp, "no layer has places"),
    *(
        Quirk(f"gap_net_{rank}d", partial(gap_net, rank), batch(2, *(8,) * rank),
              partial(gap_net, rank), f"global mean over {rank} axes, then a linear layer")
        for rank in (1, 2, 3)
    ),
    Quirk("two_relu_toy", two_relu_toy, lambda: torch.tensor([[3.0, 1.0], [-10.0, -5.0]]),
          two_relu_toy, "the golden net ReLU(ReLU(x1 − 1) − ReLU(x2))"),
    Quirk("one_conv", one_conv, lambda: torch.arange(32.0).reshape(2, 1, 4, 4), one_conv,
          "the golden net of one convolution"),
]  # fmt: skip

_ATTENTION = [
    pair(name, note, make, partial(make, attention=transformers.PlainAttention), _IMAGES)
    for name, make, note in (
        ("vit_cls", partial(transformers.ViT, 1), "patches after one class token"),
        ("vit_registers", partial(transformers.ViT, 5), "and after four registers"),
        ("vit_gap", partial(transformers.ViT, 0), "patches, and a head on their mean"),
        ("vit_softmax", partial(transformers.ViT, attention=transformers.SoftmaxAttention),
         "attention shares (N, heads, L, L) from a module"),
        ("cait_like", transformers.CaiTLike, "a class token of its own in the last blocks"),
    )
]  # fmt: skip

_CHANNEL_LAST = [
    pair("swin_like", "stages on (N, H, W, C) with patch merging", transformers.SwinLike,
         partial(transformers.SwinLike, True), batch(3, 32, 32)),
    pair("convnext_like", "blocks with channel-last insides", transformers.ConvNeXtLike,
         partial(transformers.ConvNeXtLike, transformers.ConvNeXtConvBlock), _IMAGES),
]  # fmt: skip

_FAMILIES = [
    pair(name, note, make, partial(make, quirky=False), batch(3, size, size))
    for name, make, size, note in (
        ("resnet_like", convnets.ResNetLike, 32, "a reused in-place ReLU and sums in place"),
        ("densenet_like", convnets.DenseNetLike, 16, "the last ReLU and pooling are functions"),
        ("vgg_like", convnets.VGGLike, 16, "max-pool, flatten, two linear layers"),
        ("squeezenet_like", convnets.SqueezeNetLike, 16, "1×1 convolution, ReLU, mean as head"),
        ("mobilenet_like", convnets.MobileNetLike, 32, "depthwise, ReLU6, mean as a function"),
        ("unet", convnets.UNet, 16, "dense output and a skip connection"),
        ("se_net", convnets.SqueezeExcite, 16, "a sigmoid gate on the channels"),
        ("groupnorm_net", convnets.GroupNormNet, 16, "group norm spans the places"),
        ("custom_static_pad", convnets.StaticPadNet, 16, "a convolution with a padding child"),
    )
]

QUIRKS: dict[str, Quirk] = {
    quirk.name: quirk
    for group in (_USE, _OUTPUTS, _INPUTS, _ATTENTION, _CHANNEL_LAST, _FAMILIES)
    for quirk in group
}
"""Every quirk by name."""
