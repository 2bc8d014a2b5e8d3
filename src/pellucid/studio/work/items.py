"""The items of a data set as the library takes them, opened one by one."""

from typing import Any

from torch.utils.data import Dataset

from ...core.model import Model
from ...io.inputs import read
from .context import Context


class Items(Dataset[Any]):
    """What the network takes of every item."""

    def __init__(self, context: Context, model: Model) -> None:
        self._context, self._model, self._names = context, model, list(context.sources)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, place: int) -> Any:
        if not 0 <= place < len(self._names):
            raise IndexError(place)
        value, _ = read(self._model, self._context.open(self._names[place]).given)
        return value[0]
