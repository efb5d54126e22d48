from functools import partial
from importlib import import_module

import numpy as np
import pytest
import torch
from plain_loop import plain_loop, toy
from torch import nn

from hw2utils._descent import plain_descent
from hw2utils.datasets import Split
from hw2utils.models import mlp
from hw2utils.replicates import Replicates, generator, initialise, stream_seed
from hw2utils.steps import Batch, classification_step
from hw2utils.training import evaluate, fit

SGD = partial(torch.optim.SGD, lr=0.1)


def network(dropout=0.0):
    return mlp([6, 8, 5, 3], dropout=dropout).double()


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize(
    "optimizer",
    [
        SGD,
        partial(torch.optim.SGD, lr=0.1, weight_decay=0.01),
        partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.01),
        partial(torch.optim.SGD, lr=0.1, momentum=0.9, nesterov=True),
        partial(torch.optim.Adam, lr=0.01),
    ],
    ids=["sgd", "decay", "momentum+decay", "nesterov", "adam"],
)
def test_replicates_equal_a_plain_loop_over_one_seed(optimizer, dropout):
    settings = {"optimizer": optimizer, "epochs": 4, "batch_size": 16}
    model = partial(network, dropout)
    result = fit(model, toy(), seeds=[3, 0, 8], **settings)
    for place, seed in enumerate([3, 0, 8]):
        module, losses = plain_loop(model, toy(), seed, **settings)
        np.testing.assert_allclose(result.history["train_loss"][:, place], losses, rtol=0, atol=1e-9)
        for ours, theirs in zip(result.model(seed).parameters(), module.parameters(), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9)


def test_the_derivative_of_the_loss_is_autograds():
    draw = torch.Generator().manual_seed(3)
    logits = torch.randn(2, 5, 4, generator=draw, dtype=torch.float64, requires_grad=True)
    labels = torch.randint(4, (2, 5), generator=draw)
    batch = Batch(torch.zeros(2, 5, 1), labels, labels)
    called = classification_step(lambda _: logits, batch)
    reference = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
    torch.testing.assert_close(called["loss"], reference.view_as(labels))
    metrics, derivative = classification_step.differentiate(logits.detach(), batch)
    torch.testing.assert_close(derivative, torch.autograd.grad(called["loss"].sum(), logits)[0])
    assert all(torch.equal(metrics[name], called[name]) for name in called)


@pytest.mark.parametrize("frozen", [False, True])
def test_a_step_that_leaves_the_derivative_to_autograd_trains_the_same_way(frozen):
    def model():
        module = network(0.3)
        module[1].weight.requires_grad_(not frozen)
        return module

    settings = {"seeds": [3, 0], "optimizer": SGD, "epochs": 4, "batch_size": 16}
    ours = fit(model, toy(), **settings)
    theirs = fit(model, toy(), step=lambda forward, batch: classification_step(forward, batch), **settings)
    for column in ours.history.columns:
        np.testing.assert_allclose(ours.history[column], theirs.history[column], rtol=0, atol=1e-9)
    same = torch.equal(ours.model(0)[1].weight, initialise(model, 0)[1].weight)
    assert same == frozen


class StepByStep(torch.optim.SGD):
    """SGD under another name, which training knows nothing of."""


def convolutional():
    return nn.Sequential(nn.Conv2d(1, 4, 2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3)).double()


@pytest.mark.parametrize("model", [network, convolutional])
def test_moving_parameters_at_once_is_what_the_optimizer_does(model):
    def in_groups(kind, named):
        named = [(name, parameter) for name, parameter in named if not name.startswith("3")]  # these stay
        groups = [
            {"params": [p for name, p in named if name.endswith(end)], "weight_decay": decay}
            for end, decay in (("weight", 0.1), ("bias", 0.0))
        ]
        made.append(kind(groups, lr=0.2))
        return made[-1]

    def slowing(batch):
        for optimizer in made:
            optimizer.param_groups[0]["lr"] = 0.1
        return batch

    made = []
    settings = {"seeds": [3, 0], "epochs": 3, "batch_size": 16, "augment": lambda x, _: slowing(x)}
    ours = fit(model, toy(), optimizer=partial(in_groups, torch.optim.SGD), **settings)
    theirs = fit(model, toy(), optimizer=partial(in_groups, StepByStep), **settings)
    assert [plain_descent(optimizer) is None for optimizer in made] == [False] * 3 + [True] * 5
    start = dict(initialise(model, 3).named_parameters())
    for (name, one), other in zip(
        ours.model(3).named_parameters(), theirs.model(3).parameters(), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)
        assert torch.equal(one, start[name]) == name.startswith("3")


@pytest.mark.parametrize(
    "optimizer",
    [
        partial(torch.optim.SGD, lr=0.1, momentum=0.5),
        partial(torch.optim.SGD, lr=0.1, maximize=True),
        partial(torch.optim.SGD, lr=torch.tensor(0.1)),
        partial(torch.optim.SGD, lr=0.1, differentiable=True),
        lambda parameters: torch.optim.SGD([{"params": parameters, "clip": 1.0}], lr=0.1),
        partial(StepByStep, lr=0.1),
        partial(torch.optim.Adam, lr=0.1),
    ],
)
def test_other_optimizers_take_their_own_steps(optimizer):
    weight = torch.ones(2, requires_grad=True)
    assert plain_descent(optimizer([weight])) is None


def with_pre_hook(optimizer):
    optimizer.register_step_pre_hook(lambda *_: None)


def with_post_hook(optimizer):
    optimizer.register_step_post_hook(lambda *_: None)


def with_scheduler(optimizer):
    torch.optim.lr_scheduler.StepLR(optimizer, 1)


def with_own_step(optimizer):
    optimizer.step = lambda: None


@pytest.mark.parametrize("change", [with_pre_hook, with_post_hook, with_scheduler, with_own_step])
def test_a_changed_optimizer_takes_its_own_steps(change):
    optimizer = torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1, foreach=True)
    assert plain_descent(optimizer) is not None
    change(optimizer)
    assert plain_descent(optimizer) is None


@pytest.mark.parametrize("when", ["pre", "post"])
def test_hooks_for_all_optimizers_are_called(when):
    register = getattr(import_module("torch.optim.optimizer"), f"register_optimizer_step_{when}_hook")
    steps = []
    settings = {"seeds": [0], "optimizer": SGD, "epochs": 1, "batch_size": 10}
    handle = register(lambda optimizer, *_: steps.append(optimizer))
    try:
        result = fit(network, toy(), **settings)
    finally:
        handle.remove()
    assert len([optimizer for optimizer in steps if optimizer is steps[-1]]) == 5
    unwatched = fit(network, toy(), **settings)
    np.testing.assert_allclose(
        result.history["train_loss"], unwatched.history["train_loss"], rtol=0, atol=1e-12
    )


def test_options_may_change_at_any_batch():
    def gaining_momentum(kind, named):
        made.append(kind(named, lr=0.1))
        return made[-1]

    def from_the_second_batch(inputs, _):
        calls.append(1)
        if len(calls) == 2:
            made[-1].param_groups[0]["momentum"] = 0.9
        return inputs

    histories = []
    for kind in (torch.optim.SGD, StepByStep):
        made, calls = [], []
        histories.append(
            fit(
                network,
                toy(),
                seeds=[0],
                epochs=3,
                batch_size=16,
                optimizer=partial(gaining_momentum, kind),
                augment=from_the_second_batch,
            ).history["train_loss"]
        )
    np.testing.assert_allclose(*histories, rtol=0, atol=1e-9)


def test_any_module_trains_the_same_way():
    settings = {"optimizer": SGD, "epochs": 2, "batch_size": 16}
    result = fit(convolutional, toy(), seeds=[1, 2], **settings)
    _, losses = plain_loop(convolutional, toy(), 2, **settings)
    np.testing.assert_allclose(result.history["train_loss"][:, 1], losses, rtol=0, atol=1e-9)


def test_a_replicate_does_not_depend_on_its_neighbours():
    settings = {"optimizer": SGD, "epochs": 3, "evaluate_on": {"val": toy(seed=1)}}
    many = fit(partial(network, 0.2), toy(), seeds=range(6), **settings).history
    one = fit(partial(network, 0.2), toy(), seeds=[4], **settings).history
    for column in many.columns:
        np.testing.assert_allclose(many[column][:, 4], one[column][:, 0], atol=1e-12)


def test_a_diverged_seed_is_recorded_and_disturbs_nobody():
    def explosive_for_seed(seed):
        def model():
            module = network()
            if torch.initial_seed() == stream_seed(seed, "initialisation"):
                module[1].weight.data.fill_(float("inf"))
            return module

        return model

    with pytest.warns(UserWarning, match="fit: 1 of 2 seeds diverged, .*: seed 1 by epoch 1") as caught:
        broken = fit(explosive_for_seed(1), toy(), seeds=[0, 1], optimizer=SGD, epochs=2).history
    assert [entry.filename for entry in caught] == [__file__]
    assert broken.diverged() == {1: 1}
    sound = fit(network, toy(), seeds=[0], optimizer=SGD, epochs=2).history
    assert np.isnan(broken["train_loss"][:, 1]).all()
    np.testing.assert_array_equal(broken["train_loss"][:, 0], sound["train_loss"][:, 0])


@pytest.mark.parametrize(("every", "recorded"), [(1, [1, 2, 3, 4, 5]), (2, [2, 4, 5]), (5, [5]), (9, [5])])
def test_val_per_epoch_says_which_epochs_have_a_row(every, recorded):
    data = {"evaluate_on": {"val": toy(seed=1)}, "optimizer": SGD, "seeds": [0, 1], "epochs": 5}
    history = fit(network, toy(), val_per_epoch=every, **data).history
    assert history.epochs == recorded
    assert list(history.columns) == ["train_loss", "train_acc", "val_loss", "val_acc"]
    full = fit(network, toy(), **data).history
    for row, epoch in enumerate(recorded):
        for column in history.columns:
            np.testing.assert_array_equal(history[column][row], full.at_epoch(column, epoch))


def test_averages_weigh_examples_not_batches():
    data = toy(size=21)
    model = network().eval()
    whole = nn.functional.cross_entropy(model(data.inputs), data.labels).item()
    for batch_size in (1, 4, 20, 21, 100):
        assert evaluate(model, data, batch_size=batch_size)["loss"].item() == pytest.approx(whole, abs=1e-12)
    still = fit(network, data, seeds=[0], epochs=1, batch_size=20, optimizer=partial(torch.optim.SGD, lr=0.0))
    expected = evaluate(still.replicates, data)["loss"].item()
    assert still.history["train_loss"].item() == pytest.approx(expected, abs=1e-12)


def test_drop_last_leaves_out_what_fills_no_batch():
    """With it a run is one on the examples of the whole batches alone, but the order is drawn over all."""
    data, settings = toy(size=21), {"seeds": [3, 4], "epochs": 2, "optimizer": SGD}
    seen = []

    def step(forward, batch):
        seen.append(batch.index.clone())
        return classification_step(forward, batch)

    dropped = fit(network, data, batch_size=8, drop_last=True, step=step, **settings)
    assert [tuple(index.shape) for index in seen] == [(2, 8)] * 4
    orders = [torch.randperm(21, generator=generator(seed, "order")) for seed in (3, 4)]
    assert torch.equal(torch.cat(seen[:2], dim=1), torch.stack(orders)[:, :16])
    kept = fit(network, data, batch_size=8, **settings).history["train_loss"]
    assert not np.isclose(kept[1], dropped.history["train_loss"][1]).any()
    assert np.isfinite(dropped.history["train_loss"]).all()
    exact = {"batch_size": 7, **settings}
    ones, others = (
        fit(network, data, drop_last=drop, **exact).history["train_loss"] for drop in (True, False)
    )
    np.testing.assert_array_equal(ones, others)


@pytest.mark.parametrize("kind", ["module", "replicates"])
def test_evaluation_uses_eval_mode_and_restores_the_mode(kind):
    model = network(0.5) if kind == "module" else Replicates(partial(network, 0.5), [0, 1])
    modes = []

    def watching(forward, batch):
        owner = model if kind == "module" else model.template
        modes.append([layer.training for layer in owner.modules()])
        return classification_step(forward, batch)

    for training in (True, False):
        model.train(training)
        first, second = (evaluate(model, toy(), step=watching)["loss"] for _ in range(2))
        assert torch.equal(first, second)
        assert model.training is training
    assert not any(flag for mode in modes for flag in mode)


def test_evaluation_restores_the_mode_of_each_layer_after_an_error():
    model = network(0.5)
    model[3].eval()
    before = [layer.training for layer in model.modules()]

    def failing(forward, batch):
        raise RuntimeError("broken step")

    with pytest.raises(RuntimeError, match="broken step"):
        evaluate(model, toy(), step=failing)
    assert [layer.training for layer in model.modules()] == before


def test_loss_and_accuracy_are_those_of_d2l_and_torch():
    from d2l import torch as d2l

    data, model = toy(), network().eval()
    batches = [(data.inputs[i : i + 16], data.labels[i : i + 16]) for i in range(0, 50, 16)]
    ours = evaluate(model, data)
    assert ours["acc"].item() == pytest.approx(d2l.evaluate_accuracy(model, batches), abs=1e-12)
    reference = nn.functional.cross_entropy(model(data.inputs), data.labels).item()
    assert ours["loss"].item() == pytest.approx(reference, abs=1e-12)


@pytest.mark.filterwarnings(
    "ignore:Converting a tensor with requires_grad=True:UserWarning"
)  # d2l's float(l)
def test_an_epoch_of_training_is_d2ls():
    from d2l import torch as d2l

    module = initialise(network, 2)
    data = toy()
    order = torch.randperm(50, generator=generator(2, "order")).split(16)
    batches = [(data.inputs[index], data.labels[index]) for index in order]
    update = torch.optim.SGD(module.parameters(), lr=0.1)
    # d2l weighs a reduced loss by the batch, so its mean over examples is ours
    loss, accuracy = d2l.train_epoch_ch3(module, batches, nn.CrossEntropyLoss(), update)
    ours = fit(network, data, seeds=[2], epochs=1, batch_size=16, optimizer=SGD).history
    # d2l adds up float32 numbers
    assert ours["train_loss"].item() == pytest.approx(loss, rel=1e-6)
    assert ours["train_acc"].item() == pytest.approx(accuracy, abs=1e-12)


def test_augmentation_sees_one_generator_per_replicate_and_only_training_data():
    seen = []

    def jitter(inputs, generators):
        noise = [
            torch.randn(x.shape, generator=g, dtype=x.dtype) for x, g in zip(inputs, generators, strict=True)
        ]
        seen.append(inputs.shape[:2])
        return inputs + 0.1 * torch.stack(noise)

    settings = {"optimizer": SGD, "epochs": 2, "batch_size": 32, "evaluate_on": {"val": toy(seed=1)}}
    many = fit(network, toy(), seeds=[0, 1, 2], augment=jitter, **settings).history
    assert seen == [(3, 32), (3, 18)] * 2
    one = fit(network, toy(), seeds=[2], augment=jitter, **settings).history
    plain = fit(network, toy(), seeds=[2], **settings).history
    np.testing.assert_allclose(many["val_loss"][:, 2], one["val_loss"][:, 0], atol=1e-12)
    assert not np.allclose(one["val_loss"], plain["val_loss"])


def test_a_step_can_minimise_and_record_anything():
    def squared_error(forward, batch):
        error = (forward(batch.inputs).squeeze(-1) - batch.labels) ** 2
        return {"loss": error, "large": (error > 1).double()}

    data = Split(toy().inputs, toy().inputs.sum(dim=(1, 2, 3)))
    result = fit(
        lambda: mlp([6, 1]).double(),
        data,
        seeds=range(2),
        epochs=40,
        batch_size=10,
        optimizer=SGD,
        step=squared_error,
        evaluate_on={"val": data},
    )
    assert list(result.history.columns) == ["train_loss", "train_large", "val_loss", "val_large"]
    assert (result.history.final("val_loss") < 1e-4).all()


def test_steps_see_which_examples_they_get():
    positions = []

    def spy(forward, batch):
        positions.append(batch.index)
        assert torch.equal(batch.labels, toy().labels[batch.index])
        return classification_step(forward, batch)

    fit(network, toy(), seeds=[0, 1], epochs=1, optimizer=SGD, step=spy)
    for replicate in torch.cat(positions, dim=1):
        assert replicate.sort().values.tolist() == list(range(50))


@pytest.mark.parametrize("call", ["fit", "evaluate"])
def test_metrics_that_come_and_go_are_refused(call):
    batches = []

    def step(forward, batch):
        batches.append(batch)
        metrics = classification_step(forward, batch)
        return metrics if len(batches) == 1 else {"loss": metrics["loss"]}

    train = partial(fit, network, toy(), seeds=[0], epochs=1, optimizer=SGD)
    run = train if call == "fit" else partial(evaluate, network(), toy())
    with pytest.raises(ValueError, match=r"step: expected the metrics of the first batch, \['loss', 'acc'\]"):
        run(step=step, batch_size=30)


def test_progress_is_shown_on_request_on_stderr_and_quiet_otherwise(capsys):
    fit(network, toy(), seeds=[0], epochs=1, optimizer=SGD)
    assert capsys.readouterr() == ("", "")
    fit(network, toy(), seeds=[0], epochs=1, optimizer=SGD, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "train_acc" in err


BAD = {
    "epochs": ({"epochs": 0}, "epochs: expected a whole number from 1 up, got 0"),
    "batch size": ({"batch_size": 2.5}, "batch_size: expected a whole number from 1 up, got 2.5"),
    "drop_last": ({"drop_last": 1}, "drop_last: expected True or False, got 1"),
    "no full batch": (
        {"drop_last": True, "batch_size": 64},
        "batch_size: expected at most 50, .*drop_last=True",
    ),
    "val_per_epoch": ({"val_per_epoch": True}, "val_per_epoch: expected a whole number"),
    "seeds": ({"seeds": [1, 1]}, "seeds: expected different seeds"),
    "model": ({"model": network()}, "model: expected a function that returns a new torch module"),
    "optimizer": ({"optimizer": "sgd"}, "optimizer: expected a function of parameters, got a str"),
    "closure": ({"optimizer": torch.optim.LBFGS}, "optimizer: expected one that steps by gradients alone"),
    "mixing": (
        {"optimizer": torch.optim.Adafactor},
        "optimizer: expected one that moves each seed by its own",
    ),
    "train": ({"train": toy().inputs}, "train: expected a Split of inputs and labels, got a Tensor"),
    "empty": ({"train": toy()[:0]}, "train: expected at least one example"),
    "dtype": (
        {"train": Split(toy().inputs.byte(), toy().labels)},
        "train: expected floating-point inputs, got torch.uint8",
    ),
    "NaN": (
        {"evaluate_on": {"val": Split(toy().inputs * float("nan"), toy().labels)}},
        r"evaluate_on\['val'\]: expected finite inputs",
    ),
    "labels": (
        {"train": Split(toy().inputs, toy().labels + 2)},
        "train.labels: expected classes 0 to 2, one for each output of the model, got 2 to 4",
    ),
    "labels as numbers": (
        {"train": Split(toy().inputs, toy().labels.double())},
        r"train.labels: .* type torch.int64, got torch.float64; write labels.long\(\)",
    ),
    "averaging step": (
        {"step": lambda forward, batch: {"loss": forward(batch.inputs).mean()}},
        r"step: expected a dictionary with 'loss' .* shape \(1, 50\), .* got \{'loss': \(\)\}",
    ),
    "step without loss": (
        {"step": lambda forward, batch: {"error": forward(batch.inputs).sum(-1)}},
        "step: expected a dictionary with 'loss'",
    ),
    "name": ({"evaluate_on": {"train": toy()}}, "expected names other than 'train'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_before_training(case):
    change, message = BAD[case]
    arguments = {"model": network, "train": toy(), "seeds": [0], "epochs": 1, "optimizer": SGD, **change}
    with pytest.raises(ValueError, match=message):
        fit(arguments.pop("model"), arguments.pop("train"), **arguments)


def test_an_untrained_seed_is_refused():
    result = fit(network, toy(), seeds=[0], epochs=1, optimizer=SGD)
    with pytest.raises(ValueError, match=r"seed: expected one of \[0\], got 5"):
        result.model(5)


def test_classification_step_counts_per_example():
    batch = Batch(torch.zeros(2, 3, 4), torch.tensor([[0, 1, 2], [0, 0, 0]]), torch.zeros(2, 3))
    metrics = classification_step(lambda inputs: inputs, batch)
    torch.testing.assert_close(metrics["loss"], torch.full((2, 3), np.log(4)).float())
    assert metrics["acc"].tolist() == [[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
