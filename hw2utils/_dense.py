"""Stacks of dense layers, run for many replicates at once as batched matrix products."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.modules.module import _has_any_global_hook

from hw2utils._descent import Move

ELEMENTWISE = (
    nn.Identity,
    nn.ReLU,
    nn.LeakyReLU,
    nn.ELU,
    nn.SELU,
    nn.GELU,
    nn.SiLU,
    nn.Tanh,
    nn.Sigmoid,
    nn.Softplus,
)
"""Layers that treat every number alike, so that stacked replicates need no care."""

NAMES: dict[type, frozenset[str]] = {
    kind: frozenset(dir(kind)) - {"train"}
    for kind in (nn.Sequential, nn.Linear, nn.Flatten, nn.Dropout, *ELEMENTWISE)
}
"""What each kind of layer has from its class, so that a layer's own is noticed; ``train`` moves no number."""

_threshold_backward = torch.ops.aten.threshold_backward.grad_input


def dense_layers(model: nn.Module) -> list[tuple[str, nn.Module]] | None:
    """List a model's layers with their names, as they are run, if a batched run would do just the same.

    All must be flatten, linear, elementwise or dropout layers as torch made them: none with a hook, a
    parametrisation, a mask, a weight that another layer has too, or a ``forward`` of its own. A layer without
    parameters may stand in several places. For any other model the result is None.

    >>> [type(layer).__name__ for _, layer in dense_layers(nn.Sequential(nn.Linear(2, 2), nn.ReLU()))]
    ['Linear', 'ReLU']
    >>> dense_layers(nn.Sequential(nn.Conv2d(1, 1, 3))) is None
    True
    >>> tied = nn.Linear(2, 2)
    >>> dense_layers(nn.Sequential(tied, nn.ReLU(), tied)) is None
    True
    """
    layers = _layers(model)
    if layers is None:
        return None
    weights = [p for _, layer in layers for p in layer.parameters()]
    return layers if len({id(p) for p in weights}) == len(weights) else None


def settings(
    layers: Sequence[tuple[str, nn.Module]] | None,
) -> list[tuple[str, type, dict[str, Any]]] | None:
    """Describe what :func:`dense_layers` found: where descriptions are equal, only weights can differ.

    >>> settings([("0", nn.LeakyReLU(0.1))])[0][2]["negative_slope"]
    0.1
    """
    if layers is None:
        return None
    return [
        (name, type(layer), {key: value for key, value in vars(layer).items() if not key.startswith("_")})
        for name, layer in layers
    ]


def batched_now(inputs: Tensor, layers: Sequence[tuple[str, nn.Module]]) -> bool:
    """Tell whether torch would run these layers on inputs[i] as plain matrix products at this moment.

    It would not on inputs that reach a linear layer in another shape than (R, B, features), under autocast,
    or while a hook watches all modules.

    >>> layers = dense_layers(nn.Sequential(nn.Linear(2, 2)))
    >>> batched_now(torch.zeros(1, 5, 2), layers), batched_now(torch.zeros(1, 5, 3, 2), layers)
    (True, False)
    """
    if inputs.dim() != 3 and not (layers and type(layers[0][1]) is nn.Flatten and inputs.dim() > 3):
        shaping = [type(layer) for _, layer in layers if type(layer) in (nn.Linear, nn.Flatten)]
        if inputs.dim() < 3 or shaping[:1] == [nn.Linear]:
            return False
    if _has_any_global_hook():
        return False
    return inputs.is_meta or not torch.is_autocast_enabled(inputs.device.type)


def _layers(model: nn.Module) -> list[tuple[str, nn.Module]] | None:
    if type(model) is not nn.Sequential or not _is_untouched(model) or model._parameters:
        return None
    layers: list[tuple[str, nn.Module]] = []
    # Not named_children(), which lists a layer that stands in two places once
    for name, layer in model._modules.items():
        if type(layer) is nn.Sequential:
            inner = _layers(layer)
            if inner is None:
                return None
            layers += [(f"{name}.{sub}", leaf) for sub, leaf in inner]
        elif layer is not None and _is_dense(layer):
            layers.append((name, layer))
        else:
            return None
    return layers


def _is_dense(layer: nn.Module) -> bool:
    if not _is_untouched(layer) or layer._modules:
        return False
    if type(layer) is nn.Linear:
        weight, bias = layer._parameters.get("weight"), layer._parameters.get("bias")
        return (
            layer._parameters.keys() == {"weight", "bias"}
            and weight is not None
            and weight.shape == (layer.out_features, layer.in_features)
            and weight.is_floating_point()
            and (bias is None or bias.shape == weight.shape[:1])
        )
    flat = type(layer) is nn.Flatten and (layer.start_dim, layer.end_dim) == (1, -1)
    return not layer._parameters and (flat or type(layer) in (nn.Dropout, *ELEMENTWISE))


def _is_untouched(module: nn.Module) -> bool:
    """Tell whether a module computes as its class does: no hooks, no methods of its own, no buffers."""
    own = vars(module)
    return (
        type(module) in NAMES
        and not any(value for name, value in own.items() if name.endswith("hooks"))
        and not any(name in NAMES[type(module)] for name in own)
        and not module._buffers
        and all(p is None or type(p) is nn.Parameter for p in module._parameters.values())
    )


@dataclass(frozen=True)
class Dense:
    """One linear layer's stacked weights: weight (R, outputs, inputs), bias (R, outputs) or None."""

    weight: Tensor
    bias: Tensor | None

    @cached_property
    def inward(self) -> Tensor:
        """Give the weight as inputs are multiplied by it, (R, inputs, outputs): a view, outside the graph."""
        return self.weight.detach().transpose(1, 2)

    @cached_property
    def row(self) -> Tensor | None:
        """Give the bias as it is added to outputs, (R, 1, outputs): a view, outside the graph."""
        return None if self.bias is None else self.bias.detach().unsqueeze(1)


@dataclass(frozen=True)
class Scale:
    """What draws the factors, shape (R, B, features), that values are multiplied by (dropout)."""

    draw: Callable[[Tensor], Tensor]


def run_dense(inputs: Tensor, layers: Sequence[Dense | Scale | nn.Module]) -> Tensor:
    """Run inputs (R, B, …) through a stack of layers; outputs (R, B, outputs), replicate i from inputs[i].

    Any other layer than :class:`Dense` and :class:`Scale` must be a flatten or elementwise torch module. The
    whole stack is one node of the autograd graph: that spares a small network the many small nodes that
    would cost as much time as its products. Gradients are those of torch's own layers; second derivatives
    are refused.

    >>> weight = torch.tensor([[[2.0, 0.0]], [[0.0, 3.0]]])  # (R=2, outputs=1, inputs=2)
    >>> run_dense(torch.ones(2, 1, 2), [Dense(weight, None), nn.ReLU()]).flatten().tolist()
    [2.0, 3.0]
    """
    outputs: Tensor = _Stack.apply(inputs, layers, *_parameters(layers))
    return outputs


def trace_dense(
    inputs: Tensor, layers: Sequence[Dense | Scale | nn.Module]
) -> tuple[Tensor, Callable[[Tensor, Move | None], None]]:
    """Run as :func:`run_dense` does, without a graph; return the outputs and their backward pass.

    The backward pass takes the gradient with respect to the outputs, (R, B, outputs), and None, and puts the
    parameters' gradients in the place of those they had. With a :data:`~hw2utils._descent.Move` in place of
    None it moves the parameters at once: the product that would be a weight's gradient is added to the
    weight, and the gradient is never written to memory. It may be called once, and until then neither
    parameters nor outputs may change. It spares a small network what autograd itself costs.

    >>> weight = torch.ones(1, 1, 2, requires_grad=True)  # (R=1, outputs=1, inputs=2)
    >>> outputs, backward = trace_dense(torch.tensor([[[2.0, 5.0]]]), [Dense(weight, None)])
    >>> backward(torch.ones(1, 1, 1), None)
    >>> outputs.tolist(), weight.grad.tolist()
    ([[[7.0]]], [[[2.0, 5.0]]])
    >>> backward(torch.ones(1, 1, 1), lambda parameter: (1.0, 0.1))
    >>> weight.tolist()
    [[[0.800000011920929, 0.5]]]
    """
    parameters = _parameters(layers)
    wanted = [p is not None and p.requires_grad for p in parameters]
    with torch.no_grad():
        outputs, trace, graphs = _forward(inputs, layers, graph=True)

    def backward(gradient: Tensor, descent: Move | None) -> None:
        with torch.no_grad():
            _, gradients = _backward(
                layers, trace, graphs, gradient, wanted, inputs_wanted=False, descent=descent
            )
        if descent is not None:
            return
        for parameter, found in zip(parameters, gradients, strict=True):
            if parameter is not None and found is not None:
                parameter.grad = found

    return outputs, backward


def _parameters(layers: Sequence[Dense | Scale | nn.Module]) -> list[Tensor | None]:
    return [t for layer in layers if isinstance(layer, Dense) for t in (layer.weight, layer.bias)]


def _forward(
    inputs: Tensor, layers: Sequence[Dense | Scale | nn.Module], *, graph: bool
) -> tuple[Tensor, list[Tensor], dict[int, Tensor]]:
    """Give the outputs, what the backward pass needs of each layer, and the elementwise layers' graphs."""
    values, owned = inputs, False  # owned: made here, so it may be overwritten
    trace: list[Tensor] = []
    graphs: dict[int, Tensor] = {}  # outputs of elementwise layers, each with its own small graph
    for layer in layers:
        if isinstance(layer, Dense):
            trace.append(values)
            values = (
                torch.bmm(values, layer.inward)
                if layer.row is None
                else torch.baddbmm(layer.row, values, layer.inward)  # (R, B, outputs)
            )
            owned = True
        elif isinstance(layer, Scale):
            factors = layer.draw(values)
            trace.append(factors)
            values, owned = values * factors, True
        elif isinstance(layer, nn.Flatten):
            trace.append(values)
            values = values.flatten(2)  # (R, B, features)
        elif type(layer) is nn.ReLU:
            values = values.clamp_(min=0) if owned else values.clamp(min=0)
            trace.append(values)
            owned = False
        else:
            with torch.set_grad_enabled(graph):
                leaf = values.detach().requires_grad_(graph)
                local = layer(leaf.clone() if getattr(layer, "inplace", False) else leaf)
            trace.append(leaf)
            graphs[len(trace) - 1] = local
            values, owned = local.detach(), False
    return values, trace, graphs


def _backward(
    layers: Sequence[Dense | Scale | nn.Module],
    trace: Sequence[Tensor],
    graphs: Mapping[int, Tensor],
    gradient: Tensor,
    wanted: Sequence[bool],
    *,
    inputs_wanted: bool,
    descent: Move | None = None,
) -> tuple[Tensor | None, list[Tensor | None]]:
    """Give the gradient of the inputs and that of each parameter, None where it is not wanted.

    With a descent the parameters are moved instead and their gradients are None.
    """
    gradients: list[Tensor | None] = [None] * len(wanted)
    position = len(wanted)
    owned = False
    for place in reversed(range(len(layers))):
        layer, values = layers[place], trace[place]
        if isinstance(layer, Dense):
            position -= 2
            goes_on = inputs_wanted or any(wanted[:position])
            of_inputs = torch.bmm(gradient, layer.weight) if goes_on else None  # (R, B, inputs)
            if descent is not None:  # after the weights were used for the layers below
                _descend(layer, values, gradient, wanted[position : position + 2], descent)
            else:
                if wanted[position]:
                    # (R, inputs, outputs), the parameter's own layout, seen as (R, outputs, inputs)
                    gradients[position] = torch.bmm(values.transpose(1, 2), gradient).transpose(1, 2)
                if wanted[position + 1]:
                    gradients[position + 1] = gradient.sum(1)
            if of_inputs is None:
                return None, gradients
            gradient, owned = of_inputs, True
        elif isinstance(layer, Scale):
            gradient, owned = gradient.mul_(values) if owned else gradient * values, True
        elif type(layer) is nn.ReLU:
            kept = gradient if owned else torch.empty_like(gradient)
            gradient = _threshold_backward(gradient, values, 0, grad_input=kept)
            owned = True
        elif isinstance(layer, nn.Flatten):
            gradient = gradient.reshape(values.shape)
        else:
            (gradient,) = torch.autograd.grad(graphs[place], values, gradient, retain_graph=True)
            owned = False
    return gradient, gradients


def _descend(layer: Dense, values: Tensor, gradient: Tensor, wanted: Sequence[bool], descent: Move) -> None:
    if wanted[0] and (move := descent(layer.weight)) is not None:
        keep, rate = move
        # In the parameter's own layout, (R, inputs, outputs)
        layer.inward.baddbmm_(values.transpose(1, 2), gradient, beta=keep, alpha=-rate)
    if wanted[1] and layer.bias is not None and (move := descent(layer.bias)) is not None:
        keep, rate = move
        if keep != 1:
            layer.bias.mul_(keep)
        layer.bias.sub_(gradient.sum(1), alpha=rate)


class _Stack(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, layers: Sequence[Dense | Scale | nn.Module], *parameters: Tensor | None
    ) -> Tensor:
        graph = any(ctx.needs_input_grad)
        values, trace, graphs = _forward(inputs, layers, graph=graph)
        if graph:
            ctx.layers, ctx.graphs = layers, graphs
            ctx.save_for_backward(*trace, *parameters)
        return values.view_as(values) if values is inputs else values

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        trace = ctx.saved_tensors[: len(ctx.layers)]  # refuses what was changed since, the parameters too
        needs = list(ctx.needs_input_grad)
        of_inputs, gradients = _backward(
            ctx.layers, trace, ctx.graphs, gradient, needs[2:], inputs_wanted=needs[0]
        )
        return (of_inputs, None, *gradients)
