import copy

import pytest
import torch
from torch import nn

from hw2utils._dense import ELEMENTWISE, Dense, Scale, run_dense, trace_dense
from hw2utils.replicates import Replicates

REPLICATES = 2


def tensors(*shapes):
    draw = torch.Generator().manual_seed(4)
    return [torch.randn(s, generator=draw, dtype=torch.float64, requires_grad=True) for s in shapes]


def mixed(activation, inputs, first, bias, second):
    """Run a stack with every kind of layer, an elementwise one at each end and two in a row."""
    factors = torch.tensor([0.0, 2.0, 2.0, 0.0], dtype=torch.float64)
    layers = [activation, nn.Flatten(), Dense(first, bias), activation, Scale(lambda v: factors.expand_as(v))]
    return run_dense(inputs, [*layers, activation, Dense(second, None), activation])


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda layer: layer.__name__)
def test_gradients_are_those_of_the_function(activation):
    inputs = tensors((REPLICATES, 3, 2, 3), (REPLICATES, 4, 6), (REPLICATES, 4), (REPLICATES, 5, 4))
    assert torch.autograd.gradcheck(lambda *t: mixed(activation(), *t), inputs)


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh])
def test_outputs_and_gradients_equal_those_of_torchs_layers(activation):
    def model():
        return nn.Sequential(nn.Flatten(), nn.Linear(6, 5), activation(), nn.Linear(5, 4), activation())

    replicates = Replicates(model, [7])
    alone = replicates.module(0)
    inputs = torch.randn(1, 9, 2, 3)
    replicates(inputs).square().sum().backward()
    alone(inputs[0]).square().sum().backward()
    gradients = {name: p.grad[0] for name, p in replicates.named_parameters()}
    for name, parameter in alone.named_parameters():
        torch.testing.assert_close(gradients[name], parameter.grad)


def test_inputs_are_never_overwritten():
    (inputs,) = tensors((REPLICATES, 3, 4))
    before = inputs.detach().clone()
    for layers in ([nn.ReLU()], [nn.Flatten(), nn.ReLU()], [nn.Identity(), nn.ReLU()], []):
        outputs = run_dense(inputs, layers)
        outputs.sum().backward()
        assert torch.equal(inputs, before)
        assert outputs is not inputs


def test_the_incoming_gradient_is_never_overwritten():
    inputs, weight, upstream = tensors((REPLICATES, 3, 4), (REPLICATES, 5, 4), (REPLICATES, 3, 5))
    before = upstream.detach().clone()
    for last in (nn.ReLU(), Scale(torch.zeros_like)):
        run_dense(inputs, [Dense(weight, None), last]).backward(upstream.detach(), None)
        assert torch.equal(upstream, before)


def test_frozen_layers_get_no_gradient_and_do_not_stop_those_below():
    inputs, first, second = tensors((REPLICATES, 3, 4), (REPLICATES, 5, 4), (REPLICATES, 2, 5))
    frozen = second.detach()
    run_dense(inputs.detach(), [Dense(first, None), nn.Tanh(), Dense(frozen, None)]).sum().backward()
    assert first.grad is not None
    assert frozen.grad is None


def test_two_forward_passes_before_one_backward_pass_add_up():
    inputs, weight = tensors((REPLICATES, 3, 4), (REPLICATES, 5, 4))
    layers = [Dense(weight, None), nn.ReLU()]
    run_dense(inputs, layers).sum().backward()
    once = copy.deepcopy(weight.grad)
    weight.grad = None
    (run_dense(inputs, layers).sum() + run_dense(inputs, layers).sum()).backward()
    torch.testing.assert_close(weight.grad, 2 * once)


def test_a_weight_changed_between_the_passes_is_refused():
    inputs, first, second = tensors((REPLICATES, 3, 4), (REPLICATES, 5, 4), (REPLICATES, 2, 5))
    outputs = run_dense(inputs, [Dense(first, None), Dense(second, None)])
    with torch.no_grad():
        second.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        outputs.sum().backward()


def test_second_derivatives_are_refused():
    inputs, weight = tensors((REPLICATES, 3, 4), (REPLICATES, 5, 4))
    outputs = run_dense(inputs, [Dense(weight, None)]).square().sum()
    (gradient,) = torch.autograd.grad(outputs, inputs, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda layer: layer.__name__)
def test_a_traced_run_sets_the_gradients_that_autograd_adds_to(activation):
    inputs, first, bias, second = tensors(
        (REPLICATES, 3, 6), (REPLICATES, 4, 6), (REPLICATES, 4), (REPLICATES, 5, 4)
    )
    factors = torch.tensor([0.0, 2.0, 2.0, 0.0], dtype=torch.float64)
    layers = [Dense(first, bias), activation(), Scale(lambda v: factors.expand_as(v)), Dense(second, None)]
    (upstream,) = tensors((REPLICATES, 3, 5))
    expected = run_dense(inputs, layers)
    wanted = torch.autograd.grad(expected, [first, bias, second], upstream)
    for _ in range(2):  # what a first pass left is replaced
        outputs, backward = trace_dense(inputs, layers)
        backward(upstream.detach(), None)
        torch.testing.assert_close(outputs, expected.detach())
        for parameter, gradient in zip([first, bias, second], wanted, strict=True):
            torch.testing.assert_close(parameter.grad, gradient)
    assert not outputs.requires_grad
    assert inputs.grad is None


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda layer: layer.__name__)
def test_a_descent_moves_each_parameter_by_its_gradient_and_keeps_none(activation):
    inputs, first, bias, second = tensors(
        (REPLICATES, 3, 6), (REPLICATES, 4, 6), (REPLICATES, 4), (REPLICATES, 5, 4)
    )
    layers = [Dense(first, bias), activation(), Dense(second, None), activation()]
    (upstream,) = tensors((REPLICATES, 3, 5))
    outputs = run_dense(inputs, layers)
    found = torch.autograd.grad(outputs, [first, bias, second], upstream)
    moves = {first: (0.9, 0.5), bias: (0.8, 0.25), second: None}
    expected = [first * 0.9 - 0.5 * found[0], bias * 0.8 - 0.25 * found[1], second.clone()]
    _, backward = trace_dense(inputs, layers)
    backward(upstream.detach(), moves.get)
    for parameter, value in zip(moves, expected, strict=True):
        torch.testing.assert_close(parameter, value)
        assert parameter.grad is None


def test_a_traced_run_leaves_frozen_layers_and_what_it_is_given_alone():
    inputs, first, second, upstream = tensors(
        (REPLICATES, 3, 4), (REPLICATES, 5, 4), (REPLICATES, 2, 5), (REPLICATES, 3, 2)
    )
    before = upstream.detach().clone()
    for weight, other in ((first, second.detach()), (first.detach(), second)):
        _, backward = trace_dense(inputs, [Dense(weight, None), nn.ReLU(), Dense(other, None), nn.ReLU()])
        backward(upstream.detach(), None)
        assert [weight.grad is None, other.grad is None] == [
            not weight.requires_grad,
            not other.requires_grad,
        ]
        frozen = other if weight.requires_grad else weight
        kept = frozen.clone()
        _, backward = trace_dense(inputs, [Dense(weight, None), nn.ReLU(), Dense(other, None), nn.ReLU()])
        backward(upstream.detach(), lambda _: (0.5, 1.0))
        assert torch.equal(frozen, kept)
    assert torch.equal(upstream, before)
