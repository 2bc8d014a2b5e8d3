"""Small networks that learn the tasks with a known answer in seconds."""

from torch import Tensor, nn


def picture_network(channels: int, classes: int) -> nn.Sequential:
    """Three convolutions, averaged over the places and read out linearly."""
    return nn.Sequential(
        *(nn.Conv2d(channels, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 24, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(24, 32, 3, padding=1), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, classes)),
    )


def series_network(channels: int, classes: int) -> nn.Sequential:
    """Three convolutions along time, averaged and read out linearly."""
    return nn.Sequential(
        *(nn.Conv1d(channels, 16, 5, padding=2), nn.ReLU(), nn.MaxPool1d(2)),
        *(nn.Conv1d(16, 24, 5, padding=2), nn.ReLU()),
        *(nn.Conv1d(24, 32, 3, padding=1), nn.ReLU()),
        *(nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(32, classes)),
    )


class TokenNetwork(nn.Module):
    """Embedded tokens, one convolution over neighbours, averaged and read out linearly."""

    def __init__(self, words: int, classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, 16)
        self.conv = nn.Conv1d(16, 32, 3, padding=1)
        self.relu = nn.ReLU()
        self.head = nn.Linear(32, classes)

    def forward(self, ids: Tensor) -> Tensor:
        """Scores of the classes for ids `(N, tokens)`."""
        found: Tensor = self.relu(self.conv(self.embedding(ids).transpose(1, 2)))
        return self.head(found.mean(2))  # type: ignore[no-any-return]


def table_network(columns: int, classes: int) -> nn.Sequential:
    """Two hidden layers."""
    return nn.Sequential(
        *(nn.Linear(columns, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU()),
        nn.Linear(32, classes),
    )
