"""Training on a CUDA device gives what it gives on the CPU, and randomness belongs to its seed there too."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from hw2utils.augmentation import HOMEWORK, Augmentation
from hw2utils.datasets import Split
from hw2utils.independence import check_optimizer
from hw2utils.models import mlp
from hw2utils.replicates import Replicates
from hw2utils.training import evaluate, fit

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def images(size=60):
    draw = torch.Generator().manual_seed(0)
    inputs = torch.rand(size, 1, 8, 8, generator=draw, dtype=torch.float64)
    return Split(inputs, (inputs.mean(dim=(1, 2, 3)) > 0.5).long())


def convolutional():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2)).double()


@pytest.mark.parametrize("augment", [None, Augmentation(*HOMEWORK)], ids=["plain", "augmented"])
@pytest.mark.parametrize(
    "model",
    [lambda: mlp([64, 16, 8, 2], dropout=0.3).double(), convolutional],
    ids=["dense", "convolutional"],
)
def test_histories_and_models_equal_those_of_the_cpu(model, augment):
    settings = {
        "seeds": [2, 5],
        "epochs": 3,
        "batch_size": 16,
        "augment": augment,
        "optimizer": partial(torch.optim.SGD, lr=0.1, momentum=0.9),
        "evaluate_on": {"val": images()},
    }
    here, there = (fit(model, images(), device=device, **settings) for device in ("cpu", "cuda"))
    for column in here.history.columns:
        np.testing.assert_allclose(there.history[column], here.history[column], rtol=0, atol=1e-6)
    assert next(there.model(2).parameters()).is_cuda
    on_device = evaluate(there.model(5), images().to("cuda"))
    torch.testing.assert_close(
        on_device["loss"].cpu(), evaluate(here.model(5), images())["loss"], rtol=0, atol=1e-6
    )


def dropping():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Dropout(0.5), nn.Linear(144, 2))


def test_dropout_drawn_on_the_device_belongs_to_its_seed():
    inputs = torch.rand(3, 20, 1, 8, 8, generator=torch.Generator().manual_seed(0)).cuda()
    together, alone = (Replicates(dropping, seeds).to("cuda") for seeds in ([5, 6, 7], [6]))
    state = torch.cuda.get_rng_state()
    for _ in range(3):
        torch.testing.assert_close(together(inputs)[1], alone(inputs[1:2])[0])
    assert not torch.equal(alone(inputs[1:2]), alone(inputs[1:2]))
    assert torch.equal(torch.cuda.get_rng_state(), state)


def test_building_models_and_trying_optimizers_leave_the_devices_generator_alone():
    torch.rand(1, device="cuda")
    state = torch.cuda.get_rng_state()
    replicates = Replicates(dropping, [0, 1]).to("cuda")
    assert torch.equal(torch.cuda.get_rng_state(), state)
    check_optimizer(torch.optim.Adam, dict(replicates.named_parameters()))
    assert torch.equal(torch.cuda.get_rng_state(), state)
