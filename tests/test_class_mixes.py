"""Mixes of classes: what is drawn and chosen, accuracies class by class, and what is refused."""

from functools import partial

import numpy as np
import pytest
import torch

from hw2utils import models
from hw2utils.class_mixes import choose_classes, class_accuracy, draw_mix, mean_over
from hw2utils.datasets import Split
from hw2utils.own_data import fit_own_data
from hw2utils.spirals import two_spirals

POOL = Split(torch.arange(60.0).reshape(60, 1), torch.arange(60) % 3)


def test_a_larger_set_includes_the_smaller_one_and_seeds_differ() -> None:
    small, large = (draw_mix(POOL, counts, seeds=[4, 7]) for counts in ([2, 5, 3], [9, 5, 20]))
    for few, many in zip(small, large, strict=True):
        assert set(few.inputs.flatten().tolist()) <= set(many.inputs.flatten().tolist())
        assert (many.labels == many.inputs.flatten().long() % 3).all()
    assert small[0].inputs.tolist() != small[1].inputs.tolist()


def test_each_seed_may_have_its_own_mix() -> None:
    sets = draw_mix(POOL, [[1, 2, 3], [3, 2, 1]], seeds=[0, 1])
    assert [own.labels.bincount().tolist() for own in sets] == [[1, 2, 3], [3, 2, 1]]


def test_more_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="counts: expected from 0"):
        draw_mix(POOL, [1, 1, 21], seeds=[0])
    with pytest.raises(ValueError, match="count: expected at most the 2 classes"):
        choose_classes([1, 0, 1], 3, seeds=[0])


def test_only_classes_that_are_there_are_chosen() -> None:
    mask = choose_classes([1, 0, 1, 1], 2, seeds=range(30))
    assert not mask[:, 1].any()
    assert (mask.sum(axis=1) == 2).all()
    assert (mask.mean(axis=0)[[0, 2, 3]] > 0.3).all()


def test_accuracy_class_by_class_averages_to_accuracy() -> None:
    draw = torch.Generator().manual_seed(0)
    sets = [Split(torch.randn(40, 4, generator=draw), torch.arange(40) % 4 // 2) for _ in range(2)]
    run = fit_own_data(
        lambda: models.mlp([4, 3, 10]),
        sets,
        seeds=[0, 1],
        optimizer=partial(torch.optim.SGD, lr=0.1),
        epochs=3,
        batch_size=10,
        evaluate_on={"seen": sets},
    )
    table = class_accuracy(run, sets)
    assert np.isnan(table[:, 2:]).all()
    expected = 100 * run.history.final("seen_acc")
    assert mean_over(table, np.arange(10) < [[2], [2]]) == pytest.approx(expected)


def test_the_spirals_are_each_other_turned_by_half() -> None:
    points = two_spirals(4000, 0, "test")
    for label in (0, 1):
        own = points.inputs[points.labels == label]
        turn = 5 * own.norm(dim=1)
        angle = torch.atan2(own[:, 1], own[:, 0]) - turn - torch.pi * label
        off = torch.remainder(angle + torch.pi, 2 * torch.pi) - torch.pi
        assert off[turn > 3].abs().median() < 0.3
    assert points.inputs.abs().max() < 2
