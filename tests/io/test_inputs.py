"""Files and pixels become batches; tensors pass untouched."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from pellucid.core.model import Model
from pellucid.errors import FileError, InputError
from pellucid.io.inputs import read
from pellucid.io.preprocess import ImagePreprocess
from pellucid.io.samples import sample

NET = nn.Conv2d(3, 2, 3)
PREPARED = Model(NET, preprocess=ImagePreprocess(size=32, mean=0.5, std=0.5))


def test_a_path_a_picture_and_its_pixels_are_one_input() -> None:
    path = sample("coffee")
    picture = Image.open(path)
    tensor, seen = read(PREPARED, str(path))
    assert tensor.shape == (1, 3, 32, 32)
    assert seen.shape == (1, 32, 32, 3)
    for same in (path, picture, np.asarray(picture), [path], np.asarray(picture)[None]):
        assert torch.equal(read(PREPARED, same)[0], tensor)


def test_several_files_are_one_batch_in_order() -> None:
    tensor, seen = read(PREPARED, [sample("coffee"), sample("chelsea")])
    assert tensor.shape == (2, 3, 32, 32)
    assert torch.equal(tensor[1:], read(PREPARED, sample("chelsea"))[0])
    assert seen.shape == (2, 32, 32, 3)


def test_tensors_and_float_arrays_pass_untouched() -> None:
    tensor = torch.rand(2, 3, 8, 8)
    assert read(PREPARED, tensor)[0] is tensor
    array = np.zeros((2, 3, 8, 8), np.float32)
    assert read(Model(NET), array)[0] is array
    both = (tensor, torch.zeros(2, 4))
    assert read(Model(NET), both)[0] is both


def test_npy_file_is_the_batch_itself(tmp_path) -> None:
    batch = np.random.default_rng(0).random((2, 5, 16)).astype(np.float32)
    np.save(tmp_path / "x.npy", batch)
    tensor, seen = read(Model(nn.Conv1d(5, 2, 3)), tmp_path / "x.npy")
    assert np.array_equal(tensor, batch)
    assert seen is None


def test_pickled_npy_is_refused(tmp_path) -> None:
    np.save(tmp_path / "x.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(FileError, match="no plain"):
        read(PREPARED, tmp_path / "x.npy")


def test_picture_for_a_model_without_preprocessing() -> None:
    with pytest.raises(InputError, match=r"does not say how a picture.*preprocess=") as caught:
        read(Model(NET), sample("coffee"))
    assert "ImagePreprocess" in caught.value.remedy


def test_text_goes_to_the_models_own_preprocessing() -> None:
    model = Model(NET, preprocess=lambda text: torch.tensor([[float(len(text))]]))
    tensor, seen = read(model, "hello")
    assert tensor.item() == 5
    assert list(seen) == ["hello"]


def test_pictures_of_different_size_after_preprocessing() -> None:
    model = Model(NET, preprocess=ImagePreprocess())
    with pytest.raises(InputError, match="different shapes"):
        read(model, [sample("coffee"), sample("chelsea")])


def test_own_preprocessing_may_leave_out_the_batch_axis() -> None:
    def prepare(picture: Image.Image) -> torch.Tensor:
        return torch.from_numpy(np.asarray(picture, np.float32)).permute(2, 0, 1) / 255

    assert read(Model(NET, preprocess=prepare), sample("coffee"))[0].shape == (1, 3, 400, 600)
