"""`pellucid dream`: Deep Dream on a photograph, or units drawn from noise."""

import json as json_format
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ..api.explain import explain
from ..api.film import Film
from ..core.explanation import Explanation
from ..core.model import Model
from ..core.progress import Event, Progress
from ..core.targets import Class
from ..errors import ParameterError, suggest
from ..io.animation import animation_format
from ..io.images import read_image
from ..io.models import load_model
from ..io.preprocess import ImagePreprocess
from ..io.writing import write_bytes
from ..render.encode import jpeg, pixels_of, png
from ..render.progress import ProgressBar
from ..render.synthesis import is_picture, synthesised
from . import results
from .explain import target_of
from .options import methods_of
from .sources import row_numbers
from .terminal import answer, say

LONGEST = 640
"""Longer side of a dream where none is said."""

_PICTURES = (".png", ".jpg", ".jpeg")
_ENDINGS = (*_PICTURES, ".html", ".npz")


@dataclass(frozen=True)
class Wish:
    """What was asked on the command line."""

    model: str
    photo: Path | None
    layers: list[str]
    channels: list[str]
    classes: list[str]
    guide: Path | None
    preset: str
    steps: int | None
    octaves: int | None
    size: int | None
    from_noise: bool
    params: list[str]
    seed: int
    out: Path
    animate: Path | None
    weights: Path | None
    trust_pickle: bool
    json: bool
    device: str | None


def run(wish: Wish) -> None:
    """Make the picture, write it, and say what was reached."""
    _check(wish)
    noise = wish.from_noise or wish.photo is None
    name = "feature_visualization" if noise else "deep_dream"
    method = methods_of([name], _params(wish, noise), None)[0]
    model = _model(wish)
    x: Any = None if wish.photo is None else read_image(wish.photo)
    if wish.guide is not None:
        method = replace(method, guide=_guide(model, wish))  # type: ignore[type-var]
    model.preprocess = _sized(model, x, wish.size, noise)
    classes = [target_of(word, model) for word in wish.classes]
    target = Class(classes) if len(classes) > 1 else classes[0] if classes else None
    film = Film() if wish.animate is not None else None
    say(f"{'Drawing from noise' if noise else f'Dreaming on {wish.photo}'} with {wish.model}")
    with ProgressBar() as bar:

        def listen(event: Event) -> None:
            bar(event)
            if film is not None:
                film(event)

        e: Explanation = explain(
            model, x, method, target=target, seed=wish.seed, progress=Progress(listen)
        )
    written = [_write(e, wish)]
    if film is not None and wish.animate is not None:
        film.add(e)
        written.append(film.save(wish.animate))
    _answer(e, written, wish.json)


def _guide(model: Model, wish: Wish) -> Any:
    """The guide in its own proportions, as the network takes it."""
    picture = read_image(wish.guide)
    preprocess = _sized(model, picture, wish.size, noise=False)
    if preprocess is None:
        raise ParameterError(
            "--guide needs the model's preprocessing.",
            "Let the model's factory give pl.Model(net, preprocess=…).",
        )
    return preprocess(picture)


def _check(wish: Wish) -> None:
    """Refuse words that do not fit together before anything is loaded."""
    suffix = wish.out.suffix.lower()
    if suffix not in _ENDINGS:
        raise ParameterError(f"--out {wish.out} has an unknown ending.", suggest(suffix, _ENDINGS))
    if wish.animate is not None:
        animation_format(wish.animate)
    noise = wish.from_noise or wish.photo is None
    if noise and wish.guide is not None:
        raise ParameterError("--guide is for a dream on a PHOTO.", "Give a PHOTO, or leave it out.")
    if noise and (wish.octaves is not None or wish.preset != "original"):
        raise ParameterError(
            "--octaves and --preset are for a dream on a PHOTO.", "Leave them out, or give a PHOTO."
        )
    if wish.photo is None and not wish.layers and not wish.classes:
        raise ParameterError(
            "Nothing to draw.", "Give a PHOTO to dream on, or --class, or --layer with --channel."
        )
    if noise and len(wish.layers) > 1:
        raise ParameterError("From noise, units of one --layer are drawn.", "Name one.")
    if wish.channels and not wish.layers:
        raise ParameterError("--channel is of a layer.", "Say --layer too.")
    if wish.size is not None and wish.size < 16:
        raise ParameterError(f"--size {wish.size} is too small.", "Give 16 or more.")


def _params(wish: Wish, noise: bool) -> list[str]:
    """The options as `NAME=VALUE`, so that the method's declaration reads and checks them."""
    found = list(wish.params)
    if wish.layers:
        found.append(f"layer={wish.layers[0] if noise else json_format.dumps(wish.layers)}")
    channels = row_numbers(wish.channels)
    if channels:
        found.append(f"channel={json_format.dumps(channels)}")
    if wish.steps is not None:
        found.append(f"steps={wish.steps}")
    if not noise:
        found.append(f"preset={wish.preset}")
        found += [] if wish.octaves is None else [f"octaves={wish.octaves}"]
    return found


def _model(wish: Wish) -> Model:
    model = load_model(wish.model, wish.weights, wish.trust_pickle)
    if wish.device is not None:
        model.module.to(torch.device(wish.device))
    return model


def _sized(model: Model, photo: Any, size: int | None, noise: bool) -> Any:
    """The preprocessing at the size of the dream: the photograph's own proportions; from noise the
    model's own size."""
    preprocess = model.preprocess
    if not isinstance(preprocess, ImagePreprocess):
        if size is not None:
            raise ParameterError(
                "--size needs to know the model's preprocessing.",
                "Let the model's factory give pl.Model(net, preprocess=pl.ImagePreprocess(…)).",
            )
        return preprocess
    if noise or photo is None:
        return preprocess if size is None else preprocess.sized(size)
    return preprocess.sized(size or min(LONGEST, max(photo.size)), photo.size)


def _write(e: Explanation, wish: Wish) -> Path:
    suffix = wish.out.suffix.lower()
    if suffix == ".npz":
        return Path(e.save(wish.out))
    if suffix == ".html":
        title = f"What {wish.model} {'dreams' if wish.photo else 'looks for'}"
        return results.write_report([e], wish.out, results.About(title, wish.model))
    one = len(e) == 1 and is_picture(e)
    pixels = synthesised(e) if one else pixels_of(e.plot(sample=None))
    return write_bytes(wish.out, png(pixels) if suffix == ".png" else jpeg(pixels))


def _answer(e: Explanation, written: list[Path], json: bool) -> None:
    if json:
        found = {**results.as_json(e), "files": [str(path) for path in written]}
        answer(json_format.dumps(found, indent=2, allow_nan=False))
        return
    for text in results.lines([e]):
        answer(text)
    for path in written:
        answer(str(path))
