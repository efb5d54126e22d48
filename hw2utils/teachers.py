"""Teachers for distillation: one for each seed, trained to convergence on images of its own, and logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from hw2utils._checks import check_whole
from hw2utils.datasets import Split, stratified_indices
from hw2utils.distillation import ROWS_AT_ONCE
from hw2utils.models import mlp
from hw2utils.modes import evaluating
from hw2utils.replicates import Replicates, check_seeds, generator, stream_seed
from hw2utils.steps import Batch, Forward, Step, classification_step
from hw2utils.training import Fit, fit


@dataclass(frozen=True)
class Draws:
    """Examples of each seed's own: ``inputs`` (R, N, …) and ``labels`` (R, N), replicate i's in row i."""

    inputs: Tensor
    labels: Tensor

    def first(self, size: int) -> Draws:
        """Keep each seed's first ``size`` examples; they are in random order, so this is a smaller draw."""
        check_whole("size", size, 1, self.labels.shape[1], remedy="draw more examples, or keep fewer")
        return Draws(self.inputs[:, :size], self.labels[:, :size])

    def split(self, place: int) -> Split:
        """Give replicate ``place``'s examples as a split, inputs (N, …)."""
        return Split(self.inputs[place], self.labels[place])

    def step(self, step: Step = classification_step) -> Step:
        """Make the step that trains replicate i on its own examples, whatever split ``fit`` was given.

        That split must have as many examples, :meth:`split` of any replicate for instance. Evaluation, which
        runs without gradients, sees the split it is asked for.

        >>> own = draw(Split(torch.eye(4), torch.arange(4) % 2), 2, seeds=[0, 1])
        >>> batch = Batch(torch.zeros(2, 1, 4), torch.zeros(2, 1).long(), torch.tensor([[0], [1]]))
        >>> with torch.enable_grad():
        ...     seen = own.step()(lambda inputs: inputs.requires_grad_(), batch)
        >>> seen["loss"].shape
        torch.Size([2, 1])
        """

        def on_own(forward: Forward, batch: Batch) -> dict[str, Tensor]:
            if torch.is_grad_enabled():
                row = torch.arange(len(batch.index), device=batch.index.device).unsqueeze(1)  # (R, 1)
                batch = Batch(self.inputs[row, batch.index], self.labels[row, batch.index], batch.index)
            return step(forward, batch)

        return on_own

    def logits(self, replicates: Replicates) -> Tensor:
        """Run replicate i on its own examples, in evaluation mode and without gradients: (R, N, classes).

        >>> own = draw(Split(torch.eye(4), torch.arange(4) % 2), 2, seeds=[0, 1])
        >>> own.logits(Replicates(lambda: torch.nn.Linear(4, 2), [0, 1])).shape
        torch.Size([2, 2, 2])
        """
        with evaluating(replicates), torch.no_grad():
            size = max(1, ROWS_AT_ONCE // len(replicates))
            return torch.cat([replicates(part) for part in self.inputs.split(size, dim=1)], dim=1)

    def accuracy(self, replicates: Replicates) -> Tensor:
        """Give the share of its own examples that replicate i gets right in evaluation mode: (R,), float64."""
        return (self.logits(replicates).argmax(-1) == self.labels).double().mean(dim=1)


def draw(pool: Split, size: int, *, seeds: Sequence[int]) -> Draws:
    """Draw ``size`` examples for each seed, stratified by class, in random order; no other seed matters.

    Raises ValueError for bad seeds, or a size that is not a whole number from 1 to the pool's.

    >>> pool = Split(torch.zeros(8, 1, 2), torch.arange(8) % 2)
    >>> draw(pool, 4, seeds=[3, 5, 7]).labels.sum(dim=1).tolist()
    [2, 2, 2]
    """
    check_whole("size", size, 1, len(pool), remedy=f"there are {len(pool)} examples in the pool")
    chosen = []
    for seed in check_seeds(seeds):
        own = stratified_indices(pool.labels, size, seed=stream_seed(seed, "draw"))
        chosen.append(own[torch.randperm(size, generator=generator(seed, "draw order"))])
    index = torch.stack(chosen)  # (R, N)
    return Draws(pool.inputs[index], pool.labels[index])


def train_teachers(own: Draws, *, seeds: Sequence[int], epochs: int = 60, width: int = 256) -> Fit:
    """Train a teacher for each seed on its own images: one hidden layer with dropout, to convergence.

    Dropout is 0.2; SGD with rate 0.01 and momentum 0.9, batches of 64, an incomplete one dropped. With a
    thousand images sixty epochs bring every training image right; with other numbers check it, with
    :meth:`Draws.accuracy`. The history holds every tenth epoch's training loss and accuracy.

    Raises ValueError as :func:`hw2utils.training.fit` does.

    >>> pool = Split(torch.rand(128, 1, 2, 2), torch.arange(128) % 2)
    >>> train_teachers(draw(pool, 64, seeds=[0, 1]), seeds=[0, 1], epochs=1, width=4).history
    History(1 epochs, 2 seeds, train_loss, train_acc)
    """
    sizes = [own.inputs[0, 0].numel(), width, 10]
    return fit(
        lambda: mlp(sizes, dropout=0.2),
        own.split(0),
        seeds=seeds,
        optimizer=partial(torch.optim.SGD, lr=0.01, momentum=0.9),
        epochs=epochs,
        step=own.step(),
        batch_size=64,
        drop_last=True,
        val_per_epoch=10,
    )
