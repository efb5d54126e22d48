"""Mixes of classes: training sets with so many examples of each, and accuracy class by class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from hw2utils.datasets import Split
from hw2utils.own_data import answers
from hw2utils.replicates import check_seeds, generator
from hw2utils.training import Fit


def draw_mix(pool: Split, counts: ArrayLike, seeds: Sequence[int]) -> list[Split]:
    """Draw for each seed a training set of its own, with so many examples of each class.

    ``counts`` are (classes,), or (seeds, classes) for a mix of each seed's own. A seed's larger set includes
    its smaller one.

    Raises ValueError for bad seeds, and where a class has fewer examples than are asked for.

    >>> pool = Split(torch.zeros(30, 2), torch.arange(30) % 3)
    >>> [own.labels.bincount().tolist() for own in draw_mix(pool, [4, 1, 2], seeds=[0, 1])]
    [[4, 1, 2], [4, 1, 2]]
    """
    seeds = check_seeds(seeds)
    given = np.round(np.asarray(counts)).astype(int)
    table = np.broadcast_to(given, (len(seeds), given.shape[-1]))  # (seeds, classes)
    there = pool.labels.bincount(minlength=given.shape[-1]).numpy()
    if (table > there).any() or (table < 0).any():
        raise ValueError(
            f"counts: expected from 0 to the examples that each class has, {there.tolist()}, got "
            f"{given.tolist()}; ask for fewer"
        )
    return [_own(pool, row, seed) for seed, row in zip(seeds, table, strict=True)]


def choose_classes(there: ArrayLike, count: int, seeds: Sequence[int]) -> NDArray[np.bool_]:
    """Choose for each seed so many of the classes, a bool for each, (seeds, classes).

    ``there`` is zero for a class that may not be chosen. A seed always chooses the same ones.

    Raises ValueError for bad seeds, or where there are fewer classes than are asked for.

    >>> choose_classes([1, 1, 0, 1], 2, seeds=[0, 1, 2]).sum(axis=1).tolist()
    [2, 2, 2]
    """
    seeds, present = check_seeds(seeds), np.flatnonzero(np.asarray(there))
    if not 0 <= count <= len(present):
        raise ValueError(f"count: expected at most the {len(present)} classes there are, got {count}")
    mask = np.zeros((len(seeds), np.size(there)), dtype=bool)
    for row, seed in zip(mask, seeds, strict=True):
        order = torch.randperm(len(present), generator=generator(seed, "chosen classes"))
        row[present[order[:count].numpy()]] = True
    return mask


def class_accuracy(fit: Fit, splits: Sequence[Split], classes: int = 10) -> NDArray[np.float64]:
    """Give each replicate's accuracy on its own split, class by class, in percent, (seeds, classes).

    NaN stands for a class without examples.

    >>> from functools import partial
    >>> from hw2utils.own_data import fit_own_data
    >>> sets = [Split(torch.tensor([[-9.0], [9.0]]), torch.tensor([0, 1]))]
    >>> run = fit_own_data(lambda: torch.nn.Linear(1, 2), sets, seeds=[0], epochs=20, batch_size=2,
    ...                    optimizer=partial(torch.optim.SGD, lr=0.1), evaluate_on={})
    >>> class_accuracy(run, sets, classes=2).tolist()
    [[100.0, 100.0]]
    """
    found = answers(fit, splits)
    rows = []
    for split, answer in zip(splits, found, strict=True):
        size = split.labels.bincount(minlength=classes).double()  # (classes,)
        right = split.labels[answer == split.labels].bincount(minlength=classes)
        rows.append((100 * right / size).numpy())
    return np.array(rows)


def mean_over(table: ArrayLike, mask: ArrayLike) -> NDArray[np.float64]:
    """Average a table, (seeds, classes), over each seed's chosen classes with equal weights, (seeds,).

    >>> mean_over([[80.0, 60.0, float("nan")]], [[True, True, False]]).tolist()
    [70.0]
    """
    pairs = zip(np.asarray(table, dtype=np.float64), np.asarray(mask, dtype=bool), strict=True)
    return np.array([row[those].mean() for row, those in pairs])


def _own(pool: Split, counts: NDArray[np.int_], seed: int) -> Split:
    order = torch.randperm(len(pool), generator=generator(seed, "own images"))
    labels = pool.labels[order]
    return pool[torch.cat([order[labels == c][:count] for c, count in enumerate(counts.tolist())])]
