import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from hw2utils.history import History


@pytest.fixture
def history():
    return History(
        [2, 4, 5],
        [0, 7],
        {
            "val_loss": [[3.0, 3.0], [1.0, 2.0], [2.0, float("nan")]],
            "val_acc": [[0.2, float("nan")], [0.6, 0.4], [0.6, 0.5]],
            "test_acc": [[0.1, 0.2], [0.5, 0.3], [0.55, 0.45]],
        },
    )


def test_json_round_trip_keeps_everything_even_what_is_not_finite(history, tmp_path):
    history.columns["val_loss"][0, 0] = -math.inf
    assert History.from_json(history.to_json()) == history
    history.save(tmp_path / "history.json")
    assert History.load(tmp_path / "history.json") == history
    assert [p.name for p in tmp_path.iterdir()] == ["history.json"]


def test_equality_sees_a_changed_value(history):
    other = History.from_json(history.to_json())
    other.columns["test_acc"][0, 0] += 1e-9
    assert other != history


def test_rows_hold_epoch_seed_and_every_column(history):
    rows = list(history.rows())
    assert len(rows) == 6
    assert rows[3] == {"epoch": 4, "seed": 7, "val_loss": 2.0, "val_acc": 0.4, "test_acc": 0.3}


def test_the_best_row_is_the_first_highest_accuracy_or_lowest_loss_and_never_nan(history):
    assert history.best_row("val_acc", mode="max").tolist() == [1, 2]
    assert history.best_row("val_loss", mode="min").tolist() == [1, 1]
    assert history.at_best("test_acc", by="val_acc", mode="max").tolist() == [0.5, 0.45]
    assert np.array_equal(history.at_epoch("test_acc", 4), [0.5, 0.3])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda h: h["test_accuracy"], KeyError, "no column 'test_accuracy'; did you mean 'test_acc'"),
        (lambda h: h["zzz"], KeyError, "This history has: val_loss, val_acc, test_acc"),
        (lambda h: h.at_epoch("val_acc", 3), ValueError, r"recorded \[2, 4, 5\], got 3"),
        (lambda h: History([1], [0], {"a": [[1.0, 2.0]]}), ValueError, r"\(1, 1\), got \(1, 2\)"),
        (lambda h: History.from_json("{"), ValueError, "expected JSON with epochs, seeds and columns"),
        (lambda h: History.from_json('{"epochs": []}'), ValueError, "KeyError"),
    ],
)
def test_bad_input_is_refused(history, call, error, message):
    with pytest.raises(error, match=message):
        call(history)


def test_diverged_seeds_are_found_with_their_epochs():
    nan, inf = float("nan"), float("inf")
    columns = {
        "train_loss": [[1.0, 1.0, 1.0], [1.0, nan, 1.0], [1.0, nan, 1.0]],
        "val_loss": [[1.0, 1.0, 1.0], [1.0, nan, 1.0], [1.0, nan, inf]],
        "val_precision": [[nan, 1.0, 1.0]] * 3,  # a metric that is not defined is no divergence
    }
    history = History([2, 4, 5], [7, 8, 9], columns)
    assert history.diverged() == {8: 4, 9: 5}
    assert repr(history).endswith("val_precision; seed 8 diverged by epoch 4; seed 9 diverged by epoch 5)")
    assert History.from_json(history.to_json()).diverged() == {8: 4, 9: 5}
    assert History([1], [0], {"loss": [[inf]]}).diverged() == {0: 1}
    assert History([], [0], {}).diverged() == {} == History([1], [0]).diverged()


def test_histories_saved_at_once_are_whole(tmp_path):
    history, place = History([1], [0], {"loss": [[2.0]]}), tmp_path / "history.json"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: history.save(place), range(200)))
    assert History.load(place) == history and [path.name for path in tmp_path.iterdir()] == ["history.json"]
