"""A model from what was typed."""

from pathlib import Path

import torch

from ..core.model import Model
from ..errors import ParameterError
from ..io.classes import read_classes
from ..io.models import load_model


def loaded(
    spec: str,
    weights: Path | None = None,
    trust_pickle: bool = False,
    classes: Path | None = None,
    device: str | None = None,
) -> Model:
    """The model with its weights and class names, on its device."""
    model = load_model(spec, weights, trust_pickle)
    if classes is not None:
        model.classes = read_classes(classes)
    if device is not None:
        try:
            model.module.to(torch.device(device))
        except (RuntimeError, AssertionError) as error:
            reason = str(error).partition("\n")[0]
            raise ParameterError(
                f"--device {device} cannot be used: {reason}.",
                "`pellucid doctor` lists the devices.",
            ) from None
    return model
