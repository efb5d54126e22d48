"""Teachers and draws: each seed has examples of its own, and trains on nothing else."""

from functools import partial

import pytest
import torch
from torch import nn

from hw2utils.datasets import Split
from hw2utils.distillation import distillation_step
from hw2utils.teachers import draw, train_teachers
from hw2utils.training import fit

POOL = Split(torch.randn(400, 1, 3, 3, generator=torch.Generator().manual_seed(0)), torch.arange(400) % 10)


def test_a_draw_depends_on_its_seed_alone() -> None:
    both, alone = draw(POOL, 50, seeds=[4, 7]), draw(POOL, 50, seeds=[7])
    assert torch.equal(both.inputs[1], alone.inputs[0]) and torch.equal(both.labels[1], alone.labels[0])
    assert not torch.equal(both.inputs[0], both.inputs[1])
    assert both.labels[0].bincount().tolist() == [5] * 10  # stratified
    assert both.labels[0].tolist() != sorted(both.labels[0].tolist())
    assert torch.equal(both.first(9).inputs, both.inputs[:, :9])


@pytest.mark.parametrize("taught", [False, True])
def test_a_replicate_trains_on_its_own_examples(taught: bool) -> None:
    seeds = [4, 7]
    own = draw(POOL, 64, seeds=seeds)
    logits = torch.randn(2, 64, 10, generator=torch.Generator().manual_seed(1))
    options = {"optimizer": partial(torch.optim.SGD, lr=0.1), "epochs": 2, "batch_size": 32}

    def model() -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(9, 10))

    def step(rows: torch.Tensor) -> dict[str, object]:
        return {"step": distillation_step(rows, temperature=2.0, alpha=0.3)} if taught else {}

    stacked = fit(model, own.split(0), seeds=seeds, **options, step=own.step(*step(logits).values()))
    for place, seed in enumerate(seeds):
        single = fit(model, own.split(place), seeds=[seed], **options, **step(logits[place]))
        pairs = zip(stacked.model(seed).parameters(), single.model(seed).parameters(), strict=True)
        for ours, theirs in pairs:
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_evaluation_sees_the_split_it_is_asked_for() -> None:
    own = draw(POOL, 64, seeds=[4, 7])
    result = train_teachers(own, seeds=[4, 7], epochs=2, width=5)
    right = own.accuracy(result.replicates)
    for place in (0, 1):
        part = own.split(place)
        said = result.model([4, 7][place]).eval()(part.inputs).argmax(-1)
        assert right[place].item() == pytest.approx((said == part.labels).double().mean().item())


def test_a_draw_larger_than_the_pool_is_refused() -> None:
    with pytest.raises(ValueError, match="size: expected a whole number from 1 to 400"):
        draw(POOL, 401, seeds=[0])
    with pytest.raises(ValueError, match="size: expected"):
        draw(POOL, 40, seeds=[0]).first(41)
