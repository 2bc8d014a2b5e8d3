"""What stands in for an input must be like it: in shape, and in whole numbers."""

from torch import Tensor

from ..errors import ParameterError


def need_rows(name: str, x: Tensor, rows: Tensor) -> None:
    """Refuse a background whose rows are not shaped like those of the input."""
    if rows.shape[1:] != x.shape[1:] or len(rows) == 0:
        raise ParameterError(
            f"The background of input {name!r} has shape {tuple(rows.shape)}, the input "
            f"{tuple(x.shape)}.",
            "Give background=(B, …) with the input's shape after the first axis.",
        )


def need_whole(x: Tensor, given: Tensor) -> None:
    """Refuse to round what takes the place of whole numbers."""
    if not x.is_floating_point() and given.is_floating_point() and bool((given % 1 != 0).any()):
        raise ParameterError(
            "The input holds whole numbers (ids), and what would take their place does not.",
            "Give the input as floats if its numbers are quantities, or ids that mean nothing.",
        )
