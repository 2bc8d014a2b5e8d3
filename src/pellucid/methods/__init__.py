"""One file per method, named by its standard name; found by `pellucid.core.registry`.

`pellucid.methods()` lists them. Python binds a subpackage to the same name on its parent, so the
package itself answers the call.
"""

import sys
from types import ModuleType

from ..core import registry


class _Methods(ModuleType):
    def __call__(self) -> dict[str, str]:
        """Every method by its standard name, with one line on what it shows."""
        return registry.catalogue()


sys.modules[__name__].__class__ = _Methods
