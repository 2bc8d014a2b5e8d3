"""From files, pictures and pixel arrays to what the network takes."""

import os
import tokenize
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ..core.entry import with_axes
from ..core.inputs import Inputs
from ..core.model import Model
from ..core.structure import leaves, replace_leaf
from ..errors import FileError, InputError
from .display import display_of
from .frames import as_frame, is_frame, read_frame
from .images import SUFFIXES, read_bytes, read_image
from .preprocess import ImagePreprocess
from .texts import Text, read_texts
from .tokenizing import TextPreprocess, read_tokens, tokenizing


def inputs_of(model: Model, x: Any, black_box: bool = False) -> Inputs:
    """What a user gave as the batch that the network takes, with its axes named."""
    given, display = read(model, x, black_box)
    return with_axes(model, model.inputs(given, display))


def read(model: Model, x: Any, black_box: bool = False, shown: bool = True) -> tuple[Any, Any]:
    """What the network takes, and what a reader should see of it, if it is `shown`.

    For `black_box` methods a text is read as the presence of its words, and a data frame as numbers
    and codes; others get what the model's `preprocess` makes of them.

    Paths, pictures, uint8 and uint16 pixel arrays, and lists of them go through the model's
    `preprocess`; `.npy` files are read first. Tensors and float arrays pass untouched. The display
    is uint8 `(N, H, W[, 3])`, an array of texts, or None. Raises `FileError` and `InputError`.
    """
    if is_frame(x) and not hasattr(x, "columns") and all(isinstance(item, str) for item in x):
        x = list(x)  # a column of texts
    if is_frame(x):
        return _frame(model, x, black_box), None
    tokens = black_box or _tokens(model) is not None
    if isinstance(x, Text) or (tokens and _is_text(model, x)):
        return _text(model, x if isinstance(x, Text) else Text(x), black_box), None
    items = _items(x)
    if items is None or not any(_is_raw(item, model) for item in items):
        return x, _display(model, x) if shown else None
    opened = [_opened(item, model) for item in items]
    if all(isinstance(item, np.ndarray) and not _is_pixels(item, model) for item in opened):
        tensors = opened[0] if len(opened) == 1 else np.concatenate(_same_shape(opened))
        return tensors, _display(model, tensors) if shown else None
    if model.preprocess is None:
        raise InputError(
            f"The model does not say how {_kind(opened[0])} becomes its input.",
            "Give the preprocessing once: pl.Model(net, preprocess=…), for example "
            "pl.ImagePreprocess(size=224, mean=…, std=…).",
        )
    if all(isinstance(item, str) for item in opened):
        given = x if isinstance(x, str) else list(opened)
        return model.preprocess(given), np.array(opened, dtype=np.str_)
    prepared = _joined([_prepared(model.preprocess, item) for item in _single(opened)])
    return prepared, _display(model, prepared) if shown else None


def _frame(model: Model, x: Any, black_box: bool) -> Any:
    """A data frame as it is encoded; for gradients, what the network takes instead of it."""
    if black_box and model.net is None:
        return read_frame(x, model.preprocess)
    _ = model.module  # a function has no gradients
    frame = as_frame(x)
    if model.preprocess is not None:
        return read_frame(x, model.preprocess) if black_box else model.preprocess(frame)
    numbers = read_frame(frame, None)
    assert numbers.encoding is not None
    texts = [n for n, k in zip(numbers.encoding.names, numbers.encoding.kinds, strict=True)
             if k != "numeric"]  # fmt: skip
    if texts:
        raise InputError(
            f"The network takes numbers, and the columns {texts} hold none.",
            "Give pl.Model(net, preprocess=…), a function from a data frame to its input.",
        )
    encoding = replace(numbers.encoding, decode=lambda value: value)
    return replace(numbers, value=numbers.value.float(), encoding=encoding)


def _is_text(model: Model, x: Any) -> bool:
    several = x if isinstance(x, list | tuple | np.ndarray) else [x]
    strings = len(several) > 0 and all(isinstance(item, str) for item in several)
    return strings and not any(_is_path(item, model) for item in several)


def _tokens(model: Model) -> TextPreprocess | None:
    return tokenizing(model.preprocess, model.net)


def _text(model: Model, given: Text, black_box: bool) -> Any:
    tokens = _tokens(model)
    if model.preprocess is None and model.net is not None:
        raise InputError(
            "The model does not say how a text becomes its input.",
            "Give pl.Model(net, preprocess=pl.TextPreprocess(tokenizer)), or a function from a "
            "list of texts to its input; `list` for a network that takes them as they are.",
        )
    if black_box:
        return read_texts(given, tokens or model.preprocess)
    _ = model.module
    if tokens is not None:
        return read_tokens(given.several, tokens)
    return model.preprocess(given.several) if model.preprocess else given.several


def _items(x: Any) -> list[Any] | None:
    if isinstance(x, str | os.PathLike | Image.Image | np.ndarray):
        return [x]
    if isinstance(x, list | tuple) and x:
        return list(x)
    return None


def _is_raw(item: Any, model: Model) -> bool:
    if isinstance(item, np.ndarray):
        return _is_pixels(item, model)
    return isinstance(item, str | os.PathLike | Image.Image)


def _is_pixels(item: Any, model: Model) -> bool:
    whole = isinstance(item, np.ndarray) and item.dtype in (np.uint8, np.uint16)
    return whole and model.preprocess is not None


def _opened(item: Any, model: Model) -> Any:
    """The picture, array or text that `item` names."""
    if isinstance(item, str) and not _is_path(item, model):
        return item
    if not isinstance(item, str | os.PathLike):
        return item
    path = Path(item)
    return read_array(path) if path.suffix.lower() == ".npy" else read_image(path)


def _is_path(text: str, model: Model) -> bool:
    network = model.net is not None
    if isinstance(model.preprocess, ImagePreprocess) or (model.preprocess is None and network):
        return True
    return Path(text).suffix.lower() in SUFFIXES | {".npy"}


def read_array(path: Path) -> NDArray[Any]:
    """The array in a `.npy` file; never unpickles. Raises `FileError`."""
    read_bytes(path)
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, SyntaxError, tokenize.TokenError, MemoryError):
        raise FileError(
            f"{path} is damaged or no plain .npy array.", "Write it with numpy.save."
        ) from None
    if not isinstance(array, np.ndarray):
        raise FileError(f"{path} is an archive of several arrays.", "Save the one you mean.")
    return array


def _single(items: Sequence[Any]) -> list[Any]:
    """One picture an entry: batches of pixel arrays are taken apart."""
    singles: list[Any] = []
    for item in items:
        batch = isinstance(item, np.ndarray) and item.ndim == 4
        singles.extend(item if batch else [item])
    return singles


def _prepared(preprocess: Any, picture: Any) -> Any:
    value = preprocess(picture)
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(np.ascontiguousarray(value))
    if isinstance(value, Tensor):
        return value[None] if value.ndim == 3 else value
    if not list(leaves(value)):
        raise InputError(
            f"The preprocessing gave a {type(value).__name__} for {_kind(picture)}.",
            "It has to give a tensor, or a tuple or dict of tensors.",
        )
    return value


def _joined(values: list[Any]) -> Any:
    first = values[0]
    for path, _ in list(leaves(first)):
        found = [dict(leaves(value))[path] for value in values]
        first = replace_leaf(first, path, torch.cat(_same_shape(found)))
    return first


def _same_shape(found: list[Any]) -> list[Any]:
    shapes = sorted({tuple(one.shape[1:]) for one in found})
    if len(shapes) > 1:
        raise InputError(
            f"The inputs have different shapes: {shapes[0]} and {shapes[1]}.",
            "Give them one by one, or prepare them to one size.",
        )
    return found


def _display(model: Model, x: Any) -> Any:
    tensor = torch.from_numpy(np.ascontiguousarray(x)) if _is_float_array(x) else x
    if not isinstance(tensor, Tensor):
        found = [leaf for _, leaf in leaves(x) if leaf.is_floating_point()]
        tensor = found[0] if len(found) == 1 else None
    return None if tensor is None else display_of(model.preprocess, tensor)[0]


def _is_float_array(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype in (np.float16, np.float32, np.float64)


def _kind(item: Any) -> str:
    if isinstance(item, str):
        return "a text"
    return "a pixel array" if isinstance(item, np.ndarray) else "a picture"
