"""Predictors that are no torch modules: what is asked, and what they may answer."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import SVC

import pellucid as pl

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
WEIGHT = np.array([2.0, -1.0, 0.0, 0.5])
Y = X @ WEIGHT


def occluded(model: Any, **more: Any) -> pl.Explanation:
    options = {"space": "logit", **more}
    found: pl.Explanation = pl.explain(model, X[:3], "occlusion", **options)
    return found


def test_a_regressor_is_asked_for_its_value() -> None:
    e = occluded(LinearRegression().fit(X, Y))
    np.testing.assert_allclose(e.values, WEIGHT * X[:3], atol=1e-5)
    assert set(e.target) == {"value"}


@pytest.mark.parametrize("names", [[0, 1], ["no", "yes"], [7, 9]])
def test_a_classifier_is_asked_for_probabilities_and_knows_its_classes(names: list[Any]) -> None:
    model = LogisticRegression().fit(X, np.where(Y > 0, names[1], names[0]))
    e = occluded(model, target=str(names[1]))
    hidden = X[:3].copy()
    hidden[:, 0] = 0
    change = model.predict_proba(X[:3])[:, 1] - model.predict_proba(hidden)[:, 1]
    np.testing.assert_allclose(e.values[:, 0], change, atol=1e-6)


def test_a_classifier_without_probabilities_gives_its_decision_function() -> None:
    model = SVC(kernel="linear").fit(X, Y > 0)
    e = occluded(model, target=pl.Positive())
    np.testing.assert_allclose(e.values, model.coef_ * X[:3], atol=1e-4)


def test_several_values_of_a_regressor_are_no_probabilities() -> None:
    model = LinearRegression().fit(X, np.stack([Y, -3 * Y], 1))
    e = pl.explain(model, X[:2], "occlusion", target=1)
    np.testing.assert_allclose(e.values, -3 * WEIGHT * X[:2], atol=1e-5)


def test_a_softmax_of_a_functions_scores_is_told() -> None:
    e = pl.explain(lambda x: np.stack([x[:, 0], x[:, 1]], 1), X[:2], "occlusion", target=0)
    assert "softmax applied" in {check.name for check in e.checks}
    same = pl.explain(LogisticRegression().fit(X, Y > 0), X[:2], "occlusion", target=1)
    assert "softmax applied" not in {check.name for check in same.checks}


def test_whole_numbers_of_a_table_are_no_ids() -> None:
    model = LinearRegression().fit(X, Y)
    e = pl.explain(model, np.array([[1, 2, 3, 4]]), pl.Occlusion(baseline=0.5))
    np.testing.assert_allclose(e.values[0], WEIGHT * np.array([0.5, 1.5, 2.5, 3.5]), atol=1e-5)
    with pytest.raises(pl.ParameterError, match="whole numbers"):
        pl.explain(lambda x: x.sum(1), np.array([[1, 2]]), pl.Occlusion(baseline=0.5))


def test_a_number_that_is_a_class_and_an_index_is_ambiguous() -> None:
    model = LogisticRegression().fit(X, np.where(Y > 0, 2, 1))
    with pytest.raises(pl.TargetError, match="may mean the class called '1'"):
        occluded(model, target=1)
    assert set(occluded(model, target="2").target) == {"2 (class 1)"}


class OnlyLabels:
    """A classifier that tells nothing but names."""

    classes_ = np.array(["a", "b"])

    def predict(self, x: Any) -> Any:
        return np.full(len(x), "a")


@pytest.mark.parametrize("given", [OnlyLabels(), object(), 3])
def test_what_gives_no_scores_is_refused(given: Any) -> None:
    with pytest.raises(pl.InputError, match="is not a network"):
        pl.explain(given, X[:1], "occlusion")


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: (x @ WEIGHT).tolist(),
        lambda x: [[float(v)] for v in x @ WEIGHT],
        lambda x: (x @ WEIGHT).astype(np.float32),
        lambda x: np.round(x @ WEIGHT * 1e6).astype(np.int64) / 1e6,
    ],
    ids=["list", "nested list", "float32", "rounded"],
)
def test_functions_may_answer_with_lists_and_any_numbers(answer: Any) -> None:
    e = occluded(answer, target=pl.Value())
    np.testing.assert_allclose(e.values, WEIGHT * X[:3], atol=1e-4)


def test_an_onnx_session_is_asked_by_the_names_of_its_inputs(tmp_path: Any) -> None:
    weight = numpy_helper.from_array(np.stack([-WEIGHT, WEIGHT], 1).astype(np.float32), "w")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["scores"])],
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 2])],
        [weight],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    e = occluded(session, target=1)
    np.testing.assert_allclose(e.values, WEIGHT * X[:3], atol=1e-4)


def test_an_onnx_model_with_a_label_and_probabilities_for_one_row(tmp_path: Any) -> None:
    weight = numpy_helper.from_array(np.stack([-WEIGHT, WEIGHT], 1).astype(np.float32), "w")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["s"]),
         helper.make_node("ArgMax", ["s"], ["label"], axis=1, keepdims=0),
         helper.make_node("Softmax", ["s"], ["p"], axis=1)],
        "classifier",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("label", TensorProto.INT64, [1]),
         helper.make_tensor_value_info("p", TensorProto.FLOAT, [1, 2])],
        [weight],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    e = pl.explain(session, X[:3], "occlusion", target=1)
    hidden = X[:3] * [0, 1, 1, 1]
    p = 1 / (1 + np.exp(-2 * np.stack([X[:3] @ WEIGHT, hidden @ WEIGHT])))
    np.testing.assert_allclose(e.values[:, 0], p[0] - p[1], atol=1e-5)
