import copy
from functools import partial

import numpy as np
import pytest
import torch

from hw2utils import optimizers
from hw2utils.datasets import Split
from hw2utils.models import mlp
from hw2utils.training import fit

PAIRS = {
    "sgd": (optimizers.sgd(0.03), partial(torch.optim.SGD, lr=0.03)),
    "coupled": (optimizers.coupled_momentum(0.03), partial(torch.optim.SGD, lr=0.03, momentum=0.97)),
    "coupled at 1": (optimizers.coupled_momentum(1), partial(torch.optim.SGD, lr=1)),
    "heavy ball": (optimizers.heavy_ball(0.03, 0.8), partial(torch.optim.SGD, lr=0.03, momentum=0.8)),
    "momentum": (optimizers.momentum(0.03, 0.8), partial(torch.optim.SGD, lr=0.03, momentum=0.8)),
    "nesterov": (
        optimizers.nesterov(0.03, 0.8),
        partial(torch.optim.SGD, lr=0.03, momentum=0.8, nesterov=True),
    ),
    "rmsprop": (optimizers.rmsprop(0.03, 0.9), partial(torch.optim.RMSprop, lr=0.03, alpha=0.9)),
    "rmsprop defaults": (optimizers.rmsprop(0.01), torch.optim.RMSprop),
    "adam": (
        optimizers.adam(0.03, (0.8, 0.95), 1e-3),
        partial(torch.optim.Adam, lr=0.03, betas=(0.8, 0.95), eps=1e-3),
    ),
    "adam defaults": (optimizers.adam(0.001), torch.optim.Adam),
    "adamw": (
        optimizers.adamw(0.03, (0.8, 0.95), 1e-3, weight_decay=0.3),
        partial(torch.optim.AdamW, lr=0.03, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.3),
    ),
    "adamw defaults": (optimizers.adamw(0.001), torch.optim.AdamW),
    "adamw without decay": (optimizers.adamw(0.03, weight_decay=0), partial(torch.optim.Adam, lr=0.03)),
}
MAKERS = ("sgd", "coupled_momentum", "heavy_ball", "momentum", "nesterov", "rmsprop", "adam", "adamw")


def start():
    draw = torch.Generator().manual_seed(0)
    shapes = {"weight": (4, 3, 2), "bias": (4, 2), "number": (4,)}
    return {name: torch.randn(shape, generator=draw, dtype=torch.float64) for name, shape in shapes.items()}


def noisy_gradients(params, step):
    """Gradients of a bowl with noise, so that no rule meets a zero or a constant."""
    draw = torch.Generator().manual_seed(step)
    return {name: 2 * p + torch.randn(p.shape, generator=draw, dtype=p.dtype) for name, p in params.items()}


@pytest.mark.parametrize("name", PAIRS)
def test_equals_torch_step_for_step(name):
    rule, make = PAIRS[name]
    params = start()
    theirs = {key: p.clone().requires_grad_() for key, p in params.items()}
    reference = make(theirs.values())
    state = rule.init(params)
    for step in range(100):
        params, state = rule.update(noisy_gradients(params, step), state, params)
        for key, gradient in noisy_gradients({k: p.detach() for k, p in theirs.items()}, step).items():
            theirs[key].grad = gradient
        reference.step()
        for key, p in params.items():
            torch.testing.assert_close(p, theirs[key].detach(), rtol=0, atol=1e-12)
    assert all((p - start()[key]).abs().max() > 0.01 for key, p in params.items())


@pytest.mark.parametrize("maker", MAKERS)
def test_seeds_do_not_influence_each_other_and_nothing_is_changed_in_place(maker):
    rule = getattr(optimizers, maker)(lr=0.1)
    together = start()
    alone = {name: p[1:2].clone() for name, p in together.items()}
    states = rule.init(together), rule.init(alone)
    for step in range(5):
        grads = noisy_gradients(together, step)
        own = {name: g[1:2].clone() for name, g in grads.items()}
        for g in grads.values():
            g[0] = torch.nan  # a diverged neighbour
        before = {name: p.clone() for name, p in together.items()}
        kept = copy.deepcopy(states[0])
        new, next_state = rule.update(grads, states[0], together)
        alone, alone_state = rule.update(own, states[1], alone)
        torch.testing.assert_close(together, before, equal_nan=True)
        assert states[0].pop("steps") == kept.pop("steps") == step
        torch.testing.assert_close(states[0], kept, equal_nan=True)
        together, states = new, (next_state, alone_state)
        for name, p in alone.items():
            assert torch.equal(together[name][1:2], p)
    assert together["weight"][0].isnan().all()


def test_the_coupled_momentum_ends_at_the_gradient_whatever_its_rate():
    for lr in (1.0, 0.1, 0.01, 0.001):
        rule = optimizers.coupled_momentum(lr)
        params = {"w": torch.zeros(1, dtype=torch.float64)}
        gradient = {"w": torch.full((1,), 0.7, dtype=torch.float64)}
        state = rule.init(params)
        for step in range(1, 101):
            params, state = rule.update(gradient, state, params)
            assert state["velocity"]["w"].item() == pytest.approx(0.7 * (1 - (1 - lr) ** step), abs=1e-12)


def test_a_rate_that_changes_tells_the_two_forms_of_momentum_apart():
    params = {"w": torch.zeros(1, dtype=torch.float64)}
    gradient = {"w": torch.ones(1, dtype=torch.float64)}
    moved = {}
    for make in (optimizers.heavy_ball, optimizers.momentum):
        rule, slower = make(1.0, 0.5), make(0.1, 0.5)
        new, state = rule.update(gradient, rule.init(params), params)
        after, _ = slower.update(gradient, state, new)
        moved[make.__name__] = (new["w"] - after["w"]).item()
    assert moved == {"heavy_ball": pytest.approx(0.6), "momentum": pytest.approx(0.15)}


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("lr", [0, -0.1, float("nan"), float("inf"), "0.1", True, None])
def test_a_bad_rate_is_refused(maker, lr):
    with pytest.raises(ValueError, match=r"lr: expected a positive, finite number, got .*; for example"):
        getattr(optimizers, maker)(lr)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimizers.coupled_momentum(1.5), r"lr: expected a rate in \(0, 1\]"),
        (lambda: optimizers.heavy_ball(0.1, 1.0), "decay: expected"),
        (lambda: optimizers.momentum(0.1, -0.1), "decay: expected"),
        (lambda: optimizers.nesterov(0.1, float("nan")), "decay: expected"),
        (lambda: optimizers.rmsprop(0.1, epsilon=0), "epsilon: expected a positive"),
        (lambda: optimizers.adam(0.1, (0.9, 1.0)), r"decays\[1\]: expected"),
        (lambda: optimizers.adam(0.1, 0.9), "decays: expected two numbers"),
        (
            lambda: optimizers.adamw(0.1, weight_decay=-0.1),
            "weight_decay: expected a finite number from 0 up",
        ),
        (lambda: optimizers.adamw(0.1, weight_decay=True), "weight_decay: expected"),
    ],
)
def test_other_bad_numbers_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "params: expected a non-empty dictionary"),
        ([torch.zeros(2)], "params: expected a non-empty dictionary"),
        ({"w": torch.tensor([1, 2])}, r"params\['w'\]: expected a floating-point tensor, got torch.int64"),
        ({"w": 1.0}, "got float"),
        ({"w": torch.tensor([1.0, float("nan")])}, r"params\['w'\]: expected finite"),
        ({"w": torch.tensor([float("inf")])}, r"params\['w'\]: expected finite"),
    ],
)
def test_bad_parameters_are_refused(params, message):
    with pytest.raises(ValueError, match=message):
        optimizers.adam(0.1).init(params)


@pytest.mark.parametrize(
    ("grads", "message"),
    [
        ({"w": torch.zeros(5, 1)}, r"grads\['w'\]: expected the parameter's shape \(5,\), got \(5, 1\)"),
        ({"w": torch.zeros(1)}, r"shape \(5,\), got \(1,\)"),
        ({"w": torch.tensor(0.0)}, r"shape \(5,\), got \(\)"),
        ({"v": torch.zeros(5)}, r"grads: expected the parameters' names \['w'\], got \['v'\]"),
        ({}, "grads: expected the parameters' names"),
    ],
)
def test_gradients_that_would_broadcast_or_are_missing_are_refused(grads, message):
    rule = optimizers.heavy_ball(0.1)
    params = {"w": torch.zeros(5)}
    with pytest.raises(ValueError, match=message):
        rule.update(grads, rule.init(params), params)


def test_a_state_of_another_rule_or_other_parameters_is_refused():
    params = {"w": torch.zeros(5)}
    rule = optimizers.heavy_ball(0.1)
    with pytest.raises(
        ValueError, match=r"state: expected what heavy_ball remembers, \['steps', 'velocity'\]"
    ):
        rule.update(params, optimizers.momentum(0.1).init(params), params)
    with pytest.raises(ValueError, match=r"state\['velocity'\]\['w'\]: expected the parameter's shape"):
        rule.update(params, rule.init({"w": torch.zeros(4)}), params)
    with pytest.raises(
        ValueError, match=r"state\['steps'\]: expected a whole number from 0 up, got 0.5; begin"
    ):
        rule.update(params, {**rule.init(params), "steps": 0.5}, params)


@pytest.mark.parametrize("maker", MAKERS)
def test_updates_are_made_first_and_applied_after(maker):
    rule, params = getattr(optimizers, maker)(lr=0.1), start()
    state = rule.init(params)
    for step in range(3):
        grads = noisy_gradients(params, step)
        changes, later = rule.updates(grads, state, params)
        applied = optimizers.apply_updates(params, changes)
        params, state = rule.update(grads, state, params)
        assert all(torch.equal(p, applied[name]) for name, p in params.items())
        assert later["steps"] == state["steps"] == step + 1
    with pytest.raises(ValueError, match=r"updates\['bias'\]: expected the parameter's shape \(4, 2\)"):
        optimizers.apply_updates(params, {**changes, "bias": torch.zeros(2)})


def test_one_counter_serves_all_parameters():
    params = start()
    state = optimizers.adam(0.1).init(params)
    held = {
        slot: sum(p.numel() for p in values.values()) for slot, values in state.items() if slot != "steps"
    }
    numbers = sum(p.numel() for p in params.values())
    assert state["steps"] == 0 and held == {"mean": numbers, "square": numbers}


def test_a_rule_sees_the_parameters():
    shrink = optimizers.Rule("shrink", (), lambda g, memory, p, steps: (-p / (steps + 1), {}))
    params = {"w": torch.tensor([6.0])}
    state = shrink.init(params)
    for expected in (3.0, 2.0):
        params, state = shrink.update({"w": torch.zeros(1)}, state, params)
        assert params["w"].item() == expected


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "adamw"])
def test_fit_takes_a_rule_in_place_of_a_torch_optimizer(name):
    rule, reference = PAIRS[name]
    inputs = torch.randn(40, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    data = Split(inputs, (inputs.sum(dim=1) > 0).long())
    run = partial(fit, lambda: mlp([4, 5, 2]).double(), data, seeds=range(3), epochs=3, batch_size=16)
    ours = run(optimizer=optimizers.in_place(rule)).history["train_loss"]
    theirs = run(optimizer=reference).history["train_loss"]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
    assert (ours[-1] < ours[0]).all()


def test_in_place_says_when_a_gradient_is_missing():
    optimizer = optimizers.in_place(optimizers.sgd(0.1))([("w", torch.zeros(2, requires_grad=True))])
    with pytest.raises(ValueError, match=r"w: expected a gradient, got none; call backward\(\)"):
        optimizer.step()
