"""Imports optional libraries; see `core.extras`."""

from ..core.extras import require

__all__ = ["require"]
