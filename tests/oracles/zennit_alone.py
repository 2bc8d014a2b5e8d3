"""zennit without torchvision, which it imports for two networks that no test uses."""

import importlib.util
import sys
import types
from typing import Any

import pytest


def zennit() -> Any:
    """The package, with empty modules in the place of an absent torchvision; skips without it."""
    if importlib.util.find_spec("zennit") is None:
        pytest.skip("zennit is an oracle")
    absent = importlib.util.find_spec("torchvision") is None
    stand_ins = {
        "torchvision": (),
        "torchvision.models": (),
        "torchvision.models.resnet": ("Bottleneck", "BasicBlock"),
        "torchvision.models.vgg": ("VGG",),
    }
    if absent:
        for name, classes in stand_ins.items():
            module = types.ModuleType(name)
            for one in classes:
                setattr(module, one, type(one, (), {}))
            sys.modules[name] = module
    try:
        import zennit.attribution
        import zennit.canonizers
        import zennit.composites
        import zennit.layer
    finally:
        if absent:
            for name in stand_ins:
                sys.modules.pop(name, None)
    return zennit
