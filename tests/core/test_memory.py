"""A predictor that remembers: asked once for every row, and nothing is lost when it fails."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import pellucid as pl
from pellucid.core.memory import remembering

X = np.random.default_rng(0).random((2, 1, 6, 8))
METHODS = [
    pl.Occlusion(window=2, stride=1),
    pl.LIME(count=3),
    pl.KernelSHAP(count=3, n_samples=100),
    pl.Shapley(count=2),
    pl.RISE(n_masks=300),
]


class Server:
    """A function of pictures that counts the rows it answers, and fails after `most`."""

    def __init__(self, most: int = 10**9) -> None:
        self.rows, self.most = 0, most

    def __call__(self, pictures: NDArray[Any]) -> NDArray[Any]:
        if self.rows + len(pictures) > self.most:
            raise TimeoutError("no answer")
        self.rows += len(pictures)
        left, right = pictures[:, 0, :, :4].mean((1, 2)), pictures[:, 0, :, 4:].mean((1, 2))
        bright = left * right
        return np.stack([bright, 1 - bright], 1)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.card.name)
def test_after_a_failure_it_goes_on_where_it_stopped(method: Any) -> None:
    steady = Server()
    wanted = pl.explain(pl.Model(steady, remember=True), X, method, batch_size=4)

    server = Server(most=steady.rows // 2)
    model = pl.Model(server, remember=True)
    with pytest.raises(pl.PredictorError, match="no answer"):
        pl.explain(model, X, method, batch_size=4)
    before = server.rows
    assert before > 0
    server.most = 10**9
    found = pl.explain(model, X, method, batch_size=4)
    assert np.array_equal(found.values, wanted.values)
    assert server.rows == steady.rows

    pl.explain(model, X, method, target=1)
    assert server.rows == steady.rows


def test_the_same_as_without() -> None:
    plain = pl.explain(Server(), X, "kernel_shap", count=3)
    kept = pl.explain(pl.Model(Server(), remember=True), X, "kernel_shap", count=3)
    assert np.array_equal(plain.values, kept.values)
    assert plain.score.tolist() == kept.score.tolist()


def test_rows_that_come_twice_are_asked_once() -> None:
    asked: list[list[str]] = []

    def length(texts: list[str]) -> NDArray[Any]:
        asked.append(texts)
        return np.array([float(len(text)) for text in texts])

    found = remembering(length)(["a", "bcd", "a", "", "bcd"])
    assert found.tolist() == [1, 3, 1, 0, 3]
    assert asked == [["a", "bcd", ""]]


def test_rows_are_told_apart_by_type_shape_and_place() -> None:
    asked = []

    def total(x: Any, y: Any) -> Any:
        asked.append(len(x))
        return np.asarray(x).reshape(len(x), -1).sum(1) - np.asarray(y).reshape(len(y), -1).sum(1)

    kept = remembering(total)
    one, two = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]])
    assert kept(one, two).tolist() == [-4]
    assert kept(two, one).tolist() == [4]
    assert kept(one, two.double()).tolist() == [-4]
    assert kept(one[..., None], two).tolist() == [-4]
    assert kept(one, two).tolist() == [-4]
    assert asked == [1, 1, 1, 1]


def test_data_frames_and_dictionaries() -> None:
    asked = []

    def count(given: Any) -> Any:
        first = given["a"]
        asked.append(len(first))
        return {"scores": torch.tensor([[float(v), 1.0] for v in np.asarray(first)])}

    kept = remembering(count)
    frame = pd.DataFrame({"a": [1, 2, 1], "b": ["x", "y", "x"]})
    assert kept(frame)["scores"].tolist() == [[1, 1], [2, 1], [1, 1]]
    assert kept({"a": np.array([1, 2])})["scores"].tolist() == [[1, 1], [2, 1]]
    assert asked == [2, 2]


def test_an_estimator_keeps_its_classes() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    table = np.random.default_rng(1).normal(size=(50, 3))
    fitted = linear.LogisticRegression().fit(table, np.where(table[:, 0] > 0, "yes", "no"))
    model = pl.Model(fitted, remember=True)
    assert model.classes == ("no", "yes")
    assert pl.explain(model, table[:1], "shapley", target="yes").target == ("yes (class 1)",)


def test_answers_that_are_not_one_for_each_row_are_refused() -> None:
    with pytest.raises(pl.OutputError, match=r"shape \(3, 2\) for 2 inputs"):
        remembering(lambda x: np.zeros((3, 2)))(np.arange(2.0))


def test_a_torch_module_is_refused() -> None:
    with pytest.raises(pl.InputError, match="not for torch modules"):
        pl.Model(nn.Linear(2, 2), remember=True)


def test_what_is_remembered_is_not_shared() -> None:
    def same(x: Tensor) -> Tensor:
        return x

    kept = remembering(same)
    first = kept(torch.ones(2, 2))
    first.zero_()
    assert bool((kept(torch.ones(1, 2)) == 1).all())
