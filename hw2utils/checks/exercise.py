"""What an exercise is to a check: situations to try answers in, the right answer, known wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

REFUSED, FAILED = -77.0, -55.0
"""Stand, among numbers, for the error that an exercise asks for and for another one."""

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
    """Hold what a check found, and which mistake it is or in which situation it shows.

    ``right``; ``wrong``, a known mistake; or what is told of any other: ``differs``, ``not-finite``, and
    about errors ``no-error``, ``other-error`` and ``needless-error``.
    """

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
    return Finding(_unlike(seen[apart[0]], right[apart[0]]), apart[0])


def _unlike(found: NDArray[np.float64], right: NDArray[np.float64]) -> str:
    """Say in which way a result is not the right one."""
    if right.shape == () and right == REFUSED:
        return "other-error" if found == FAILED else "no-error"
    if found.shape == () and found in (REFUSED, FAILED):
        return "needless-error"
    return "not-finite" if np.isfinite(right).all() and not np.isfinite(found).all() else "differs"


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
    largest = finite.max(initial=0.0)
    allowed = tolerance * (largest if largest > 1e-12 else 0.01)  # beside zero 32 bits are enough, too
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
        plain = value.detach().to_dense().cpu().double().numpy() if isinstance(value, Tensor) else value
        found = np.asarray(plain, dtype=np.float64)
    except (TypeError, ValueError):
        raise Misfit("no-numbers", got=described(value)) from None
    if found.shape != shape:
        raise Misfit("shape", got=str(found.shape), expected=str(shape))
    return found


def described(value: Any) -> str:
    """Name the type of a value, and its shape if it has one, as code in a sentence of any language.

    >>> described([1]), described(np.zeros((2, 1)))
    ('list', 'ndarray (2, 1)')
    """
    shape = getattr(value, "shape", None)
    return type(value).__name__ + (f" {tuple(shape)}" if isinstance(shape, tuple) else "")
