"""Suggest the name that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Write the end of a message that names the known name nearest to ``name``, or nothing if none is near.

    >>> did_you_mean("epoch", ["epochs", "seeds"])
    "; did you mean 'epochs'?"
    """
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
