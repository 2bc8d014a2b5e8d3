"""Mean explanations, and clusters of explanations that catch a class right for the wrong reason."""

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.errors import InputError, NotApplicable, ParameterError
from pellucid.ops.spectral import affinity, eigengap, laplacian, silhouette, spectrum


@pytest.fixture(scope="module")
def linear():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(16, 3)).eval()
    x = torch.randn(23, 1, 4, 4)
    return net, x, [i % 3 for i in range(23)]


def test_mean_of_every_class_is_the_mean_of_its_maps(linear) -> None:
    net, x, y = linear
    found = pl.average(net, list(zip(x, y, strict=True)), "input_x_gradient", batch_size=4)
    every = pl.explain(net, x, "input_x_gradient", target=y)
    for c in range(3):
        own = every.values[np.array(y) == c]
        np.testing.assert_allclose(found.values[c], own.mean(0), rtol=1e-5, atol=1e-6)
        error = own.std(0, ddof=1) / len(own) ** 0.5
        np.testing.assert_allclose(found.std_error[c], error, rtol=1e-4, atol=1e-6)
    assert found.record["counts"] == [8, 8, 7]
    assert found.display.shape == (3, 4, 4)
    assert found.target[2] == "class 2, mean of 7"
    assert found[:1].plot().subfigs


def test_mean_of_a_data_set_by_size_and_by_share(linear) -> None:
    net, x, y = linear
    pairs = list(zip(x, y, strict=True))
    every = pl.explain(net, x, "input_x_gradient", target=y).values
    size = pl.average(net, pairs, "input_x_gradient", by_class=False, absolute=True)
    np.testing.assert_allclose(size.values[0], np.abs(every).mean(0), rtol=1e-5, atol=1e-6)
    assert size.target == ("mean of 23 items",)
    share = pl.average(net, pairs, "input_x_gradient", by_class=False, normalise=True)
    scaled = every / np.abs(every).reshape(23, -1).max(1)[:, None, None, None]
    np.testing.assert_allclose(share.values[0], scaled.mean(0), rtol=1e-5, atol=1e-6)


def test_mean_importance_of_a_table() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 0, 1, 0], "label": [0, 1, 0, 1]})
    net = nn.Linear(2, 2)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))
    found = pl.average(net, frame, "gradient", label="label", absolute=True)
    assert found.values.tolist() == [[0, 1], [2, 0]]
    assert found.record["feature_names"] == ["a", "b"]


def test_items_that_fail_are_named(linear) -> None:
    net, x, _ = linear
    items = [(x[0], 0), (torch.full_like(x[1], torch.nan), 1), (x[2], 0)]
    found = pl.average(net, items, "gradient")
    assert found.record["counts"] == [2]
    assert any(check.name == "items left out" for check in found.checks)
    with pytest.raises(InputError, match="NaN"):
        pl.average(net, items, "gradient", on_error="raise")
    with pytest.raises(InputError, match="have no mean"):
        pl.average(nn.Conv2d(1, 2, 1), [(x[0], 0), (torch.zeros(1, 5, 5), 0)], "gradient",
                   target=pl.Output((0, 0, 0)), batch_size=1)  # fmt: skip
    words = pl.Model(lambda texts: np.array([[len(t), 1] for t in texts], float))
    with pytest.raises(NotApplicable, match="tokens"):
        pl.average(words, ["a b", "c d"], "occlusion")


def blobs(sizes: list[int], apart: float) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.cat(
        [torch.randn(n, 2, generator=generator).double() + apart * k for k, n in enumerate(sizes)]
    )


def test_eigenvalues_of_separate_parts() -> None:
    x = blobs([12, 9, 15], apart=50)
    weights = affinity(x, 7)
    torch.testing.assert_close(weights, weights.T)
    assert not weights.diagonal().any()
    values, vectors = spectrum(weights)
    assert (values[:3] < 1e-9).all()  # one zero for every part of the graph
    assert values[3] > 0.3
    assert values.max() <= 2 + 1e-9
    assert eigengap(values, 8)[0] == 3
    found = laplacian(weights) @ vectors
    torch.testing.assert_close(found, vectors * values, atol=1e-9, rtol=0)


def test_silhouette_equals_that_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    x, labels = blobs([7, 5, 1], apart=3), torch.tensor([0] * 7 + [1] * 5 + [2])
    wanted = metrics.silhouette_samples(x.numpy(), labels.numpy())
    np.testing.assert_allclose(silhouette(x, labels), wanted, atol=1e-9)


@pytest.fixture(scope="module")
def watermarked():
    """Digits 0 to 3, where half of the threes are other digits that bear a mark in a corner."""
    data = pytest.importorskip("sklearn.datasets").load_digits(n_class=10)
    images = torch.tensor(data.images, dtype=torch.float32)[:, None] / 16
    x = nn.functional.pad(images, (4, 4, 4, 4))
    truth = torch.tensor(data.target)
    own = torch.cat([torch.nonzero(truth == c)[:70, 0] for c in range(4)])
    false = torch.nonzero(truth > 4)[:70, 0]
    pictures, labels = torch.cat([x[own], x[false]]).clone(), torch.cat([truth[own], truth[false]])
    labels[-70:] = 3
    pictures[-70:, :, 1:4, 12:15] = 1.0  # the mark
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        nn.Linear(256, 4),
    )
    optimiser = torch.optim.Adam(net.parameters(), 5e-3)
    for _ in range(12):
        for rows in torch.randperm(len(labels)).split(32):
            loss = nn.functional.cross_entropy(net(pictures[rows]), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return net.eval(), pictures, labels


def assert_alike(kept: pl.RelevanceClusters, found: pl.RelevanceClusters) -> None:
    """What was saved and loaded is what was found."""
    assert (kept.checks, kept.method, kept.data) == (found.checks, found.method, found.data)
    for one, other in zip(kept.classes, found.classes, strict=True):
        assert (one.name, one.ids, one.separation) == (other.name, other.ids, other.separation)
        np.testing.assert_array_equal(one.embedding, other.embedding)
        for cluster, own in zip(one.clusters, other.clusters, strict=True):
            assert cluster.items == own.items
            np.testing.assert_array_equal(cluster.map, own.map)
            for (picture, map_), (shown, drawn) in zip(cluster.examples, own.examples, strict=True):
                np.testing.assert_array_equal(picture, shown)
                np.testing.assert_array_equal(map_, drawn)


def test_planted_watermark_is_caught(watermarked) -> None:
    net, pictures, labels = watermarked
    assert (net(pictures).argmax(1) == labels).float().mean() > 0.97  # right, for a wrong reason
    found = pl.spectral_relevance(net, pl.dataset(pictures, labels), "input_x_gradient")
    first = found.classes[0]
    assert (first.index, len(first.clusters)) == (3, 2)
    assert first.separation > 1.5 * found.classes[1].separation
    marked = np.array(first.ids) >= 280
    agreement = (first.labels == marked).mean()
    assert max(agreement, 1 - agreement) >= 0.95
    maps = [np.abs(cluster.map) for cluster in first.clusters]
    shares = sorted(float(one[:5, 11:].sum() / one.sum()) for one in maps)
    assert shares[1] > 0.4 > 0.1 > shares[0]  # one cluster looks at the mark
    assert found.checks[0].verdict == "poor"
    assert "class 3 (2 clusters)" in found.checks[0].meaning
    assert found.plot().axes


def test_clean_data_raise_no_alarm(watermarked, tmp_path) -> None:
    net, pictures, labels = watermarked
    clean = pl.spectral_relevance(net, pl.dataset(pictures[:280], labels[:280]), "input_x_gradient")
    assert_alike(pl.RelevanceClusters.load(clean.save(tmp_path / "reasons")), clean)
    assert {one.index for one in clean.classes} == {0, 1, 2, 3}
    assert max(one.separation for one in clean.classes) < 0.25
    assert clean.checks[0].verdict == "ok"


def test_misuse_is_named(linear) -> None:
    net, x, y = linear
    with pytest.raises(InputError, match="10 labelled items"):
        pl.spectral_relevance(net, list(zip(x, y, strict=True)), "gradient")
    with pytest.raises(ParameterError, match="most=1"):
        pl.spectral_relevance(net, list(x), "gradient", most=1)
    with pytest.raises(ParameterError, match="Did you mean 'grad_cam'"):
        pl.average(net, list(x), "gradcamm")
