import numpy as np
import pytest
from scipy import stats

from hw2utils.statistics import mean_interval, paired_difference, proportion_interval


def test_the_t_interval_is_scipys():
    values = np.random.default_rng(0).normal(3, 2, 12)
    ours = mean_interval(values, confidence=0.9)
    low, high = stats.t.interval(0.9, 11, values.mean(), stats.sem(values))
    assert (ours.low, ours.high) == pytest.approx((low, high))


def test_the_interval_covers_the_true_mean_as_often_as_it_says():
    draws = np.random.default_rng(1).normal(0, 1, (4000, 10))
    covered = sum(interval.low <= 0 <= interval.high for interval in map(mean_interval, draws))
    assert abs(covered / 4000 - 0.95) < 0.015


def test_pairing_removes_what_the_seeds_share():
    shared = np.random.default_rng(2).normal(0, 5, 10)
    difference = paired_difference(shared + 1, shared)
    assert (difference.mean, difference.low) == pytest.approx((1, 1))


def test_one_value_says_nothing_about_the_spread():
    assert mean_interval([2.0]).low == -np.inf


def test_the_binomial_noise_of_the_test_set():
    half = (lambda i: (i.high - i.low) / 2)(proportion_interval(8900, 10_000, confidence=0.6827))
    assert half == pytest.approx(0.0031, abs=5e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_interval([]), "values: expected one number per seed"),
        (lambda: mean_interval([[1.0, 2.0]]), r"got shape \(1, 2\)"),
        (lambda: mean_interval([1.0], confidence=95), r"confidence: expected a level in \(0, 1\), got 95"),
        (lambda: paired_difference([1.0, 2.0], [1.0]), r"b: expected the shape of a, \(2,\), got \(1,\)"),
        (lambda: proportion_interval(5, 4), "got 5 of 4"),
        (lambda: proportion_interval(0, 0), "trials: expected a whole number from 1 up, got 0"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_diverged_seed_leaves_no_mean_and_no_interval():
    for far in (float("nan"), float("inf"), None):
        found = mean_interval([1.0, far, 2.0])
        assert np.isnan(found.mean)
        assert (found.low, found.high, found.n) == (-np.inf, np.inf, 3)
