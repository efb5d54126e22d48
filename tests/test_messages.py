"""What students pass by mistake, and what the learning modules answer: what came, and what to write."""

from __future__ import annotations

import copy
import sys
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from torch import nn
from torchvision.transforms import RandomRotation

from hw2utils import optimizers as opt
from hw2utils._trial import try_model
from hw2utils.augmentation import HOMEWORK, Augmentation, Rotation
from hw2utils.calibration import expected_calibration_error, reliability
from hw2utils.datasets import Split, Splits, fashion_mnist, stratified_indices
from hw2utils.decomposition import bias_variance, domingos
from hw2utils.distillation import distillation_loss, distillation_step, divergence, soften, teacher_logits
from hw2utils.history import History
from hw2utils.languages import localise, number
from hw2utils.linear import count_zeros, lasso_many, ridge_path
from hw2utils.models import layer_table, mlp, parameter_count, width_for
from hw2utils.neighbors import nearest, vote
from hw2utils.plotting import plot_differences, plot_history, style
from hw2utils.statistics import mean_interval, paired_difference, proportion_interval
from hw2utils.steps import classification_step
from hw2utils.toy_regression import (
    INPUTS,
    descend,
    draw_parameters,
    first_below,
    make_labels,
    predict,
    rises,
    share,
    squared_error,
)
from hw2utils.training import evaluate, fit

SGD = partial(torch.optim.SGD, lr=0.1)
INPUT = torch.randn(20, 1, 4, 4, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(20) % 5
TOY = Split(INPUT, LABELS)
NET = mlp([16, 5])
HISTORY = History([1, 2], [0], {"train_acc": [[0.5], [0.6]], "val_soft": [[2.0], [1.0]]})


def linear(inputs: int, outputs: int = 5) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, outputs))


class OwnRule(torch.optim.SGD):
    """An optimizer that torch does not have, with a rate by default."""

    def __init__(self, named, lr=0.5):
        super().__init__(named, lr=lr)


class HidingRule(torch.optim.SGD):
    """An optimizer that hands its options on."""

    def __init__(self, named, **options):
        super().__init__(named, **options)


class FixedRule(torch.optim.SGD):
    """An optimizer whose rate is its own."""

    def __init__(self, named):
        super().__init__(named, lr=0.05)


started = []


def note(inputs, generators):
    """Change nothing, and note that training has begun."""
    started.append(len(inputs))
    return inputs


FLAT = partial(linear, 16)


def train(model: Callable[[], nn.Module] = FLAT, data: Split = TOY, **changes):
    return fit(model, data, **{"seeds": [0, 1], "epochs": 1, "optimizer": SGD, "augment": note, **changes})


def labelled(labels) -> Split:
    return Split(INPUT, labels)


def sequential(*layers: nn.Module) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        net = copy.deepcopy(nn.Sequential(*layers))
        for layer in net.modules():
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()  # seeds of their own
        return net

    return build


CASES = {
    # Data
    "inputs as a list": (lambda: Split([[1.0]], LABELS), r"inputs: .* got a list; write torch.tensor\("),
    "inputs as an array": (
        lambda: Split(np.zeros((20, 4)), LABELS),
        r"inputs: .* got a NumPy array of shape \(20, 4\); write torch.from_numpy\(...\).float\(\)",
    ),
    "labels as an array": (
        lambda: Split(INPUT, np.zeros(20, dtype=int)),
        r"labels: .* NumPy array .*; write torch.from_numpy\(...\)$",
    ),
    "a single example": (lambda: Split(INPUT[0, 0, 0, 0], LABELS[0]), "inputs: expected a row for each"),
    "a loop over a split": (
        lambda: list(TOY),
        r"no loop over it .* write .*zip\(split.inputs, split.labels\)",
    ),
    "a split unpacked": (lambda: [x for x, _ in TOY], "inputs, labels = split.inputs, split.labels"),
    "split[5]": (lambda: TOY[5], r"index: .* got 5; write split\[\[5\]\] .* split.inputs\[5\]"),
    "split[np.int64]": (lambda: TOY[np.int64(5)], r"index: expected a slice or a tensor"),
    "split[tensor(5)]": (lambda: TOY[torch.tensor(5)], r"index: expected a slice or a tensor"),
    "split['x']": (lambda: TOY["x"], r"index: expected a slice .* got 'x'; write"),
    "split[:, 0]": (lambda: TOY[:, 0], r"index: expected a slice .* index split.inputs"),
    "a share of a split": (lambda: TOY.subset(0.5), "size: expected a whole number .* got 0.5; .* write 10"),
    "a float size": (lambda: TOY.subset(10.0), "size: expected a whole number from 1 to 20, got 10.0; there"),
    "a subset by float labels": (
        lambda: labelled(LABELS.float()).subset(5),
        "labels: expected one class number",
    ),
    "a subset by one-hot labels": (lambda: stratified_indices(torch.eye(5), 2), "labels: expected one class"),
    "a subset by a list": (
        lambda: stratified_indices([0, 1], 1),
        "labels: .* got a list; write torch.tensor",
    ),
    "a share for validation": (
        lambda: fashion_mnist(validation=0.2),
        "validation: .* write validation=12000",
    ),
    "validation True": (lambda: fashion_mnist(validation=True), "validation: expected a whole number"),
    "normalize True": (
        lambda: fashion_mnist(normalize=True),
        r"normalize: expected \(mean, std\), .* got True",
    ),
    "normalize 0.5": (lambda: fashion_mnist(normalize=0.5), r"normalize: expected \(mean, std\)"),
    "torchvision's normalize": (
        lambda: fashion_mnist(normalize=((0.5,), (0.5,))),
        r"normalize: .* got \(\(0.5,\), \(0.5,\)\); use \(0.286",
    ),
    "seed 1.5": (lambda: fashion_mnist(seed=1.5), "seed: expected a whole number from 0 up, got 1.5"),
    # Labels
    "labels (N, 1)": (
        lambda: train(data=labelled(LABELS[:, None])),
        r"train.labels: expected one class number per example, shape \(N,\), got shape \(20, 1\); write lab",
    ),
    "one-hot labels": (
        lambda: train(data=labelled(nn.functional.one_hot(LABELS))),
        r"train.labels: .* got shape \(20, 5\), which looks one-hot; write labels.argmax\(1\)",
    ),
    "soft labels": (
        lambda: train(data=labelled(torch.full((20, 5), 0.2))),
        r"train.labels: .* got shape \(20, 5\); give each example one class number",
    ),
    "float labels": (
        lambda: train(data=labelled(LABELS.float())),
        r"train.labels: .* type torch.int64, got torch.float32; write labels.long\(\)",
    ),
    "uint8 labels": (lambda: train(data=labelled(LABELS.byte())), r"got torch.uint8; write labels.long\(\)"),
    "fractions as labels": (lambda: train(data=labelled(LABELS / 7)), "for a regression, fit takes a step"),
    "negative labels": (
        lambda: train(data=labelled(LABELS - 1)),
        "train.labels: expected classes 0 to 4, .* got -1 to 3; classes are numbered from 0",
    ),
    "labels from 1": (lambda: train(data=labelled(LABELS + 1)), "got 1 to 5; .* write labels - 1"),
    "label 5 of 5": (
        lambda: train(data=labelled(torch.cat([torch.tensor([5]), LABELS[1:]]))),
        "train.labels: expected classes 0 to 4, one for each output of the model, got 0 to 5; give",
    ),
    "labels to evaluate on": (
        lambda: train(evaluate_on={"val": labelled(LABELS + 1)}, epochs=10**9),
        r"evaluate_on\['val'\].labels: expected classes 0 to 4, .* got 1 to 5",
    ),
    "evaluated labels": (
        lambda: evaluate(NET, labelled(LABELS[:, None])),
        "labels: .*; write labels.squeeze",
    ),
    "distilled labels": (
        lambda: train(
            data=labelled(LABELS[:, None]),
            step=distillation_step(torch.zeros(20, 5), temperature=2, alpha=0.5),
        ),
        "train.labels: expected one class number",
    ),
    # What is evaluated
    "evaluate_on a split": (
        lambda: train(evaluate_on=TOY),
        "evaluate_on: .* got a Split; .*{'val': data.val",
    ),
    "evaluate_on a list": (lambda: train(evaluate_on=[TOY]), "evaluate_on: expected a dictionary .* a list"),
    "no validation split": (
        lambda: train(evaluate_on={"val": None}),
        r"evaluate_on\['val'\]: .* got None; fash",
    ),
    "all splits": (
        lambda: train(data=Splits(TOY, None, TOY)),
        "train: .* got a Splits; .* such as data.train",
    ),
    "a pair": (lambda: train(data=(INPUT, LABELS)), r"train: .* got a tuple; write Split\(inputs, labels\)"),
    "evaluate(result)": (
        lambda: evaluate(train(), TOY),
        r"model: .* got a Fit; pass result.replicates .* result.m",
    ),
    "evaluate(function)": (lambda: evaluate(lambda: NET, TOY), r"model: .* call it first, model\(\)"),
    "evaluate a history": (lambda: evaluate(HISTORY, TOY), "model: expected a torch module .* got a History"),
    "batch_size 0": (
        lambda: evaluate(NET, TOY, batch_size=0),
        "batch_size: expected a whole number from 1 up",
    ),
    "batch_size 1.5": (lambda: evaluate(NET, TOY, batch_size=1.5), "batch_size: .* got 1.5"),
    # Steps
    "a loss module": (
        lambda: train(step=nn.CrossEntropyLoss()),
        "step: expected a function of forward and batch .* got CrossEntropyLoss; leave it out .* or write",
    ),
    "a loss class": (
        lambda: train(step=nn.MSELoss),
        "step: expected .* got MSELoss; leave it out .* or write",
    ),
    "a loss of ones own": (
        lambda: train(step=lambda logits, labels: nn.functional.cross_entropy(logits, labels)),
        "step: expected a function of forward and batch .* got <lambda>; leave",
    ),
    "a loss with an option": (
        lambda: train(step=partial(nn.functional.cross_entropy, reduction="none")),
        "step: expected a function of forward and batch .* got partial; leave",
    ),
    "a loss by operators": (
        lambda: train(step=lambda outputs, labels: (outputs - labels) ** 2),
        "step: expected a function of forward and batch .* got <lambda>; leave",
    ),
    "a loss by methods": (
        lambda: train(step=lambda outputs, labels: outputs.log_softmax(-1)),
        "step: expected a function of forward and batch .* got <lambda>; leave",
    ),
    "a loss of ones own to evaluate": (
        lambda: evaluate(NET, TOY, step=lambda logits, labels: nn.functional.cross_entropy(logits, labels)),
        "step: expected a function of forward and batch .* got <lambda>; leave",
    ),
    "nothing to train": (
        lambda: train(lambda: linear(16).requires_grad_(False)),
        "model: expected at least one parameter to train, .* requires_grad",
    ),
    "an optimizer class of ones own": (
        lambda: train(optimizer=OwnRule),
        r"the class OwnRule, which would take lr=0.5; write functools.partial\(OwnRule, lr=0.5\)$",
    ),
    "whole numbers": (
        lambda: train(data=Split(torch.ones(20, 16).long(), LABELS)),
        r"train: .* got torch.int64; write Split\(inputs.float\(\), labels\), and for an embedding .long",
    ),
    "images without a channel": (
        lambda: train(sequential(nn.Conv2d(1, 5, 4), nn.Flatten()), Split(INPUT[:, 0], LABELS)),
        r"Conv2d, .* write Split\(inputs.unsqueeze\(1\), labels\)",
    ),
    "channels last": (
        lambda: train(sequential(nn.Conv2d(3, 5, 4), nn.Flatten()), Split(torch.zeros(20, 4, 4, 3), LABELS)),
        r"Conv2d, .* write Split\(inputs.movedim\(-1, 1\), labels\)",
    ),
    "a loss without a gradient": (
        lambda: train(step=lambda forward, batch: {"loss": forward(batch.inputs).argmax(-1).float()}),
        "step: expected a loss with a gradient, .* without argmax",
    ),
    "a loss function": (lambda: train(step=nn.functional.cross_entropy), "step: .* got cross_entropy; leave"),
    "step None": (lambda: train(step=None), "step: expected a function of forward and batch .* got None"),
    "evaluate by a loss": (
        lambda: evaluate(NET, TOY, step=nn.CrossEntropyLoss()),
        "step: expected a function",
    ),
    "a step that gives a number": (
        lambda: train(step=lambda forward, batch: forward(batch.inputs).mean()),
        r"step: expected a dictionary .* got a Tensor of shape \(\)",
    ),
    "a step that gives floats": (
        lambda: train(step=lambda forward, batch: {"loss": forward(batch.inputs).mean().item()}),
        "step: expected a dictionary .* got {'loss': 'a float'}",
    ),
    # Optimizers
    "in_place(adam)": (
        lambda: opt.in_place(opt.adam),
        r"rule: .* got the function adam, which has no learning rate yet; write .* in_place\(adam\(lr=0",
    ),
    "in_place(torch's)": (
        lambda: opt.in_place(torch.optim.SGD),
        "rule: .* got the class SGD; .* without in_place",
    ),
    "a rule": (
        lambda: train(optimizer=opt.adam(lr=0.1)),
        r"optimizer: .* the rule adam; write in_place\(adam",
    ),
    "a rule's function": (
        lambda: train(optimizer=opt.adam),
        r"optimizer: .* got adam, .* in_place\(adam\(lr",
    ),
    "in_place itself": (
        lambda: train(optimizer=opt.in_place),
        r"optimizer: .* got in_place, .* in_place\(adam\(",
    ),
    "an optimizer's class": (
        lambda: train(optimizer=torch.optim.SGD),
        r"optimizer: .* the class SGD, which would take lr=0.001; write functools.partial\(torch.optim.SGD",
    ),
    "a partial without a rate": (
        lambda: train(optimizer=partial(torch.optim.SGD, momentum=0.9)),
        r"a partial of SGD, which would take lr=0.001; write .*\(torch.optim.SGD, lr=0.001, momentum=0.9\)$",
    ),
    "a rate behind other options": (
        lambda: train(optimizer=HidingRule),
        r"the class HidingRule, which would take lr=0.001; write functools.partial\(HidingRule, lr=0.001\)$",
    ),
    "an optimizer": (
        lambda: train(optimizer=torch.optim.SGD(NET.parameters())),
        r"optimizer: .* got an optimizer, SGD, .* write functools.partial\(torch.optim.SGD, lr=0.01\)",
    ),
    "of other parameters": (
        lambda: train(optimizer=lambda _: torch.optim.SGD(NET.parameters(), lr=0.1)),
        "optimizer: expected an optimizer of the parameters that its function is given, got one of others",
    ),
    "an optimizer of nothing": (lambda: train(optimizer=lambda _: None), "optimizer: .* one that makes None"),
    "a function of nothing": (
        lambda: train(optimizer=lambda: None),
        "optimizer: .* called with named parameters",
    ),
    "a partial rule": (
        lambda: train(optimizer=partial(opt.adam, lr=0.1)),
        "optimizer: .* stopped with: adam",
    ),
    "optimizer None": (lambda: train(optimizer=None), "optimizer: .* got None; .*partial"),
    "parameters without names": (
        lambda: opt.InPlace(opt.sgd(0.1), NET.parameters()),
        r"named_parameters: .* write model.named_parameters\(\)",
    ),
    "gradients in a list": (
        lambda: opt.sgd(0.1).update([INPUT], {}, {"w": INPUT}),
        "grads: expected a dictionary of named tensors, got a list",
    ),
    "a gradient None": (
        lambda: opt.sgd(0.1).update({"w": None}, {}, {"w": INPUT}),
        r"grads\['w'\]: expected a torch tensor, got None",
    ),
    "state None": (
        lambda: opt.adam(0.1).update({"w": INPUT}, None, {"w": INPUT}),
        "state: .* got None; begin",
    ),
    "lr as text": (lambda: opt.sgd("0.1"), "lr: expected a positive, finite number, got '0.1'"),
    # Models
    "one output": (
        lambda: train(partial(linear, 16, 1)),
        r"model: expected at least two outputs, .* got 1; write nn.Linear\(..., 2\) .* or give fit a step",
    ),
    "images of outputs": (
        lambda: train(nn.Identity),
        r"model: expected outputs of shape \(N, classes\), .*1, 4, 4",
    ),
    "float64 inputs": (
        lambda: train(data=Split(INPUT.double(), LABELS)),
        r"inputs: expected torch.float32, the type of the model's parameters, got torch.float64; write Split",
    ),
    "float64 model": (lambda: train(lambda: linear(16).double()), "inputs: expected torch.float64"),
    "float64 evaluated": (
        lambda: evaluate(NET, Split(INPUT.double(), LABELS)),
        "inputs: expected torch.float32",
    ),
    "float64 taught": (
        lambda: teacher_logits(NET, Split(INPUT.double(), LABELS)),
        "inputs: expected torch.float32",
    ),
    "a layer too wide": (
        lambda: train(sequential(nn.Flatten(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(9, 5))),
        r"model: layer '3', Linear\(9, 5\), expected 9 numbers in the last dimension, got inputs of shape "
        r"\(N, 8\), made from examples of shape \(1, 4, 4\); write nn.Linear\(8, 5\)",
    ),
    "no Flatten": (
        lambda: train(sequential(nn.Linear(16, 5))),
        r"model: layer '0', Linear\(16, 5\), .* shape \(N, 1, 4, 4\); put nn.Flatten\(\) before it$",
    ),
    "no Flatten, images (N, 28, 28)": (
        lambda: train(sequential(nn.Linear(784, 10)), Split(torch.randn(3, 28, 28), torch.arange(3))),
        r"Linear\(784, 10\), .* got inputs of shape \(N, 28, 28\); put nn.Flatten\(\) before it",
    ),
    "evaluated by another layer": (
        lambda: evaluate(linear(9), TOY),
        r"layer '1', Linear\(9, 5\), .* \(N, 16\)",
    ),
    "other images to evaluate on": (
        lambda: train(evaluate_on={"val": Split(INPUT[..., :3], LABELS)}, epochs=10**9),
        r"layer '1', Linear\(16, 5\), .* \(N, 12\)",
    ),
    "channels": (
        lambda: train(sequential(nn.Conv2d(3, 5, 4), nn.Flatten())),
        r"'0', Conv2d, expected inputs of shape \(N, 3, height, width\), .* write nn.Conv2d\(1, 5, ...\)",
    ),
    "a flat convolution": (
        lambda: train(sequential(nn.Flatten(), nn.Conv2d(1, 5, 4))),
        "layer '1', Conv2d, .* flat",
    ),
    "a large kernel": (lambda: train(sequential(nn.Conv2d(1, 5, 9))), "Conv2d, .* use a smaller kernel"),
    "features to normalise": (
        lambda: train(sequential(nn.Flatten(), nn.BatchNorm1d(9), nn.Linear(16, 5))),
        r"layer '1', BatchNorm1d, expected 9 features .* write nn.BatchNorm1d\(16\)",
    ),
    "a lazy layer": (
        lambda: train(sequential(nn.Flatten(), nn.LazyLinear(5))),
        r"model: .* got LazyLinear \(layer '1'\), which takes its size from .* write nn.Linear\(784, 5\)",
    ),
    "two outputs at once": (
        lambda: train(Both),
        "model: expected a module that returns one tensor .* got a tuple",
    ),
    "another layer": (lambda: train(sequential(nn.GLU(dim=9))), "model: layer '0', GLU, .* stopped with: "),
    "a model": (lambda: train(NET), "model: expected a function that returns a new torch module"),
    "sizes as a number": (
        lambda: mlp(784),
        r"sizes: expected a list .* got 784; for example \[784, 100, 10\]",
    ),
    "a float width": (lambda: mlp([784, 10.0]), r"sizes: .* whole numbers .* got \[784, 10.0\]"),
    "an activation made": (
        lambda: mlp([4, 4, 2], activation=nn.ReLU()),
        r"activation: .* write activation=nn.ReLU",
    ),
    "an activation's name": (lambda: mlp([4, 4, 2], activation="relu"), "activation: .* got 'relu'"),
    "an activation's function": (
        lambda: mlp([4, 4, 2], activation=torch.relu),
        "activation: .* got relu, which",
    ),
    "dropout in percent": (lambda: mlp([4, 2], dropout=20), r"dropout: .* got 20; for 20 percent write 0.2"),
    "dropout as text": (lambda: mlp([4, 2], dropout="0.2"), "dropout: expected a rate .* got '0.2'"),
    "parameters of a function": (lambda: parameter_count(lambda: NET), r"model: .* call it first, model\(\)"),
    "a float of parameters": (lambda: width_for(79_510.0), "parameters: .* write parameters=79510"),
    "a table of a layer": (lambda: layer_table(nn.Linear(4, 2), (4,)), "model: expected an nn.Sequential"),
    "a table of a size": (
        lambda: layer_table(NET, 784),
        "input_shape: expected one example's shape as a tuple",
    ),
    "a table that does not fit": (lambda: layer_table(NET, (28, 28)), r"layer '1', Linear\(16, 5\)"),
    # Other arguments of fit
    "epochs=2.0": (lambda: train(epochs=2.0), "epochs: expected a whole number from 1 up, got 2.0"),
    "epochs as text": (lambda: train(epochs="2"), "epochs: expected a whole number from 1 up, got '2'"),
    "seeds=10": (
        lambda: train(seeds=10),
        r"seeds: expected a sequence .* got 10; for ten seeds use range\(10\)",
    ),
    "seeds twice": (lambda: train(seeds=[0, 0]), "seeds: expected different seeds"),
    "seeds as an array": (lambda: train(seeds=np.arange(3)), "seeds: expected a sequence of whole numbers"),
    "a device's name": (
        lambda: train(device="gpu"),
        "device: expected 'cpu' or 'cuda', got 'gpu'; did you mean 'cud",
    ),
    "steps as augment": (
        lambda: train(augment=HOMEWORK),
        r"augment: .* got a tuple; write Augmentation\(\*steps\)",
    ),
    "torchvision's augment": (
        lambda: train(augment=RandomRotation(30)),
        r"augment: expected a function of two arguments, .* got RandomRotation",
    ),
    "an augment of one argument": (lambda: train(augment=lambda x: x), "augment: expected a function of two"),
    "an augment that flattens": (
        lambda: train(augment=lambda inputs, _: inputs.flatten(2)),
        r"augment: expected new inputs of the shape given, \(2, 20, 1, 4, 4\), got a Tensor of shape",
    ),
    # Histories and plots
    "plot_history(result)": (lambda: plot_history(train()), "history: .* got a Fit; pass result.history"),
    "plot a dictionary": (lambda: plot_history({}), "history: expected a History, got a dict"),
    "a metric's long name": (lambda: plot_history(HISTORY, "accuracy"), "did you mean 'train_acc'"),
    "a split's name": (
        lambda: plot_history(HISTORY, splits="train"),
        r"splits: expected a list .* splits=\['train', 'v",
    ),
    "no colours": (lambda: plot_history(HISTORY, splits=["train"], colors=[]), "colors: expected a list"),
    "a figure as ax": (
        lambda: plot_history(HISTORY, splits=["train"], ax=Figure()),
        "ax: .* figure.subplots",
    ),
    "axes as ax": (
        lambda: plot_differences({"a": [1.0]}, unit="u", ax=Figure().subplots(1, 2)),
        r"ax: .* choose one, axes\[0\]",
    ),
    "history: persian": (
        lambda: plot_history(HISTORY, splits=["train"], lang="persian"),
        "lang: .* mean 'fa'",
    ),
    "differences: farsi": (
        lambda: plot_differences({"a": [1.0]}, unit="u", lang="Farsi"),
        "lang: .* mean 'fa'",
    ),
    "style: english": (
        lambda: style("english"),
        "lang: expected 'fa' or 'en', got 'english'; did you mean 'en'",
    ),
    "number: persian": (lambda: number(0.5, 1, "persian"), "lang: .* did you mean 'fa'"),
    "localise: persian": (lambda: localise("5", "persian"), "lang: .* did you mean 'fa'"),
    "differences in a list": (
        lambda: plot_differences([1.0], unit="u"),
        "differences: expected a dictionary",
    ),
    "no differences": (lambda: plot_differences({}, unit="u"), "differences: .* got an empty one"),
    "no direction": (
        lambda: HISTORY.best_row("val_soft"),
        "mode: expected 'max' .* or 'min' .* got None; write",
    ),
    "no direction at best": (lambda: HISTORY.at_best("train_acc", by="val_soft"), "mode: expected 'max'"),
    "another direction": (lambda: HISTORY.best_row("val_soft", mode="highest"), "mode: .* got 'highest'"),
    "a row by number": (lambda: HISTORY[0], r"column: .* got 0; rows\(\) .* to_frame\(\) a pandas table"),
    "a number of epochs": (lambda: History(3, [0]), r"epochs: expected a list of whole numbers, got 3"),
    "columns in a list": (lambda: History([1], [0], [[1.0]]), "columns: expected a dictionary"),
    "ragged columns": (
        lambda: History([1, 2], [0], {"a": [[1.0], []]}),
        r"columns\['a'\]: expected numbers in lis",
    ),
    # Tensors by other names, in the other modules
    "neighbours of a list": (
        lambda: nearest([[1.0]], INPUT, 1),
        "train: expected a torch tensor, got a list",
    ),
    "neighbours of an array": (lambda: nearest(INPUT, np.zeros((2, 16)), 1), "queries: .* a NumPy array"),
    "a float of neighbours": (
        lambda: nearest(INPUT, INPUT, 3.0),
        "count: expected a whole number from 1 to 20",
    ),
    "votes of a list": (
        lambda: vote([0, 1], LABELS[:2, None], [1]),
        "labels: .* got a list; write torch.tensor",
    ),
    "float positions": (
        lambda: vote(LABELS, torch.zeros(2, 1), [1]),
        "neighbors: expected positions of shape .* torch.float32",
    ),
    "one k": (lambda: vote(LABELS, LABELS[:, None], 3), r"ks: .* got 3; for one k write \[3\]"),
    "half a class": (
        lambda: vote(LABELS, LABELS[:, None], [1], classes=5.0),
        "classes: expected a whole number",
    ),
    "soft lists": (lambda: soften([1.0, 2.0], 2), "logits: expected a torch tensor, got a list"),
    "divergence of an array": (
        lambda: divergence(np.zeros((2, 3)), torch.zeros(2, 3), 2),
        "student_logits: .* Num",
    ),
    "a list of labels to distil": (
        lambda: distillation_loss(torch.zeros(2, 3), torch.zeros(2, 3), [0, 1], temperature=2, alpha=0.5),
        "labels: expected a torch tensor, got a list",
    ),
    "float labels to distil": (
        lambda: distillation_loss(
            torch.zeros(2, 3), torch.zeros(2, 3), torch.zeros(2), temperature=2, alpha=0.5
        ),
        r"labels: .* got torch.float32; write labels.long\(\)",
    ),
    "classes of another teacher": (
        lambda: train(step=distillation_step(torch.zeros(20, 7), temperature=2, alpha=0.5), epochs=10**9),
        "teacher_logits: expected as many classes as the student has outputs, 5, got 7",
    ),
    "a Fit as teacher": (
        lambda: teacher_logits(train(), TOY),
        "teacher: .* got a Fit; pass result.replicates",
    ),
    "a tensor to teach on": (
        lambda: teacher_logits(NET, INPUT),
        "split: expected a Split of inputs and labels, got a Tensor",
    ),
    "teach in half batches": (
        lambda: teacher_logits(NET, TOY, batch_size=0.5),
        "batch_size: expected a whole",
    ),
    "calibration of logits": (
        lambda: reliability(torch.randn(9, 3), LABELS[:9] % 3),
        "apply a softmax to logits",
    ),
    "calibration of a list": (lambda: reliability([[0.5, 0.5]], LABELS), "probabilities: .* got a list"),
    "calibration by floats": (
        lambda: expected_calibration_error(torch.full((20, 5), 0.2), LABELS.float()),
        r"labels: .* got torch.float32; write labels.long\(\)",
    ),
    "half a bin": (lambda: reliability(torch.full((20, 5), 0.2), LABELS, bins=2.5), "bins: .* got 2.5"),
    "an interval of words": (lambda: mean_interval(["a"]), "values: expected numbers in lists .* got a list"),
    "an interval with gradient": (
        lambda: mean_interval(torch.ones(2, requires_grad=True)),
        r"values: .* write .detach\(\).cpu\(\) after it",
    ),
    "percent of confidence": (lambda: mean_interval([1.0, 2.0], confidence=95), "confidence: .* write 0.95"),
    "pairs of words": (lambda: paired_difference([1.0], ["b"]), "b: expected numbers"),
    "a share of successes": (
        lambda: proportion_interval(0.89, 100),
        r"successes: .* write round\(share \* tri",
    ),
    "percent of a proportion": (lambda: proportion_interval(8, 9, confidence=95), "confidence: .* got 95"),
    "bias of ragged lists": (
        lambda: bias_variance([[1.0], []], [1.0]),
        "predictions: expected numbers in lists",
    ),
    "bias of words": (lambda: domingos([["cat"], ["dog"]], ["cat"]), "predictions: expected numbers"),
    "classes as a float": (
        lambda: domingos([[0], [1]], [0], classes=2.0),
        "classes: expected a whole number",
    ),
    "ridge of words": (lambda: ridge_path([["a"]], [1.0], [0]), "features: expected numbers"),
    "lasso of words": (lambda: lasso_many([[[1.0]]], [["a"]], 1), "targets: expected numbers"),
    "zeros below a word": (
        lambda: count_zeros([1.0], size="0.1"),
        "size: expected a number from 0 up, got '0.1'",
    ),
    "toy inputs in a list": (
        lambda: make_labels([[1.0, 2.0, 3.0]]),
        "inputs: expected a torch tensor, got a list",
    ),
    "toy parameters in a list": (
        lambda: predict([1.0], INPUTS),
        "params: .* got a list; write draw_parameters",
    ),
    "toy errors of arrays": (
        lambda: squared_error(np.zeros((1, 2)), np.zeros(2)),
        "predictions: .* NumPy array",
    ),
    "toy rule without rate": (
        lambda: descend(opt.adam, draw_parameters([0])),
        r"rule: .* write .* adam\(lr=0.05\)",
    ),
    "toy rule of torch": (lambda: descend(SGD, draw_parameters([0])), r"rule: .* write .* sgd\(lr=0.05\)"),
    "toy limit": (lambda: descend(opt.sgd(0.1), draw_parameters([0]), limit=2.5), "limit: expected a whole"),
    "toy threshold": (
        lambda: descend(opt.sgd(0.1), draw_parameters([0]), threshold="0.1"),
        "threshold: expected a positive loss, got '0.1'",
    ),
    "toy losses of one seed": (lambda: first_below(np.ones(3), 0.1), "losses: .* write descend"),
    "toy updates in words": (lambda: rises(np.ones((3, 1)), ["ten"]), "updates: expected numbers"),
    "toy share of numbers": (lambda: share(np.array([0.5])), "seeds: .* write for example losses"),
    "augmented list": (
        lambda: Augmentation(Rotation(3))([[0.0]], [torch.Generator()]),
        "inputs: .* got a list",
    ),
    "one generator": (
        lambda: Augmentation(Rotation(3))(torch.zeros(1, 1, 1, 4, 4), torch.Generator()),
        r"generators: .* write for one replicate \[generator\]",
    ),
}


class Both(nn.Module):
    """A model that returns two things."""

    def forward(self, inputs):
        return inputs.flatten(1), inputs


AFTER_THE_FIRST_BATCH = {
    "a loss of ones own",
    "a loss with an option",
    "a loss by operators",
    "a loss by methods",
    "a loss without a gradient",
    "a step that gives a number",
    "a step that gives floats",
}
AFTER_TRAINING = {"evaluate(result)", "plot_history(result)", "a Fit as teacher"}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_named_with_its_remedy(case):
    call, message = CASES[case]
    started.clear()
    with pytest.raises((ValueError, TypeError, KeyError), match=message):
        call()
    assert len(started) == (case in AFTER_THE_FIRST_BATCH | AFTER_TRAINING), "work was lost"


def test_a_class_with_a_rate_of_its_own_trains():
    ours = train(optimizer=FixedRule).history
    assert ours == train(optimizer=partial(torch.optim.SGD, lr=0.05)).history


def test_the_trial_before_training_changes_nothing():
    """A model that draws, counts and normalises gives the same history whether or not it was tried before."""
    calls = []

    class Watched(nn.Module):
        def __init__(self):
            super().__init__()
            self.seen = 0
            self.layers = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.BatchNorm1d(8), nn.Dropout(0.5))
            self.last = nn.Linear(8, 5)

        def forward(self, inputs):
            self.seen += len(inputs)
            calls.append(self.training)
            return self.last(self.layers(inputs) + torch.rand(1))

    state = torch.get_rng_state()
    result = train(Watched, epochs=2, batch_size=10)
    assert torch.equal(torch.get_rng_state(), state)
    assert calls[0] is False and all(calls[1:]), "tried once, in evaluation mode"
    again = train(Watched, epochs=2, batch_size=10, data=Split(INPUT.clone(), LABELS))
    assert again.history == result.history
    assert result.replicates.template.seen == 2 * 20, "the trial ran on a copy"


@pytest.mark.parametrize("scale", [255, 100])
def test_pixels_from_0_to_255_are_warned_of_once(scale):
    draw = torch.Generator().manual_seed(0)
    pixels = Split(torch.randint(scale + 1, (20, 1, 4, 4), generator=draw).float(), LABELS)
    with pytest.warns(UserWarning, match="train: its inputs are whole numbers from 0 to 255") as caught:
        train(data=pixels, epochs=3)
    assert [w.filename for w in caught] == [__file__], "one warning, at the line that called fit or a helper"


@pytest.mark.parametrize(
    "inputs",
    [
        INPUT,
        INPUT.abs() * 100,  # large measurements
        (INPUT * 100).round(),  # whole, but not from 0 up
        (INPUT > 0).float(),  # black and white
        torch.randint(20, INPUT.shape).float(),  # small counts
        torch.randint(3000, INPUT.shape).float(),  # large counts
        torch.randint(256, INPUT.shape).float() / 255,
    ],
    ids=["normalised", "large", "negative", "binary", "small counts", "large counts", "scaled"],
)
def test_other_data_are_not_warned_of(inputs):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(data=Split(inputs, LABELS), optimizer=partial(torch.optim.SGD, lr=1e-9))


class Scaling(nn.Module):
    def forward(self, inputs):
        return inputs / 255


class Embedding(nn.Embedding):
    def forward(self, inputs):
        return super().forward(inputs.long())


@pytest.mark.parametrize(
    "first", [[Scaling()], [nn.BatchNorm2d(1)], [Embedding(256, 2), nn.Flatten(), nn.Linear(32, 16)]]
)
def test_whole_numbers_that_a_model_scales_or_looks_up_are_not_warned_of(first):
    draw = torch.Generator().manual_seed(0)
    whole = Split(torch.randint(256, (20, 1, 4, 4), generator=draw).float(), LABELS)
    train(sequential(*first, nn.Flatten(), nn.Linear(16, 5)), whole)  # a warning is an error here


def test_a_step_may_be_a_module_of_ones_own():
    class Halved(nn.Module):
        def forward(self, forward, batch):
            return {"loss": classification_step(forward, batch)["loss"] / 2}

    halved, plain = train(step=Halved()), train()
    np.testing.assert_allclose(2 * halved.history["train_loss"], plain.history["train_loss"], rtol=1e-6)


@pytest.mark.filterwarnings("ignore")  # torch's words on its own functions
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("build", [partial(torch.compile, backend="eager"), torch.jit.script])
def test_a_compiled_model_is_tried_too(build, whole):
    model = build(NET) if whole else nn.Sequential(build(NET), nn.Identity())
    torch.testing.assert_close(try_model(model, INPUT), NET(INPUT))


class OwnSoftmax(nn.Module):
    """A model that ends in a softmax without a layer for it."""

    def __init__(self):
        super().__init__()
        self.layer = linear(16)

    def forward(self, inputs):
        return self.layer(inputs).softmax(-1)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (sequential(linear(16), nn.Softmax(-1)), "its last layer is Softmax"),
        (sequential(linear(16), nn.Softmax(0)), "its last layer is Softmax"),
        (sequential(linear(16), nn.Sequential(nn.Sigmoid())), "its last layer is Sigmoid"),
        (OwnSoftmax, "each row adds up to 1"),
    ],
)
@pytest.mark.parametrize("distilled", [False, True])
def test_a_softmax_before_the_loss_is_warned_of_once(model, reason, distilled):
    step = {"step": distillation_step(torch.zeros(20, 5), temperature=2, alpha=0.5)} if distilled else {}
    with pytest.warns(UserWarning, match=rf"{reason}.*with 5 classes .* below 0.90. Leave") as caught:
        train(model, epochs=2, **step)
    assert len(caught) == 1


@pytest.mark.parametrize("last", [nn.LogSoftmax(-1), nn.Tanh(), nn.ReLU(), nn.Identity()])
def test_other_last_layers_are_not_warned_of(last):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = train(epochs=2)
        ended = train(sequential(linear(16), last), epochs=2)
    if isinstance(last, nn.LogSoftmax):  # why: a second one changes nothing
        np.testing.assert_allclose(ended.history["train_loss"], plain.history["train_loss"], atol=1e-6)


def test_a_softmax_is_right_where_a_step_of_ones_own_wants_it():
    def nll(forward, batch):
        return {"loss": -forward(batch.inputs).log().gather(-1, batch.labels[..., None]).squeeze(-1)}

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(OwnSoftmax, step=nll)


def test_pandas_is_asked_for_by_name(monkeypatch):
    frame = HISTORY.to_frame()
    assert list(frame.columns) == ["epoch", "seed", "train_acc", "val_soft"]
    assert frame.epoch.tolist() == [1, 2] and frame.val_soft.tolist() == [2.0, 1.0]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"to_frame needs pandas, .* pip install pandas"):
        HISTORY.to_frame()
