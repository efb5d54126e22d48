import numpy as np
import pytest

from hw2utils.decomposition import bias_variance, domingos, kohavi_wolpert


def drawn(classes=3, sets=7, points=400, seed=0):
    draw = np.random.default_rng(seed)
    return draw.integers(0, classes, (sets, points)), draw.dirichlet(np.ones(classes), points)


def test_squared_error_is_the_mean_over_sets_and_labels():
    draw = np.random.default_rng(0)
    predictions, truth = draw.normal(size=(6, 50)), draw.normal(size=50)
    parts = bias_variance(predictions, truth, noise=0.25)
    # labels truth ± 0.5 have exactly this noise
    labels = np.stack([truth - 0.5, truth + 0.5])
    direct = ((predictions[:, None] - labels[None]) ** 2).mean()
    assert parts.loss == pytest.approx(direct)
    assert bias_variance(predictions, truth, noise=np.full(50, 0.25)) == parts


def test_the_parts_of_a_shrunken_mean_follow_the_closed_form():
    draw = np.random.default_rng(1)
    estimates = 0.8 * draw.normal(2, 1, (40_000, 10)).mean(axis=1, keepdims=True)
    parts = bias_variance(estimates, [2.0])
    assert parts.bias == pytest.approx(0.4**2, rel=0.03)
    assert parts.variance == pytest.approx(0.64 / 10, rel=0.03)


@pytest.mark.parametrize("classes", [2, 5])
def test_both_zero_one_decompositions_add_up_to_the_loss(classes):
    predictions, chances = drawn(classes)
    points = np.arange(predictions.shape[1])
    direct = np.mean([1 - chances[points, row] for row in predictions])
    parts = domingos(predictions, chances)
    assert parts.loss == pytest.approx(direct)
    assert parts.net_noise + parts.bias + parts.net_variance == pytest.approx(direct)
    assert kohavi_wolpert(predictions, chances).loss == pytest.approx(direct)


def test_domingos_parts_point_by_point_as_the_paper_defines_them():
    predictions, chances = drawn(4)
    for point in range(predictions.shape[1]):
        made = predictions[:, point]
        parts = domingos(made[:, None], chances[point][None])
        best, main = chances[point].argmax(), np.bincount(made, minlength=4).argmax()
        off = made != main
        factor = 1.0 if main == best else -(made[off] == best).mean() if off.any() else 0.0
        assert parts.bias == (main != best)
        assert parts.variance == pytest.approx(off.mean())
        assert parts.net_variance == pytest.approx(factor * off.mean())
        assert parts.noise == pytest.approx(1 - chances[point].max())


def test_noise_counts_twice_correct_minus_one_with_two_classes():
    predictions, chances = drawn(2, points=1)
    parts = domingos(predictions, chances)
    correct = (predictions[:, 0] == chances[0].argmax()).mean()
    assert parts.net_noise == pytest.approx((2 * correct - 1) * parts.noise)


def test_labels_are_probabilities_without_noise():
    predictions, _ = drawn()
    labels = np.arange(predictions.shape[1]) % 3
    assert domingos(predictions, labels) == domingos(predictions, np.eye(3)[labels])
    assert domingos(predictions, labels).noise == 0


def test_variance_splits_by_bias_and_only_harms_without_it():
    parts = domingos([[0, 1], [0, 1], [1, 0]], [0, 0])
    assert parts.unbiased == pytest.approx(1 / 6)
    assert parts.biased == pytest.approx(1 / 6)
    assert parts.net_variance == pytest.approx(0)


def test_the_two_decompositions_differ_where_the_majority_is_right():
    predictions = [[0], [0], [1]]
    assert domingos(predictions, [0]).bias == 0
    assert kohavi_wolpert(predictions, [0]).bias == pytest.approx(1 / 9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bias_variance([[1.0]], [1.0]), "at least two training sets"),
        (lambda: bias_variance([1.0, 2.0], [1.0]), r"predictions: expected shape \(sets, points\)"),
        (lambda: bias_variance([[1.0], [np.nan]], [1.0]), "predictions: expected finite"),
        (lambda: bias_variance([[1.0], [2.0]], [[1.0]]), r"truth: .*\(1,\), got \(1, 1\)"),
        (lambda: bias_variance([[1.0], [2.0]], [np.inf]), "truth, noise: expected finite"),
        (lambda: bias_variance([[1.0], [2.0]], [1.0], noise=-1), "noise from 0 up"),
        (lambda: bias_variance([[1.0], [2.0]], [1.0], noise=[1, 2]), "noise: expected one variance"),
        (lambda: domingos([[0]], [0]), "at least two training sets"),
        (lambda: domingos([[0], [1]], [0, 1]), "truth: expected labels .* for 1 points"),
        (lambda: domingos([[0], [-1]], [0]), "predictions: expected classes 0 to 0"),
        (lambda: domingos([[0], [3]], [0], classes=2), "predictions: expected classes 0 to 1.*got 0 to 3"),
        (lambda: domingos([[0], [0.5]], [0]), "whole numbers"),
        (lambda: domingos([[0], [1]], [2], classes=2), "truth: expected classes 0 to 1"),
        (lambda: domingos([[0], [1]], [[0.5, 0.6]]), "rows of probabilities"),
        (lambda: domingos([[0], [1]], [[1.0, 0.0]], classes=3), "probabilities of 3 classes"),
        (lambda: domingos([[0], [2]], [[1.0, 0.0]]), "predictions: expected classes 0 to 1"),
        (lambda: kohavi_wolpert([[0], [np.nan]], [0]), "predictions: expected finite"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
