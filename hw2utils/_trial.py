"""One trial run of a model, before any training, so that a layer that does not fit is named."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from hw2utils._checks import kind
from hw2utils._dense import dense_layers
from hw2utils.copying import copy_module
from hw2utils.modes import evaluating

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
SQUASHING = (nn.Softmax, nn.Softmin, nn.Softmax2d, nn.Sigmoid)


def check_built(module: nn.Module) -> None:
    """Refuse a model with layers whose size is not known yet, such as LazyLinear.

    Raises ValueError that names the layer.

    >>> check_built(nn.Sequential(nn.LazyLinear(10)))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: model: expected layers of known sizes, got LazyLinear (layer '0'), ...
    """
    for name, layer in module.named_modules():
        own = layer.parameters(recurse=False)
        if any(isinstance(p, torch.nn.parameter.UninitializedParameter) for p in own):
            kept = type(layer).__name__.removeprefix("Lazy")
            sizes = f"784, {layer.out_features}" if isinstance(layer, nn.LazyLinear) else "..."
            raise ValueError(
                f"model: expected layers of known sizes, got {type(layer).__name__} (layer {name!r}), which "
                f"takes its size from the first inputs; write nn.{kept}({sizes}), or have the function run "
                "the model once before returning it"
            )


def try_model(model: nn.Module, inputs: Tensor) -> Tensor:
    """Run a copy of a model on inputs (N, …), in evaluation mode; give its outputs, (N, …).

    Neither the model nor the streams of random numbers are changed.

    Raises ValueError that names the layer which cannot take what reaches it.

    >>> try_model(nn.Sequential(nn.Linear(784, 10)), torch.zeros(1, 28, 28))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: model: layer '0', Linear(784, 10), expected 784 numbers in the ... put nn.Flatten() before it
    """
    if dense_layers(model) is not None:  # nothing in it changes by running, so a copy can wait for an error
        with suppress(RuntimeError, ValueError, TypeError, IndexError), evaluating(model), torch.no_grad():
            return model(inputs.clone())
    trial = copy_module(model).eval()
    running: list[tuple[str, nn.Module, Any]] = []

    def enter(name: str, layer: nn.Module, given: Any) -> None:
        running.append((name, layer, given))

    def leave(*_: Any) -> None:
        running.pop()

    if not any(map(_is_compiled, trial.modules())):  # of which nothing within is named
        for name, layer in trial.named_modules():
            layer.register_forward_pre_hook(partial(enter, name))
            layer.register_forward_hook(leave)
    cuda = [inputs.device] if inputs.device.type == "cuda" else []
    with torch.no_grad(), torch.random.fork_rng(devices=cuda):
        try:
            outputs = trial(inputs.clone())  # a module may overwrite what it is given
        except (RuntimeError, ValueError, TypeError, AttributeError, IndexError) as error:
            name, layer, given = running[-1] if running else ("", trial, (inputs,))
            raise ValueError(_explain(name, layer, given, inputs, error)) from error
    if not isinstance(outputs, Tensor) or not len(outputs.shape) or len(outputs) != len(inputs):
        raise ValueError(
            f"model: expected a module that returns one tensor with a row per example, got {kind(outputs)} "
            f"for {len(inputs)} example{'s' if len(inputs) > 1 else ''}; return the outputs (N, ...) alone"
        )
    return outputs


@contextmanager
def explaining(model: Any, inputs: Tensor) -> Iterator[None]:
    """Let what fails while a model runs on inputs, (N, …), say which of its layers does not fit them.

    ``model`` is a module or :class:`~hw2utils.replicates.Replicates`. Raises ValueError as :func:`try_model`
    does, else the error itself.

    >>> with explaining(nn.Linear(2, 1), torch.ones(1, 3)):  # doctest: +ELLIPSIS
    ...     nn.Linear(2, 1)(torch.ones(1, 3))
    Traceback (most recent call last):
    ValueError: model, Linear(2, 1), expected 2 numbers in the last dimension, got inputs of shape (N, 3); ...
    """
    try:
        yield
    except (RuntimeError, TypeError, AttributeError, IndexError):
        try_model(getattr(model, "template", model), inputs[:2])
        raise


def _is_compiled(layer: nn.Module) -> bool:
    """Tell whether a layer came out of torch.jit or torch.compile, which take no hooks that name layers."""
    return isinstance(layer, torch.jit.ScriptModule) or hasattr(layer, "_orig_mod")


def keeps_whole(model: nn.Module, inputs: Tensor) -> bool:
    """Tell whether whole inputs, (N, …), reach a model's first linear or convolutional layer as they are.

    They do not where a layer before it, or the model's own ``forward``, scales, normalises or embeds them.

    >>> keeps_whole(nn.Linear(2, 1), torch.ones(1, 2))
    True
    >>> keeps_whole(nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 1)), torch.ones(1, 2))
    False
    """
    trial = copy_module(model).eval()
    whole: list[bool] = []

    def look(_: nn.Module, given: Any) -> None:
        if given and isinstance(given[0], Tensor):
            whole.append(not bool(given[0].frac().any()))

    for layer in trial.modules():
        if isinstance(layer, (nn.Linear, *CONVOLUTIONS)) and not _is_compiled(layer):
            layer.register_forward_pre_hook(look)
    cuda = [inputs.device] if inputs.device.type == "cuda" else []
    with torch.no_grad(), torch.random.fork_rng(devices=cuda):
        trial(inputs.clone())
    return whole[0] if whole else True


def makes_probabilities(model: nn.Module, outputs: Tensor) -> str:
    """Say by what a model's outputs, (N, classes), are already squeezed into 0 to 1; empty if they are not.

    A log-softmax is no such case: a second one leaves it as it is.

    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Sigmoid())
    >>> makes_probabilities(model, model(torch.zeros(1, 2)))
    'its last layer is Sigmoid'
    """
    last = model
    while isinstance(last, nn.Sequential) and len(last):
        last = last[-1]
    if isinstance(last, SQUASHING):
        return f"its last layer is {type(last).__name__}"
    sums = outputs.sum(-1)
    rows = bool((outputs >= 0).all()) and torch.allclose(sums, torch.ones_like(sums), rtol=0, atol=1e-3)
    return "each row adds up to 1" if rows and outputs.shape[-1] > 1 else ""


def _explain(name: str, layer: nn.Module, given: Any, inputs: Tensor, error: Exception) -> str:
    """Write the message for a layer that failed on what it was given."""
    own = next(iter((*layer.parameters(recurse=False), *layer.parameters())), None)
    values = given[0] if given and isinstance(given[0], Tensor) else inputs
    if own is not None and own.device != values.device:
        return (
            f"model: expected the model and the inputs on one device, got the model on {own.device} and "
            f"inputs on {values.device}; move the split with .to({str(own.device)!r})"
        )
    if own is not None and values.is_floating_point() and own.dtype != values.dtype:
        return (
            f"inputs: expected {own.dtype}, the type of the model's parameters, got {values.dtype}; write "
            f"Split(inputs.to({own.dtype}), labels), or give the model .to({values.dtype})"
        )
    place = f"model: layer {name!r}, {type(layer).__name__}" if name else f"model, {type(layer).__name__}"
    shape = tuple(values.shape)
    came = f"inputs of shape (N{''.join(f', {side}' for side in shape[1:])})"
    if values.shape != inputs.shape:
        came += f", made from examples of shape {tuple(inputs.shape[1:])}"
    width = shape[1] if len(shape) > 1 else 1
    if isinstance(layer, nn.Linear):
        flat = math.prod(shape[1:])
        mended = [] if len(shape) == 2 else ["put nn.Flatten() before it"]
        mended += [] if flat == layer.in_features else [f"write nn.Linear({flat}, {layer.out_features})"]
        return (
            f"{place}({layer.in_features}, {layer.out_features}), expected {layer.in_features} numbers "
            f"in the last dimension, got {came}; {' and '.join(mended)}"
        )
    if isinstance(layer, CONVOLUTIONS):
        sides = len(layer.kernel_size)
        wanted = ", ".join(["N", str(layer.in_channels), *("depth", "height", "width")[-sides:]])
        remedy = f"give it {layer.in_channels} channels, each with {sides} dimensions, and flatten after it"
        if len(shape) == sides + 1 and layer.in_channels == 1 and values.shape == inputs.shape:
            remedy = "write Split(inputs.unsqueeze(1), labels)"
        elif len(shape) == sides + 2:
            remedy = "use a smaller kernel, or padding"
            if width != layer.in_channels and shape[-1] == layer.in_channels:
                remedy = "write Split(inputs.movedim(-1, 1), labels), with the channels before the sides"
            elif width != layer.in_channels:
                remedy = f"write nn.{type(layer).__name__}({width}, {layer.out_channels}, ...)"
        return f"{place}, expected inputs of shape ({wanted}), got {came}; {remedy}"
    if isinstance(layer, NORMS) and width != layer.num_features:
        return (
            f"{place}, expected {layer.num_features} features in the second dimension, got {came}; "
            f"write nn.{type(layer).__name__}({width})"
        )
    return (
        f"{place}, expected inputs it can run on, got {came}, and stopped with: {error}; "
        "run the model alone on split.inputs[:2] to mend it"
    )
