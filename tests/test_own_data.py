"""Training on one set a seed: what fit gives each seed alone, and what is refused."""

from functools import partial

import pytest
import torch

from hw2utils import models
from hw2utils.datasets import Split
from hw2utils.own_data import answers, falsified, fit_own_data
from hw2utils.training import evaluate, fit

SGD = partial(torch.optim.SGD, lr=0.1, momentum=0.9)
SEEDS = [5, 9, 11]


def drawn(seed: int, size: int = 45) -> Split:
    draw = torch.Generator().manual_seed(seed)
    return Split(torch.randn(size, 6, generator=draw), torch.randint(0, 3, (size,), generator=draw))


def network() -> torch.nn.Module:
    return models.mlp([6, 8, 3], dropout=0.2)


def test_each_seed_gets_what_fit_gives_it_alone() -> None:
    sets, new = [drawn(seed) for seed in SEEDS], drawn(99)
    how = {"optimizer": SGD, "epochs": 5, "batch_size": 10, "val_per_epoch": 2}
    together = fit_own_data(network, sets, seeds=SEEDS, evaluate_on={"seen": sets, "new": new}, **how)
    for column, (seed, own) in enumerate(zip(SEEDS, sets, strict=True)):
        watched = {"seen": own, "new": new}
        alone = fit(network, own, seeds=[seed], drop_last=True, evaluate_on=watched, progress=False, **how)
        assert alone.history.epochs == together.history.epochs == [2, 4, 5]
        for name in ("train_loss", "seen_loss", "new_loss", "seen_acc", "new_acc"):
            expected = pytest.approx(alone.history[name][:, 0], abs=1e-5)
            assert together.history[name][:, column] == expected, name
    right = (answers(together, sets) == torch.stack([own.labels for own in sets])).double().mean(dim=1)
    assert right.tolist() == pytest.approx(together.history["seen_acc"][-1].tolist())
    shared = evaluate(together.replicates, new)["acc"]
    assert shared.tolist() == pytest.approx(together.history["new_acc"][-1].tolist())


def test_as_many_sets_as_seeds_and_of_one_size() -> None:
    how = {"seeds": SEEDS, "optimizer": SGD, "epochs": 1, "batch_size": 10, "evaluate_on": {}}
    for sets in ([drawn(0)] * 2, [drawn(0), drawn(1), drawn(2, 50)]):
        with pytest.raises(ValueError, match="train: expected 3 splits of one size"):
            fit_own_data(network, sets, **how)


def test_about_that_share_of_the_labels_is_false() -> None:
    clean = Split(torch.zeros(4000, 1), torch.arange(4000) % 10)
    noisy, changed = falsified(clean, 0.2, 3, "labels")
    assert ((noisy.labels != clean.labels) == changed).all()
    assert changed.double().mean().item() == pytest.approx(0.2, abs=0.03)
    assert noisy.labels.bincount(minlength=10).min() > 300
