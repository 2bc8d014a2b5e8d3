"""A training that is watched is the same training, to the bit, and what was seen is written."""

import csv
import json
import random
import sys
import types
import warnings
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

import pellucid as pl
from pellucid.core import guard
from pellucid.errors import FileError, NotApplicable, ParameterError

X = torch.rand(24, 1, 8, 8, generator=torch.Generator().manual_seed(0))
Y = (torch.arange(24) % 2).long()
ITEMS, TARGETS = X[:2], [0, 1]

NUMPY = np.random.get_bit_generator()
"""NumPy's generator for all, which augmentations draw from."""


class Net(nn.Module):
    """Dropout, batch normalisation, a frozen part in eval mode, and a counter in an attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
        )
        self.frozen = nn.BatchNorm1d(36).eval().requires_grad_(False)
        self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(36, 2))
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        found: Tensor = self.head(self.frozen(self.body(x)))
        return found


def trained(watch: Any = None, epochs: int = 3) -> list[Any]:
    """Weights, gradients, optimiser and random states after every epoch."""
    random.seed(0)
    NUMPY.state = np.random.MT19937(0).state
    torch.manual_seed(0)
    net = Net()
    optimiser = torch.optim.Adam(net.parameters(), 0.01)
    loader = DataLoader(TensorDataset(X, Y), 8, shuffle=True)  # by the global generator
    history: list[Any] = []
    for epoch in range(epochs):
        for x, y in loader:
            if random.random() < 0.5:  # augmentation by the other two generators
                x = x + 0.1 * float(np.random.Generator(NUMPY).standard_normal())
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimiser.step()
        modes = [module.training for module in net.modules()]
        if watch is not None:
            watch(net, epoch)
        assert modes == [module.training for module in net.modules()]
        assert torch.is_grad_enabled()
        moments = [own["exp_avg"] for own in optimiser.state_dict()["state"].values()]
        gradients = [p.grad for p in net.parameters() if p.grad is not None]
        tensors = [*net.state_dict().values(), *gradients, *moments, torch.get_rng_state()]
        history.append([t.clone() for t in tensors])
        numpy_state = NUMPY.state["state"]["key"].tolist()
        history.append((random.getstate(), numpy_state, net.calls))
    return history


def same(a: list[Any], b: list[Any]) -> bool:
    return all(
        all(map(torch.equal, x, y)) if isinstance(x, list) else x == y
        for x, y in zip(a, b, strict=True)
    )


@pytest.fixture(scope="module")
def unwatched() -> list[Any]:
    return trained()


def restless_reading(net: nn.Module) -> pl.Model:
    """Draws from every generator when it is made and when it reads."""

    def draw(x: Any) -> Any:
        random.random(), np.random.Generator(NUMPY).random(), torch.rand(1)
        return x

    draw(None)
    return pl.Model(net, preprocess=draw, classes=["even", "odd"])


@pytest.mark.usefixtures("own_random_state")
def test_training_is_the_same_to_the_bit(unwatched: list[Any], tmp_path: Path) -> None:
    methods = ["grad_cam", pl.SmoothGrad(n_samples=4), "occlusion"]
    watch = pl.TrainingWatch(
        ITEMS, TARGETS, methods, to=tmp_path, wrap=restless_reading, strict=True
    )
    assert same(trained(watch), unwatched)
    assert watch.last == 2


@pytest.mark.usefixtures("own_random_state")
@pytest.mark.parametrize("slip", ["_random_states", "_eval_mode _buffers", "_attributes"])
def test_it_would_not_be_without_the_guard(
    slip: str, unwatched: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in slip.split():
        monkeypatch.setattr(guard, part, lambda *_: nullcontext())
    watch = pl.TrainingWatch(
        ITEMS, TARGETS, "gradient", metrics=(), to=tmp_path, wrap=restless_reading, strict=True
    )
    assert not same(trained(watch), unwatched)


@pytest.fixture
def net() -> nn.Module:
    torch.manual_seed(0)
    return Net()


@pytest.mark.usefixtures("own_random_state")
def test_numbers_are_those_of_explain_and_evaluate(net: nn.Module, tmp_path: Path) -> None:
    watch = pl.TrainingWatch(
        ITEMS, TARGETS, ["gradient", "grad_cam"], to=tmp_path, names=["first", "second"]
    )
    watch(net, 0)
    e = pl.explain(net, ITEMS, "gradient", TARGETS)
    scored = pl.evaluate(net, e, "deletion")["deletion"]
    rows = list(csv.DictReader((tmp_path / "metrics.csv").open()))
    own = {(r["metric"], r["item"]): float(r["value"]) for r in rows if r["method"] == "gradient"}
    assert own["score", "second"] == float(e.score[1])
    assert own["deletion", ""] == scored.mean
    assert own["deletion", "first"] == scored.values[0]
    kept = pl.Explanation.load(tmp_path / "epoch_0000" / "gradient.npz")
    assert np.array_equal(kept.values, e.values)
    assert len(list((tmp_path / "epoch_0000").glob("*.png"))) == 4


@pytest.mark.usefixtures("own_random_state")
def test_every_third_epoch(net: nn.Module, tmp_path: Path) -> None:
    watch = pl.TrainingWatch(ITEMS, TARGETS, "gradient", to=tmp_path, every=3, metrics=())
    seen = [epoch for epoch in range(7) if watch(net, epoch) is not None]
    assert seen == [0, 3, 6]
    assert watch.record(net, 7) is not None


@pytest.mark.usefixtures("own_random_state")
def test_a_folder_goes_on(net: nn.Module, tmp_path: Path) -> None:
    def watch(**other: Any) -> Any:
        return pl.TrainingWatch(ITEMS, TARGETS, "gradient", to=tmp_path, metrics=(), **other)

    for epoch in range(2):
        watch()(net, epoch)
    (tmp_path / "epoch_0007").mkdir()  # where a run was killed: pictures, and nothing that ends
    watch()(nn.Sequential(net, nn.Linear(2, 2)), 1)  # from a checkpoint, epoch 1 again
    rows = list(csv.DictReader((tmp_path / "metrics.csv").open()))
    assert [row["epoch"] for row in rows] == ["0", "0", "1", "1"]
    assert rows[2]["value"] != rows[0]["value"]
    page = (tmp_path / "index.html").read_text()
    assert "2 epochs from 0 to 1" in page
    assert page.count("<img") == 4
    with pytest.raises(FileError, match="watched in another way: other seed"):
        watch(seed=1)


@pytest.mark.usefixtures("own_random_state")
def test_a_failure_is_told_once_and_written_down(net: nn.Module, tmp_path: Path) -> None:
    watch = pl.TrainingWatch(ITEMS, TARGETS, ["cam", "gradient"], to=tmp_path, metrics=())
    with pytest.warns(UserWarning, match="after epoch 0, cam failed with NotApplicable"):
        watch(net, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        watch(net, 1)
    seen = json.loads((tmp_path / "epoch_0001" / "seen.json").read_text())
    assert [panel["method"] for panel in seen["panels"]] == ["gradient"] * 2
    assert "NotApplicable" in seen["failures"]["cam"]
    assert "cam, epochs 0, 1: NotApplicable" in (tmp_path / "index.html").read_text()


@pytest.mark.usefixtures("own_random_state")
def test_nothing_ends_the_training_unless_asked(net: nn.Module, tmp_path: Path) -> None:
    class Full:
        def add_image(self, *_: Any, **__: Any) -> None:
            raise OSError("no space left")

        add_scalar = add_image

    def broken(_: Any) -> Any:
        raise KeyError("head")

    for words, text in (({"to": Full()}, "no space left"), ({"wrap": broken}, "KeyError: 'head'")):
        given = {"to": tmp_path / "other", **words}
        with pytest.warns(UserWarning, match=text):
            pl.TrainingWatch(ITEMS, TARGETS, "gradient", metrics=(), **given)(net, 0)
        with pytest.raises((OSError, KeyError)):
            pl.TrainingWatch(ITEMS, TARGETS, "gradient", metrics=(), strict=True, **given)(net, 0)


def test_spread_networks_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Running one process's part alone would wait for the others for ever."""
    from pellucid.core import sharding

    class Sharded(nn.Linear):
        pass

    monkeypatch.setattr(sharding, "FullyShardedDataParallel", Sharded)
    watch = pl.TrainingWatch(torch.rand(1, 4), to=tmp_path, strict=True)
    with pytest.raises(NotApplicable, match="spread over several processes"):
        watch(nn.Sequential(Sharded(4, 2)), 0)


@pytest.mark.parametrize(
    "words",
    [
        {"methods": "grad_cma"},
        {"metrics": "deletoin"},
        {"every": 0},
        {"to": 3},
        {"names": ["a", "a"]},
    ],
)
def test_wrong_words_are_refused_before_the_training(words: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ParameterError):
        pl.TrainingWatch(ITEMS, TARGETS, **{"to": tmp_path, **words})


def test_a_long_training_has_a_short_page(tmp_path: Path) -> None:
    from pellucid.report.training import SHOWN, Seen, training_page

    (tmp_path / "a.png").write_bytes(b"")
    panel = {
        "method": "gradient", "item": 0, "name": "<x>", "target": "class 1", "score": 1.0,
        "verdict": "ok", "picture": "a.png",
    }  # fmt: skip
    page = training_page([Seen(tmp_path, epoch, [panel], [], {}) for epoch in range(100)])
    assert page.count("<img") == SHOWN
    assert "after epoch 0" in page
    assert "after epoch 99" in page
    assert "&lt;x&gt;" in page
    assert "<x>" not in page


# Loggers


class Fake:
    """Notes what it was asked."""

    def __init__(self, *verbs: str) -> None:
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        for verb in verbs:
            setattr(self, verb, self._noting(verb))

    def _noting(self, verb: str) -> Any:
        return lambda *given, **named: self.asked.append((verb, given, named))

    def of(self, verb: str) -> list[Any]:
        return [(given, named) for name, given, named in self.asked if name == verb]


def watched_by(net: nn.Module, logger: Any) -> Any:
    pl.TrainingWatch(ITEMS, TARGETS, "gradient", to=logger, metrics="sparseness", strict=True)(
        net, 4
    )
    return logger


@pytest.mark.usefixtures("own_random_state")
def test_tensorboard(net: nn.Module) -> None:
    writer = watched_by(net, Fake("add_image", "add_scalar"))
    (tag, picture, step), named = writer.of("add_image")[0]
    assert (tag, step, named) == ("pellucid/gradient/item 0", 4, {"dataformats": "HWC"})
    assert picture.shape == (8, 8, 3)
    numbers = {given[0]: given[1] for given, _ in writer.of("add_scalar")}
    e = pl.explain(net, ITEMS, "gradient", TARGETS)
    assert numbers["pellucid/score/item 1"] == float(e.score[1])
    assert (
        numbers["pellucid/sparseness/gradient"]
        == pl.evaluate(net, e, "sparseness")["sparseness"].mean
    )


@pytest.mark.usefixtures("own_random_state")
def test_mlflow(net: nn.Module) -> None:
    module = watched_by(net, Fake("log_image", "log_metric"))
    assert module.of("log_image")[1][1] == {"artifact_file": "pellucid/epoch_0004/gradient_1.png"}
    assert {named["step"] for _, named in module.of("log_metric")} == {4}


@pytest.mark.usefixtures("own_random_state")
def test_weights_and_biases(net: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb = types.SimpleNamespace(Image=lambda picture, caption: (picture.shape, caption))
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    run = watched_by(net, Fake("log"))
    ((row,), named) = run.of("log")[0]
    assert row["pellucid/epoch"] == 4
    assert row["pellucid/gradient/item 0"] == ((8, 8, 3), "class 0")
    assert named == {}, "its steps belong to the training"


@pytest.mark.usefixtures("own_random_state")
def test_loggers_of_lightning(net: nn.Module) -> None:
    class Logger:
        def __init__(self, inside: Any, run_id: str | None = None) -> None:
            self.inside, self.run_id = inside, run_id

        @property
        def experiment(self) -> Any:
            return self.inside

    board = watched_by(net, Logger(Fake("add_image", "add_scalar"))).inside
    assert board.of("add_image")
    client = watched_by(net, Logger(Fake("log_image", "log_metric"), run_id="7")).inside
    assert client.of("log_image")[0][0][0] == "7"
    with pytest.raises(ParameterError, match="neither a folder nor a logger"):
        watched_by(net, Logger(object()))


# Callbacks


@pytest.mark.usefixtures("own_random_state")
def test_callback_of_lightning(
    net: nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the protocol; its Trainer asks for a class of its own."""
    for name in ("lightning.pytorch", "pytorch_lightning"):
        library = types.SimpleNamespace(Callback=type("Callback", (), {}))
        monkeypatch.setitem(sys.modules, name, library)
    watch = pl.TrainingWatch(ITEMS, TARGETS, "gradient", to=tmp_path, every=2, metrics=())
    callback = watch.lightning()
    for name in ("lightning.pytorch", "pytorch_lightning"):
        assert isinstance(callback, sys.modules[name].Callback)
    trainer = types.SimpleNamespace(is_global_zero=True, current_epoch=0)
    for trainer.current_epoch in range(4):
        callback.on_train_epoch_end(trainer, net)
    trainer.current_epoch = 4
    callback.on_train_end(trainer, net)
    other = types.SimpleNamespace(is_global_zero=False, current_epoch=6)
    callback.on_train_epoch_end(other, net)
    assert sorted(path.name for path in tmp_path.glob("epoch_*")) == [
        "epoch_0000", "epoch_0002", "epoch_0003",
    ]  # fmt: skip


class Batches(torch.utils.data.Dataset[Any]):
    """What Hugging Face's Trainer reads."""

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"pixels": X[index], "labels": Y[index]}


class WithLoss(nn.Module):
    """A network as that Trainer wants it."""

    def __init__(self) -> None:
        super().__init__()
        self.net = Net()

    def forward(self, pixels: Tensor, labels: Tensor | None = None) -> Any:
        logits = self.net(pixels)
        if labels is None:
            return {"logits": logits}
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


@pytest.mark.usefixtures("own_random_state")
def test_trainer_of_transformers(tmp_path: Path) -> None:
    pytest.importorskip("accelerate", reason="Hugging Face's Trainer needs accelerate")
    transformers = pytest.importorskip("transformers")

    def weights(*callbacks: Any) -> list[Tensor]:
        transformers.set_seed(0)
        model = WithLoss()
        words = transformers.TrainingArguments(
            str(tmp_path / "out"), num_train_epochs=3, report_to=[], use_cpu=True,
            save_strategy="no", disable_tqdm=True, logging_strategy="no",
        )  # fmt: skip
        transformers.Trainer(model, words, train_dataset=Batches(), callbacks=[*callbacks]).train()
        return [*model.state_dict().values(), torch.get_rng_state()]

    watch = pl.TrainingWatch(
        {"pixels": ITEMS}, TARGETS, "smooth_grad", to=tmp_path / "watch", every=2, metrics=(),
        strict=True,
    )  # fmt: skip
    assert all(map(torch.equal, weights(watch.transformers()), weights()))
    epochs = sorted(path.name for path in (tmp_path / "watch").glob("epoch_*"))
    assert epochs == ["epoch_0002", "epoch_0003"]


@pytest.mark.usefixtures("own_random_state")
@pytest.mark.parametrize("name", ["lightning.pytorch", "pytorch_lightning"])
def test_trainer_of_lightning(name: str, tmp_path: Path) -> None:
    library = pytest.importorskip(name, reason="Lightning is not installed")

    class Module(library.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = Net()

        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = self.net(x)
            return found

        def training_step(self, batch: Any, _: int) -> Tensor:
            return nn.functional.cross_entropy(self(batch[0]), batch[1])

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), 0.01)

    def weights(*callbacks: Any) -> list[Tensor]:
        library.seed_everything(0, verbose=False)
        module = Module()
        trainer = library.Trainer(
            max_epochs=4, accelerator="cpu", callbacks=[*callbacks], logger=False,
            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trainer.fit(module, DataLoader(TensorDataset(X, Y), 8, shuffle=True))
        return [*module.state_dict().values(), torch.get_rng_state()]

    watch = pl.TrainingWatch(
        ITEMS, TARGETS, "smooth_grad", to=tmp_path, every=2, metrics=(), strict=True
    )
    assert all(map(torch.equal, weights(watch.lightning()), weights()))
    assert sorted(path.name for path in tmp_path.glob("epoch_*")) == [
        "epoch_0000", "epoch_0002", "epoch_0003",
    ]  # fmt: skip
