"""What an exercise is to a check: situations to try answers in, the right answer, known wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from hw2utils._checks import kind

Answer = Callable[..., Any]
"""What a student wrote: a function, or a class that makes optimizers."""

Seen = Mapping[str, NDArray[np.float64]]
"""What an answer does in each situation, as numbers."""


class Misfit(Exception):
    """Say that an answer cannot be compared: which message says why, and what fills its slots."""

    def __init__(self, key: str, **slots: str) -> None:
        super().__init__(key)
        self.key, self.slots = key, slots


@dataclass(frozen=True)
class Exercise:
    """Hold an exercise whose answer is a function.

    ``probe`` puts an answer into each situation, the simplest first, and gives what it did as numbers;
    ``wrong`` are answers with one mistake each, by the name of the mistake. ``tolerance`` is how far numbers
    may lie apart, as a share of the largest right one in their situation. ``public`` is the function of
    hw2utils that does the same, if there is one.
    """

    name: str
    probe: Callable[[Answer], Seen]
    right: Answer
    wrong: Mapping[str, Answer]
    tolerance: float = 1e-4
    points: int = 1
    public: str = ""


@dataclass(frozen=True)
class Finding:
    """Hold what a check found: ``right``, ``wrong`` (a known mistake) or ``differs``, and which or where."""

    kind: str
    key: str = ""


def diagnose(exercise: Exercise, answer: Answer) -> Finding:
    """Compare an answer with the right one and with the known wrong ones, in every situation.

    Raises Misfit where what the answer gives back cannot be compared, and whatever the answer raises.
    """
    seen, right = exercise.probe(answer), _known(exercise, "", exercise.right)
    apart = [name for name in right if not _same(seen[name], right[name], right[name], exercise.tolerance)]
    if not apart:
        return Finding("right")
    for name, mistake in exercise.wrong.items():
        other = _known(exercise, name, mistake)
        if all(_same(seen[key], other[key], right[key], exercise.tolerance) for key in right):
            return Finding("wrong", name)
    return Finding("differs", apart[0])


_KNOWN: dict[tuple[str, str], Seen] = {}


def _known(exercise: Exercise, name: str, answer: Answer) -> Seen:
    """Give what the right answer, or a known mistake, does; it is looked at once."""
    if (exercise.name, name) not in _KNOWN:
        _KNOWN[exercise.name, name] = exercise.probe(answer)
    return _KNOWN[exercise.name, name]


def _same(
    one: NDArray[np.float64], other: NDArray[np.float64], scale: NDArray[np.float64], tolerance: float
) -> bool:
    """Tell whether two results are the same number for number; NaN is where NaN is."""
    finite = np.abs(scale[np.isfinite(scale)])
    allowed = tolerance * max(finite.max(initial=0.0), 1e-12)
    return one.shape == other.shape and np.allclose(one, other, rtol=tolerance, atol=allowed, equal_nan=True)


def numbers(value: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Read what an answer gave back as numbers of a shape.

    Raises Misfit for nothing, for what holds no numbers, and for another shape.

    >>> numbers([1, 2], (2,)).tolist()
    [1.0, 2.0]
    """
    if value is None:
        raise Misfit("none")
    try:
        plain = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        found = np.asarray(plain, dtype=np.float64)
    except (TypeError, ValueError):
        raise Misfit("no-numbers", got=kind(value)) from None
    if found.shape != shape:
        raise Misfit("shape", got=str(found.shape), expected=str(shape))
    return found
