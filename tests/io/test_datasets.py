"""Any data set is one stream of items with a stable id, a name and a label."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from pellucid.errors import FileError, InputError, ParameterError, TargetError
from pellucid.io.datasets import label_indices, open_dataset


def picture(path: Path, shade: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(path)


def summary(data) -> list[tuple]:
    return [(item.id, item.name, item.label) for item in data]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for k, name in enumerate(["dog/2.png", "cat/1.png", "cat/deep/3.PNG", "cat/.hidden/9.png"]):
        picture(tmp_path / "pets" / name, k)
    (tmp_path / "pets" / "notes.md").touch()
    return tmp_path / "pets"


def test_folder_gives_its_pictures_with_their_sub_folders_as_labels(folder: Path) -> None:
    data = open_dataset(folder)
    wanted = [(0, "cat/1.png", "cat"), (1, "cat/deep/3.PNG", "cat"), (2, "dog/2.png", "dog")]
    assert summary(data) == wanted == summary(data)
    assert data.counts() == {"cat": 2, "dog": 1}
    assert data.input(2) == [str(folder / "dog/2.png")]
    assert summary(data.subset([2, 0])) == [(0, "dog/2.png", "dog"), (1, "cat/1.png", "cat")]


def test_listing_names_files_and_labels(folder: Path) -> None:
    listing = folder / "list.csv"
    listing.write_text("path,label\ndog/2.png,7\ncat/1.png,\n")
    assert summary(open_dataset(listing)) == [(0, "dog/2.png", 7), (1, "cat/1.png", None)]


def test_arrays_are_mapped_not_loaded(tmp_path: Path) -> None:
    x, y = np.random.default_rng(0).normal(size=(5, 2, 9)), np.arange(5)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "both.npz", x=x, y=y)
    for name in ("x.npy", "both.npz"):
        data = open_dataset(tmp_path / name)
        assert data.kind == "series"
        assert isinstance(data[0].value.base, np.memmap) or isinstance(data[0].value, np.memmap)
        np.testing.assert_array_equal(data.join([data[3], data[1]]), x[[3, 1]])
    assert [item.label for item in data] == list(y)
    with pytest.raises(ParameterError, match="no array 'z'"):
        open_dataset(tmp_path / "both.npz", label="z")


def test_whole_numbered_pictures_stay_separate_for_the_preprocessing() -> None:
    data = open_dataset(np.zeros((3, 8, 8), np.uint8), label=[1, 0, 1])
    joined = data.join([data[0], data[2]])
    assert [array.shape for array in joined] == [(8, 8), (8, 8)]


def test_tables_lose_their_column_of_labels(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    (tmp_path / "t.csv").write_text("a,b,kind\n1,x,no\n2,y,yes\n3,z,yes\n")
    data = open_dataset(tmp_path / "t.csv", label="kind")
    assert summary(data) == [(0, "row 0", "no"), (1, "row 1", "yes"), (2, "row 2", "yes")]
    assert data.join([data[2], data[0]]).to_dict("list") == {"a": [3, 1], "b": ["z", "x"]}
    part = data.subset([2, 1])
    assert part.join(list(part)).to_dict("list") == {"a": [3, 2], "b": ["z", "y"]}
    with pytest.raises(ParameterError, match="no column 'kin'"):
        open_dataset(tmp_path / "t.csv", label="kin")


def test_series_one_file_each(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    for name, steps in (("fine/a.csv", 4), ("odd/b.csv", 6)):
        (tmp_path / name).parent.mkdir()
        lines = "\n".join(f"{t},{-t}" for t in range(steps))
        (tmp_path / name).write_text(f"u,v\n{lines}\n")
    np.save(tmp_path / "fine" / "c.npy", np.zeros((2, 4)))
    data = open_dataset(tmp_path, kind="series")
    assert [(item.label, item.value.shape) for item in data] == [
        *(("fine", (1, 2, 4)), ("fine", (1, 2, 4)), ("odd", (1, 2, 6)))
    ]


def test_texts_by_line_by_column_and_as_a_list(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    (tmp_path / "t.txt").write_text("one two\n\n  drei vier\r\n", encoding="utf-8")
    (tmp_path / "t.csv").write_text('text,label\n"a, b",spam\nc,ham\n')
    lines, table = open_dataset(tmp_path / "t.txt"), open_dataset(tmp_path / "t.csv")
    assert [item.value for item in lines] == ["one two", "drei vier"]
    assert lines.input(1).several == ["drei vier"]
    assert [(item.value, item.label) for item in table] == [("a, b", "spam"), ("c", "ham")]
    assert open_dataset(["so", "so so"]).kind == "text"


class Stream(IterableDataset):
    def __iter__(self):
        return iter([(torch.full((2,), float(k)), k % 2) for k in range(5)])


def test_torch_data_in_every_form() -> None:
    x, y = torch.arange(10.0).reshape(5, 2), torch.tensor([0, 1, 0, 1, 0])
    forms = {
        "data set": TensorDataset(x, y),
        "shuffled loader": DataLoader(TensorDataset(x, y), batch_size=2, shuffle=True),
        "pairs": list(zip(x, y, strict=True)),
        "batches": [(x[:3], y[:3]), (x[3:], y[3:])],
    }
    for name, form in forms.items():
        data = open_dataset(form)
        assert [item.label for item in data] == y.tolist(), name
        assert torch.equal(data.join(list(data)), x), name
        assert torch.equal(data.input(3), x[3:4]), name
    stream = open_dataset(Stream())
    assert stream.size is None
    assert [item.label for item in stream] == [0, 1, 0, 1, 0] == [item.label for item in stream]
    assert stream.input(4)[0, 0] == 4


def test_what_can_be_read_only_once_is_refused() -> None:
    with pytest.raises(InputError, match="only once"):
        open_dataset(x for x in torch.zeros(2, 3))
    own = DataLoader(TensorDataset(torch.zeros(4, 2)), shuffle=True, collate_fn=lambda b: b)
    with pytest.raises(InputError, match="shuffles"):
        open_dataset(own)


class Faulty(torch.utils.data.Dataset):
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int):
        if index == 1:
            raise OSError("disc gone")
        return torch.zeros(2), 0


def test_item_that_cannot_be_read_carries_its_error() -> None:
    items = list(open_dataset(Faulty()))
    assert [item.error is None for item in items] == [True, False, True]
    assert "disc gone" in str(items[1].error)
    with pytest.raises(InputError, match="disc gone"):
        open_dataset(Faulty()).input(1)


def test_misuse_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="does not exist"):
        open_dataset(tmp_path / "none")
    with pytest.raises(FileError, match="holds no data"):
        open_dataset(tmp_path)
    with pytest.raises(ParameterError, match="Did you mean 'series'"):
        open_dataset(tmp_path, kind="serie")
    with pytest.raises(InputError, match="labels of shape"):
        open_dataset(np.zeros((3, 2)), label=[1, 2])
    with pytest.raises(InputError, match="no item 7"):
        open_dataset(np.zeros((3, 2)))[7]
    with pytest.raises(InputError, match="no data set"):
        open_dataset(3)


def test_labels_meet_the_classes_of_the_model() -> None:
    found, notes = label_indices(["Tabby_Cat", 2, None, "cup"], ["dog", "tabby cat", "cup"])
    assert found == {"Tabby_Cat": 1, 2: 2, None: -1, "cup": 2}
    assert not notes
    found, notes = label_indices(["mug"], ["dog", "cup"], {"mug": "cup"})
    assert found["mug"] == 1
    found, notes = label_indices(["mug", "dog"], ["dog", "cup"])
    assert (found["mug"], found["dog"]) == (-2, 0)
    assert "mug" in notes[0]
    with pytest.raises(TargetError, match="2 classes are called 'missile'"):
        label_indices(["missile"], ["missile", "cup", "missile"])


def test_labels_without_class_names_are_numbered_in_order() -> None:
    assert label_indices(["b", "a"], None)[0] == {None: -1, "a": 0, "b": 1}
    assert label_indices(["10", "3"], None)[0] == {None: -1, "10": 10, "3": 3}
