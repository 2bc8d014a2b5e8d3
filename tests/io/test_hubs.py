"""Networks of other libraries, from local files only."""

import json
import types
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from pellucid.errors import FileError, ParameterError, PellucidError
from pellucid.io import hubs
from pellucid.io.inputs import read
from pellucid.io.models import load_model
from pellucid.io.samples import sample


def test_code_that_comes_with_a_network_is_not_run(tmp_path) -> None:
    pytest.importorskip("transformers", reason="transformers is not installed")
    marker = tmp_path / "ran"
    (tmp_path / "evil.py").write_text(f"open({str(marker)!r}, 'w')\nclass Net: ...\n")
    kinds = ("AutoConfig", "AutoModelForImageClassification", "AutoImageProcessor", "AutoModel")
    config = {
        "model_type": "evil",
        "architectures": ["Net"],
        "trust_remote_code": True,
        "auto_map": dict.fromkeys(kinds, "evil.Net"),
        "nested": {"trust_remote_code": True, "_attn_implementation_internal": "../evil"},
    }
    for name in ("config.json", "preprocessor_config.json"):
        (tmp_path / name).write_text(json.dumps(config))
    with pytest.raises(PellucidError):
        load_model(f"hf:{tmp_path}")
    assert not marker.exists()


def test_image_classifier_of_transformers_in_a_local_folder(tmp_path) -> None:
    library = pytest.importorskip("transformers", reason="transformers is not installed")
    torch.manual_seed(0)
    config = library.ViTConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=32,
        patch_size=8,
        id2label={0: "cat", 1: "dog", 2: "bird"},
    )
    library.ViTForImageClassification(config).save_pretrained(tmp_path)
    library.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path)
    model = load_model(f"hf:{tmp_path}")
    assert model.classes == ("cat", "dog", "bird")
    assert model.output == "logits"
    tensor, seen = read(model, sample("coffee"))
    assert tensor.shape == (1, 3, 32, 32)
    undone = (tensor[0] * 0.5 + 0.5).permute(1, 2, 0).numpy() * 255
    assert np.array_equal(seen[0], undone.round().astype(np.uint8))


def fetched(*_: Any, **__: Any) -> nn.Module:
    torch.hub.load_state_dict_from_url("http://nowhere.invalid/w.pth", model_dir="none")
    return nn.Linear(2, 2)


class Weights:
    """Stands for torchvision's enumeration of weights."""

    meta: dict[str, Any] = {"categories": ["a", "b"]}  # noqa: RUF012

    @staticmethod
    def transforms() -> Any:
        return None


@pytest.fixture
def torchvision(monkeypatch: pytest.MonkeyPatch) -> None:
    models = types.SimpleNamespace(
        list_models=lambda: ["resnet18"],
        get_model_weights=lambda name: types.SimpleNamespace(DEFAULT=Weights),
        get_model=lambda name, weights: nn.Linear(2, 2) if weights is None else fetched(),
    )
    monkeypatch.setattr(hubs, "require", lambda *_: models)


def test_nothing_is_downloaded(torchvision, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = torch.hub.download_url_to_file
    with pytest.raises(FileError, match=r"torchvision:resnet18.*not in the cache") as caught:
        load_model("torchvision:resnet18")
    assert "downloads nothing" in caught.value.remedy
    assert torch.hub.download_url_to_file is before


def test_own_weights_need_no_stored_ones(torchvision, tmp_path) -> None:
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "w.pt")
    assert load_model("torchvision:resnet18", tmp_path / "w.pt").classes == ("a", "b")


def test_unknown_name(torchvision) -> None:
    with pytest.raises(ParameterError, match="'resnet18'"):
        load_model("torchvision:resnet81")
