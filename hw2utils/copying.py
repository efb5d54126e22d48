"""Copies of modules that have run: with computed weights, hooks and what hooks have kept."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from inspect import getclosurevars
from types import FunctionType, MethodType, ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from hw2utils.modes import evaluating


def copy_module(module: nn.Module) -> nn.Module:
    """Copy a module, computed tensors in it too, which deepcopy refuses.

    >>> from torch.nn.utils import prune
    >>> layer = prune.identity(nn.Linear(2, 1), "weight")
    >>> layer(torch.ones(1, 2)).shape, copy_module(layer).weight_mask.tolist()
    (torch.Size([1, 1]), [[1.0, 1.0]])
    """
    return copy.deepcopy(module, plain_for_computed([module]))


def plain_for_computed(modules: Iterable[nn.Module]) -> dict[int, Any]:
    """Give deepcopy's memo in which each computed tensor that modules hold has become a plain one.

    A masked or normalised weight is computed, and so is the part of a stacked parameter that a recurrent
    layer keeps from its last run; what a hook has kept may be.

    >>> layer = nn.Linear(2, 1)
    >>> layer.doubled = 2 * layer.weight
    >>> plain_for_computed([layer])[id(layer.doubled)].requires_grad
    False
    """
    tensors = (held for held in _held(modules) if isinstance(held, Tensor))
    return {id(t): t.data.clone() for t in tensors if _is_computed(t)}


def _is_computed(tensor: Tensor) -> bool:
    try:
        return tensor.grad_fn is not None
    except RuntimeError:  # torch does not say it of a part of a stack that an optimizer has moved since
        return True


def refers_to_itself(module: nn.Module) -> bool:
    """Tell whether a function in a module, such as a hook, refers to the module, as its copy would still do.

    >>> layer = nn.Linear(2, 1)
    >>> layer.forward = lambda inputs: inputs @ layer.weight.T
    >>> refers_to_itself(layer), refers_to_itself(nn.Linear(2, 1))
    (True, False)
    """
    parts = {id(part) for part in (*module.modules(), *module.parameters(), *module.buffers())}
    functions = (held for held in _held([module]) if isinstance(held, FunctionType))
    named = (getclosurevars(f) for f in functions)
    return any(id(value) in parts for n in named for value in (*n.nonlocals.values(), *n.globals.values()))


def _held(modules: Iterable[nn.Module]) -> Iterator[Any]:
    """Yield whatever modules hold: tensors, functions, and what is in containers and objects."""
    seen: set[int] = set()
    waiting: list[Any] = [vars(layer) for module in modules for layer in module.modules()]
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, type | ModuleType):
            continue
        seen.add(id(value))
        yield value
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple | set | frozenset):
            waiting += value
        elif isinstance(value, MethodType):
            waiting.append(value.__self__)
        elif isinstance(value, partial):
            waiting += (value.func, *value.args, *value.keywords.values())
        elif not isinstance(value, FunctionType | Tensor):
            waiting += getattr(value, "__dict__", {}).values()


def renew_weights(module: nn.Module) -> None:
    """Compute anew, from its parameters, the weights that torch's pruning and norms derive in a module.

    >>> from torch.nn.utils import prune
    >>> layer = prune.identity(nn.Linear(2, 1), "weight")
    >>> _ = layer.weight_orig.data.fill_(3.0)
    >>> renew_weights(layer)
    >>> layer.weight.tolist()
    [[3.0, 3.0]]
    """
    with torch.no_grad(), evaluating(module):
        for layer in module.modules():
            for hook in layer._forward_pre_hooks.values():
                if type(hook).__module__.startswith("torch.nn.utils."):
                    hook(layer, ())
