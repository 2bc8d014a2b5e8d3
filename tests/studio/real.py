"""Real data of every kind, and a small network fitted to each, as files that a studio opens."""

import csv
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn

SERIES = """
from pathlib import Path

import safetensors.torch
from torch import nn

import pellucid as pl

def net():
    return nn.Sequential(
        nn.Conv1d(4, 8, 9, padding=4), nn.ReLU(), nn.Conv1d(8, 8, 9, padding=4), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, 2),
    )

def build():
    made = net()
    made.load_state_dict(safetensors.torch.load_file(Path(__file__).with_name("series.safetensors")))
    return pl.Model(made, classes=["early", "late"])
"""

TABLE = """
from pathlib import Path

import safetensors.torch
import torch
from torch import nn

import pellucid as pl

class Wine(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(13))
        self.register_buffer("scale", torch.ones(13))
        self.net = nn.Sequential(nn.Linear(13, 16), nn.Tanh(), nn.Linear(16, 3))

    def forward(self, x):
        return self.net((x - self.mean) / self.scale)

def net():
    return Wine()

def build():
    made = net()
    made.load_state_dict(safetensors.torch.load_file(Path(__file__).with_name("table.safetensors")))
    return pl.Model(made, classes=["Barolo", "Grignolino", "Barbera"])
"""

TEXT = """
from pathlib import Path

import safetensors.torch
from tokenizers import Tokenizer
from torch import nn
from transformers import PreTrainedTokenizerFast

import pellucid as pl

HERE = Path(__file__).parent
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=Tokenizer.from_file(str(HERE / "tokenizer.json")),
    unk_token="[UNK]", pad_token="[PAD]",
)

class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(len(tokenizer), 16, padding_idx=tokenizer.pad_token_id)
        self.classify = nn.Linear(16, 3)

    def forward(self, input_ids, attention_mask, **more):
        counted = attention_mask[..., None].float()
        return self.classify((self.table(input_ids) * counted).sum(1) / counted.sum(1).clamp(min=1))

def net():
    return Bag()

def build():
    made = net()
    made.load_state_dict(safetensors.torch.load_file(HERE / "text.safetensors"))
    return pl.Model(
        made, preprocess=pl.TextPreprocess(tokenizer), classes=["iris", "cancer", "wine"]
    )
"""


@dataclass(frozen=True)
class Real:
    """A model as it is named on the command line, its data, and methods that fit them."""

    model: str
    data: tuple[Path, ...]
    methods: tuple[str, ...]
    drop: tuple[str, ...] = ()
    slow: str = "rise~n_masks=1000000~tolerance=0.000001"
    """One that takes longer than anybody waits, in the words of an address."""
    shown: str = ".stage canvas"
    """Where its map is drawn."""

    @property
    def over_places(self) -> bool:
        """Whether maps lie over the item, as strongly as one likes."""
        return self.shown == ".stage canvas"


LOCAL = ("grad_cam", "gradient", "input_x_gradient", "layer_cam", "grad_cam_plus_plus")


def images(folder: Path) -> Real:
    """The bundled EfficientNet-Lite0 on the bundled photographs."""
    return Real("efficientnet_lite0", (), (*LOCAL, "eigen_cam"))


def series(folder: Path) -> Real:
    """EEG of four electrodes (of matplotlib's examples), in windows, from two halves."""
    raw = np.fromfile(str(files("matplotlib") / "mpl-data" / "sample_data" / "eeg.dat"), float)
    whole = raw.reshape(800, 4).T.astype(np.float32)
    whole = (whole - whole.mean(1, keepdims=True)) / whole.std(1, keepdims=True)
    starts = np.arange(0, 700, 12)
    np.save(folder / "eeg.npy", np.stack([whole[:, s : s + 100] for s in starts]))
    net = fitted(folder, "series", SERIES, np.load(folder / "eeg.npy"), starts > 350)
    return Real(net, (folder / "eeg.npy",), (*LOCAL, "integrated_gradients", "occlusion"))


def table(folder: Path) -> Real:
    """Wine by its chemistry (of scikit-learn)."""
    with (files("sklearn.datasets.data") / "wine_data.csv").open(newline="") as file:
        rows = np.array(list(csv.reader(file))[1:], np.float32)
    from sklearn.datasets import load_wine

    names = [*load_wine().feature_names, "cultivar"]
    with (folder / "wine.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([names, *rows.tolist()])
    x, y = rows[:, :13], rows[:, 13]
    net = fitted(folder, "table", TABLE, x, y)
    methods = ("gradient", "integrated_gradients", "occlusion", "kernel_shap", "input_x_gradient",
               "expected_gradients")  # fmt: skip
    return Real(net, (folder / "wine.csv",), methods, drop=("cultivar",), shown=".bars")


def text(folder: Path) -> Real:
    """Sentences of three descriptions (of scikit-learn): what are they about?"""
    from sklearn import datasets
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    abouts = [datasets.load_iris, datasets.load_breast_cancer, datasets.load_wine]
    sentences, labels = [], []
    for label, load in enumerate(abouts):
        for one in re.split(r"(?<=[.:])\s+", load().DESCR):
            words = re.findall(r"[A-Za-z]{2,}", one)
            if len(words) >= 6:
                sentences.append(" ".join(words[:40]))
                labels.append(label)
    (folder / "sentences.txt").write_text("\n".join(sentences), encoding="utf-8")
    known = sorted({word.lower() for one in sentences for word in one.split()})
    numbers = {word: k for k, word in enumerate(["[PAD]", "[UNK]", *known])}
    made = Tokenizer(models.WordLevel(numbers, unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    made.save(str(folder / "tokenizer.json"))
    net = fitted(folder, "text", TEXT, sentences, np.array(labels))
    methods = ("gradient", "integrated_gradients", "occlusion", "kernel_shap", "input_x_gradient",
               "lime")  # fmt: skip
    slow = "smooth_grad~n_samples=1000000"
    return Real(net, (folder / "sentences.txt",), methods, slow=slow, shown=".wordmap")


KINDS = {"images": images, "series": series, "table": table, "text": text}


def fitted(folder: Path, name: str, code: str, x: object, y: object) -> str:
    """Fit the network in `code`, keep its weights beside it; returns how it is named."""
    path = folder / f"{name}.py"
    path.write_text(code, encoding="utf-8")
    space: dict = {"__file__": str(path)}
    exec(compile(code, str(path), "exec"), space)
    torch.manual_seed(0)
    net: nn.Module = space["net"]()
    if name == "table":
        net.mean.copy_(torch.tensor(x).mean(0))
        net.scale.copy_(torch.tensor(x).std(0))
    taken = x if name == "text" else (torch.tensor(x),)
    if name == "text":
        tokens = space["tokenizer"](x, padding=True, return_tensors="pt")
        taken = (tokens["input_ids"], tokens["attention_mask"])
    _fit(net, taken, torch.tensor(np.asarray(y), dtype=torch.long))
    safetensors.torch.save_file(net.state_dict(), folder / f"{name}.safetensors")
    return f"{path}:build"


def _fit(net: nn.Module, taken: tuple[Tensor, ...], y: Tensor, steps: int = 150) -> None:
    rule = torch.optim.Adam(net.parameters(), 0.02)
    for _ in range(steps):
        rule.zero_grad()
        nn.functional.cross_entropy(net(*taken), y).backward()
        rule.step()
    assert (net(*taken).argmax(1) == y).float().mean() > 0.9
