"""The training loop a student would write, for one seed, and data for it."""

import torch
from torch import nn

from hw2utils.datasets import Split
from hw2utils.replicates import generator, initialise, stream_seed


def toy(size=50, seed=0):
    draw = torch.Generator().manual_seed(seed)
    inputs = torch.randn(size, 1, 3, 2, generator=draw, dtype=torch.float64)
    return Split(inputs, (inputs.sum(dim=(1, 2, 3)) > 0).long() + (inputs[:, 0, 0, 0] > 1).long())


def plain_loop(model, train, seed, *, optimizer, epochs, batch_size, max_norm=None):
    """Train one module; give it back with the mean loss of each epoch."""
    module = initialise(model, seed)
    update = optimizer(module.parameters())
    order = generator(seed, "order")
    torch.manual_seed(stream_seed(seed, "dropout"))
    losses = []
    for _ in range(epochs):
        total = 0.0
        module.train()
        for index in torch.randperm(len(train), generator=order).split(batch_size):
            loss = nn.functional.cross_entropy(module(train.inputs[index]), train.labels[index])
            update.zero_grad()
            loss.backward()
            if max_norm is not None:
                nn.utils.clip_grad_norm_(module.parameters(), max_norm)
            update.step()
            total += loss.item() * len(index)
        losses.append(total / len(train))
    return module, losses
