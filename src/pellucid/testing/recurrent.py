"""Recurrent nets, each written in the way that troubles explainers, and a twin."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence


class EmbedLSTM(nn.Module):
    """Token ids `(N, T)` to `(N, 3)`; the last state comes from the nested tuple."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.lstm = nn.LSTM(8, 10, batch_first=True)
        self.fc = nn.Linear(10, 3)

    def forward(self, ids: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        _, (hidden, _) = self.lstm(self.embed(ids))
        logits: Tensor = self.fc(hidden[-1])
        return logits


class EmbedLSTMSteps(EmbedLSTM):
    """The twin of `EmbedLSTM`: the last step of the outputs."""

    def forward(self, ids: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        steps, _ = self.lstm(self.embed(ids))
        logits: Tensor = self.fc(steps[:, -1])
        return logits


class PackedRNN(nn.Module):
    """Padded series `(N, T, 4)` and lengths `(N,)` to `(N, 3)` through a packed sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(4, 10, batch_first=True)
        self.fc = nn.Linear(10, 3)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, hidden = self.gru(packed)
        logits: Tensor = self.fc(hidden[-1])
        return logits


class PaddedRNN(PackedRNN):
    """The twin of `PackedRNN`: all steps, then the last one of each series."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        steps, _ = self.gru(x)
        logits: Tensor = self.fc(steps[torch.arange(len(x), device=x.device), lengths - 1])
        return logits


class LSTMCNN(nn.Module):
    """Series `(N, 4, T)` to `(N, 3)`: a convolution, then the last step of an LSTM."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu = nn.Conv1d(4, 8, 5, padding=2), nn.ReLU()
        self.lstm = nn.LSTM(8, 10, batch_first=True)
        self.fc = nn.Linear(10, 3)

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        steps, _ = self.lstm(self.relu(self.conv(x)).transpose(1, 2))
        logits: Tensor = self.fc(steps[:, -1])
        return logits


class LSTMCNNState(LSTMCNN):
    """The twin of `LSTMCNN`: the final state instead of the last step."""

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        _, (hidden, _) = self.lstm(self.relu(self.conv(x)).transpose(1, 2))
        logits: Tensor = self.fc(hidden[-1])
        return logits
