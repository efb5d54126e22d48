"""The softmax at a temperature and the distillation loss of question 3."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from hw2utils.checks.exercise import Answer, Exercise, Misfit, Seen, described, numbers
from hw2utils.distillation import distillation_loss


def _logits(*shape: int, seed: int = 303) -> Tensor:
    return 2 * torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


# --- softmax --------------------------------------------------------------------------------------


def _probe_softmax(answer: Answer) -> Seen:
    single, batch = _logits(5), _logits(3, 4)
    cases = {
        "plain": (single, 1.0),
        "warm": (single, 4.0),
        "cold": (single, 0.5),
        "batch": (batch, 2.0),
        "large": (torch.tensor([3000.0, 2998.0, -3000.0]).double(), 2.0),
    }
    return {
        name: numbers(answer(logits.clone(), temperature), tuple(logits.shape))
        for name, (logits, temperature) in cases.items()
    }


def softmax(logits: Tensor, temperature: float) -> Tensor:
    """Compute the softmax of logits, (…, classes), over the classes at a temperature.

    >>> softmax(torch.zeros(2), 4.0).tolist()
    [0.5, 0.5]
    """
    return (logits / temperature).softmax(-1)


def _overflowing(logits: Tensor, temperature: float) -> Tensor:
    grown = (logits / temperature).exp()
    return grown / grown.sum(-1, keepdim=True)


_SOFTMAX: dict[str, Callable[[Tensor, float], Tensor]] = {
    "multiplied": lambda z, t: (z * t).softmax(-1),
    "no-temperature": lambda z, t: z.softmax(-1),
    "divided-after": lambda z, t: z.softmax(-1) / t,
    "other-axis": lambda z, t: (z / t).softmax(0),
    "overflows": _overflowing,
    "whole-sum": lambda z, t: (z / t).exp() / (z / t).exp().sum(),
    "logarithm": lambda z, t: (z / t).log_softmax(-1),
    "exponential-only": lambda z, t: (z / t).exp(),
    "squared": lambda z, t: (z / t**2).softmax(-1),
    "sigmoid": lambda z, t: (z / t).sigmoid(),
}


# --- the loss -------------------------------------------------------------------------------------

_T, _ALPHA = 3.0, 0.4


def _probe_loss(answer: Answer) -> Seen:
    labels = torch.tensor([0, 3, 2, 2, 1, 0])
    student, teacher = _logits(6, 4), _logits(6, 4, seed=304)
    found = {
        "agreement": _mean_of(answer(teacher.clone(), teacher.clone(), labels, _T, 0.0)),
        "labels": _mean_of(answer(teacher.clone(), teacher.clone(), labels, _T, 1.0)),
        "soft": _mean_of(answer(student.clone(), teacher.clone(), labels, _T, 0.0)),
        "both": _mean_of(answer(student.clone(), teacher.clone(), labels, _T, _ALPHA)),
        "warmer": _mean_of(answer(student.clone(), teacher.clone(), labels, 8.0, _ALPHA)),
        "balance": _mean_of(answer(student.clone(), teacher.clone(), labels, 1.0, 2.0)),
    }
    seen = {name: numbers(value, ()) for name, value in found.items()}
    own, others = (logits.clone().requires_grad_() for logits in (student, teacher))
    loss = _mean_of(answer(own, others, labels, _T, _ALPHA))
    if not loss.requires_grad:
        raise Misfit("no-gradient")
    steps = torch.autograd.grad(loss, [own, others], allow_unused=True)
    for name, step in zip(("gradient", "teacher"), steps, strict=True):
        seen[name] = numbers(torch.zeros_like(own) if step is None else step, (6, 4))
    return seen


def _mean_of(loss: Any) -> Tensor:
    """Take the mean over examples, where an answer gives one number for each."""
    if loss is None:
        raise Misfit("none")
    if not isinstance(loss, Tensor):
        raise Misfit("no-tensor", got=described(loss))
    if tuple(loss.shape) not in ((), (6,)):
        raise Misfit("shape", got=str(tuple(loss.shape)), expected="() or (6,)")
    return loss.double().mean()


def loss(student: Tensor, teacher: Tensor, labels: Tensor, temperature: float, alpha: float) -> Tensor:
    """Compute the homework's distillation loss, the mean over examples, in nats.

    >>> loss(torch.zeros(1, 2), torch.zeros(1, 2), torch.tensor([1]), 4.0, 0.0).item()
    0.0
    """
    return distillation_loss(student, teacher, labels, temperature=temperature, alpha=alpha).mean()


def _composed(
    s: Tensor,
    t: Tensor,
    y: Tensor,
    temperature: float,
    alpha: float,
    *,
    reduce: Callable[[Tensor], Tensor] = lambda parts: parts.sum(-1).mean(),
    factor: Callable[[float, float], tuple[float, float]] = lambda alpha, t: (alpha, 1.0),
    hard_at: float | None = None,
    teacher_at: float | None = None,
    student_at: float | None = None,
    raw: bool = False,
    turned: bool = False,
    entropy: bool = False,
    attached: bool = False,
) -> Tensor:
    """Compute the loss with one of its parts otherwise."""
    hard, soft = factor(alpha, temperature)
    told = t if attached else t.detach()
    p = (told / (teacher_at or temperature)).softmax(-1)
    log_q = (s / (student_at or temperature)).log_softmax(-1)
    if turned:
        parts = functional.kl_div(p.log(), log_q.exp(), reduction="none")  # (N, classes)
    elif entropy:
        parts = -p * log_q
    else:
        parts = functional.kl_div(log_q.exp() if raw else log_q, p, reduction="none")
    apart = reduce(parts)
    return hard * functional.cross_entropy(s / (hard_at or 1.0), y) + soft * apart


_LOSS: dict[str, Answer] = {
    "square": partial(_composed, factor=lambda alpha, t: (alpha, t * t)),
    "mixture": partial(_composed, factor=lambda alpha, t: (alpha, 1 - alpha)),
    "mixture-square": partial(_composed, factor=lambda alpha, t: (alpha, (1 - alpha) * t * t)),
    "mixture-turned": partial(_composed, factor=lambda alpha, t: (1 - alpha, alpha)),
    "mixture-turned-square": partial(_composed, factor=lambda alpha, t: (1 - alpha, alpha * t * t)),
    "no-alpha": partial(_composed, factor=lambda alpha, t: (1.0, 1.0)),
    "alpha-on-soft": partial(_composed, factor=lambda alpha, t: (1.0, alpha)),
    "mean": partial(_composed, reduce=torch.mean),
    "sum": partial(_composed, reduce=torch.sum),
    "turned": partial(_composed, turned=True),
    "probabilities": partial(_composed, raw=True),
    "cross-entropy": partial(_composed, entropy=True),
    "hard-teacher": partial(_composed, teacher_at=1.0),
    "hard-student": partial(_composed, student_at=1.0),
    "warm-labels": lambda s, t, y, temperature, alpha: _composed(
        s, t, y, temperature, alpha, hard_at=temperature
    ),
    "teacher-learns": partial(_composed, attached=True),
    "no-soft": partial(_composed, factor=lambda alpha, t: (alpha, 0.0)),
}

EXERCISES = (
    Exercise("q3-softmax", _probe_softmax, softmax, _SOFTMAX),
    Exercise("q3-loss", _probe_loss, loss, _LOSS, points=2, public="hw2utils.distillation.distillation_loss"),
)
