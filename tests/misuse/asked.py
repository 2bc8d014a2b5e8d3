"""Misuses of what is asked for: methods with their parameters, layers, targets."""

import torch
from torch import nn

import pellucid as pl
from misuse.nets import (
    DENSE,
    DETECTOR,
    FLAT,
    NAMED,
    NAMES,
    NAN_BATCH,
    NO_GRAD,
    ONE,
    RECTIFIED_OTHERWISE,
    SPARE,
    TEN,
    THREE,
    TRACED,
    TWICE,
    VGG,
    VIT,
    X,
    explain,
)
from misuse.told import Misuse

# fmt: off
METHODS = {
    "unknown method": Misuse(
        lambda: explain(THREE, "grad_camm"),
        pl.ParameterError, "no method 'grad_camm'", "'grad_cam'"),
    "no method at all": Misuse(
        lambda: explain(THREE, None), pl.ParameterError, "NoneType is not a method", "'grad_cam'"),
    "unknown parameter": Misuse(
        lambda: explain(THREE, "grad_cam", layr="conv2"),
        pl.ParameterError, "grad_cam has no parameter 'layr'", "'layer'"),
    "parameter out of range": Misuse(
        lambda: explain(THREE, "smooth_grad", n_samples=1),
        pl.ParameterError, "n_samples=1.*greater than or equal to 2", "methods smooth_grad"),
    "parameter of the wrong type": Misuse(
        lambda: explain(THREE, "smooth_grad", n_samples="many"),
        pl.ParameterError, "n_samples='many'.*integer", "methods smooth_grad"),
    "parameter not among the choices": Misuse(
        lambda: explain(THREE, "gradient", reduce="average"),
        pl.ParameterError, "reduce='average'", "'sum_abs'"),
    "parameter without its name": Misuse(
        lambda: pl.GradCAM("conv2"), pl.ParameterError, "positional", "name"),
    "parameters beside a method object": Misuse(
        lambda: explain(THREE, pl.GradCAM(), layer="conv2"),
        pl.ParameterError, "'layer'", r"pl\.GradCAM\(layer=…\)"),
    "batch size of zero": Misuse(
        lambda: explain(THREE, batch_size=0), pl.ParameterError, "batch_size=0", "from 1"),
    "negative seed": Misuse(
        lambda: explain(THREE, "smooth_grad", seed=-1), pl.ParameterError, "seed=-1", "from 0"),
    "seed beyond 64 bits": Misuse(
        lambda: explain(THREE, "smooth_grad", seed=2**70),
        pl.ParameterError, "is not a seed", "integer from 0"),
    "progress to a word": Misuse(
        lambda: explain(THREE, progress="yes"), pl.ParameterError, "progress='yes'", "True"),
    "unknown space": Misuse(
        lambda: explain(THREE, space="logits"), pl.TargetError, "'logits'", "'logit'"),
    "expected gradients without data": Misuse(
        lambda: explain(THREE, "expected_gradients"),
        pl.ParameterError, "needs baselines", "background=.*20 to 200"),
    "background of another size": Misuse(
        lambda: explain(THREE, "expected_gradients", background=torch.zeros(5, 3, 8, 8)),
        pl.ParameterError, r"\(5, 3, 8, 8\).*\(2, 3, 16, 16\)", r"\(B, …\)"),
    "background that is a word": Misuse(
        lambda: explain(THREE, "expected_gradients", background="zero"),
        pl.ParameterError, "background.*str", r"\(B, …\)"),
    "background of NaN": Misuse(
        lambda: explain(THREE, "expected_gradients", background=NAN_BATCH),
        pl.ParameterError, "background.*NaN", "Replace"),
    "baseline of another size": Misuse(
        lambda: explain(THREE, "integrated_gradients", baseline=torch.zeros(5, 5)),
        pl.ParameterError, r"baseline of shape \(5, 5\).*\(2, 3, 16, 16\)", "a number"),
    "unknown baseline": Misuse(
        lambda: explain(THREE, "integrated_gradients", baseline="blurr"),
        pl.ParameterError, "'blurr'", "'blur'"),
    "baseline of NaN": Misuse(
        lambda: explain(THREE, "integrated_gradients", baseline=float("nan")),
        pl.ParameterError, "baseline.*NaN", "finite"),
    "no baseline in the list": Misuse(
        lambda: explain(THREE, "integrated_gradients", baseline=[]),
        pl.ParameterError, "empty", "at least one"),
    "CAM without global pooling": Misuse(
        lambda: explain(VGG, "cam", target=0),
        pl.NotApplicable, "global average pooling.*'classifier.3'", "grad_cam"),
    "CAM of a function of the output": Misuse(
        lambda: explain(THREE, "cam", target=lambda scores: scores[:, 0]),
        pl.TargetError, "no map for function <lambda>", "grad_cam"),
    "CAM of probabilities": Misuse(
        lambda: explain(THREE, "cam", space="probability"),
        pl.TargetError, "logits", "space='probability'"),
    "guided backpropagation without ReLU": Misuse(
        lambda: explain(RECTIFIED_OTHERWISE, "guided_backprop"),
        pl.NotApplicable, "ReLU only.*SiLU", "grad_cam"),
    "gradients of a plain function": Misuse(
        lambda: explain(lambda x: THREE(x)), pl.NotApplicable, "no gradients", "black-box"),
    "layers of TorchScript": Misuse(
        lambda: explain(TRACED, "grad_cam"), pl.NotApplicable, "TorchScript", "original module"),
    "gradients without a graph": Misuse(
        lambda: explain(NO_GRAD), pl.NotApplicable, "no_grad, detach", "black-box"),
}

LAYERS = {
    "unknown layer": Misuse(
        lambda: explain(THREE, "grad_cam", layer="conv3"),
        pl.LayerError, "no layer 'conv3'", "'conv2'"),
    "number instead of a layer": Misuse(
        lambda: explain(THREE, "grad_cam", layer=3), pl.LayerError, "3 .*layer", "name"),
    "list of layers": Misuse(
        lambda: explain(THREE, "grad_cam", layer=["conv1", "conv2"]),
        pl.LayerError, r"\['conv1', 'conv2'\]", "name"),
    "glob of several layers": Misuse(
        lambda: explain(THREE, "grad_cam", layer="conv*"),
        pl.LayerError, "2 layers match: conv1@0, conv2@0", "one of them"),
    "glob of no layer": Misuse(
        lambda: explain(THREE, "grad_cam", layer="block*"),
        pl.LayerError, r"no layer 'block\*'", "'conv2'"),
    "layer that is never called": Misuse(
        lambda: explain(SPARE, "grad_cam", layer="spare"),
        pl.LayerError, "'spare' gave no tensor", "is called"),
    "layer that is called twice": Misuse(
        lambda: explain(TWICE, "grad_cam", layer="block"),
        pl.LayerError, "called 2 times", "'block@0' or 'block@1'"),
    "call that does not happen": Misuse(
        lambda: explain(THREE, "grad_cam", layer="conv2@3"),
        pl.LayerError, "no call 3", "@0"),
    "child that is not there": Misuse(
        lambda: explain(TWICE, "grad_cam", layer="block[5]"),
        pl.LayerError, r"2 children.*\[5\]", r"\[0\] to \[1\]"),
    "layer without evidence": Misuse(
        lambda: explain(VIT, "grad_cam", layer="norm"),
        pl.LayerError, "does not depend on the places of layer 'norm'", "'blocks.1.norm1'"),
    "layer without places": Misuse(
        lambda: explain(THREE, "grad_cam", layer="fc"),
        pl.LayerError, "'fc' .*no spatial extent", "relu2, conv2"),
    "layer of another network": Misuse(
        lambda: explain(THREE, "grad_cam", layer=nn.ReLU()),
        pl.LayerError, "ReLU is not a part", "this very model"),
    "layout that does not fit": Misuse(
        lambda: explain(THREE, "grad_cam", layer="conv2", layout="NLC"),
        pl.LayerError, "'NLC' does not name the 4 axes", "NCHW"),
    "layer map of a table": Misuse(
        lambda: explain(FLAT, "grad_cam"),
        pl.LayerError, "No layer has a spatial map", "integrated_gradients"),
}

TARGETS = {
    "no class at all": Misuse(
        lambda: explain(THREE, target=pl.Class([])), pl.TargetError, "not a class", "index"),
    "several classes on one side": Misuse(
        lambda: explain(THREE, target=pl.Contrast(pl.Class([0, 1]), 2)),
        pl.TargetError, "between two targets, not 2", "one class"),
    "entry by a fraction": Misuse(
        lambda: explain(THREE, target=pl.Output((1.0,))), pl.TargetError, "no index", "integer"),
    "region reduced otherwise": Misuse(
        lambda: explain(DENSE, target=pl.Region(1, "all", "max")),
        pl.TargetError, "reduce='max'", "'mean'"),
    "region under words": Misuse(
        lambda: explain(DENSE, target=pl.Region(1, ["left"])),
        pl.TargetError, "not numeric", "array"),
    "masks for other samples": Misuse(
        lambda: explain(DENSE, target=pl.Region(1, torch.ones(3, 16, 16, dtype=torch.bool))),
        pl.TargetError, "3 masks for 2 samples", "one per sample"),
    "three times the value": Misuse(
        lambda: explain(ONE, target=pl.Value(sign=3)), pl.TargetError, "no sign", "1 or -1"),
    "unknown likeness": Misuse(
        lambda: explain(THREE, target=pl.Similarity([0.0, 0.0, 1.0], "angle")),
        pl.TargetError, "'angle'", "'cosine'"),
    "function of another shape": Misuse(
        lambda: explain(THREE, target=lambda scores: scores @ torch.ones(7)),
        pl.TargetError, "failed with RuntimeError", "one number per sample"),
    "class out of range": Misuse(
        lambda: explain(THREE, target=3), pl.TargetError, "no class 3.*3 outputs", "0 to 2"),
    "unknown class name": Misuse(
        lambda: explain(NAMED, target="catt"), pl.TargetError, "no class 'catt'", "'cat'"),
    "class name without names": Misuse(
        lambda: explain(THREE, target="cat"), pl.TargetError, "no class names", "classes="),
    "class name that two classes have": Misuse(
        lambda: explain(pl.Model(THREE, classes=["cat", "cat", "dog"]), target="cat"),
        pl.TargetError, "2 classes are called 'cat'", "index"),
    "too few class names": Misuse(
        lambda: explain(pl.Model(THREE, classes=NAMES[:2])),
        pl.TargetError, "3 outputs.* 2 class names", "one name for every output"),
    "too many targets": Misuse(
        lambda: explain(THREE, target=[0, 1, 2]),
        pl.TargetError, "3 targets for 2 samples", "one per sample"),
    "no target in the list": Misuse(
        lambda: explain(THREE, x=X[:1], target=[]),
        pl.TargetError, "0 targets for 1 sample", "one target"),
    "one-hot target": Misuse(
        lambda: explain(THREE, target=torch.tensor([0.0, 1.0])),
        pl.TargetError, "0.0 is not a target", "class index"),
    "class index of half": Misuse(
        lambda: explain(THREE, target=pl.Class(0.5)),
        pl.TargetError, "0.5 is not a class", "index or (a )?name"),
    "kind of target without its index": Misuse(
        lambda: explain(THREE, target=pl.Class), pl.TargetError, "Class is a kind", r"pl\.Class\("),
    "Positive of ten classes": Misuse(
        lambda: explain(TEN, target=pl.Positive()),
        pl.TargetError, r"one output.*\(2, 10\)", r"Class\(i\)"),
    "Value of a classifier": Misuse(
        lambda: explain(TEN, target=pl.Value()),
        pl.TargetError, r"one output.*\(2, 10\)", r"Class\(i\)"),
    "class of a model with one output": Misuse(
        lambda: explain(ONE, target=0), pl.TargetError, "no class 0", r"Positive\(\)"),
    "class of a dense output": Misuse(
        lambda: explain(DENSE, target=0), pl.TargetError, "dense output", r"Region\(0"),
    "Region of a classifier": Misuse(
        lambda: explain(TEN, target=pl.Region(0)),
        pl.TargetError, r"dense output.*\(2, 10\)", r"Class\(i\)"),
    "empty Region": Misuse(
        lambda: explain(DENSE, target=pl.Region(0, where=torch.zeros(16, 16))),
        pl.TargetError, "region of class 0 is empty in sample 0", "where='all'"),
    "mask of other axes": Misuse(
        lambda: explain(DENSE, target=pl.Region(0, where=torch.ones(5))),
        pl.TargetError, r"\(5,\).*\(16, 16\)", "axes"),
    "Box of a classifier": Misuse(
        lambda: explain(TEN, target=pl.Box(0)), pl.TargetError, "needs a detector", "function"),
    "Box that was not found": Misuse(
        lambda: explain(DETECTOR, target=pl.Box(99)),
        pl.TargetError, "4 detections in sample 0", "lower"),
    "Output outside the output": Misuse(
        lambda: explain(TEN, target=pl.Output(11)), pl.TargetError, r"Output\(11\)", "within"),
    "reference of another length": Misuse(
        lambda: explain(TEN, target=pl.Similarity(torch.ones(4))),
        pl.TargetError, r"\(4,\).*10", "same model"),
    "function that gives every score": Misuse(
        lambda: explain(THREE, target=lambda scores: scores),
        pl.TargetError, r"gave shape \(2, 3\)", "one number per sample"),
    "function that gives nothing": Misuse(
        lambda: explain(THREE, target=lambda scores: None),
        pl.TargetError, "NoneType", "one number per sample"),
    "function that leaves the graph": Misuse(
        lambda: explain(THREE, target=lambda scores: scores.argmax(1)),
        pl.NotApplicable, "argmax", "target"),
}
# fmt: on
