"""Nets whose output is not one tensor of class scores, or whose input is not one tensor."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .nets import Plain


class Scored(NamedTuple):
    """What `NamedTupleOut` returns."""

    scores: Tensor
    maps: Tensor


@dataclass
class Prediction:
    """What `DataclassOut` returns."""

    logits: Tensor
    maps: Tensor
    loss: Tensor | None = None


class ModelOutput(OrderedDict[str, Any]):
    """An ordered dict whose keys are attributes too, as in transformers libraries."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class DictOut(Plain):
    """Returns a dict with the logits and the maps."""

    def forward(self, x: Tensor) -> Any:
        """Keys `logits` and `maps`."""
        maps = self.maps(x)
        return {"logits": self.head(maps), "maps": maps}


class TupleOut(Plain):
    """Returns the logits and the maps."""

    def forward(self, x: Tensor) -> Any:
        """`(logits, maps)`."""
        maps = self.maps(x)
        return self.head(maps), maps


class NamedTupleOut(Plain):
    """Returns a named tuple."""

    def forward(self, x: Tensor) -> Any:
        """A `Scored`."""
        maps = self.maps(x)
        return Scored(self.head(maps), maps)


class DataclassOut(Plain):
    """Returns a dataclass."""

    def forward(self, x: Tensor) -> Any:
        """A `Prediction`."""
        maps = self.maps(x)
        return Prediction(self.head(maps), maps)


class HFLikeOut(Plain):
    """Returns an ordered dict with attributes, and takes the name that such libraries use."""

    def forward(self, pixel_values: Tensor) -> Any:
        """A `ModelOutput` with `logits` and a tuple `hidden_states`."""
        maps = self.maps(pixel_values)
        return ModelOutput(logits=self.head(maps), hidden_states=(pixel_values, maps))


class TwoHeads(Plain):
    """Two heads: which one to explain has to be said."""

    def __init__(self) -> None:
        super().__init__()
        self.second = nn.Linear(12, 2)

    def forward(self, x: Tensor) -> Any:
        """`((N, 3), (N, 2))`."""
        pooled = self.gap(self.maps(x)).flatten(1)
        return self.fc(pooled), self.second(pooled)


class SecondHead(TwoHeads):
    """The twin of `TwoHeads` with the second head alone."""

    def forward(self, x: Tensor) -> Any:
        """`(N, 2)`."""
        return super().forward(x)[1]


class OneLogit(Plain):
    """One logit per sample as `(N,)`."""

    def __init__(self) -> None:
        super().__init__(classes=1)

    def forward(self, x: Tensor) -> Tensor:
        """`(N,)`."""
        return super().forward(x)[:, 0]


class Segmenter(nn.Module):
    """Dense logits `(N, K, H, W)` at the input's size, from a 1×1 convolution."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1, self.relu1 = nn.Conv2d(3, 8, 3, padding=1), nn.ReLU()
        self.conv2, self.relu2 = nn.Conv2d(8, 12, 3, padding=1), nn.ReLU()
        self.out: nn.Module = nn.Conv2d(12, classes, 1)

    def maps(self, x: Tensor) -> Tensor:
        """The last feature map `(N, 12, H, W)`."""
        found: Tensor = self.relu2(self.conv2(self.relu1(self.conv1(x))))
        return found

    def forward(self, x: Tensor) -> Tensor:
        """`(N, K, H, W)`."""
        logits: Tensor = self.out(self.maps(x))
        return logits


class SegmenterLinear(Segmenter):
    """The twin of `Segmenter`: a linear layer at every place."""

    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        self.out = nn.Linear(12, classes)

    def forward(self, x: Tensor) -> Tensor:
        """`(N, K, H, W)`."""
        logits: Tensor = self.out(self.maps(x).movedim(1, 3))
        return logits.movedim(3, 1)


class DetectorScores(Plain):
    """Four detections per image, one per quadrant: their scores `(N, 4)` in [0, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.gap = nn.AdaptiveAvgPool2d(2)

    def classes_of(self, x: Tensor) -> Tensor:
        """Probabilities `(N, 4, K)` of every quadrant."""
        places = self.gap(self.maps(x)).flatten(2).movedim(1, 2)
        return torch.sigmoid(self.fc(places))

    def forward(self, x: Tensor) -> Any:
        """`(N, 4)`."""
        return self.classes_of(x).amax(2)


class Detector(DetectorScores):
    """The same as a list with one dict of `boxes`, `labels` and `scores` per image."""

    def forward(self, x: Tensor) -> Any:
        """A list of N dicts."""
        half_height, half_width = x.shape[2] / 2, x.shape[3] / 2
        corners = [(i * half_width, j * half_height) for j in range(2) for i in range(2)]
        boxes = [[left, top, left + half_width, top + half_height] for left, top in corners]
        best = self.classes_of(x).max(2)
        return [
            {"boxes": x.new_tensor(boxes), "labels": labels, "scores": scores}
            for scores, labels in zip(best.values, best.indices, strict=True)
        ]


class Siamese(nn.Module):
    """One backbone called on two pictures: are they the same? `(N, 2)`."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Plain(classes=6)
        self.fc = nn.Linear(6, 2)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Two `(N, 3, H, W)` to `(N, 2)`."""
        logits: Tensor = self.fc((self.backbone(a) - self.backbone(b)).abs())
        return logits


class TwoBackbones(nn.Module):
    """The twin of `Siamese`: a backbone for each picture, with the same weights."""

    def __init__(self, source: Siamese) -> None:
        super().__init__()
        self.backbone_a, self.backbone_b = Plain(classes=6), Plain(classes=6)
        self.fc = nn.Linear(6, 2)
        self.backbone_a.load_state_dict(source.backbone.state_dict())
        self.backbone_b.load_state_dict(source.backbone.state_dict())
        self.fc.load_state_dict(source.fc.state_dict())

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """As `Siamese`."""
        logits: Tensor = self.fc((self.backbone_a(a) - self.backbone_b(b)).abs())
        return logits


class TwoInput(nn.Module):
    """A picture and a table row: `(N, 3, H, W)` and `(N, 4)` to `(N, 3)`."""

    def __init__(self) -> None:
        super().__init__()
        self.image = Plain(classes=6)
        self.table = nn.Sequential(nn.Linear(4, 6), nn.ReLU())
        self.fc = nn.Linear(12, 3)

    def forward(self, image: Tensor, table: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        logits: Tensor = self.fc(torch.cat([self.image(image), self.table(table)], 1))
        return logits


class DictInput(TwoInput):
    """The same with both inputs in one dict."""

    def forward(self, batch: dict[str, Tensor]) -> Tensor:  # type: ignore[override]
        """Keys `image` and `table`."""
        return super().forward(batch["image"], batch["table"])


class MixedTable(nn.Module):
    """Numbers `(N, 4)` and category ids `(N, 2)` to `(N, 3)`."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.ModuleList([nn.Embedding(5, 3), nn.Embedding(7, 3)])
        self.body = nn.Sequential(nn.Linear(10, 12), nn.ReLU(), nn.Linear(12, 3))

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        ids = categories.unbind(1)
        embedded = [embed(column) for embed, column in zip(self.embed, ids, strict=True)]
        logits: Tensor = self.body(torch.cat([numbers, *embedded], 1))
        return logits


class LightningLike(nn.Module):
    """A training module around the net, with the steps of a trainer."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Plain()
        self.hparams = {"lr": 1e-3}

    def forward(self, x: Tensor) -> Tensor:
        """The logits of the net inside."""
        logits: Tensor = self.model(x)
        return logits

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The loss of a batch of inputs and labels."""
        x, y = batch
        return F.cross_entropy(self(x), y)

    def test_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The same loss, in a loop without gradients."""
        return self.training_step(batch, batch_idx)
