"""Pruning by size: the smallest weights of each layer at zero, and descent that leaves them there."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import torch

from hw2utils._checks import is_number
from hw2utils.replicates import Replicates


def pruned(replicates: Replicates, share: float) -> Replicates:
    """Copy networks, with a share of the smallest weights of each layer at zero, for each network apart.

    Biases stay. ``share`` is from 0 to 1. Source: Han et al. 2015, arXiv:1506.02626.

    Raises ValueError for another share.

    >>> cut = pruned(Replicates(lambda: torch.nn.Linear(4, 5), [0, 1]), 0.25)
    >>> [int((weights == 0).sum()) for weights in cut.module(1).parameters()]
    [5, 0]
    """
    if not is_number(share) or not 0 <= share <= 1:
        raise ValueError(
            f"share: expected a number from 0 to 1, got {share!r}; 0.5 prunes half of the weights"
        )
    cut = copy.deepcopy(replicates)
    with torch.no_grad():
        for name, weights in cut.named_parameters():  # (R, outputs, inputs)
            if name.endswith("weight"):
                sizes = weights.abs().flatten(1)  # (R, outputs · inputs)
                count = round(share * sizes.shape[1])
                places = sizes.argsort(dim=1)[:, :count]  # (R, count)
                smallest = torch.zeros_like(sizes, dtype=torch.bool).scatter_(1, places, True)
                weights.masked_fill_(smallest.view(weights.shape), 0.0)
    return cut


class Masked(torch.optim.SGD):
    """Descend, but leave at zero the weights (not the biases) that begin at zero.

    For parameters stacked over replicates, as :func:`~hw2utils.training.fit` gives them.

    >>> weights = torch.nn.Parameter(torch.tensor([[[0.0, 1.0]]]))
    >>> weights.grad = torch.ones(1, 1, 2)
    >>> Masked([weights], lr=0.5).step()
    >>> (weights == torch.tensor([0.0, 0.5])).tolist()
    [[[True, True]]]
    """

    def __init__(self, parameters: Iterable[Any], **setting: Any) -> None:
        super().__init__(parameters, **setting)
        stacked = [p for group in self.param_groups for p in group["params"] if p.ndim > 2]
        self.kept = [(p, p.detach() != 0) for p in stacked]  # (R, outputs, inputs) each

    def step(self, closure: Any = None) -> Any:
        """Take a step of SGD, then put what was pruned back to zero."""
        loss = super().step(closure)
        with torch.no_grad():
            for weights, kept in self.kept:
                weights.mul_(kept)
        return loss
