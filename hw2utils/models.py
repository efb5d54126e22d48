"""Small multilayer perceptrons and what can be said of them before training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import nn

from hw2utils._checks import check_whole, is_number, is_whole, kind
from hw2utils._trial import try_model
from hw2utils.modes import evaluating


def mlp(
    sizes: Sequence[int], *, activation: Callable[[], nn.Module] = nn.ReLU, dropout: float = 0.0
) -> nn.Sequential:
    """Build a multilayer perceptron: flatten, then linear layers with an activation between them.

    ``sizes`` lists inputs, hidden widths and outputs. Dropout (a rate in [0, 1)) follows each hidden
    activation. The output is logits, shape (N, sizes[-1]).

    Raises ValueError for fewer than two sizes, a size below 1, an activation that does not make modules, or
    a rate outside [0, 1).

    >>> mlp([784, 100, 10])
    Sequential(
      (0): Flatten(start_dim=1, end_dim=-1)
      (1): Linear(in_features=784, out_features=100, bias=True)
      (2): ReLU()
      (3): Linear(in_features=100, out_features=10, bias=True)
    )
    """
    listed = list(sizes) if isinstance(sizes, Sequence) and not isinstance(sizes, str) else None
    if listed is None or len(listed) < 2 or any(not is_whole(size) or size < 1 for size in listed):
        raise ValueError(
            "sizes: expected a list of inputs, hidden widths and outputs, whole numbers each at least 1, got "
            f"{sizes if listed is None else listed!r}; for example [784, 100, 10]"
        )
    if not is_number(dropout) or not 0 <= dropout < 1:
        percent = is_number(dropout) and 1 < dropout < 100
        remedy = f"for {dropout} percent write {dropout / 100:g}" if percent else "use 0 for none"
        raise ValueError(f"dropout: expected a rate in [0, 1), got {dropout!r}; {remedy}")
    if isinstance(activation, nn.Module) or not callable(activation):
        raise ValueError(
            "activation: expected a function that makes a new module, such as the class nn.ReLU, got "
            f"{activation!r}; write activation=nn.ReLU, or lambda: nn.LeakyReLU(0.1), since every layer "
            "takes its own"
        )
    layers: list[nn.Module] = [nn.Flatten()]
    for position, (inputs, outputs) in enumerate(pairwise(sizes)):
        layers.append(nn.Linear(inputs, outputs))
        if position < len(sizes) - 2:
            layers.append(_activation(activation))
            if dropout:
                layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers)


def _activation(make: Callable[[], nn.Module]) -> nn.Module:
    try:
        made = make()
    except TypeError:  # a function of values, such as torch.relu
        made = None
    if not isinstance(made, nn.Module):
        raise ValueError(
            "activation: expected a function that makes a new module when called without arguments, got "
            f"{getattr(make, '__name__', make)}, which does not; write for example nn.ReLU for torch.relu"
        )
    return made


def parameter_count(model: nn.Module) -> int:
    """Count the trainable parameters.

    Raises ValueError for anything but a module.

    >>> parameter_count(mlp([784, 100, 10]))
    79510
    """
    if not isinstance(model, nn.Module):
        remedy = "call it first, model()" if callable(model) else "for a Fit write result.model(seed)"
        raise ValueError(f"model: expected a torch module, got {kind(model)}; {remedy}")
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def width_for(parameters: int, *, inputs: int = 784, outputs: int = 10) -> int:
    """Find the width of one hidden layer that brings a perceptron closest to a number of parameters.

    Raises ValueError when even a single hidden unit has more parameters than that.

    >>> width_for(79_510)
    100
    """
    for name, value in (("parameters", parameters), ("inputs", inputs), ("outputs", outputs)):
        check_whole(name, value, 1, remedy=f"write {name}={round(value) if is_number(value) else 784}")
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

    Raises ValueError for a model that is not an ``nn.Sequential``, and for a shape that does not fit it.

    >>> layer_table(mlp([784, 100, 10]), (1, 28, 28))[1]
    ('Linear', (100,), 78500)
    """
    if not isinstance(model, nn.Sequential):
        raise ValueError(
            f"model: expected an nn.Sequential, whose layers follow each other, got {kind(model)}; write "
            "nn.Sequential(...) around its layers"
        )
    if not isinstance(input_shape, Sequence) or any(not is_whole(side) or side < 1 for side in input_shape):
        raise ValueError(
            "input_shape: expected one example's shape as a tuple of whole numbers, without the batch, got "
            f"{input_shape!r}; for example (1, 28, 28) or (784,)"
        )
    rows = []
    values = torch.zeros(1, *input_shape)
    try_model(model, values)
    with evaluating(model), torch.no_grad():
        for layer in model:
            values = layer(values)
            rows.append((type(layer).__name__, tuple(values.shape[1:]), parameter_count(layer)))
    return rows
