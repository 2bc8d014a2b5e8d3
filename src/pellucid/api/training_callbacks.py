"""A watch (`training_watch.py`) as a callback of Lightning and of Hugging Face's Trainer."""

import sys
from typing import Any

from ..core.extras import require

_LIGHTNING = ("lightning.pytorch", "pytorch_lightning")
"""One library under two names, each with a class of its own that its Trainer asks for."""


def lightning_callback(watch: Any) -> Any:
    """Looks after the `every`-th training epochs and after the last, in the first process."""
    loaded = [sys.modules[name] for name in _LIGHTNING if name in sys.modules]
    if not loaded:
        loaded = [require("lightning.pytorch", "A callback of Lightning", "lightning")]

    class Watching(*(module.Callback for module in loaded)):  # type: ignore[misc]
        """Hands epochs on to the watch."""

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            if trainer.is_global_zero:
                watch(pl_module, trainer.current_epoch)

        def on_train_end(self, trainer: Any, pl_module: Any) -> None:
            last = trainer.current_epoch - 1  # it counts the epochs that are done by now
            if trainer.is_global_zero and last >= 0 and watch.last != last:
                watch.record(pl_module, last)

    return Watching()


def transformers_callback(watch: Any) -> Any:
    """Looks after the `every`-th epochs and after the last, in the first process."""
    library = require("transformers", "A callback of Hugging Face's Trainer", "transformers")

    class Watching(library.TrainerCallback):  # type: ignore[misc, name-defined]
        """Hands epochs on to the watch."""

        def on_epoch_end(
            self, args: Any, state: Any, control: Any, model: Any = None, **_: Any
        ) -> None:
            if state.is_world_process_zero:
                watch(model, round(state.epoch))

        def on_train_end(
            self, args: Any, state: Any, control: Any, model: Any = None, **_: Any
        ) -> None:
            if state.is_world_process_zero and watch.last != round(state.epoch):
                watch.record(model, round(state.epoch))

    return Watching()
