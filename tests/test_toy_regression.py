import numpy as np
import pytest
import torch

from hw2utils import optimizers, toy_regression
from hw2utils.statistics import proportion_interval
from hw2utils.toy_regression import (
    INPUTS,
    broadcast_squared_error,
    descend,
    draw_parameters,
    make_labels,
    predict,
    squared_error,
)

LABELS = make_labels(INPUTS)


def plain_loop(seed, lr, *, threshold=0.1, limit=1000):
    """The loop a student would write, for one seed."""
    params = [p[0].clone().requires_grad_() for p in draw_parameters([seed]).values()]
    hidden, hidden_bias, output, output_bias = params
    losses = []
    while True:
        activations = torch.maximum(INPUTS @ hidden + hidden_bias, torch.tensor(0.0))
        loss = ((activations @ output + output_bias - LABELS) ** 2).mean()
        losses.append(loss.item())
        if loss < threshold or len(losses) > limit:
            return losses, params
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= lr * p.grad
                p.grad = None


def test_the_labels_are_the_homework_s_to_four_digits():
    np.testing.assert_allclose(LABELS, [4.6334, 4.3512, 4.1774, 4.2002, 4.1758], rtol=0, atol=5e-15)
    assert INPUTS.shape == (5, 3) and LABELS.dtype == torch.float64


def test_the_numbers_drawn_are_standard_normal_and_paired():
    params = draw_parameters(range(2000))
    drawn = torch.cat([p.flatten(1) if p.dim() > 1 else p[:, None] for p in params.values()], dim=1)
    assert drawn.shape == (2000, 14)
    np.testing.assert_allclose(drawn.mean(dim=0), 0, atol=5 / np.sqrt(2000))
    np.testing.assert_allclose(torch.cov(drawn.T), np.eye(14), atol=0.15)
    for name, p in draw_parameters([7, 3]).items():
        assert torch.equal(p, params[name][[7, 3]])


@pytest.mark.parametrize("lr", [0.1, 0.01])
def test_seeds_together_equal_a_plain_loop_over_each(lr):
    run = descend(optimizers.sgd(lr), draw_parameters(range(6)))
    for seed in range(6):
        losses, params = plain_loop(seed, lr)
        assert (run.steps[seed], bool(run.reached[seed])) == (len(losses) - 1, losses[-1] < 0.1)
        np.testing.assert_allclose(run.losses[: len(losses), seed], losses, rtol=1e-9)
        assert np.isnan(run.losses[len(losses) :, seed]).all()
        for ours, theirs in zip(run.params.values(), params, strict=True):
            torch.testing.assert_close(ours[seed], theirs.detach(), rtol=0, atol=1e-9)
    assert run.losses.shape == (run.steps.max() + 1, 6)
    assert run.success == run.reached.mean()


def test_a_diverged_seed_is_recorded_and_disturbs_nobody():
    both = draw_parameters(range(40))
    both["output"][0] = 1e200  # its squared error is beyond the largest number
    run = descend(optimizers.sgd(0.1), both, limit=50)
    alone = descend(optimizers.sgd(0.1), {name: p[1:] for name, p in both.items()}, limit=50)
    assert not run.reached[0] and run.steps[0] == 50 and not np.isfinite(run.losses[:, 0]).any()
    np.testing.assert_array_equal(run.steps[1:], alone.steps)


def test_without_stopping_a_run_goes_on_and_counts_the_same_steps():
    params = draw_parameters(range(20))
    stopped = descend(optimizers.sgd(0.05), params, limit=100)
    seen = []
    going = descend(
        optimizers.sgd(0.05), params, limit=100, stop=False, watch=lambda t, p: seen.append((t, p["hidden"]))
    )
    np.testing.assert_array_equal(going.steps, stopped.steps)
    assert going.losses.shape == (101, 20) and [t for t, _ in seen] == list(range(101))
    assert torch.equal(seen[0][1], params["hidden"]) and not torch.equal(seen[1][1], params["hidden"])


def test_parameters_given_are_not_changed():
    params = draw_parameters(range(3))
    descend(optimizers.adam(0.1), params, limit=5)
    torch.testing.assert_close(params, draw_parameters(range(3)), rtol=0, atol=0)
    assert not any(p.requires_grad for p in params.values())


def test_the_broadcast_loss_is_what_torch_computes_and_what_its_closed_form_says():
    predictions = predict(draw_parameters(range(9)), INPUTS)
    wrong = broadcast_squared_error(predictions, LABELS)
    by_torch = torch.stack([((p[:, None] - LABELS) ** 2).mean() for p in predictions])
    closed = (predictions - LABELS.mean()).square().mean(dim=1) + LABELS.var(correction=0)
    torch.testing.assert_close(wrong, by_torch, rtol=0, atol=1e-12)
    torch.testing.assert_close(wrong, closed, rtol=0, atol=1e-12)
    torch.testing.assert_close(
        squared_error(predictions, LABELS),
        torch.stack([torch.nn.functional.mse_loss(p, LABELS) for p in predictions]),
        rtol=0,
        atol=1e-12,
    )


@pytest.mark.parametrize("loss", [squared_error, broadcast_squared_error])
@pytest.mark.parametrize("shapes", [((5, 1), (5,)), ((5,), (5,)), ((3, 5), (3, 5)), ((3, 5), (5, 1))])
def test_shapes_that_would_broadcast_are_refused(loss, shapes):
    predictions, labels = (torch.zeros(shape) for shape in shapes)
    with pytest.raises(ValueError, match="would be broadcast"):
        loss(predictions, labels)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threshold": 0}, "threshold: expected a positive loss"),
        ({"threshold": float("nan")}, "threshold: expected a positive loss"),
        ({"limit": 0}, "limit: expected a whole number"),
        ({"limit": 2.5}, "limit: expected a whole number"),
        ({"inputs": torch.zeros(5, 2)}, r"inputs: expected shape \(examples, 3\), got \(5, 2\)"),
        ({"inputs": torch.full((5, 3), torch.nan)}, "inputs: expected finite"),
        ({"labels": torch.zeros(5, 1)}, "labels: expected predictions"),
        ({"loss": lambda p, y: (p - y).square().mean()}, r"loss: expected one value per seed, shape \(2,\)"),
    ],
)
def test_bad_input_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        descend(optimizers.sgd(0.1), draw_parameters(range(2)), **change)


def test_bad_seeds_and_labels_are_refused():
    with pytest.raises(ValueError, match="seeds: expected"):
        draw_parameters([])
    with pytest.raises(ValueError, match="inputs: expected shape"):
        toy_regression.make_labels(torch.zeros(3))


LOSSES = np.array(  # (updates + 1, seeds): arrives and stays, leaves again, never arrives, diverges
    [[3.0, 3.0, 3.0, 3.0], [0.5, 0.05, 4.0, 0.05], [0.09, 0.2, 3.0, np.inf], [0.08, 0.3, 2.0, np.nan]]
)


def test_arriving_and_staying_are_two_things():
    assert toy_regression.first_below(LOSSES, 0.1).tolist() == [2, 1, np.inf, 1]
    assert toy_regression.stays_below(LOSSES, 0.1).tolist() == [2, np.inf, np.inf, np.inf]
    run = descend(optimizers.sgd(0.05), draw_parameters(range(20)), limit=300, stop=False)
    first = toy_regression.first_below(run.losses, 0.1)
    np.testing.assert_array_equal(np.where(run.reached, run.steps, np.inf), first)
    assert (toy_regression.stays_below(run.losses, 0.1) >= first).all()


def test_a_rise_counts_only_within_the_updates_asked_for():
    assert toy_regression.rises(LOSSES, 3).tolist() == [False, True, True, True]
    assert toy_regression.rises(LOSSES, [3, 1, 0, 2]).tolist() == [False, False, False, True]
    assert toy_regression.rises(LOSSES, np.inf).tolist() == [False, True, True, True]


def test_dead_and_diverged_networks_are_told_apart():
    params = draw_parameters(range(3))
    params["hidden_bias"][0] = -100  # no hidden neuron is ever active
    params["output_bias"][2] = torch.nan
    constant = toy_regression.is_constant(params)
    assert constant[0] and not constant[2]
    assert toy_regression.is_constant(params, within=100)[1]


def test_a_share_has_the_interval_of_a_proportion():
    assert toy_regression.share(np.array([True] * 9 + [False])) == proportion_interval(9, 10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: toy_regression.first_below(LOSSES, 0), "threshold: expected a positive loss"),
        (lambda: toy_regression.stays_below(LOSSES[0], 0.1), r"losses: expected \(updates \+ 1, seeds\)"),
        (
            lambda: toy_regression.rises(LOSSES, [1, 2]),
            "updates: expected a number from 0 up, or one for each",
        ),
        (lambda: toy_regression.rises(LOSSES, -1), "updates: expected a number from 0 up"),
        (lambda: toy_regression.share([0.5, 1.0]), "seeds: expected one boolean for each seed, got float64"),
    ],
)
def test_bad_measures_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
