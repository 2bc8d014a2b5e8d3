"""What the rows of a background must be like."""

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
