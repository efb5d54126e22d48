"""Bias and variance over repeated training sets: squared error, and two decompositions of the 0–1 loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hw2utils._checks import check_whole
from hw2utils._numbers import check_numbers


@dataclass(frozen=True)
class BiasVariance:
    """The parts of the expected squared error, each averaged over the points.

    ``loss`` = ``noise`` + ``bias`` + ``variance``; ``bias`` is the squared one. All in squared units of the
    target.
    """

    noise: float
    bias: float
    variance: float

    @property
    def loss(self) -> float:
        """Add the parts up."""
        return self.noise + self.bias + self.variance


def bias_variance(predictions: ArrayLike, truth: ArrayLike, *, noise: ArrayLike = 0.0) -> BiasVariance:
    """Decompose the expected squared error over repeated training sets.

    ``predictions`` (sets, points) are one row per training set, ``truth`` (points,) the mean of the target at
    each point, ``noise`` the target's variance around it, one number or (points,). The sum is exact for
    the sets at hand (the variance divides by their number); with few sets, ``bias`` is too large by the
    true variance divided by that number.

    Raises ValueError for fewer than two sets, shapes that do not fit, values that are not finite, or a
    negative noise. Source: Geman, Bienenstock and Doursat 1992, doi:10.1162/neco.1992.4.1.1.

    >>> bias_variance([[1.0], [3.0]], [1.0], noise=0.5)
    BiasVariance(noise=0.5, bias=1.0, variance=1.0)
    """
    made = check_numbers("predictions", predictions)
    _check_predictions(made)
    target, spread = check_numbers("truth", truth), check_numbers("noise", noise)
    if target.shape != made.shape[1:]:
        raise ValueError(
            f"truth: expected one number per point, shape {made.shape[1:]}, got {target.shape}; "
            "give the target's mean at each point"
        )
    if spread.shape not in ((), target.shape):
        raise ValueError(
            f"noise: expected one variance, or one per point, shape {target.shape}, got {spread.shape}"
            "; give the target's variance"
        )
    if not np.isfinite(target).all() or not np.isfinite(spread).all() or (spread < 0).any():
        raise ValueError(
            "truth, noise: expected finite numbers and a noise from 0 up, got others; mend those points"
        )
    mean = made.mean(axis=0)
    return BiasVariance(
        float(spread.mean()), float(((mean - target) ** 2).mean()), float(made.var(axis=0).mean())
    )


@dataclass(frozen=True)
class ZeroOne:
    """Domingos's parts of the expected 0–1 loss, as fractions averaged over the points.

    ``bias``: share of points whose main prediction (the most frequent over training sets) is not the best
    one. ``variance``: how often a single prediction differs from the main one; it splits into ``unbiased``
    variance (at points without bias, where it only harms) and ``biased`` (where it can help).
    ``net_variance`` and ``net_noise`` are what variance and noise add to the loss:
    ``loss`` = ``net_noise`` + ``bias`` + ``net_variance``. ``noise`` is the Bayes error.
    """

    loss: float
    noise: float
    bias: float
    variance: float
    unbiased: float
    biased: float
    net_variance: float

    @property
    def net_noise(self) -> float:
        """Give the noise's part of the loss, with its sign: where the prediction is wrong, noise can help."""
        return self.loss - self.bias - self.net_variance


def domingos(predictions: ArrayLike, truth: ArrayLike, *, classes: int | None = None) -> ZeroOne:
    """Decompose the expected 0–1 loss over repeated training sets as Domingos (2000) does.

    ``predictions`` (sets, points) are classes, whole numbers from 0. ``truth`` is either the known
    probabilities of the classes at each point, (points, classes), or one label per point, (points,): then
    the noise is taken to be zero, and what noise there is counts as bias. A tie for the main or the best
    class goes to the lowest class.

    At a point, the loss averaged over training sets is bias plus c₂ · variance where the label is the best
    one; c₂ is 1 without bias and −P(prediction = best | prediction ≠ main) with it.

    Raises ValueError for fewer than two sets, shapes that do not fit, classes out of range, or rows that are
    not probabilities. Source: Domingos 2000 (ICML 2000, pp. 231–238). Other decompositions of this loss give
    other numbers: see :func:`kohavi_wolpert`.

    >>> parts = domingos([[0, 1], [0, 1], [1, 1]], [0, 0])
    >>> round(parts.loss, 3), parts.bias, round(parts.unbiased, 3), parts.biased
    (0.667, 0.5, 0.167, 0.0)
    """
    made, given = _frequencies(predictions, truth, classes)  # both (points, classes)
    points = np.arange(len(made))
    main, best = made.argmax(axis=1), given.argmax(axis=1)
    biased = main != best
    variance = 1 - made[points, main]
    # Mean loss if every label were the best class; bias and net variance add up to it.
    against_best = 1 - made[points, best]
    return ZeroOne(
        loss=float((1 - (made * given).sum(axis=1)).mean()),
        noise=float((1 - given.max(axis=1)).mean()),
        bias=float(biased.mean()),
        variance=float(variance.mean()),
        unbiased=float((variance * ~biased).mean()),
        biased=float((variance * biased).mean()),
        net_variance=float((against_best - biased).mean()),
    )


@dataclass(frozen=True)
class KohaviWolpert:
    """Kohavi and Wolpert's parts of the expected 0–1 loss: ``loss`` = noise + bias + variance."""

    noise: float
    bias: float
    variance: float

    @property
    def loss(self) -> float:
        """Add the parts up."""
        return self.noise + self.bias + self.variance


def kohavi_wolpert(predictions: ArrayLike, truth: ArrayLike, *, classes: int | None = None) -> KohaviWolpert:
    """Decompose the expected 0–1 loss over repeated training sets as Kohavi and Wolpert (1996) do.

    Arguments as in :func:`domingos`. At a point with class probabilities t of the label and p of the
    prediction: noise ½(1 − Σt²), squared bias ½Σ(t − p)², variance ½(1 − Σp²). A point predicted differently
    from set to set counts as biased even where the majority is right, so these numbers are not Domingos's.

    Raises ValueError as :func:`domingos` does. Source: Kohavi and Wolpert 1996 (ICML 1996, pp. 275–283).

    >>> kohavi_wolpert([[0], [1]], [0])
    KohaviWolpert(noise=0.0, bias=0.25, variance=0.25)
    """
    made, given = _frequencies(predictions, truth, classes)
    return KohaviWolpert(
        noise=float((1 - (given**2).sum(axis=1)).mean() / 2),
        bias=float(((given - made) ** 2).sum(axis=1).mean() / 2),
        variance=float((1 - (made**2).sum(axis=1)).mean() / 2),
    )


def _frequencies(
    predictions: ArrayLike, truth: ArrayLike, classes: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how often each class is predicted, and how probable it is, both (points, classes)."""
    made, given = check_numbers("predictions", predictions), check_numbers("truth", truth)
    if classes is not None:
        check_whole("classes", classes, 1, remedy="leave it out to count what is there")
    _check_predictions(made)
    if given.shape[:1] != made.shape[1:] or given.ndim not in (1, 2):
        raise ValueError(
            f"truth: expected labels (points,) or probabilities (points, classes) for {made.shape[1]} points"
            f", got shape {given.shape}; give one row per point"
        )
    if given.ndim == 2:
        number = given.shape[1]
        proper = np.isfinite(given).all() and (given >= 0).all() and np.allclose(given.sum(axis=1), 1)
        if not proper or classes not in (None, number):
            raise ValueError(
                f"truth: expected rows of probabilities of {classes or number} classes that add up to 1, got "
                f"{number} columns or other numbers; divide each row by its sum"
            )
    else:
        number = int(max(made.max(), given.max())) + 1 if classes is None else classes
    for name, values in (("predictions", made), *((("truth", given),) if given.ndim == 1 else ())):
        whole = np.isfinite(values).all() and (values == np.floor(values)).all()
        if not whole or values.min() < 0 or values.max() >= number:
            raise ValueError(
                f"{name}: expected classes 0 to {number - 1}, whole numbers, got {values.min():g} to "
                f"{values.max():g}; mend the labels or raise classes"
            )
    share = np.stack([(made == c).mean(axis=0) for c in range(number)], axis=1)
    chance = given.astype(np.float64) if given.ndim == 2 else np.eye(number)[given.astype(np.int64)]
    return share, chance


def _check_predictions(made: NDArray) -> None:
    if made.ndim != 2 or made.shape[0] < 2 or made.shape[1] < 1:
        raise ValueError(
            f"predictions: expected shape (sets, points) with at least two training sets, got {made.shape}; "
            "variance needs repeated training sets"
        )
    if not np.isfinite(made).all():
        raise ValueError("predictions: expected finite numbers, got NaN or infinite ones; drop those sets")
