"""Pruning: what is cut, for each network apart, and what stays at zero while the rest trains."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import nn

from hw2utils.datasets import Split
from hw2utils.own_data import fit_own_data
from hw2utils.pruning import Masked, pruned
from hw2utils.replicates import Replicates


def networks() -> Replicates:
    return Replicates(lambda: nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 2)), [0, 1])


def test_smallest_of_each_layer_and_network() -> None:
    whole = networks()
    cut = pruned(whole, 0.4)
    for (name, before), (_, after) in zip(whole.named_parameters(), cut.named_parameters(), strict=True):
        for own, left in zip(before, after, strict=True):
            gone = left == 0
            if not name.endswith("weight"):
                assert torch.equal(own, left)
                continue
            assert int(gone.sum()) == round(0.4 * own.numel())
            assert own[gone].abs().max() <= own[~gone].abs().min()
            assert torch.equal(own[~gone], left[~gone])


@pytest.mark.parametrize("share", [-0.1, 1.5, "half"])
def test_refuses_other_shares(share: object) -> None:
    with pytest.raises(ValueError, match="share: expected a number from 0 to 1"):
        pruned(networks(), share)  # type: ignore[arg-type]


def test_pruned_weights_stay_at_zero() -> None:
    cut = pruned(networks(), 0.5)
    modules = iter([cut.module(0), cut.module(1)])
    draw = torch.Generator().manual_seed(0)
    sets = [Split(torch.randn(20, 6, generator=draw), torch.arange(20) % 2) for _ in range(2)]
    trained = fit_own_data(
        lambda: next(modules),
        sets,
        seeds=[0, 1],
        optimizer=partial(Masked, lr=0.1, momentum=0.9),
        epochs=3,
        batch_size=10,
        evaluate_on={},
    ).replicates
    for (name, before), (_, after) in zip(cut.named_parameters(), trained.named_parameters(), strict=True):
        assert not torch.equal(before, after), "the rest trains"
        if name.endswith("weight"):
            assert (after[before == 0] == 0).all()
