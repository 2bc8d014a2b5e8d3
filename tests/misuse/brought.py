"""Misuses of what is brought along: inputs, models, results, files."""

import numpy as np
import torch
from torch import nn

import pellucid as pl
from misuse.nets import (
    FUNCTIONAL,
    NAMED,
    NAN,
    NAN_BATCH,
    OF_BYTES,
    PICTURE,
    SEEING,
    THREE,
    TWO_HEADED,
    WORDY,
    X,
    explain,
)
from misuse.told import Misuse
from pellucid.io.classes import read_classes
from pellucid.io.samples import sample
from pellucid.testing.nets import Plain

TINY = "pellucid.testing.nets"

# fmt: off
INPUTS = {
    "inputs of other lengths": Misuse(
        lambda: explain(lambda image, table: None, x={"image": X, "table": torch.ones(1, 5)}),
        pl.InputError, "image 2, table 1", "row per sample"),
    "wrong channels for a function": Misuse(
        lambda: explain(FUNCTIONAL, x=X[:, :1]), pl.InputError, "Given groups=1", "forward takes"),
    "floats for a network of bytes": Misuse(
        lambda: OF_BYTES(np.full((20, 24, 3), 0.1)), pl.InputError, "end at 0.1", "255"),
    "no batch axis": Misuse(
        lambda: explain(THREE, x=X[0]),
        pl.InputError, r"input of shape \(3, 16, 16\)", r"x\[None\]"),
    "no batch axis, layer method": Misuse(
        lambda: explain(THREE, "grad_cam", x=X[0]),
        pl.InputError, r"input of shape \(3, 16, 16\)", r"x\[None\]"),
    "wrong channels": Misuse(
        lambda: explain(THREE, x=X[:, :1]), pl.InputError, "3 channels.*got 1", "forward takes"),
    "wrong channels, layer method": Misuse(
        lambda: explain(THREE, "score_cam", x=X[:, :1]),
        pl.InputError, "3 channels.*got 1", "forward takes"),
    "channels last": Misuse(
        lambda: explain(THREE, x=X.permute(0, 2, 3, 1)),
        pl.InputError, r"\(2, 16, 16, 3\)", "forward takes"),
    "list of samples": Misuse(
        lambda: explain(THREE, x=[X[0], X[1]]),
        pl.InputError, r"list of .*\(3, 16, 16\)", r"torch\.stack"),
    "NaN": Misuse(
        lambda: explain(THREE, x=NAN_BATCH), pl.InputError, "NaN or infinite", "Replace"),
    "whole numbers": Misuse(
        lambda: explain(THREE, x=X.to(torch.uint8)),
        pl.InputError, "floating point.*uint8", r"scale.*black-box"),
    "text": Misuse(
        lambda: explain(THREE, x="cat.jpg"), pl.FileError, "cat.jpg does not exist", "path"),
    "picture without preprocessing": Misuse(
        lambda: explain(THREE, x=[sample("chelsea")]),
        pl.InputError, "does not say how a picture", "preprocess="),
    "nothing": Misuse(
        lambda: pl.explain(THREE, None, "gradient"), pl.InputError, "NoneType", "batch-first"),
    "empty batch": Misuse(
        lambda: explain(THREE, x=X[:0]), pl.InputError, "empty", "one sample"),
    "lone number": Misuse(
        lambda: explain(THREE, x=torch.tensor(1.0)), pl.InputError, "batch axis", r"x\[None\]"),
    "axes of another input": Misuse(
        lambda: explain(pl.Model(THREE, input_axes=("sample", "feature"))),
        pl.InputError, "input_axes.*2 axes", "4"),
    "axes with unknown names": Misuse(
        lambda: pl.Model(THREE, input_axes=("sample", "colour", "height", "width")),
        pl.InputError, "'colour'", "channel"),
    "statistics for two channels": Misuse(
        lambda: pl.ImagePreprocess(mean=(0.5, 0.5)),
        pl.ParameterError, "2 values for 3", "channel"),
    "unknown interpolation": Misuse(
        lambda: pl.ImagePreprocess(size=16, interpolation="cubic")(PICTURE),
        pl.ParameterError, "'cubic'", "'bicubic'"),
    "unknown way to resize": Misuse(
        lambda: pl.ImagePreprocess(size=16, resize="squash"),
        pl.ParameterError, "'squash'", "'stretch'"),
    "picture of no size": Misuse(
        lambda: pl.ImagePreprocess(size=0), pl.ParameterError, "size=0", "positive"),
}

MODELS = {
    "no model": Misuse(
        lambda: explain(None), pl.InputError, "NoneType is not a network", "torch module"),
    "weights instead of a network": Misuse(
        lambda: explain(THREE.state_dict()), pl.InputError, "OrderedDict", "torch module"),
    "class instead of a network": Misuse(
        lambda: explain(Plain), pl.InputError, "Plain is a class", r"Plain\(…\)"),
    "Model of a Model": Misuse(
        lambda: pl.Model(NAMED), pl.InputError, "already a Model", "as it is"),
    "answer without a tensor": Misuse(
        lambda: explain(WORDY), pl.OutputError, "str with no tensor", "output="),
    "two answers": Misuse(
        lambda: explain(TWO_HEADED),
        pl.OutputError, r"age \(2, 3\), mood \(2, 3\)", "output='name'"),
    "output that is not there": Misuse(
        lambda: explain(pl.Model(TWO_HEADED, output="logits")),
        pl.OutputError, "output='logits'", "age"),
    "NaN weights": Misuse(
        lambda: explain(NAN), pl.OutputError, "NaN.*conv2", "weights"),
    "weights without values": Misuse(
        lambda: explain(Plain().to("meta")), pl.InputError, "meta", "Load"),
    "weights without a shape": Misuse(
        lambda: explain(nn.Sequential(nn.LazyConv2d(3, 3), nn.Flatten())),
        pl.InputError, "lazy", "run the network once"),
    "batch lost on the way": Misuse(
        lambda: explain(nn.Sequential(nn.Conv2d(3, 3, 3), nn.Flatten(0))),
        pl.OutputError, "for a batch of 2", "per sample"),
    "preprocessing that cannot be called": Misuse(
        lambda: pl.Model(THREE, preprocess=224), pl.InputError, "int.*preprocess", "function"),
    "layers of a plain function": Misuse(
        lambda: pl.layers(lambda x: THREE(x), X), pl.NotApplicable, "no layers", "module"),
}

RESULTS = {
    "unknown style of plot": Misuse(
        lambda: explain(THREE).plot(view="heatmap"), pl.ParameterError, "'heatmap'", "overlay"),
    "unknown option of plot": Misuse(
        lambda: explain(THREE).plot(colormap="hot"), pl.ParameterError, "'colormap'", "'cmap'"),
    "unknown colours": Misuse(
        lambda: explain(THREE).plot(cmap="vridis"), pl.ParameterError, "'vridis'", "'viridis'"),
    "unknown channels": Misuse(
        lambda: explain(THREE).plot(channels="avg"), pl.ParameterError, "'avg'", "'sum'"),
    "sample that is not there": Misuse(
        lambda: explain(THREE).plot(sample=5), pl.InputError, "no sample 5", "0 to 1"),
    "part that is not there": Misuse(
        lambda: explain(THREE)["conv2"], pl.InputError, "no part 'conv2'", "has"),
    "axis that is not there": Misuse(
        lambda: explain(THREE).sum("colour"), pl.InputError, "no axis 'colour'", "'channel'"),
}

FILES = {
    "missing picture": Misuse(
        lambda given, here: explain(SEEING, x=str(given / "none.jpg")),
        pl.FileError, "none.jpg does not exist", "path"),
    "folder for a picture": Misuse(
        lambda given, here: explain(SEEING, x=str(given)), pl.FileError, "is a folder", "a file"),
    "picture cut off": Misuse(
        lambda given, here: explain(SEEING, x=str(given / "cut.jpg")),
        pl.FileError, "damaged or cut off", "again"),
    "text called a picture": Misuse(
        lambda given, here: explain(SEEING, x=str(given / "note.png")),
        pl.FileError, "not a picture", "PNG"),
    "empty file": Misuse(
        lambda given, here: explain(SEEING, x=str(given / "empty.png")),
        pl.FileError, "is empty", "picture"),
    "huge picture": Misuse(
        lambda given, here: explain(SEEING, x=str(given / "huge.png")),
        pl.FileError, "20000 × 6000 pixels", "smaller"),
    "objects in an array": Misuse(
        lambda given, here: explain(SEEING, x=str(given / "objects.npy")),
        pl.FileError, "no plain .npy", "numpy.save"),
    "missing explanation": Misuse(
        lambda given, here: pl.Explanation.load(here / "e.npz"),
        pl.FileError, "e.npz does not exist", "path"),
    "arrays that are no explanation": Misuse(
        lambda given, here: pl.Explanation.load(given / "arrays.npz"),
        pl.FileError, "not written by Explanation.save", "again"),
    "pickle called an explanation": Misuse(
        lambda given, here: pl.Explanation.load(given / "pickle.npz"),
        pl.FileError, "not written by Explanation.save", "again"),
    "explanation below a file": Misuse(
        lambda given, here: explain(THREE).save(given / "note.png" / "e.npz"),
        pl.FileError, "cannot be written", "another place"),
    "explanation saved as a picture": Misuse(
        lambda given, here: explain(THREE).save(here / "e.png"),
        pl.FileError, r"\.npz.*\.png", r"plot\(\)\.savefig"),
    "explanation saved in place of a folder": Misuse(
        lambda given, here: explain(THREE).save(given.parent),
        pl.FileError, "is a folder", "file"),
    "class names with a gap": Misuse(
        lambda given, here: read_classes(given / "gap.json"),
        pl.FileError, "none with index 1", "without gaps"),
    "unknown model name": Misuse(
        lambda given, here: pl.load_model("efficientnet"),
        pl.ParameterError, "no model 'efficientnet'", "'efficientnet_lite0'"),
    "weights for a model": Misuse(
        lambda given, here: pl.load_model(str(given / "weights.pt")),
        pl.ParameterError, "weights, not a network", "package.module:factory"),
    "unknown factory": Misuse(
        lambda given, here: pl.load_model(f"{TINY}:Plan"),
        pl.ParameterError, "no factory 'Plan'", "'Plain'"),
    "unknown module": Misuse(
        lambda given, here: pl.load_model("no_such_module:net"),
        pl.ParameterError, "no Python module 'no_such_module'", "package.module:factory"),
    "factory that wants arguments": Misuse(
        lambda given, here: pl.load_model(f"{TINY}:gap_net"),
        pl.ParameterError, "gap_net needs arguments.*rank", "without arguments"),
    "missing weights": Misuse(
        lambda given, here: pl.load_model(f"{TINY}:Plain", here / "w.pt"),
        pl.FileError, "w.pt does not exist", "path"),
    "pickled network": Misuse(
        lambda given, here: pl.load_model(f"{TINY}:Plain", given / "network.pt"),
        pl.FileError, "can run code", r"safetensors.*trust_pickle=True"),
    "weights of another network": Misuse(
        lambda given, here: pl.load_model(f"{TINY}:one_conv", given / "weights.pt"),
        pl.FileError, "does not fit OneConv: 2 missing", "settings"),
    "an absent ONNX file": Misuse(
        lambda given, here: pl.load_model(str(given / "weights.onnx")),
        pl.FileError, "weights.onnx does not exist", "path"),
}
# fmt: on
