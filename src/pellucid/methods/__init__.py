"""One file per method, named by its standard name; found by `pellucid.core.registry`."""
