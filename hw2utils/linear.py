"""Linear least squares with an L2, an L1 or no penalty: many coefficients or many data sets at once."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hw2utils._checks import is_number
from hw2utils._numbers import check_numbers

Array = NDArray[np.float64]
MOST_FEATURES = 6


def ridge_path(features: ArrayLike, targets: ArrayLike, coefficients: ArrayLike) -> Array:
    """Fit least squares with an L2 penalty on one data set, for every coefficient from one decomposition.

    Minimises ‖y − Xw‖² + α‖w‖² without an intercept: centre the data first. ``features`` (examples, inputs),
    ``targets`` (examples,) or (examples, outputs), ``coefficients`` α ≥ 0 of shape (steps,), in squared units
    of the features. Returns weights (steps, inputs) or (steps, inputs, outputs). α = 0 gives least
    squares, the solution with the smallest weights where there are many.

    Raises ValueError for shapes that do not fit, values that are not finite, or a negative coefficient.
    Source: Hoerl and Kennard 1970, doi:10.1080/00401706.1970.10488634.

    >>> ridge_path([[1.0], [1.0]], [2.0, 2.0], [0, 2]).flatten().round(6).tolist()
    [2.0, 1.0]
    """
    x, y = _data(features, targets, dimensions=2)
    alphas = _coefficients(coefficients)
    if alphas.ndim != 1:
        raise ValueError(
            f"coefficients: expected a list, shape (steps,), got {alphas.shape}; write [value] for one"
        )
    u, s, vt = np.linalg.svd(x, full_matrices=False)  # (n, r), (r,), (r, p)
    seen = s > s.max(initial=0) * max(x.shape) * np.finfo(np.float64).eps
    u, s, vt = u[:, seen], s[seen], vt[seen]
    projected = u.T @ y.reshape(len(y), -1)  # (r, m)
    shrunk = s / (s**2 + alphas[:, None])  # (steps, r)
    weights = vt.T @ (shrunk[:, :, None] * projected)  # (steps, p, m)
    return weights.reshape(len(alphas), x.shape[1], *y.shape[1:])


def ridge_many(features: ArrayLike, targets: ArrayLike, coefficients: ArrayLike) -> Array:
    """Fit least squares with an L2 penalty on many data sets at once, a coefficient for each.

    The objective of :func:`ridge_path`. ``features`` (sets, examples, inputs), ``targets`` (sets, examples),
    ``coefficients`` one number or (sets,). Returns weights (sets, inputs).

    Raises ValueError as :func:`ridge_path` does.

    >>> ridge_many([[[1.0], [1.0]]], [[2.0, 2.0]], 2.0).round(6).tolist()
    [[1.0]]
    """
    x, y = _data(features, targets, dimensions=3)
    alphas = _per_set(coefficients, len(x))
    u, s, vt = np.linalg.svd(x, full_matrices=False)  # (B, n, r), (B, r), (B, r, p)
    seen = s > s.max(axis=1, keepdims=True, initial=0) * max(x.shape[1:]) * np.finfo(np.float64).eps
    shrunk = np.where(seen, s, 0) / np.where(seen, s**2 + alphas[:, None], 1)
    return np.einsum("brp,br->bp", vt, shrunk * np.einsum("bnr,bn->br", u, y))


def lasso_many(features: ArrayLike, targets: ArrayLike, coefficients: ArrayLike) -> Array:
    """Fit least squares with an L1 penalty on many small data sets at once, exactly.

    Minimises ‖y − Xw‖² / (2n) + α‖w‖₁ without an intercept, as scikit-learn's ``Lasso`` does. Shapes as in
    :func:`ridge_many`; there may be up to six inputs, since all supports and signs are tried instead of
    iterating: the solution is the best of the candidates whose signs agree with themselves. Zeros are exact.

    Raises ValueError as :func:`ridge_many` does, and for more inputs.
    Source: Tibshirani 1996, doi:10.1111/j.2517-6161.1996.tb02080.x.

    >>> lasso_many([[[1.0, 0.0], [0.0, 1.0]]], [[3.0, 0.5]], 0.5).tolist()
    [[2.0, 0.0]]
    """
    x, y = _data(features, targets, dimensions=3)
    alphas = _per_set(coefficients, len(x))
    sets, examples, inputs = x.shape
    if inputs > MOST_FEATURES:
        raise ValueError(
            f"features: expected at most {MOST_FEATURES} inputs, got {inputs}; use scikit-learn's Lasso"
        )
    gram = np.einsum("bni,bnj->bij", x, x) / examples  # (B, p, p)
    cross = np.einsum("bni,bn->bi", x, y) / examples  # (B, p)
    best, lowest = np.zeros((sets, inputs)), np.zeros(sets)  # w = 0 costs 0, leaving out what is constant
    for used in product((False, True), repeat=inputs):
        support = np.flatnonzero(used)
        if not len(support):
            continue
        inverse = np.linalg.pinv(gram[:, support[:, None], support], hermitian=True)  # (B, m, m)
        for choice in product((-1.0, 1.0), repeat=len(support)):
            signs = np.array(choice)
            pulled = cross[:, support] - alphas[:, None] * signs  # (B, m)
            weights = np.einsum("bij,bj->bi", inverse, pulled)
            # ½ wᵀGw − cᵀw + α‖w‖₁ at a stationary point of these signs
            cost = -0.5 * np.einsum("bi,bi->b", weights, pulled)
            better = (weights * signs > 0).all(axis=1) & (cost < lowest)
            lowest[better] = cost[better]
            best[better] = 0
            best[np.ix_(better, support)] = weights[better]
    return best


def count_zeros(weights: ArrayLike, *, size: float = 0.0) -> NDArray[np.int64]:
    """Count the weights that are zero, or not larger than ``size``.

    ``weights`` is (…, inputs); returns counts (…). Raises ValueError for values that are not finite,
    or a negative size.

    >>> int(count_zeros([1.0, 0.0, 0.0, 0.01])), int(count_zeros([1.0, 0.0, 0.0, 0.01], size=0.05))
    (2, 3)
    """
    if not is_number(size) or not size >= 0:
        raise ValueError(f"size: expected a number from 0 up, got {size!r}; 0 counts exact zeros")
    return (np.abs(_weights(weights)) <= size).sum(axis=-1)


def unevenness(weights: ArrayLike) -> Array:
    """Divide the largest by the smallest magnitude of the weights that are not zero.

    ``weights`` is (…, inputs); returns ratios (…) from 1 (perfectly even) up, NaN where all are zero.
    Raises ValueError for values that are not finite.

    >>> float(unevenness([8.0, -2.0, 0.0]))
    4.0
    """
    size = np.abs(_weights(weights))
    largest = size.max(axis=-1)
    smallest = np.where(size > 0, size, np.inf).min(axis=-1)
    return np.divide(largest, smallest, out=np.full(largest.shape, np.nan), where=largest > 0)


def _weights(weights: ArrayLike) -> Array:
    array = check_numbers("weights", weights)
    if array.ndim < 1 or not array.shape[-1] or not np.isfinite(array).all():
        raise ValueError(
            f"weights: expected finite numbers of shape (…, inputs), got shape {array.shape}; "
            "leave out fits that failed"
        )
    return array


def _data(features: ArrayLike, targets: ArrayLike, dimensions: int) -> tuple[Array, Array]:
    x, y = check_numbers("features", features), check_numbers("targets", targets)
    expected = "(examples, inputs)" if dimensions == 2 else "(sets, examples, inputs)"
    if x.ndim != dimensions or not x.size:
        raise ValueError(f"features: expected shape {expected}, got {x.shape}; put one example in each row")
    allowed = (1, 2) if dimensions == 2 else (2,)
    if y.ndim not in allowed or y.shape[: dimensions - 1] != x.shape[: dimensions - 1]:
        raise ValueError(
            f"targets: expected one per example, shape {x.shape[: dimensions - 1]}, got {y.shape}; "
            "a shape such as (n, 1) beside (n,) would broadcast"
        )
    if not np.isfinite(x).all() or not np.isfinite(y).all():
        raise ValueError(
            "features, targets: expected finite numbers, got NaN or infinite ones; remove those examples"
        )
    return x, y


def _coefficients(coefficients: ArrayLike) -> Array:
    alphas = check_numbers("coefficients", coefficients)
    if not alphas.size or not np.isfinite(alphas).all() or (alphas < 0).any():
        raise ValueError(f"coefficients: expected finite numbers from 0 up, got {alphas}; 0 is no penalty")
    return alphas


def _per_set(coefficients: ArrayLike, sets: int) -> Array:
    alphas = _coefficients(coefficients)
    if alphas.shape not in ((), (sets,)):
        raise ValueError(
            f"coefficients: expected one number, or one for each of {sets} data sets, got {alphas.shape}; "
            "repeat the data set to try many coefficients"
        )
    return np.broadcast_to(alphas, (sets,))
