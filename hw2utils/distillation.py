"""Knowledge distillation: soft labels at a temperature, the loss in its conventions, and a training step."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from hw2utils._arguments import check_batch_size, check_model, check_split
from hw2utils._checks import check_classes, check_tensor, is_number
from hw2utils._trial import explaining
from hw2utils.datasets import Split
from hw2utils.modes import evaluating
from hw2utils.replicates import Replicates
from hw2utils.steps import Batch, Forward, Step, classification_step

CONVENTIONS = ("homework", "hinton", "mixture")
"""The names :func:`loss_factors` knows."""

ROWS_AT_ONCE = 20_000
"""Examples times replicates that a teacher runs on at once: a bound on memory, without effect on results."""


def soften(logits: Tensor, temperature: float) -> Tensor:
    """Compute the softmax at a temperature, over the last dimension.

    ``logits`` is (…, classes), any floating dtype; so is the result, whose rows sum to 1. Temperature 1 is
    the ordinary softmax; the higher it is, the closer the probabilities are to each other.

    Raises ValueError for a temperature that is not a finite number above 0, or logits that are not finite.
    Source: Hinton, Vinyals and Dean 2015, arXiv 1503.02531.

    >>> [round(p, 3) for p in soften(torch.tensor([2.0, 0.0]), 2.0).tolist()]
    [0.731, 0.269]
    """
    _check_temperature(temperature)
    _check_logits("logits", logits)
    return (logits / temperature).softmax(-1)


def loss_factors(convention: str, *, alpha: float, temperature: float) -> tuple[float, float]:
    """Give the factors of the hard part and of the soft part of the loss, in that order.

    The hard part is the cross-entropy with the true labels, the soft part the divergence between the
    softmaxes at the temperature t. The loss is the sum of both, each times its factor:

    - ``homework``: α and 1, without t²;
    - ``hinton``: α and t², so that the soft part's gradient keeps its size when t changes;
    - ``mixture``: α and (1 − α)·t², with α from 0 to 1; libraries often write it so.

    Raises ValueError for an unknown convention, a temperature that is not above 0, or an α that is negative
    (or above 1, for the mixture). Source: Hinton, Vinyals and Dean 2015, arXiv 1503.02531, section 2.

    >>> loss_factors("homework", alpha=0.5, temperature=4), loss_factors("mixture", alpha=0.25, temperature=4)
    ((0.5, 1.0), (0.25, 12.0))
    """
    _check_temperature(temperature)
    if convention not in CONVENTIONS:
        raise ValueError(f"convention: expected one of {CONVENTIONS}, got {convention!r}; choose one of them")
    top = 1.0 if convention == "mixture" else math.inf
    if not is_number(alpha) or not 0 <= alpha <= top or alpha == math.inf:
        limits = "from 0 to 1" if convention == "mixture" else "from 0 up"
        raise ValueError(
            f"alpha: expected a finite number {limits} for the convention {convention!r}, got {alpha!r}; "
            "for example alpha=0.5"
        )
    square = float(temperature) ** 2
    soft = {"homework": 1.0, "hinton": square, "mixture": (1 - alpha) * square}[convention]
    return float(alpha), soft


def divergence(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """Compute the Kullback–Leibler divergence from teacher to student at a temperature, for each example.

    This is Σ p·(log p − log q) over the classes, in nats, with p the teacher's and q the student's softmax at
    the temperature. Both logits are (…, classes); the result is (…). Gradients flow into the student alone.
    Its gradient by the student's logits is (q − p) / temperature.

    Raises ValueError for shapes that differ, logits that are not finite, or a temperature not above 0. A
    student that diverged in training is no such error: its values are NaN.

    >>> divergence(torch.zeros(2, 3), torch.zeros(2, 3), 4.0).tolist()
    [0.0, 0.0]
    """
    _check_temperature(temperature)
    _check_logits("teacher_logits", teacher_logits)
    check_tensor("student_logits", student_logits)
    return _divergence(student_logits, teacher_logits, temperature)


def _divergence(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    if student_logits.shape != teacher_logits.shape:
        raise ValueError(
            f"teacher_logits: expected the shape of student_logits, {tuple(student_logits.shape)}, got "
            f"{tuple(teacher_logits.shape)}; run both on the same examples and classes"
        )
    log_p = (teacher_logits.detach() / temperature).log_softmax(-1)  # (…, classes)
    log_q = (student_logits / temperature).log_softmax(-1)  # (…, classes)
    return (log_p.exp() * (log_p - log_q)).sum(-1)  # (…)


def distillation_loss(
    student_logits: Tensor,
    teacher_logits: Tensor,
    labels: Tensor,
    *,
    temperature: float,
    alpha: float,
    convention: str = "homework",
) -> Tensor:
    """Compute the distillation loss of each example, in nats.

    ``student_logits`` and ``teacher_logits`` are (…, classes), ``labels`` (…) of int64; the result is (…).
    :func:`loss_factors` says what the conventions are. Take the mean over examples to train.

    Raises ValueError as :func:`loss_factors` and :func:`divergence` do, and for labels whose shape does not
    fit or that are not classes. Source: Hinton, Vinyals and Dean 2015, arXiv 1503.02531.

    >>> z = torch.zeros(1, 2)
    >>> loss = distillation_loss(z, z, torch.tensor([1]), temperature=4.0, alpha=0.5)
    >>> round(loss.item(), 4)  # half of log 2: student and teacher agree
    0.3466
    """
    hard, soft = loss_factors(convention, alpha=alpha, temperature=temperature)
    apart = divergence(student_logits, teacher_logits, temperature)
    check_tensor("labels", labels)
    if labels.shape != apart.shape:
        raise ValueError(
            f"labels: expected one for each example, shape {tuple(apart.shape)}, got {tuple(labels.shape)}; "
            "pass the classes as int64, not one-hot"
        )
    classes = student_logits.shape[-1]
    check_classes("labels", labels, classes, dimensions=labels.ndim, outputs="the models")
    log_q = student_logits.log_softmax(-1)  # (…, classes)
    return soft * apart - hard * log_q.gather(-1, labels.unsqueeze(-1)).squeeze(-1)


def distillation_step(
    teacher_logits: Tensor, *, temperature: float, alpha: float, convention: str = "homework"
) -> Step:
    """Make the step with which :func:`hw2utils.training.fit` distils a teacher into a student.

    ``teacher_logits`` belong to the examples of the training split, in its order: (N, classes) for one
    teacher of all replicates, or (R, N, classes) for replicate i with teacher i; see
    :func:`teacher_logits`. They are looked up by the positions in the batch, so the teacher runs once and not
    in every epoch; with ``augment`` they stay those of the plain image.

    The positions of another split mean other examples. Evaluation runs without gradients, and there the step
    is :data:`hw2utils.steps.classification_step`: ``val_loss`` is the cross-entropy with the true labels
    and compares with that of a student trained alone. In training the columns are ``loss`` (what is
    minimised), ``acc``, ``hard`` (cross-entropy) and ``soft`` (divergence at the temperature), in nats.

    Raises ValueError as :func:`loss_factors` does, for one teacher's logits that are not finite, or another
    number of dimensions; in ``fit``, before training, for other classes than the student's, and at the first
    batch for logits that do not fit the split or the seeds.

    >>> step = distillation_step(torch.zeros(4, 3), temperature=2.0, alpha=0.5)
    >>> batch = Batch(torch.zeros(1, 2, 3), torch.tensor([[0, 2]]), torch.tensor([[3, 1]]))
    >>> sorted(step(lambda inputs: inputs, batch))
    ['acc', 'hard', 'loss', 'soft']
    """
    hard, soft = loss_factors(convention, alpha=alpha, temperature=temperature)
    _check_logits("teacher_logits", teacher_logits, finite=teacher_logits.ndim < 3)
    if teacher_logits.ndim not in (2, 3):
        raise ValueError(
            "teacher_logits: expected shape (N, classes) or (R, N, classes), got "
            f"{tuple(teacher_logits.shape)}; see hw2utils.distillation.teacher_logits"
        )
    own = teacher_logits.detach()
    return _Distillation(own if own.ndim == 3 else own.unsqueeze(0), temperature, hard, soft)


class _Distillation:
    """What :func:`distillation_step` makes; ``own`` are the teachers' logits, (1 or R, N, classes)."""

    def __init__(self, own: Tensor, temperature: float, hard: float, soft: float) -> None:
        self.own, self.temperature, self.hard, self.soft = own, temperature, hard, soft

    def check(self, name: str, outputs: Tensor, labels: Tensor) -> None:
        """Check that a model's outputs, (n, classes), fit the labels, (N,), and the teacher's classes."""
        classification_step.check(name, outputs, labels)
        if outputs.shape[-1] != self.own.shape[-1]:
            raise ValueError(
                f"teacher_logits: expected as many classes as the student has outputs, {outputs.shape[-1]}, "
                f"got {self.own.shape[-1]}; give student and teacher the same classes"
            )

    def __call__(self, forward: Forward, batch: Batch) -> dict[str, Tensor]:
        """Compute ``loss``, ``acc``, ``hard`` and ``soft`` of each example, shape (R, B)."""
        if not torch.is_grad_enabled():
            return classification_step(forward, batch)
        self.own = self.own.to(batch.index.device)
        replicates, count = len(batch.index), self.own.shape[1]
        if self.own.shape[0] not in (1, replicates) or int(batch.index.max()) >= count:
            raise ValueError(
                f"teacher_logits: expected (N, classes) or ({replicates}, N, classes) with a row for each "
                f"training example, got {tuple(self.own.shape)} and an example at position "
                f"{int(batch.index.max())}; make them with the split and the seeds you train on"
            )
        row = torch.arange(replicates, device=batch.index.device).unsqueeze(1) % self.own.shape[0]  # (R, 1)
        kept: list[Tensor] = []

        def remember(inputs: Tensor) -> Tensor:
            kept.append(forward(inputs))
            return kept[0]

        metrics = classification_step(remember, batch)
        apart = _divergence(kept[0], self.own[row, batch.index], self.temperature)  # (R, B)
        return {
            "loss": self.hard * metrics["loss"] + self.soft * apart,
            "acc": metrics["acc"],
            "hard": metrics["loss"],
            "soft": apart,
        }


def teacher_logits(teacher: nn.Module | Replicates, split: Split, *, batch_size: int | None = None) -> Tensor:
    """Run a teacher over a split, in evaluation mode and without gradients, and keep its logits.

    Returns (N, classes) for a module, (R, N, classes) for replicates. Restores the teacher's mode. Of
    replicates one that diverged keeps its NaN, and so does the student it teaches; the others go on.

    Raises ValueError for anything but a module or replicates, an empty split, one whose inputs are not
    finite and floating-point, a layer that does not fit them, or a single module's logits that are not
    finite.

    >>> teacher_logits(nn.Flatten(), Split(torch.zeros(5, 1, 3), torch.zeros(5).long())).shape
    torch.Size([5, 3])
    """
    check_model("teacher", teacher)
    check_split("split", split)
    check_batch_size(batch_size)
    count = len(teacher) if isinstance(teacher, Replicates) else 1
    with explaining(teacher, split.inputs), evaluating(teacher), torch.no_grad():
        parts = []
        for part in split.inputs.split(batch_size or max(1, ROWS_AT_ONCE // count)):
            if isinstance(teacher, Replicates):
                parts.append(teacher(part.expand(len(teacher), *part.shape)))  # (R, B, classes)
            else:
                parts.append(teacher(part.clone()))  # (B, classes); it may be overwritten
        logits = torch.cat(parts, dim=-2)
    _check_logits("teacher", logits, finite=logits.ndim < 3)
    return logits


def _check_temperature(temperature: float) -> None:
    if not is_number(temperature) or not 0 < temperature < math.inf:
        raise ValueError(
            f"temperature: expected a finite number above 0, got {temperature!r}; 1 is the ordinary softmax, "
            "2 to 8 are usual"
        )


def _check_logits(name: str, logits: Tensor, *, finite: bool = True) -> None:
    check_tensor(name, logits)
    if not logits.is_floating_point() or logits.ndim < 1 or logits.shape[-1] < 2:
        raise ValueError(
            f"{name}: expected floating-point logits of at least two classes, shape (…, classes), got "
            f"{logits.dtype} of shape {tuple(logits.shape)}; pass the model's outputs before the softmax"
        )
    if finite and logits.numel() and not all(bound.isfinite() for bound in logits.aminmax()):
        raise ValueError(
            f"{name}: expected finite logits, got NaN or infinite ones; leave out a model that diverged"
        )
