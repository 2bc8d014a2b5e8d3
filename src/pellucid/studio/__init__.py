"""The studio: a local server and a page in the browser.

It computes nothing itself: every job runs in a process of its own (`worker`), and the browser draws
from raw maps. The package is the verb too: `pl.studio(model, data)`.
"""

import sys
from types import ModuleType
from typing import Any


class _Verb(ModuleType):
    """This package, which can be called."""

    def __call__(self, model: Any, data: Any, **options: Any) -> Any:
        """Open the studio on a live model and data; see `handle.open_studio`."""
        from .handle import open_studio

        return open_studio(model, data, **options)


sys.modules[__name__].__class__ = _Verb
