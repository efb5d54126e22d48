"""What computes with numbers takes them as arrays of one type, however they came."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hw2utils._checks import kind


def check_numbers(name: str, value: Any) -> NDArray[np.float64]:
    """Return numbers as a float64 array, from nested lists, arrays or tensors.

    Raises ValueError for text, ragged lists, and tensors that NumPy cannot read.

    >>> check_numbers("values", [1, 2]).tolist()
    [1.0, 2.0]
    >>> check_numbers("values", ["a"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: values: expected numbers in lists of equal length or an array, got a list; ...
    """
    try:
        return np.asarray(value, dtype=np.float64)
    except (ValueError, TypeError, RuntimeError) as error:
        tensor = hasattr(value, "detach")
        remedy = "write .detach().cpu() after it" if tensor else "mend what is no number"
        raise ValueError(
            f"{name}: expected numbers in lists of equal length or an array, got {kind(value)}; {remedy}"
        ) from error
