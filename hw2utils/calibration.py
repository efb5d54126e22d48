"""Calibration: how far a classifier's confidence lies from its accuracy."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hw2utils._checks import check_classes, check_tensor, check_whole


@dataclass(frozen=True)
class Reliability:
    """A reliability curve: per bin of confidence the mean confidence, the accuracy and the count.

    Each is (…, bins), float64; an empty bin has NaN confidence and accuracy.
    """

    confidence: Tensor
    accuracy: Tensor
    count: Tensor


def reliability(probabilities: Tensor, labels: Tensor, *, bins: int = 15) -> Reliability:
    """Sort predictions into equally wide bins of confidence, and average confidence and accuracy in each.

    ``probabilities`` is (…, N, classes), ``labels`` (N,) of int64. Confidence is the highest probability.
    Bin k holds confidences in (k/bins, (k+1)/bins], the first one also 0.

    Raises ValueError for no example, no bin, shapes that do not fit, labels that are not classes, or rows
    that are not probabilities. Source: Guo et al. 2017, arXiv 1706.04599.

    >>> p = torch.tensor([[0.9, 0.1], [0.4, 0.6]])
    >>> reliability(p, torch.tensor([0, 0]), bins=2).accuracy[1].item()
    0.5
    """
    _check(probabilities, labels, bins)
    confidence, predicted = probabilities.double().max(-1)  # (…, N)
    correct = (predicted == labels).double()  # (…, N)
    place = ((confidence * bins).ceil().long() - 1).clamp(0, bins - 1)  # (…, N)
    empty = torch.zeros(*confidence.shape[:-1], bins, dtype=torch.float64, device=confidence.device)
    count = empty.scatter_add(-1, place, torch.ones_like(confidence))  # (…, bins)
    return Reliability(
        confidence=empty.scatter_add(-1, place, confidence) / count,
        accuracy=empty.scatter_add(-1, place, correct) / count,
        count=count,
    )


def expected_calibration_error(probabilities: Tensor, labels: Tensor, *, bins: int = 15) -> Tensor:
    """Average the distance of confidence and accuracy over bins of confidence, weighted by their counts.

    Takes what :func:`reliability` takes; returns a fraction from 0 (calibrated) to 1, shape (…), float64. The
    value depends on the number of bins, and a finite test set makes it too large rather than too small.

    Raises ValueError as :func:`reliability` does.
    Sources: Naeini, Cooper and Hauskrecht 2015, doi 10.1609/aaai.v29i1.9602; Guo et al. 2017,
    arXiv 1706.04599.

    >>> p = torch.tensor([[0.75, 0.25]]).repeat(4, 1)
    >>> expected_calibration_error(p, torch.tensor([0, 0, 0, 1])).item()
    0.0
    """
    curve = reliability(probabilities, labels, bins=bins)
    apart = (curve.confidence - curve.accuracy).abs().nan_to_num(0.0)  # (…, bins)
    return (apart * curve.count).sum(-1) / len(labels)


def _check(probabilities: Tensor, labels: Tensor, bins: int) -> None:
    check_whole("bins", bins, 1, remedy="15 is usual")
    check_tensor("probabilities", probabilities)
    check_tensor("labels", labels)
    if probabilities.ndim < 2 or probabilities.shape[-2] == 0 or not probabilities.is_floating_point():
        raise ValueError(
            "probabilities: expected floating-point rows of shape (…, N, classes) with N ≥ 1, got "
            f"{probabilities.dtype} of shape {tuple(probabilities.shape)}; pass one row per example"
        )
    check_classes("labels", labels, probabilities.shape[-1], outputs="the model")
    if labels.shape != probabilities.shape[-2:-1]:
        raise ValueError(
            f"labels: expected shape ({probabilities.shape[-2]},), got {tuple(labels.shape)}; "
            "pass one class per example"
        )
    sums = probabilities.sum(-1)
    low = probabilities.min()
    if not (low >= 0 and torch.allclose(sums, torch.ones_like(sums), rtol=0, atol=1e-3)):  # NaN fails too
        raise ValueError(
            "probabilities: expected rows from 0 to 1 that sum to 1, got others; "
            "apply a softmax to logits first"
        )
