"""The verbs, one file each."""

from .lending import lend

lend()
