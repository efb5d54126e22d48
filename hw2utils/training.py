"""Training over many paired seeds at once, and evaluation."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hw2utils._arguments import (
    check_augment,
    check_batch_size,
    check_device,
    check_drop_last,
    check_factory,
    check_fit,
    check_model,
    check_rate,
    check_split,
    check_splits,
)
from hw2utils._checks import check_whole, kind
from hw2utils._descent import is_plain, plain_descent
from hw2utils._progress import progress_bar
from hw2utils._trial import explaining
from hw2utils.datasets import Split
from hw2utils.history import History
from hw2utils.independence import Optimizer, OptimizerFactory, check_optimizer
from hw2utils.modes import evaluating
from hw2utils.replicates import Replicates, check_seeds, generator
from hw2utils.steps import (
    Batch,
    LogitStep,
    Step,
    check_metrics,
    check_step,
    classification_step,
    run_step,
)

EVALUATION_BATCH = 10_000
"""Examples evaluated at once, over all replicates: large enough for speed, small enough for the memory."""

Augment = Callable[[Tensor, list[torch.Generator]], Tensor]


@dataclass(frozen=True)
class Fit:
    """What :func:`fit` made: the history and the trained replicates."""

    history: History
    replicates: Replicates

    def model(self, seed: int) -> nn.Module:
        """Copy out the model trained with one seed, as an ordinary module in evaluation mode.

        It has whatever trained: hooks, masks, tied weights and parametrisations too; see
        :meth:`~hw2utils.replicates.Replicates.module`.

        Raises ValueError for a seed that was not trained.
        """
        if seed not in self.replicates.seeds:
            raise ValueError(f"seed: expected one of {self.replicates.seeds}, got {seed}; train it first")
        module = self.replicates.module(self.replicates.seeds.index(seed))
        module.eval()
        return module


def fit(
    model: Callable[[], nn.Module],
    train: Split,
    *,
    seeds: Sequence[int],
    optimizer: OptimizerFactory,
    epochs: int,
    step: Step = classification_step,
    evaluate_on: Mapping[str, Split] | None = None,
    batch_size: int = 64,
    drop_last: bool = False,
    val_per_epoch: int = 1,
    augment: Augment | None = None,
    device: str | torch.device = "cpu",
    progress: bool | None = None,
) -> Fit:
    """Train one replicate of a model for each seed, all at once, and record a history.

    Randomness is paired: a seed gives the same initial weights, batch order, dropout and augmentation
    streams in every call, whatever else is trained beside it, so two calls that differ in one argument can
    be compared seed by seed.

    - ``model`` returns a new module, for example ``lambda: nn.Sequential(...)``.
    - ``optimizer`` makes an optimizer from named parameters, for example
      ``functools.partial(torch.optim.SGD, lr=0.01)``. Parameters are stacked over seeds, shape (R, …), and no
      seed may have a part in another's step, which is tried on copies first. So choose parameters by name,
      not by their number of dimensions, and clip gradients with :func:`~hw2utils.clipping.clipped`.
    - ``step`` says what is minimised and recorded; see
      :data:`~hw2utils.steps.classification_step`.
    - ``evaluate_on`` names the splits to evaluate on, in evaluation mode, for example
      ``{"val": data.validation, "test": data.test}``; their columns are ``val_loss``, ``val_acc``, ….
      ``train_loss`` and ``train_acc`` are means over the epoch as it was trained: weights moving,
      dropout and augmentation active.
    - ``drop_last`` leaves out, in each epoch, the examples that do not fill a last batch, as torch's loaders
      do. Otherwise they make a step as large as any other from fewer examples, just before the evaluation:
      50,000 examples in batches of 64 end every epoch with a step on 16.
    - ``val_per_epoch`` records a row every so many epochs; the last epoch always has one.
    - ``augment`` maps inputs (R, B, …) and one generator per replicate to new inputs of that shape.
    - ``progress`` shows a bar; None shows it in a notebook and in a terminal, unless the environment sets
      ``TQDM_DISABLE``.

    All averages weigh the examples trained on, so a short last batch counts for what it holds.

    Before any training a copy of the model runs on two examples, to say which layer does not fit.

    Raises ValueError for a bad argument before any training, and for a bad step at the first batch. Warns of
    pixels from 0 to 255, of a softmax before a loss that has its own, and of seeds that diverged. Those are
    recorded as they are (NaN or infinite), do not disturb the others, and
    :meth:`~hw2utils.history.History.diverged` tells which they are and since when.

    >>> from functools import partial
    >>> toy = Split(torch.randn(32, 4, generator=torch.Generator().manual_seed(0)), torch.arange(32) % 2)
    >>> result = fit(lambda: nn.Sequential(nn.Linear(4, 2)), toy, seeds=range(3), epochs=2,
    ...              optimizer=partial(torch.optim.SGD, lr=0.1), evaluate_on={"val": toy})
    >>> result.history
    History(2 epochs, 3 seeds, train_loss, train_acc, val_loss, val_acc)
    """
    seeds = check_seeds(seeds)
    for name, value in {"epochs": epochs, "batch_size": batch_size, "val_per_epoch": val_per_epoch}.items():
        check_whole(name, value, 1, remedy=f"for example {name}=1")
    splits = check_splits(train, evaluate_on)
    check_drop_last(drop_last, batch_size, len(train))
    check_step(step)
    check_augment(augment)
    check_factory(optimizer)
    device = check_device(device)

    replicates = Replicates(model, seeds).to(device)
    check_fit(replicates.template, step, {"train": train, **splits}, device)
    improve = _improvement(step, replicates, make_optimizer(optimizer, replicates))
    train = train.to(device)
    splits = {name: split.to(device) for name, split in splits.items()}
    used = len(train) - len(train) % batch_size * drop_last
    orders = [generator(seed, "order") for seed in seeds]
    changes = [generator(seed, "augmentation") for seed in seeds]

    recorded: list[int] = []
    columns: dict[str, list[list[float]]] = {}
    with progress_bar(epochs, "epoch", progress) as bar:
        for epoch in range(1, epochs + 1):
            order = torch.stack([torch.randperm(len(train), generator=g) for g in orders])  # (R, N)
            replicates.train()
            seen = _epoch(improve, train, order[:, :used].to(device), batch_size, augment, changes)
            if epoch % val_per_epoch == 0 or epoch == epochs:
                recorded.append(epoch)
                row = {f"train_{k}": v for k, v in _means(seen).items()}
                for name, split in splits.items():
                    row |= {f"{name}_{k}": v for k, v in evaluate(replicates, split, step=step).items()}
                for name, values in row.items():
                    columns.setdefault(name, []).append(values.tolist())
                bar.set_postfix({k: f"{v.mean().item():.3f}" for k, v in row.items()})
            bar.update()
    history = History(recorded, seeds, columns)
    _warn_of_divergence(history.diverged(), len(seeds))
    return Fit(history, replicates)


def _warn_of_divergence(diverged: Mapping[int, int], count: int) -> None:
    if not diverged:
        return
    listed = [f"seed {seed} by epoch {epoch}" for seed, epoch in diverged.items()]
    more = f" and {len(listed) - 5} others" if len(listed) > 5 else ""
    warnings.warn(
        f"fit: {len(diverged)} of {count} seeds diverged, their losses are NaN or infinite from then on: "
        f"{', '.join(listed[:5])}{more}. They stay in the history, whose diverged() names them. Take a "
        "smaller learning rate, or clip gradients with hw2utils.clipping. If it is meant so, silence this "
        "with warnings.filterwarnings('ignore', message='fit: .* diverged')",
        stacklevel=3,
    )


def _epoch(
    improve: Callable[[Batch], dict[str, Tensor]],
    train: Split,
    order: Tensor,
    batch_size: int,
    augment: Augment | None,
    changes: list[torch.Generator],
) -> dict[str, Tensor]:
    """Improve batch by batch, in an order (R, U) of examples; give the metrics of all of them, (R, U) each.

    ``changes`` are the generators of the augmentation.
    """
    seen: dict[str, Tensor] = {}
    labels = _rows(train.labels, order)  # (R, U)
    done = 0
    for index, targets in zip(order.split(batch_size, 1), labels.split(batch_size, 1), strict=True):  # (R, B)
        inputs = _rows(train.inputs, index)  # (R, B, …)
        if augment is not None:
            inputs = _augmented(augment, inputs, changes)
        _collect(seen, improve(Batch(inputs, targets, index)), done, order.shape[1])
        done += index.shape[1]
    return seen


def evaluate(
    model: nn.Module | Replicates,
    split: Split,
    *,
    step: Step = classification_step,
    batch_size: int | None = None,
) -> dict[str, Tensor]:
    """Average a step's metrics over a split, in evaluation mode, without gradients.

    The mode the model was in is restored. Returns each metric as a float64 tensor, shape (R,) for
    replicates and (1,) for a single module: means over examples, so accuracies are fractions.

    Raises ValueError for anything but a module or replicates, an empty split, one whose inputs are not
    floating point, or a layer that does not fit them.

    >>> toy = Split(torch.eye(2), torch.tensor([0, 1]))
    >>> model = nn.Identity()
    >>> evaluate(model, toy)["acc"].tolist(), model.training
    ([1.0], True)
    """
    check_split("split", split)
    check_model("model", model)
    check_step(step)
    check_batch_size(batch_size)
    if isinstance(model, Replicates):
        count, forward = len(model), model.__call__
    else:
        count, owner = 1, model

        def forward(inputs: Tensor) -> Tensor:
            return owner(inputs[0].clone()).unsqueeze(0)  # a module may overwrite what it is given

    batch_size = batch_size or max(1, EVALUATION_BATCH // count)
    seen: dict[str, Tensor] = {}
    with explaining(model, split.inputs), evaluating(model), torch.no_grad():
        for start in range(0, len(split), batch_size):
            part = split[start : start + batch_size]
            index = torch.arange(start, start + len(part), device=part.labels.device)
            batch = Batch(*(t.expand(count, *t.shape) for t in (part.inputs, part.labels, index)))
            metrics = run_step(step, forward, batch)
            _collect(seen, metrics, start, len(split))
    return _means(seen)


def make_optimizer(factory: OptimizerFactory, replicates: Replicates) -> Optimizer:
    """Make the optimizer of stacked parameters, and refuse one that would mix replicates.

    The factory is first tried on copies, see :func:`~hw2utils.independence.check_optimizer`, which says what
    is refused with a ValueError, as is a learning rate left to torch; what it makes last is what trains.

    >>> from functools import partial
    >>> r = Replicates(lambda: nn.Linear(2, 1), [0])
    >>> type(make_optimizer(partial(torch.optim.SGD, lr=0.1), r)).__name__
    'SGD'
    """
    check_factory(factory)
    check_optimizer(factory, dict(replicates.named_parameters()))
    check_rate(factory)
    return factory(replicates.named_parameters())


def _augmented(augment: Augment, inputs: Tensor, generators: list[torch.Generator]) -> Tensor:
    changed = augment(inputs, generators)
    if not isinstance(changed, Tensor) or changed.shape != inputs.shape:
        raise ValueError(
            f"augment: expected new inputs of the shape given, {tuple(inputs.shape)}, got {kind(changed)}; "
            "return one changed input for each"
        )
    return changed


def _improvement(
    step: Step, replicates: Replicates, optimizer: Optimizer
) -> Callable[[Batch], dict[str, Tensor]]:
    """Give what runs a batch, takes a step on each replicate's mean loss, and returns the metrics."""

    def update() -> None:
        optimizer.step()
        replicates.zero_grad()

    if isinstance(step, LogitStep) and not replicates.hooked:
        closed: LogitStep = step
        plain = plain_descent(optimizer)

        def in_closed_form(batch: Batch) -> dict[str, Tensor]:
            descent = plain if is_plain(optimizer) else None
            logits, backward = replicates.trace(batch.inputs)
            metrics, gradient = closed.differentiate(logits, batch)
            check_metrics(metrics, batch)
            backward(gradient.mul_(1 / batch.index.shape[1]), descent)
            if descent is None:
                update()
            return metrics

        return in_closed_form

    def by_autograd(batch: Batch) -> dict[str, Tensor]:
        metrics = run_step(step, replicates, batch)
        loss = metrics["loss"]
        if not loss.requires_grad:
            raise ValueError(
                "step: expected a loss with a gradient, got one that no trainable parameter leads to; "
                "compute it from forward(batch.inputs) without argmax or detach, and freeze fewer layers"
            )
        loss.backward(torch.full_like(loss, 1 / loss.shape[1]))
        update()
        return metrics

    return by_autograd


def _rows(values: Tensor, index: Tensor) -> Tensor:
    return values.index_select(0, index.flatten()).view(*index.shape, *values.shape[1:])  # (R, B, …)


def _collect(seen: dict[str, Tensor], metrics: Mapping[str, Tensor], start: int, total: int) -> None:
    """Write a batch's metrics, (R, B) each, into tensors (R, total) from a position on.

    They are made once: many small tensors, kept while large ones come and go between them, can leave holes
    in the memory.
    """
    if not start:
        seen |= {name: values.new_empty(len(values), total) for name, values in metrics.items()}
    if seen.keys() != metrics.keys():
        raise ValueError(
            f"step: expected the metrics of the first batch, {list(seen)}, for each batch, got "
            f"{list(metrics)}; return the same names always"
        )
    for name, values in metrics.items():
        seen[name][:, start : start + values.shape[1]] = values.detach()


def _means(seen: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: values.mean(dim=1, dtype=torch.float64) for name, values in seen.items()}
