"""What checks of arguments share; a message names the argument, what was expected, what came, and a remedy.

Nothing heavy is imported before it is needed, since the command line uses this module too.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Write the end of a message that names the known name nearest to ``name``, or nothing if none is near.

    >>> did_you_mean("epoch", ["epochs", "seeds"])
    "; did you mean 'epochs'?"
    """
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def is_number(value: object) -> bool:
    """Tell whether a value is a real number, NumPy's among them, and not a bool.

    >>> is_number(0.5), is_number(True), is_number("0.5")
    (True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Tell whether a value is a whole number in an integer type, NumPy's among them, and not a bool.

    >>> is_whole(2), is_whole(2.0), is_whole(True)
    (True, False, False)
    """
    return isinstance(value, Integral) and not isinstance(value, bool)


def check_whole(name: str, value: Any, low: int, high: int | None = None, *, remedy: str) -> int:
    """Return a whole number from ``low`` up (to ``high``), or say what is wrong with it.

    Raises ValueError for anything else, bools and whole numbers written as floats too.

    >>> check_whole("epochs", 3, 1, remedy="")
    3
    >>> check_whole("epochs", 2.0, 1, remedy="for example epochs=1")
    Traceback (most recent call last):
    ValueError: epochs: expected a whole number from 1 up, got 2.0; for example epochs=1
    """
    if not is_whole(value) or value < low or (high is not None and value > high):
        limits = f"from {low} up" if high is None else f"from {low} to {high}"
        raise ValueError(f"{name}: expected a whole number {limits}, got {value!r}; {remedy}")
    return int(value)


def kind(value: Any) -> str:
    """Say in a few words what a value is: its type, and its shape if it has one.

    >>> kind([1, 2]), kind(None)
    ('a list', 'None')
    """
    if value is None:
        return "None"
    name = "NumPy array" if type(value).__module__ == "numpy" else type(value).__name__
    shape = getattr(value, "shape", None)
    article = "an" if name[0] in "aeiouAEIO" else "a"
    return f"{article} {name}{f' of shape {tuple(shape)}' if isinstance(shape, tuple) else ''}"


def check_tensor(name: str, value: Any, expected: str = "a torch tensor") -> Tensor:
    """Return a tensor, or say how to make one of what came.

    Raises ValueError for a list, a NumPy array or anything else that is no tensor.

    >>> check_tensor("labels", [0, 1])
    Traceback (most recent call last):
    ValueError: labels: expected a torch tensor, got a list; write torch.tensor(...) around it
    """
    import torch

    if isinstance(value, torch.Tensor):
        return value
    if type(value).__module__ == "numpy":
        floats = getattr(value, "dtype", None) == "float64"
        remedy = f"write torch.from_numpy(...){'.float()' if floats else ''}"
    elif hasattr(value, "to_numpy"):
        remedy = "write torch.from_numpy(... .to_numpy())"
    elif isinstance(value, list | tuple):
        remedy = "write torch.tensor(...) around it"
    else:
        remedy = "for example torch.zeros(10, 1, 28, 28)"
    raise ValueError(f"{name}: expected {expected}, got {kind(value)}; {remedy}")


def check_classes(name: str, labels: Any, classes: int, *, dimensions: int = 1, outputs: str = "") -> None:
    """Check labels that are class numbers, one per example: int64 (or int32) from 0 to ``classes`` − 1.

    ``dimensions`` is how many the labels should have, ``outputs`` names whose outputs the classes are, for
    the message.

    Raises ValueError for another type or shape, one-hot rows, or a number that is no class.

    >>> import torch
    >>> check_classes("labels", torch.eye(3), 3)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: labels: expected one class number per example, ... looks one-hot; write labels.argmax(1)
    """
    import torch

    labels = check_tensor(name, labels, f"class numbers from 0 to {classes - 1} as a torch tensor")
    own = name.split(".")[-1]
    if labels.ndim != dimensions:
        shape = tuple(labels.shape)
        wanted = "(N,)" if dimensions == 1 else f"({', '.join('RN'[-dimensions:])})"
        if labels.ndim == dimensions + 1 and shape[-1] == 1:
            found, remedy = "", f"write {own}.squeeze(-1)"
        elif labels.ndim == dimensions + 1:
            one_hot = bool(((labels == 0) | (labels == 1)).all() and (labels.sum(-1) == 1).all())
            found = ", which looks one-hot" if one_hot else ""
            remedy = f"write {own}.argmax({dimensions})" if one_hot else "give each example one class number"
        else:
            found, remedy = "", "give each example one class number"
        raise ValueError(
            f"{name}: expected one class number per example, shape {wanted}, got shape {shape}{found};"
            f" {remedy}"
        )
    if labels.dtype not in (torch.int64, torch.int32):
        whole = not labels.is_floating_point() or bool((labels == labels.floor()).all())
        remedy = f"write {own}.long()" if whole else "for a regression, fit takes a step of your own"
        raise ValueError(f"{name}: expected class numbers of type torch.int64, got {labels.dtype}; {remedy}")
    if not labels.numel():
        return
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= classes:
        if low == 1 and high == classes:
            remedy = f"classes are numbered from 0: write {own} - 1"
        elif low < 0:
            remedy = "classes are numbered from 0; leave out or mend the examples without a class"
        else:
            remedy = f"give {outputs or 'what is compared'} {high + 1} outputs, or mend the labels"
        each = f", one for each output of {outputs}" if outputs else ""
        raise ValueError(f"{name}: expected classes 0 to {classes - 1}{each}, got {low} to {high}; {remedy}")
