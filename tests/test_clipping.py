from functools import partial

import numpy as np
import pytest
import torch
from plain_loop import plain_loop, toy
from torch import nn

from hw2utils import optimizers
from hw2utils._descent import plain_descent
from hw2utils.clipping import clipped
from hw2utils.models import mlp
from hw2utils.training import fit

SGD = partial(torch.optim.SGD, lr=0.5)


def dense():
    return mlp([6, 8, 5, 3]).double()


def normed():
    return nn.Sequential(nn.Flatten(), nn.Linear(6, 8), nn.LayerNorm(8), nn.Linear(8, 3)).double()


@pytest.mark.parametrize("optimizer", [SGD, partial(torch.optim.Adam, lr=0.05)], ids=["sgd", "adam"])
@pytest.mark.parametrize("model", [dense, normed])
@pytest.mark.parametrize("max_norm", [0.1, 0.5])
def test_each_seed_is_clipped_as_torch_clips_it_alone(model, optimizer, max_norm):
    settings = {"epochs": 3, "batch_size": 16}
    result = fit(model, toy(), seeds=[3, 0], optimizer=clipped(optimizer, max_norm=max_norm), **settings)
    for place, seed in enumerate([3, 0]):
        alone, losses = plain_loop(model, toy(), seed, optimizer=optimizer, max_norm=max_norm, **settings)
        np.testing.assert_allclose(result.history["train_loss"][:, place], losses, rtol=0, atol=1e-9)
        for ours, theirs in zip(result.model(seed).parameters(), alone.parameters(), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9)
    free = fit(model, toy(), seeds=[3, 0], optimizer=optimizer, **settings)
    assert not np.allclose(free.history["train_loss"], result.history["train_loss"], atol=1e-6)


@pytest.mark.parametrize("norm_type", [1.0, 2.0, float("inf")])
def test_any_norm_is_torchs(norm_type):
    draw = torch.Generator().manual_seed(0)
    stacked = [torch.zeros(3, *shape, requires_grad=True) for shape in ((4, 2), (4,), ())]
    for p in stacked:
        p.grad = torch.randn(p.shape, generator=draw) * torch.tensor([0.01, 1.0, 100.0]).view(
            -1, *[1] * (p.dim() - 1)
        )
    alone = [[p.grad[seed].clone() for p in stacked] for seed in range(3)]
    optimizer = clipped(SGD, max_norm=1.0, norm_type=norm_type)([(str(i), p) for i, p in enumerate(stacked)])
    optimizer.step()
    for seed, gradients in enumerate(alone):
        single = [torch.zeros_like(g, requires_grad=True) for g in gradients]
        for p, g in zip(single, gradients, strict=True):
            p.grad = g
        nn.utils.clip_grad_norm_(single, 1.0, norm_type=norm_type)
        for ours, theirs in zip(stacked, single, strict=True):
            torch.testing.assert_close(ours.grad[seed], theirs.grad)


def test_a_diverged_seed_is_clipped_alone():
    weight = torch.zeros(2, 3, requires_grad=True)
    optimizer = clipped(SGD, max_norm=1.0)([("weight", weight)])
    weight.grad = torch.tensor([[float("nan")] * 3, [0.1] * 3])
    optimizer.step()
    assert weight[0].isnan().all()
    torch.testing.assert_close(weight[1].detach(), torch.full((3,), -0.05))


def test_clipping_composes_with_our_own_rules_and_takes_no_short_cut():
    ours = fit(
        dense,
        toy(),
        seeds=[1],
        epochs=2,
        optimizer=clipped(optimizers.in_place(optimizers.sgd(lr=0.5)), max_norm=0.1),
    )
    theirs = fit(dense, toy(), seeds=[1], epochs=2, optimizer=clipped(SGD, max_norm=0.1))
    np.testing.assert_allclose(ours.history["train_loss"], theirs.history["train_loss"], rtol=0, atol=1e-9)
    assert plain_descent(clipped(SGD, max_norm=0.1)([("w", torch.zeros(1, 2, requires_grad=True))])) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"max_norm": 0}, "max_norm: expected a number above 0, got 0"),
        ({"max_norm": float("nan")}, "max_norm: expected a number above 0, got nan"),
        ({"max_norm": True}, "max_norm: expected a number above 0, got True"),
        ({"norm_type": -1}, "norm_type: expected a number above 0, got -1"),
        ({"factory": "sgd"}, "factory: expected a function of parameters, got a str"),
        (
            {"factory": torch.optim.SGD},
            r"factory: .* the class SGD, which would take lr=0.001; write functools",
        ),
        ({"factory": partial(torch.optim.Adam, eps=0.1)}, r"a partial of Adam, .* lr=0.001, eps=0.1\)$"),
        ({"factory": optimizers.sgd(0.1)}, r"factory: .* the rule sgd; write in_place\(sgd\(...\)\)"),
    ],
)
def test_bad_input_is_refused(change, message):
    arguments = {"factory": SGD, "max_norm": 1.0, **change}
    with pytest.raises(ValueError, match=message):
        clipped(arguments.pop("factory"), **arguments)
