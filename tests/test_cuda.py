"""Training on a CUDA device gives what it gives on the CPU: all randomness is drawn on the CPU."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from hw2utils.augmentation import HOMEWORK
from hw2utils.datasets import Split
from hw2utils.models import mlp
from hw2utils.training import evaluate, fit

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def images(size=60):
    draw = torch.Generator().manual_seed(0)
    inputs = torch.rand(size, 1, 8, 8, generator=draw, dtype=torch.float64)
    return Split(inputs, (inputs.mean(dim=(1, 2, 3)) > 0.5).long())


def convolutional():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2)).double()


@pytest.mark.parametrize("augment", [None, HOMEWORK], ids=["plain", "augmented"])
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
