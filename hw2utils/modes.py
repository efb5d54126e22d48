"""Training and evaluation mode of a model, for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from torch import nn


class Modal(Protocol):
    """What has layers in training or evaluation mode, as torch's modules and our replicates do."""

    def eval(self) -> Any:
        """Switch to evaluation mode."""

    def modules(self) -> Iterator[nn.Module]:
        """Yield the model's layers, at all depths, and itself."""


@contextmanager
def evaluating(model: Modal) -> Iterator[None]:
    """Put a model into evaluation mode for a while, then each of its layers back into the mode it was in.

    ``model`` is a module or :class:`~hw2utils.replicates.Replicates`. The modes come back after an error too.

    >>> model = nn.Sequential(nn.Dropout(), nn.Dropout().eval())
    >>> with evaluating(model):
    ...     [layer.training for layer in model]
    [False, False]
    >>> [layer.training for layer in model]
    [True, False]
    """
    modes = [(layer, layer.training) for layer in model.modules()]
    try:
        model.eval()
        yield
    finally:
        for layer, mode in modes:
            layer.training = mode
