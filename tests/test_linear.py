import numpy as np
import pytest
from sklearn.linear_model import Lasso, LinearRegression, Ridge

from hw2utils.linear import count_zeros, lasso_many, ridge_many, ridge_path, unevenness


def sets(count=20, examples=15, inputs=4, noise=0.5, twin=0.0, seed=0):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(count, examples, inputs))
    if twin:
        x = draw.normal(size=(count, examples, 1)) + twin * x
    weights = draw.normal(size=(count, inputs)) * (draw.random((count, inputs)) < 0.6)
    return x, np.einsum("bnp,bp->bn", x, weights) + noise * draw.normal(size=(count, examples))


@pytest.mark.parametrize("inputs", [4, 30])  # fewer and more inputs than examples
def test_the_ridge_path_is_scikit_learns(inputs):
    x, y = sets(1, inputs=inputs)
    x, y = x[0], np.stack([y[0], -2 * y[0] + 1], axis=1)
    alphas = [0.01, 1, 100]
    path = ridge_path(x, y, alphas)
    assert path.shape == (3, inputs, 2)
    for alpha, weights in zip(alphas, path, strict=True):
        reference = Ridge(alpha=alpha, fit_intercept=False, solver="svd").fit(x, y)
        assert weights == pytest.approx(reference.coef_.T, abs=1e-9)


def test_without_a_penalty_the_smallest_solution_is_least_squares():
    x, y = sets(1, inputs=30)
    assert ridge_path(x[0], y[0], [0])[0] == pytest.approx(np.linalg.lstsq(x[0], y[0], rcond=None)[0])


@pytest.mark.parametrize("twin", [0.0, 0.01])
def test_many_ridges_are_scikit_learns(twin):
    x, y = sets(twin=twin)
    alphas = np.geomspace(0.01, 10, len(x))
    ridge, plain = ridge_many(x, y, alphas), ridge_many(x, y, 0)
    for i in range(len(x)):
        reference = Ridge(alpha=alphas[i], fit_intercept=False).fit(x[i], y[i])
        assert ridge[i] == pytest.approx(reference.coef_, abs=1e-6)
        least_squares = LinearRegression(fit_intercept=False).fit(x[i], y[i])
        assert plain[i] == pytest.approx(least_squares.coef_, abs=1e-6)


@pytest.mark.parametrize("twin", [0.0, 0.3])
def test_many_lassos_are_scikit_learns(twin):
    x, y = sets(40, twin=twin)
    alphas = np.geomspace(0.01, 1, len(x))
    ours = lasso_many(x, y, alphas)
    for i in range(len(x)):
        reference = Lasso(alpha=alphas[i], fit_intercept=False, tol=1e-12, max_iter=200_000).fit(x[i], y[i])
        assert ours[i] == pytest.approx(reference.coef_, abs=1e-5)
        assert ((ours[i] == 0) == (reference.coef_ == 0)).all()
    assert 0 < (ours == 0).mean() < 1


def test_no_direction_improves_the_lasso_of_near_twins():
    x, y = sets(50, twin=1e-3)
    best = lasso_many(x, y, 0.05)

    def cost(weights):
        residual = y - np.einsum("bnp,bp->bn", x, weights)
        return (residual**2).mean(axis=1) / 2 + 0.05 * np.abs(weights).sum(axis=1)

    draw = np.random.default_rng(1)
    for scale in (1e-4, 1e-2, 1):
        for _ in range(200):
            assert (cost(best) <= cost(best + scale * draw.normal(size=best.shape)) + 1e-12).all()


def test_a_crushing_penalty_leaves_nothing():
    x, y = sets()
    assert (lasso_many(x, y, 1e3) == 0).all()
    assert np.abs(ridge_many(x, y, 1e9)).max() < 1e-6


def test_the_shapes_of_weights():
    weights = np.array([[0.26, 0.25, 0.25, 0.25], [1, 0, 0, 0], [0, 0, 0, 0]])
    assert count_zeros(weights).tolist() == [0, 3, 4]
    assert count_zeros(weights, size=0.255).tolist() == [3, 3, 4]
    assert unevenness(weights)[:2] == pytest.approx([1.04, 1])
    assert np.isnan(unevenness(weights)[2])


X, Y = np.ones((3, 2)), np.ones(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ridge_path(Y, Y, [1]), r"features: expected shape \(examples, inputs\), got \(3,\)"),
        (lambda: ridge_path(X[:0], Y[:0], [1]), r"got \(0, 2\)"),
        (lambda: ridge_path(X, Y[:2], [1]), r"targets: expected one per example, shape \(3,\), got \(2,\)"),
        (lambda: ridge_path(X * np.nan, Y, [1]), "expected finite numbers"),
        (lambda: ridge_path(X, Y, [-1]), "coefficients: expected finite numbers from 0 up"),
        (lambda: ridge_path(X, Y, 1), r"coefficients: expected a list, shape \(steps,\), got \(\)"),
        (lambda: ridge_path(X, Y, []), "coefficients: expected finite"),
        (lambda: ridge_many(X, Y, 1), r"features: expected shape \(sets, examples, inputs\)"),
        (lambda: ridge_many(X[None], Y[None, :, None], 1), r"would broadcast"),
        (lambda: ridge_many(X[None], Y[None], [1, 2]), r"one for each of 1 data sets, got \(2,\)"),
        (lambda: lasso_many(X[None], Y[None] * np.inf, 1), "expected finite numbers"),
        (lambda: lasso_many(np.ones((1, 3, 7)), Y[None], 1), "at most 6 inputs, got 7"),
        (lambda: count_zeros([np.nan]), "weights: expected finite numbers"),
        (lambda: unevenness([]), "weights: expected finite numbers"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
