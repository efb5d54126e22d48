"""Training steps: what is minimised and what is recorded, for each replicate and example."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from hw2utils._checks import check_classes, kind


@dataclass(frozen=True)
class Batch:
    """What a step sees: inputs (R, B, …), labels (R, B), and the examples' positions (R, B)."""

    inputs: Tensor
    labels: Tensor
    index: Tensor


Forward = Callable[[Tensor], Tensor]
Step = Callable[[Forward, Batch], dict[str, Tensor]]


@runtime_checkable
class LogitStep(Protocol):
    """A step whose loss depends on nothing but the logits of one forward pass, and that knows its derivative.

    Training with it spares what autograd costs; everything else calls it as it calls any step.
    """

    def __call__(self, forward: Forward, batch: Batch) -> dict[str, Tensor]:
        """Compute the metrics of each example, as every step does."""

    def differentiate(self, logits: Tensor, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        """Give the metrics, and the derivative of each example's loss by its logits, (R, B, classes)."""


@runtime_checkable
class CheckedStep(Protocol):
    """A step that knows before training whether labels and the model's outputs suit it."""

    def check(self, name: str, outputs: Tensor, labels: Tensor) -> None:
        """Raise ValueError for outputs of a few examples, (n, …), or labels, (N, …), that do not."""


class Classification:
    """The step of classification: cross-entropy and correctness; :data:`classification_step` is one.

    A step gets ``forward``, which maps inputs (R, B, …) to logits (R, B, classes), and a batch. It returns
    one value per replicate and example, shape (R, B), for each metric; ``loss`` (here in nats) is what is
    minimised, the others (here ``acc``, 0 or 1) are only recorded. The same step serves training and
    evaluation.

    Raises ValueError for a label that is not a class, or outputs that are no logits of classes.

    >>> batch = Batch(torch.zeros(1, 2, 3), torch.tensor([[0, 2]]), torch.tensor([[0, 1]]))
    >>> classification_step(lambda inputs: inputs, batch)["acc"].tolist()
    [[1.0, 0.0]]
    """

    def __call__(self, forward: Forward, batch: Batch) -> dict[str, Tensor]:
        """Compute ``loss``, in nats, and ``acc``, 0 or 1, of each example, shape (R, B)."""
        logits = forward(batch.inputs)  # (R, B, classes)
        return self._metrics(logits, logits.log_softmax(-1), batch)

    def differentiate(self, logits: Tensor, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        """Give the metrics and the loss's derivative, softmax(logits) less one at the label, (R, B, classes).

        >>> batch = Batch(torch.zeros(1, 1, 2), torch.tensor([[1]]), torch.tensor([[0]]))
        >>> classification_step.differentiate(torch.zeros(1, 1, 2), batch)[1].tolist()
        [[[0.5, -0.5]]]
        """
        log_q = logits.log_softmax(-1)
        metrics = self._metrics(logits, log_q, batch)
        less = torch.full_like(metrics["loss"], -1).unsqueeze(-1)  # (R, B, 1)
        return metrics, log_q.exp_().scatter_add_(-1, batch.labels.unsqueeze(-1), less)

    def check(self, name: str, outputs: Tensor, labels: Tensor) -> None:
        """Check that a model's outputs, (n, classes), are logits of the classes in labels, (N,).

        Raises ValueError for outputs of another shape, fewer than two of them, or labels that are no classes.

        >>> classification_step.check("labels", torch.zeros(1, 3), torch.tensor([0, 2]))
        """
        _check_logits(outputs)
        check_classes(name, labels, outputs.shape[-1], outputs="the model")

    def _metrics(self, logits: Tensor, log_q: Tensor, batch: Batch) -> dict[str, Tensor]:
        try:
            loss = -log_q.gather(-1, batch.labels.unsqueeze(-1)).squeeze(-1)  # (R, B)
        except RuntimeError:
            _check_logits(logits.flatten(0, 1))
            check_classes("labels", batch.labels, logits.shape[-1], dimensions=2, outputs="the model")
            raise
        return {"loss": loss, "acc": (logits.detach().argmax(-1) == batch.labels).to(logits.dtype)}


classification_step = Classification()
"""The step that :func:`~hw2utils.training.fit` and :func:`~hw2utils.training.evaluate` take by themselves."""


def check_step(step: Any) -> None:
    """Refuse a loss, or anything else that cannot be called, where a step belongs.

    Raises ValueError that says what to write instead.
    """
    torchs = isinstance(step, nn.Module) and type(step).__module__.startswith("torch.")
    loss = torchs or (isinstance(step, type) and issubclass(step, nn.Module))
    if not loss and callable(step) and getattr(step, "__module__", "") != "torch.nn.functional":
        return
    raise no_step(step)


def no_step(step: Any) -> ValueError:
    """Make the error for what is no step, with what to write instead.

    >>> str(no_step(3))[:58]
    'step: expected a function of forward and batch that return'
    """
    got = getattr(step, "__name__", type(step).__name__) if callable(step) else kind(step)
    return ValueError(
        "step: expected a function of forward and batch that returns a dictionary with 'loss', one value per "
        f"replicate and example, got {got}; leave it out for classification by cross-entropy, or write for "
        "example lambda forward, batch: {'loss': (forward(batch.inputs).squeeze(-1) - batch.labels) ** 2}"
    )


def run_step(step: Step, forward: Forward, batch: Batch) -> dict[str, Tensor]:
    """Call a step, and say so where it is a loss, which takes the model or the batch for a tensor.

    Raises ValueError as :func:`no_step` and :func:`check_metrics` do.

    >>> batch = Batch(torch.zeros(1, 2, 3), torch.tensor([[0, 2]]), torch.tensor([[0, 1]]))
    >>> run_step(classification_step, lambda inputs: inputs, batch)["acc"].shape
    torch.Size([1, 2])
    """
    try:
        metrics = step(forward, batch)
    except TypeError as error:
        said = str(error)
        if "must be Tensor, not" in said or ("unsupported operand" in said and "'Batch'" in said):
            raise no_step(step) from error
        raise
    except AttributeError as error:
        if error.obj is forward and hasattr(Tensor, error.name or ""):
            raise no_step(step) from error
        raise
    check_metrics(metrics, batch)
    return metrics


def check_metrics(metrics: Mapping[str, Tensor], batch: Batch) -> None:
    """Check that a step gave a loss, and one value per replicate and example, (R, B), for each metric.

    Raises ValueError that says what to write instead.

    >>> batch = Batch(torch.zeros(1, 2, 3), torch.tensor([[0, 2]]), torch.tensor([[0, 1]]))
    >>> check_metrics({"loss": torch.zeros(1, 2)}, batch)
    """
    expected = tuple(batch.index.shape)
    found = metrics if isinstance(metrics, Mapping) else {}
    shapes = {k: tuple(v.shape) if isinstance(v, Tensor) else kind(v) for k, v in found.items()}
    got = shapes if isinstance(metrics, Mapping) else kind(metrics)
    if "loss" not in shapes or any(shape != expected for shape in shapes.values()):
        raise ValueError(
            "step: expected a dictionary with 'loss' and one value per replicate and example, "
            f"shape {expected}, for each name, got {got}; do not average inside a step (reduction='none')"
        )


def _check_logits(outputs: Tensor) -> None:
    if outputs.ndim != 2:
        raise ValueError(
            "model: expected outputs of shape (N, classes), one logit per class, got "
            f"({', '.join(['N', *map(str, outputs.shape[1:])])}{',' if outputs.ndim == 1 else ''}); "
            "end the model with nn.Flatten() and nn.Linear(..., classes)"
        )
    if outputs.shape[1] < 2:
        raise ValueError(
            f"model: expected at least two outputs, one logit per class, got {outputs.shape[1]}; write "
            "nn.Linear(..., 2) for two classes, or give fit a step of your own for a regression"
        )
