"""Gradient-norm clipping for many seeds at once, each by its own norm."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from hw2utils._arguments import check_factory, check_rate
from hw2utils._checks import is_number
from hw2utils.independence import Optimizer, OptimizerFactory


class Clipped:
    """An optimizer that scales each seed's gradients down to a norm before another one takes its step.

    >>> weight = torch.zeros(2, 2, requires_grad=True)  # two seeds
    >>> optimizer = Clipped(torch.optim.SGD([weight], lr=1.0), [weight], max_norm=1.0, norm_type=2.0)
    >>> weight.grad = torch.tensor([[3.0, 4.0], [0.3, 0.4]])
    >>> optimizer.step()
    >>> [[round(w, 3) for w in row] for row in weight.tolist()]
    [[-0.6, -0.8], [-0.3, -0.4]]
    """

    def __init__(
        self, optimizer: Optimizer, parameters: Iterable[Tensor], *, max_norm: float, norm_type: float
    ) -> None:
        self.optimizer = optimizer
        self.parameters = list(parameters)
        self.max_norm, self.norm_type = max_norm, norm_type

    @property
    def param_groups(self) -> Any:
        """Give those of the other optimizer, where it has some."""
        return self.optimizer.param_groups  # type: ignore[attr-defined]

    def step(self) -> None:
        """Clip, then apply the other optimizer's update."""
        gradients = [p.grad for p in self.parameters if p.grad is not None]  # (R, …) each
        norms = [
            torch.linalg.vector_norm(g.reshape(len(g), -1), self.norm_type, dim=1) for g in gradients
        ]  # (R,)
        if norms:
            norm = torch.linalg.vector_norm(torch.stack(norms), self.norm_type, dim=0)  # (R,)
            # The small number is that of torch.nn.utils.clip_grad_norm_
            factor = (self.max_norm / (norm + 1e-6)).clamp(max=1.0)  # (R,)
            for g in gradients:
                g.mul_(factor.view(-1, *[1] * (g.dim() - 1)))
        self.optimizer.step()


def clipped(factory: OptimizerFactory, *, max_norm: float, norm_type: float = 2.0) -> OptimizerFactory:
    """Make of an optimizer factory one whose optimizers first clip each seed's gradients to a norm.

    The norm is taken over all of a seed's parameters together, as ``torch.nn.utils.clip_grad_norm_`` does for
    one model; other seeds have no part in it, and a diverged one stays alone with its NaN.

    Raises ValueError for a ``max_norm`` or ``norm_type`` that is not above 0, or a ``factory`` that is
    none or leaves the learning rate to torch.
    Source: Pascanu, Mikolov and Bengio 2013, arXiv 1211.5063.

    >>> from functools import partial
    >>> make = clipped(partial(torch.optim.SGD, lr=0.1), max_norm=1.0)
    >>> type(make([("w", torch.zeros(2, 3, requires_grad=True))])).__name__
    'Clipped'
    """
    check_factory(factory, "factory")
    check_rate(factory, "factory")
    for name, value in {"max_norm": max_norm, "norm_type": norm_type}.items():
        if not is_number(value) or not value > 0 or (name == "max_norm" and value == math.inf):
            raise ValueError(f"{name}: expected a number above 0, got {value!r}; for example {name}=1.0")

    def make(named_parameters: Iterable[tuple[str, Tensor]]) -> Clipped:
        named = list(named_parameters)
        return Clipped(factory(named), [p for _, p in named], max_norm=max_norm, norm_type=norm_type)

    return make
