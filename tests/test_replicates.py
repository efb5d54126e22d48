import copy
from contextlib import nullcontext

import pytest
import torch
from torch import nn

from hw2utils._dense import dense_layers
from hw2utils.models import mlp
from hw2utils.replicates import Replicates, generator, initialise, stream_seed


def dense():
    return mlp([6, 5, 4, 3], activation=nn.Tanh)


def convolutional():
    return nn.Sequential(
        nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(18, 3)
    )


def inputs_for(model, replicates, batch=7):
    shape = (6,) if model is dense else (1, 4, 4)
    return torch.randn(replicates, batch, *shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("model", [dense, convolutional])
def test_outputs_equal_those_of_each_module_alone(model):
    replicates = Replicates(model, [3, 1, 4]).eval()
    inputs = inputs_for(model, 3)
    outputs = replicates(inputs)
    for index, seed in enumerate([3, 1, 4]):
        alone = initialise(model, seed).eval()
        torch.testing.assert_close(outputs[index], alone(inputs[index]))
        torch.testing.assert_close(outputs[index], replicates.module(index).eval()(inputs[index]))


@pytest.mark.parametrize(
    "model", [lambda: mlp([6, 50, 40, 3], dropout=0.5), convolutional], ids=["dense", "convolutional"]
)
def test_dropout_of_a_replicate_does_not_depend_on_its_neighbours(model):
    shape = (3, 20, 1, 4, 4) if model is convolutional else (3, 20, 6)
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(2))
    together, alone = Replicates(model, [5, 6, 7]), Replicates(model, [6])
    for _ in range(3):
        torch.testing.assert_close(together(inputs)[1], alone(inputs[1:2])[0])
    first, second = alone(inputs[1:2]), alone(inputs[1:2])
    assert not torch.equal(first, second)


def test_dropout_keeps_the_rate_and_the_mean():
    replicates = Replicates(lambda: nn.Sequential(nn.Dropout(0.3)), [0, 1])
    outputs = replicates(torch.ones(2, 100, 200))
    assert abs((outputs == 0).double().mean().item() - 0.3) < 0.01
    assert abs(outputs.mean().item() - 1) < 0.01
    assert not torch.equal(outputs[0], outputs[1])
    assert torch.equal(replicates.eval()(torch.ones(2, 3, 4)), torch.ones(2, 3, 4))


def test_stacked_dropout_draws_what_torch_draws_from_the_same_seed():
    replicates = Replicates(lambda: nn.Sequential(nn.Dropout(0.3)), [4])
    values = torch.ones(1, 50, 60, dtype=torch.float64)
    torch.manual_seed(stream_seed(4, "dropout"))
    assert torch.equal(replicates(values)[0], nn.functional.dropout(values[0], 0.3))


@pytest.mark.parametrize("failing", [False, True])
def test_a_module_draws_from_its_own_seed_and_nobody_else_does(failing):
    class Drawing(nn.Module):
        def forward(self, inputs):
            drawn.append(torch.rand(3))
            if failing:
                raise RuntimeError("broken module")
            return inputs

    drawn = []
    replicates = Replicates(Drawing, [4, 9])
    torch.manual_seed(0)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="broken module") if failing else nullcontext():
            replicates(torch.zeros(2, 1, 1))
    after = torch.rand(3)
    torch.manual_seed(0)
    assert torch.equal(after, torch.rand(3))
    if not failing:
        for place, seed in enumerate([4, 9]):
            own = generator(seed, "dropout")
            for pass_ in range(2):
                assert torch.equal(drawn[2 * pass_ + place], torch.rand(3, generator=own))


@pytest.mark.parametrize("model", [dense, convolutional])
def test_a_copy_of_the_replicates_goes_its_own_way(model):
    replicates = Replicates(model, [3, 1])
    inputs = inputs_for(model, 2)
    replicates(inputs)  # leaves whatever a first pass leaves
    other = copy.deepcopy(replicates)
    torch.testing.assert_close(replicates(inputs), other(inputs))
    before = replicates.eval()(inputs)
    with torch.no_grad():
        for _, parameter in other.named_parameters():
            parameter.mul_(2)
    assert torch.equal(replicates(inputs), before)
    changed = other.eval()(inputs)
    assert not torch.allclose(changed, before)
    for place in range(2):
        torch.testing.assert_close(other.module(place).eval()(inputs[place]), changed[place])


def test_a_copy_that_would_still_run_the_original_is_refused():
    def model():
        layer = nn.Linear(2, 1)
        layer.forward = lambda inputs: inputs @ layer.weight.T
        return layer

    with pytest.raises(TypeError, match="got one with a function that refers to the module itself"):
        copy.deepcopy(Replicates(model, [0, 1]))


def test_building_leaves_the_global_generator_alone():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    Replicates(convolutional, range(3))(inputs_for(convolutional, 3))
    assert torch.equal(torch.rand(3), expected)


def test_batch_norm_statistics_move_for_each_replicate_alone():
    replicates = Replicates(convolutional, [0, 1])
    inputs = inputs_for(convolutional, 2)
    replicates(inputs)
    for index in (0, 1):
        alone = initialise(convolutional, index)
        alone(inputs[index])
        torch.testing.assert_close(replicates.module(index)[1].running_mean, alone[1].running_mean)


def test_streams_of_a_seed_are_independent():
    draws = {stream: torch.rand(4, generator=generator(0, stream)) for stream in ("order", "dropout")}
    assert not torch.equal(draws["order"], draws["dropout"])
    assert stream_seed(1, "order") != stream_seed(0, "order")


def test_gradients_need_no_copy_into_the_parameters_layout():
    replicates = Replicates(dense, range(3))
    replicates(inputs_for(dense, 3)).sum().backward()
    for _, parameter in replicates.named_parameters():
        assert parameter.grad.stride() == parameter.stride()


@pytest.mark.parametrize("model", [dense, convolutional])
def test_a_traced_run_gives_what_a_call_and_autograd_give(model):
    traced, called = Replicates(model, [3, 1]), Replicates(model, [3, 1])
    inputs = inputs_for(model, 2)
    for number in (1, 2):
        outputs, backward = traced.trace(inputs)
        backward(number * torch.ones_like(outputs), None)
        expected = called(inputs)
        for _, parameter in called.named_parameters():
            parameter.grad = None
        (number * expected.sum()).backward()
        torch.testing.assert_close(outputs, expected.detach())
        for (_, ours), (_, theirs) in zip(traced.named_parameters(), called.named_parameters(), strict=True):
            torch.testing.assert_close(ours.grad, theirs.grad)


def test_modes_and_devices_change_what_runs():
    replicates = Replicates(lambda: mlp([6, 50, 3], dropout=0.5), [0])
    inputs = inputs_for(dense, 1)
    assert not torch.equal(replicates(inputs), replicates(inputs))
    replicates.eval()
    before = replicates(inputs)
    assert torch.equal(before, replicates(inputs))
    moved = replicates.to("meta")(inputs.to("meta"))
    assert moved.is_meta


def test_frozen_parameters_stay_out_of_the_optimizer():
    def frozen():
        model = dense()
        model[1].weight.requires_grad_(False)
        return model

    assert next(name for name, _ in Replicates(frozen, [0]).named_parameters()) == "1.bias"


def test_only_plain_stacks_take_the_batched_path():
    assert [name for name, _ in dense_layers(nn.Sequential(nn.Sequential(nn.Linear(2, 2)), nn.ReLU()))] == [
        "0.0",
        "1",
    ]
    assert dense_layers(nn.Sequential(nn.Flatten(2))) is None
    assert dense_layers(convolutional()) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Replicates(dense, []), "seeds: expected whole numbers from 0 up, got none"),
        (lambda: Replicates(dense, [0, 0]), "expected different seeds"),
        (lambda: Replicates(dense, [0, -1]), r"got \[-1\]"),
        (lambda: Replicates(dense, [0, 1.5]), r"got \[1.5\]"),
        (lambda: Replicates(dense, 10), r"use range\(10\)"),
        (lambda: Replicates(lambda: 3, [0]), "model: expected a function that returns a new torch module"),
        (lambda: Replicates(dense, [0, 1])(torch.zeros(1, 3, 6)), "expected 2 replicates in the first"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
