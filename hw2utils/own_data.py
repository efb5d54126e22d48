"""Paired seeds that draw their own data: small images, false labels, and training on one set a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from hw2utils._arguments import check_drop_last, check_factory, check_fit, check_splits
from hw2utils._checks import check_whole
from hw2utils.datasets import Split
from hw2utils.history import History
from hw2utils.independence import OptimizerFactory
from hw2utils.modes import evaluating
from hw2utils.replicates import Replicates, check_seeds, generator
from hw2utils.steps import Batch, classification_step, run_step
from hw2utils.training import Fit, _epoch, _improvement, _means, make_optimizer


def shrunk(split: Split) -> Split:
    """Make one number of every two by two pixels: images (N, 1, 28, 28) to features (N, 196).

    >>> shrunk(Split(torch.zeros(3, 1, 28, 28), torch.zeros(3))).inputs.shape
    torch.Size([3, 196])
    """
    return Split(avg_pool2d(split.inputs, 2).flatten(1), split.labels)


def falsified(split: Split, share: float, seed: int, stream: str) -> tuple[Split, Tensor]:
    """Move a share of the labels, of ten classes, to another class; tell which, a bool for each, (N,).

    A seed and the name of a stream always change the same examples.

    >>> split, changed = falsified(Split(torch.zeros(8, 2), torch.zeros(8).long()), 0.5, 0, "labels")
    >>> bool(((split.labels != 0) == changed).all())
    True
    """
    draw = generator(seed, stream)
    changed = torch.rand(len(split), generator=draw) < share  # (N,)
    shift = torch.randint(1, 10, (len(split),), generator=draw)  # (N,), never 0
    return Split(split.inputs, torch.where(changed, (split.labels + shift) % 10, split.labels)), changed


def fit_own_data(
    model: Callable[[], nn.Module],
    train: Sequence[Split],
    *,
    seeds: Sequence[int],
    optimizer: OptimizerFactory,
    epochs: int,
    batch_size: int,
    evaluate_on: Mapping[str, Sequence[Split] | Split],
    val_per_epoch: int = 1,
) -> Fit:
    """Train one replicate for each seed as :func:`~hw2utils.training.fit` does, on a training set of its own.

    ``train`` holds one split for each seed, all of one size; ``evaluate_on`` holds such splits, or one for
    all seeds. An incomplete last batch is left out. A seed gets what ``fit`` would give it alone.

    Raises ValueError for bad seeds, sets of different sizes, or what ``fit`` refuses.

    >>> from functools import partial
    >>> sets = [Split(torch.randn(8, 3), torch.arange(8) % 2) for _ in range(2)]
    >>> run = fit_own_data(lambda: nn.Linear(3, 2), sets, seeds=[0, 1], epochs=2, batch_size=4,
    ...                    optimizer=partial(torch.optim.SGD, lr=0.1), evaluate_on={"seen": sets})
    >>> run.history["seen_acc"].shape
    (2, 2)
    """
    seeds = check_seeds(seeds)
    for name, value in {"epochs": epochs, "batch_size": batch_size, "val_per_epoch": val_per_epoch}.items():
        check_whole(name, value, 1, remedy=f"for example {name}=1")
    check_factory(optimizer)
    owned = {"train": _of_each("train", train, len(seeds))}
    owned |= {name: _of_each(name, splits, len(seeds)) for name, splits in evaluate_on.items()}
    size = len(owned["train"][0])
    check_drop_last(True, batch_size, size)
    replicates = Replicates(model, seeds)
    firsts = {name: splits[0] for name, splits in owned.items()}
    check_splits(firsts.pop("train"), firsts)
    firsts = {name: splits[0] for name, splits in owned.items()}
    check_fit(replicates.template, classification_step, firsts, torch.device("cpu"))
    improve = _improvement(classification_step, replicates, make_optimizer(optimizer, replicates))
    pool = Split(
        torch.cat([split.inputs for split in owned["train"]]),
        torch.cat([split.labels for split in owned["train"]]),
    )  # (R · N, …)
    starts = size * torch.arange(len(seeds)).unsqueeze(1)  # (R, 1)
    orders = [generator(seed, "order") for seed in seeds]
    watched = {name: _stacked(owned[name]) for name in evaluate_on}

    recorded: list[int] = []
    columns: dict[str, list[list[float]]] = {}
    for epoch in range(1, epochs + 1):
        order = torch.stack([torch.randperm(size, generator=draw) for draw in orders]) + starts  # (R, N)
        replicates.train()
        seen = _epoch(improve, pool, order[:, : size - size % batch_size], batch_size, None, [])
        if epoch % val_per_epoch == 0 or epoch == epochs:
            recorded.append(epoch)
            row = {f"train_{name}": values for name, values in _means(seen).items()}
            for split, batch in watched.items():
                with evaluating(replicates), torch.no_grad():
                    metrics = _means(run_step(classification_step, replicates, batch))
                row |= {f"{split}_{name}": values for name, values in metrics.items()}
            for name, values in row.items():
                columns.setdefault(name, []).append(values.tolist())
    return Fit(History(recorded, seeds, columns), replicates)


def answers(fit: Fit, splits: Sequence[Split]) -> Tensor:
    """Give the class that each replicate answers for each example of its own split, (R, N).

    >>> from functools import partial
    >>> sets = [Split(torch.randn(8, 3), torch.arange(8) % 2)]
    >>> run = fit_own_data(lambda: nn.Linear(3, 2), sets, seeds=[0], epochs=1, batch_size=4,
    ...                    optimizer=partial(torch.optim.SGD, lr=0.1), evaluate_on={})
    >>> answers(run, sets).shape
    torch.Size([1, 8])
    """
    with evaluating(fit.replicates), torch.no_grad():
        logits: Tensor = fit.replicates(_stacked(splits).inputs)
        return logits.argmax(-1)


def _of_each(name: str, splits: Sequence[Split] | Split, count: int) -> Sequence[Split]:
    each = [splits] * count if isinstance(splits, Split) else splits
    sizes = sorted({len(split) for split in each})
    if len(each) != count or len(sizes) != 1:
        raise ValueError(
            f"{name}: expected {count} splits of one size, one for each seed, got {len(each)} of the sizes "
            f"{sizes}; draw them with split.subset(size, seed=seed)"
        )
    return each


def _stacked(splits: Sequence[Split]) -> Batch:
    """Put the splits side by side, (R, N, …); one split for all is not copied."""
    first, count = splits[0], len(splits)
    index = torch.arange(len(first)).expand(count, -1)
    if all(split is first for split in splits):
        return Batch(first.inputs.expand(count, *first.inputs.shape), first.labels.expand(count, -1), index)
    inputs, labels = ([getattr(split, name) for split in splits] for name in ("inputs", "labels"))
    return Batch(torch.stack(inputs), torch.stack(labels), index)
