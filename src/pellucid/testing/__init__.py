"""For authors of methods: the contract as checks, and small networks to try a method on."""

from .conformance import ConformanceCheck, check_method, checks_for
from .untouched import unchanged

__all__ = ["ConformanceCheck", "check_method", "checks_for", "unchanged"]
