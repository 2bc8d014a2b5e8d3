"""Networks built by the libraries that hold many of them, from files already on this machine."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..core.extras import require
from ..core.model import Model
from ..errors import FileError, ParameterError, suggest
from .preprocess import ImagePreprocess, Interpolation


def timm_model(name: str, stored: bool) -> Model:
    """A network of timm; `stored` asks for weights already in its cache."""
    timm = require("timm", "--model timm:NAME", "timm")
    if name.partition(".")[0] not in timm.list_models():
        raise ParameterError(f"timm has no model {name!r}.", suggest(name, timm.list_models()))
    net = _offline(lambda: timm.create_model(name, pretrained=stored), f"timm:{name}")
    config = timm.data.resolve_model_data_config(net)
    _, height, width = config["input_size"]
    return Model(
        net,
        preprocess=ImagePreprocess(
            size=(height, width),
            mean=tuple(config["mean"]),
            std=tuple(config["std"]),
            crop=config["crop_pct"],
            interpolation=_interpolation(config["interpolation"]),
        ),
    )


def torchvision_model(name: str, stored: bool) -> Model:
    """A network of torchvision; `stored` asks for weights already in its cache."""
    models = require("torchvision.models", "--model torchvision:NAME", "torchvision")
    if name not in models.list_models():
        raise ParameterError(
            f"torchvision has no model {name!r}.", suggest(name, models.list_models())
        )
    weights = models.get_model_weights(name).DEFAULT
    wanted = weights if stored else None
    net = _offline(lambda: models.get_model(name, weights=wanted), f"torchvision:{name}")
    return Model(net, preprocess=weights.transforms(), classes=weights.meta.get("categories"))


def hf_model(name: str, stored: bool) -> Model:
    """An image classifier of transformers, from its cache or a local folder, never remote code."""
    library = require("transformers", "--model hf:NAME", "transformers")
    local = {"local_files_only": True, "trust_remote_code": False}

    def build() -> Any:
        if stored:
            return library.AutoModelForImageClassification.from_pretrained(
                name, use_safetensors=True, **local
            )
        config = library.AutoConfig.from_pretrained(name, **local)
        return library.AutoModelForImageClassification.from_config(config)

    net = _offline(build, f"hf:{name}")
    processor = _offline(
        lambda: library.AutoImageProcessor.from_pretrained(name, **local), f"hf:{name}"
    )
    labels = net.config.id2label
    return Model(
        net,
        preprocess=HubPreprocess(processor),
        classes=[labels[index] for index in sorted(labels)],
        output="logits",
    )


@dataclass(frozen=True)
class HubPreprocess:
    """An image processor of transformers as a function from picture to `(1, C, H, W)`."""

    processor: Any

    def __call__(self, picture: Any) -> Tensor:
        """The network's input."""
        pixels: Tensor = self.processor(images=picture, return_tensors="pt")["pixel_values"]
        return pixels

    @property
    def image_mean(self) -> Any:
        """The mean that is subtracted, where the processor has one."""
        return getattr(self.processor, "image_mean", None)

    @property
    def image_std(self) -> Any:
        """The standard deviation that is divided by, where the processor has one."""
        return getattr(self.processor, "image_std", None)


HUBS: dict[str, Callable[[str, bool], Model]] = {
    "timm": timm_model,
    "torchvision": torchvision_model,
    "hf": hf_model,
}
"""Loaders by the prefix that `--model` takes; the second argument asks for stored weights."""


def _offline(build: Callable[[], Any], spec: str) -> Any:
    """What `build` returns, with every download refused."""
    with _no_downloads():
        try:
            return build()
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise FileError(
                f"{spec} cannot be loaded from this machine: {reason}",
                "Pellucid downloads nothing. Fetch the model with its own library first, "
                "or give --weights FILE.",
            ) from None


@contextlib.contextmanager
def _no_downloads() -> Any:
    with contextlib.ExitStack() as stack:
        stack.enter_context(_swapped(torch.hub, "download_url_to_file", _refuse))
        with contextlib.suppress(ImportError):
            from huggingface_hub import constants

            stack.enter_context(_swapped(constants, "HF_HUB_OFFLINE", True))
        yield


@contextlib.contextmanager
def _swapped(owner: Any, name: str, value: Any) -> Any:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _refuse(*_: Any, **__: Any) -> None:
    raise OSError("its weights are not in the cache")


def _interpolation(name: str) -> Interpolation:
    known: dict[str, Interpolation] = {
        "nearest": "nearest",
        "bilinear": "bilinear",
        "bicubic": "bicubic",
        "lanczos": "lanczos",
    }
    return known.get(name, "bilinear")
