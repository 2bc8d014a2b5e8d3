"""Data sets of any kind as one stream of items with a stable id, a name and a label."""

from .item import Dataset, Item, Kind
from .labels import label_indices
from .opening import open_dataset

__all__ = ["Dataset", "Item", "Kind", "label_indices", "open_dataset"]
