"""Small multilayer perceptrons and what can be said of them before training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import nn

from hw2utils.modes import evaluating


def mlp(
    sizes: Sequence[int], *, activation: Callable[[], nn.Module] = nn.ReLU, dropout: float = 0.0
) -> nn.Sequential:
    """Build a multilayer perceptron: flatten, then linear layers with an activation between them.

    ``sizes`` lists inputs, hidden widths and outputs. Dropout (a rate in [0, 1)) follows each hidden
    activation. The output is logits, shape (N, sizes[-1]).

    Raises ValueError for fewer than two sizes, a size below 1, or a rate outside [0, 1).

    >>> mlp([784, 100, 10])
    Sequential(
      (0): Flatten(start_dim=1, end_dim=-1)
      (1): Linear(in_features=784, out_features=100, bias=True)
      (2): ReLU()
      (3): Linear(in_features=100, out_features=10, bias=True)
    )
    """
    if len(sizes) < 2 or any(size < 1 for size in sizes):
        raise ValueError(
            f"sizes: expected inputs, hidden widths and outputs, each at least 1, got {list(sizes)}; "
            "for example [784, 100, 10]"
        )
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout: expected a rate in [0, 1), got {dropout}; use 0 for none")
    layers: list[nn.Module] = [nn.Flatten()]
    for position, (inputs, outputs) in enumerate(pairwise(sizes)):
        layers.append(nn.Linear(inputs, outputs))
        if position < len(sizes) - 2:
            layers.append(activation())
            if dropout:
                layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers)


def parameter_count(model: nn.Module) -> int:
    """Count the trainable parameters.

    >>> parameter_count(mlp([784, 100, 10]))
    79510
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def width_for(parameters: int, *, inputs: int = 784, outputs: int = 10) -> int:
    """Find the width of one hidden layer that brings a perceptron closest to a number of parameters.

    Raises ValueError when even a single hidden unit has more parameters than that.

    >>> width_for(79_510)
    100
    """
    per_unit = inputs + 1 + outputs
    if parameters < per_unit + outputs:
        raise ValueError(
            f"parameters: expected at least {per_unit + outputs} (one hidden unit), got {parameters}; "
            "ask for more parameters"
        )
    return round((parameters - outputs) / per_unit)


def layer_table(model: nn.Sequential, input_shape: Sequence[int]) -> list[tuple[str, tuple[int, ...], int]]:
    """List each layer's name, output shape for one example, and number of trainable parameters.

    ``input_shape`` is one example's shape, without the batch.

    >>> layer_table(mlp([784, 100, 10]), (1, 28, 28))[1]
    ('Linear', (100,), 78500)
    """
    rows = []
    values = torch.zeros(1, *input_shape)
    with evaluating(model), torch.no_grad():
        for layer in model:
            values = layer(values)
            rows.append((type(layer).__name__, tuple(values.shape[1:]), parameter_count(layer)))
    return rows
