"""Plain gradient descent, recognised, so that training may do it while it computes the gradient."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import torch
from torch import Tensor

from hw2utils.independence import Optimizer, is_untouched

Move = Callable[[Tensor], tuple[float, float] | None]
"""Tells how gradient descent moves a parameter p, as (a, b): p ← a·p − b·gradient; None: not at all."""

FREE_OPTIONS = frozenset({"params", "param_names", "lr", "weight_decay", "foreach", "fused", "dampening"})
"""The options of SGD that leave it plain descent without momentum, whatever they are."""


def plain_descent(optimizer: Optimizer) -> Move | None:
    """Tell how an optimizer moves each parameter, if it is torch's SGD without momentum, else give None.

    What it does is then known: p ← (1 − lr · weight_decay) p − lr · gradient, and training may do it while it
    computes the gradient. The two numbers are read anew at each call, so they may change. An optimizer that
    differs in anything else from a new SGD (an option, a hook, a method put in place of its own) is none of
    these, and neither is any while a hook watches all optimizers.

    >>> weight = torch.ones(1, requires_grad=True)
    >>> plain_descent(torch.optim.SGD([weight], lr=0.5, weight_decay=0.1))(weight)
    (0.95, 0.5)
    >>> plain_descent(torch.optim.SGD([weight], lr=0.5, momentum=0.9)) is None
    True
    """
    if not is_plain(optimizer):
        return None
    sgd = cast(torch.optim.SGD, optimizer)
    groups = {parameter: group for group in sgd.param_groups for parameter in group["params"]}

    def move(parameter: Tensor) -> tuple[float, float] | None:
        group = groups.get(parameter)
        return None if group is None else (1 - group["lr"] * group["weight_decay"], group["lr"])

    return move


def is_plain(optimizer: Optimizer) -> bool:
    """Tell whether an optimizer is, at this moment, one whose moves :func:`plain_descent` gives.

    >>> is_plain(torch.optim.Adam([torch.ones(1)]))
    False
    """
    if type(optimizer) is not torch.optim.SGD or not is_untouched(optimizer):
        return False
    options = _usual_options()
    for group in optimizer.param_groups:
        if not (group.keys() <= options.keys() | FREE_OPTIONS and options.items() <= group.items()):
            return False
        if type(group["lr"]) not in (int, float) or type(group["weight_decay"]) not in (int, float):
            return False
    return True


@cache
def _usual_options() -> dict[str, Any]:
    """Give the options of a new SGD that decide what it does."""
    usual = torch.optim.SGD([torch.zeros(1)])
    return {name: value for name, value in usual.param_groups[0].items() if name not in FREE_OPTIONS}
