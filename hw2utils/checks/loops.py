"""What a training loop rests on: its loss, when it ends, and how it evaluates. Questions 4 and 5."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hw2utils.checks.exercise import FAILED, REFUSED, Answer, Exercise, Seen, numbers

_Numbers = NDArray[np.float64]


def _or_refused(call: Callable[[], object]) -> _Numbers:
    try:
        return numbers(call(), ())
    except ValueError:
        return np.array(REFUSED)
    except (
        RuntimeError,
        AssertionError,
        TypeError,
        IndexError,
    ):  # torch's own too, of shapes that do not fit
        return np.array(FAILED)


# --- the loss -------------------------------------------------------------------------------------


def _probe_error(answer: Answer) -> Seen:
    labels = torch.tensor([1.0, 4.0, 2.0, 7.0, 3.0]).double()
    guesses = torch.tensor([2.0, 2.0, 3.0, 6.0, 5.5]).double()
    return {
        "flat": numbers(answer(guesses.clone(), labels.clone()), ()),
        "right": numbers(answer(labels.clone(), labels.clone()), ()),
        "column": _or_refused(lambda: answer(guesses[:, None].clone(), labels.clone())),
        "three": _or_refused(lambda: answer(guesses[:3].clone(), labels.clone())),
        "single": _or_refused(lambda: answer(guesses[:1, None].clone(), labels.clone())),
    }


def squared_error(predictions: Tensor, labels: Tensor) -> Tensor:
    """Compute the mean squared error of predictions, (N,) or (N, 1), of ``labels``, (N,).

    Raises ValueError for shapes that do not fit.

    >>> squared_error(torch.ones(2, 1), torch.zeros(2)).item()
    1.0
    """
    if tuple(predictions.shape) not in ((len(labels),), (len(labels), 1)):
        raise ValueError(
            f"predictions: expected shape ({len(labels)},) or ({len(labels)}, 1), as the labels have, got "
            f"{tuple(predictions.shape)}; predict one number for each label"
        )
    return (predictions.reshape(labels.shape) - labels).square().mean()


def _checked(error: Callable[[Tensor], Tensor]) -> Answer:
    """Make a careful loss of another number made of the differences, (N,)."""

    def answer(predictions: Tensor, labels: Tensor) -> Tensor:
        squared_error(predictions, labels)
        return error(predictions.reshape(labels.shape) - labels)

    return answer


def _strict(predictions: Tensor, labels: Tensor) -> Tensor:
    if predictions.shape != labels.shape:
        raise ValueError("expected equal shapes")
    return squared_error(predictions, labels)


def _truncated(predictions: Tensor, labels: Tensor) -> Tensor:
    flat = predictions.flatten()
    return (flat - labels[: len(flat)]).square().mean()


_ERROR: dict[str, Answer] = {
    "broadcasts": lambda p, y: (p - y).square().mean(),
    "squeezes": lambda p, y: (p.squeeze() - y).square().mean(),
    "refuses-column": _strict,
    "truncates": _truncated,
    "sum": _checked(lambda d: d.square().sum()),
    "half": _checked(lambda d: d.square().mean() / 2),
    "absolute": _checked(lambda d: d.abs().mean()),
    "root": _checked(lambda d: d.square().mean().sqrt()),
    "not-squared": _checked(lambda d: d.mean()),
    "mean-squared": _checked(lambda d: d.mean().square()),
    "largest": _checked(lambda d: d.square().max()),
}


# --- the end of a loop ----------------------------------------------------------------------------

_NEVER = -99.25  # which no answer gives
_EXPECTED = {"nan", "infinite"}
_SLIPS = (NameError, AttributeError, TypeError, LookupError, ImportError)  # of code, not of what it is given


def _probe_steps(answer: Answer) -> Seen:
    cases: dict[str, list[float]] = {
        "arrives": [3.0, 0.5, 0.05, 0.01],
        "at-once": [0.01, 3.0],
        "returns": [3.0, 0.05, 3.0, 0.05],
        "threshold": [3.0, 0.1, 0.05],
        "never": [3.0, 2.0, 1.0],
        "nan": [3.0, 9.0, math.nan, math.nan],
        "infinite": [3.0, math.inf, 0.05],
        "late": [3.0, 0.05, math.nan],
    }
    return {name: _steps(answer, losses, name in _EXPECTED) for name, losses in cases.items()}


def _steps(answer: Answer, losses: Sequence[float], expected: bool) -> _Numbers:
    """Give what an answer says of a run: a step, or numbers of their own for never and for an error raised.

    Where an error is ``expected`` it may be of any kind.
    """
    try:
        found = answer(list(losses))
    except _SLIPS:
        raise
    except (ArithmeticError, ValueError, RuntimeError):
        return np.array(REFUSED)
    except Exception:
        if not expected:
            raise
        return np.array(REFUSED)
    return np.array(_NEVER) if found is None else numbers(found, ())


def steps_until_below(losses: Iterable[float]) -> int | None:
    """Count the steps until a loss is below 0.1, None where none is.

    Raises ArithmeticError at a loss that is not finite.

    >>> steps_until_below([3.0, 0.5, 0.05])
    2
    """
    return _count(losses)


def _count(
    losses: Iterable[float],
    *,
    finite: Callable[[float], bool] = math.isfinite,
    below: Callable[[float], bool] = lambda loss: loss < 0.1,
    first: int = 0,
    never: int | None = None,
    whole: bool = False,
) -> int | None:
    given = list(losses)
    if whole and not all(map(math.isfinite, given)):
        raise ArithmeticError("not finite")
    for step, loss in enumerate(given, first):
        if not finite(loss):
            raise ArithmeticError("not finite")
        if below(loss):
            return step
    return len(given) if never == 0 else never


def _anything(loss: float) -> bool:
    return True


def _last_arrival(losses: Sequence[float]) -> int | None:
    if not all(map(math.isfinite, losses)):
        raise ArithmeticError("not finite")
    found = [step for step, loss in enumerate(losses) if loss < 0.1]
    return found[-1] if found else None


_STEPS: dict[str, Answer] = {
    "nan-arrives": partial(_count, finite=_anything, below=lambda loss: not loss > 0.1),
    "nan-and-threshold": partial(_count, finite=_anything, below=lambda loss: not loss >= 0.1),
    "silent": partial(_count, finite=_anything),
    "silent-count": partial(_count, finite=_anything, never=0),
    "infinity-passes": partial(_count, finite=lambda loss: not math.isnan(loss)),
    "counts-from-one": partial(_count, first=1),
    "threshold-arrives": partial(_count, below=lambda loss: loss <= 0.1),
    "limit-arrives": partial(_count, never=0),
    "last-step": partial(_count, never=-7),
    "looks-ahead": partial(_count, whole=True),
    "last-arrival": _last_arrival,
}


# --- evaluation -----------------------------------------------------------------------------------


class _Moody(nn.Module):
    """A model that is right in evaluation mode and wrong in training mode, and counts its gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.inner = nn.Dropout(0.5)

    def forward(self, inputs: Tensor) -> Tensor:
        """Give logits, (B, 3), for inputs that name the class, (B,)."""
        told = (inputs + (1 if self.training or self.inner.training else 0)) % 3
        return nn.functional.one_hot(told.long(), 3).double() * self.weight


def _batches() -> list[tuple[Tensor, Tensor]]:
    """Make batches of 8, 8 and 2 examples, of which 4, 6 and 2 are classified rightly."""
    made = []
    for size, right in ((8, 4), (8, 6), (2, 2)):
        place = torch.arange(size)
        labels = place % 3
        inputs = torch.where(place < right, labels, (labels + 1 + place % 2) % 3)  # two kinds of wrong
        made.append((inputs, labels))
    return made


def _probe_accuracy(answer: Answer) -> Seen:
    seen = {}
    for name, mode, batches in (
        ("whole", True, _batches()[:2]),
        ("short", True, _batches()),
        ("evaluating", False, _batches()),
    ):
        model = _Moody().train(mode)
        found = numbers(answer(model, list(batches)), ())
        seen[name] = np.array([found, model.training == mode and model.inner.training == mode])
    return seen


def accuracy(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Measure the share of examples that a model classifies rightly, in evaluation mode, which is restored.

    >>> accuracy(_Moody(), _batches())
    0.6666666666666666
    """
    return _measured(model, batches)


def _measured(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    *,
    mode: bool | None = False,
    restore: bool = True,
    average: Callable[[list[int], list[int]], float] = lambda right, sizes: sum(right) / sum(sizes),
) -> float:
    before, right, sizes = model.training, [], []
    if mode is not None:
        model.train(mode)
    with torch.no_grad():
        for inputs, labels in batches:
            right.append(int((model(inputs).argmax(dim=1) == labels).sum()))
            sizes.append(len(labels))
    if restore:
        model.train(before)
    return average(right, sizes)


def _of_batches(right: list[int], sizes: list[int]) -> float:
    return sum(r / n for r, n in zip(right, sizes, strict=True)) / len(sizes)


_ACCURACY: dict[str, Answer] = {
    "training-mode": partial(_measured, mode=True),
    "ends-training": partial(_measured, mode=True, restore=False),
    "no-mode": partial(_measured, mode=None),
    "stays-evaluating": partial(_measured, restore=False),
    "batch-average": partial(_measured, average=_of_batches),
    "batch-and-training": partial(_measured, mode=True, restore=False, average=_of_batches),
    "last-batch": partial(_measured, average=lambda right, sizes: right[-1] / sizes[-1]),
    "first-size": partial(_measured, average=lambda right, sizes: sum(right) / (len(sizes) * sizes[0])),
    "percent": partial(_measured, average=lambda right, sizes: 100 * sum(right) / sum(sizes)),
    "count": partial(_measured, average=lambda right, sizes: float(sum(right))),
    "errors": partial(_measured, average=lambda right, sizes: 1 - sum(right) / sum(sizes)),
}


def exercises() -> Iterator[Exercise]:
    """Give the exercises of this module."""
    yield Exercise("q4-error", _probe_error, squared_error, _ERROR)
    yield Exercise("q4-steps", _probe_steps, steps_until_below, _STEPS)
    yield Exercise("q5-accuracy", _probe_accuracy, accuracy, _ACCURACY)


EXERCISES = tuple(exercises())
