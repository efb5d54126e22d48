"""Training over many paired seeds at once, and evaluation."""

from __future__ import annotations

import functools
import inspect
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, ParamSpec, Protocol, TypeVar, cast, runtime_checkable

import torch
from torch import Tensor, nn

from hw2utils._arguments import (
    check_augment,
    check_device,
    check_factory,
    check_split,
    check_splits,
    check_step,
    no_step,
    optimizer_name,
)
from hw2utils._checks import check_classes, check_whole, kind
from hw2utils._progress import progress_bar
from hw2utils._trial import keeps_whole, makes_probabilities, try_model
from hw2utils.datasets import Split
from hw2utils.dense import Descent
from hw2utils.history import History
from hw2utils.independence import Optimizer, OptimizerFactory, check_optimizer
from hw2utils.modes import evaluating
from hw2utils.replicates import Replicates, check_seeds, generator

EVALUATION_BATCH = 10_000
"""Examples evaluated at once, over all replicates: large enough for speed, small enough for the memory."""
CONTENTS = frozenset({"defaults", "param_groups", "state"})
"""What an optimizer holds for its parameters; the rest of it is the same for all."""
FREE_OPTIONS = frozenset({"params", "param_names", "lr", "weight_decay", "foreach", "fused", "dampening"})
"""The options of SGD that leave it plain descent without momentum, whatever they are."""


@dataclass(frozen=True)
class Batch:
    """Hold what a step sees: inputs (R, B, …), labels (R, B), and the examples' positions (R, B)."""

    inputs: Tensor
    labels: Tensor
    index: Tensor


Forward = Callable[[Tensor], Tensor]
Step = Callable[[Forward, Batch], dict[str, Tensor]]


@runtime_checkable
class LogitStep(Protocol):
    """Be a step whose loss depends on nothing but the logits of one forward pass, and know its derivative.

    Training with it spares what autograd costs; everything else calls it as it calls any step.
    """

    def __call__(self, forward: Forward, batch: Batch) -> dict[str, Tensor]:
        """Compute the metrics of each example, as every step does."""

    def differentiate(self, logits: Tensor, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        """Give the metrics, and the derivative of each example's loss by its logits, (R, B, classes)."""


@runtime_checkable
class CheckedStep(Protocol):
    """Be a step that knows before training whether labels and the model's outputs suit it."""

    def check(self, name: str, outputs: Tensor, labels: Tensor) -> None:
        """Raise ValueError for outputs of a few examples, (n, …), or labels, (N, …), that do not."""


class Classification:
    """Compute the cross-entropy and the correctness of each example; :data:`classification_step` is one.

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
"""The step of classification, which :func:`fit` and :func:`evaluate` take where they are given none."""


@dataclass(frozen=True)
class Fit:
    """Hold what :func:`fit` made: the history and the trained replicates."""

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
    val_per_epoch: int = 1,
    augment: Callable[[Tensor, list[torch.Generator]], Tensor] | None = None,
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
      seed may have a part in another's step, which is tried on copies first. So choose parameters by name
      rather than by their number of dimensions, and clip gradients with
      :func:`~hw2utils.clipping.clipped`.
    - ``step`` says what is minimised and recorded; see :func:`classification_step`.
    - ``evaluate_on`` names the splits to evaluate on, in evaluation mode, for example
      ``{"val": data.validation, "test": data.test}``; their columns are ``val_loss``, ``val_acc``, ….
      ``train_loss`` and ``train_acc`` are means over the epoch as it was trained: weights moving,
      dropout and augmentation active.
    - ``val_per_epoch`` records a row every so many epochs; the last epoch always has one.
    - ``augment`` maps inputs (R, B, …) and one generator per replicate to new inputs of that shape.
    - ``progress`` shows a bar; None shows it in a notebook and in a terminal, unless the environment sets
      ``TQDM_DISABLE``.

    All averages weigh examples, so a short last batch counts for what it holds.

    Before any training a copy of the model runs on two examples, to say which layer does not fit.

    Raises ValueError for a bad argument before any training, and for a bad step at the first batch. Warns of
    pixels from 0 to 255, and of a softmax before a loss that has its own. A diverged seed is recorded as it
    is (NaN or infinite) and does not disturb the others.

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
    check_step(step)
    check_augment(augment)
    check_factory(optimizer)
    device = check_device(device)

    replicates = Replicates(model, seeds).to(device)
    _check_fit(replicates.template, step, {"train": train, **splits}, device)
    update = make_optimizer(optimizer, replicates)
    improve = _improvement(step, replicates, update)
    train = train.to(device)
    splits = {name: split.to(device) for name, split in splits.items()}
    orders = [generator(seed, "order") for seed in seeds]
    augmentations = [generator(seed, "augmentation") for seed in seeds]

    recorded: list[int] = []
    columns: dict[str, list[list[float]]] = {}
    bar = progress_bar(epochs, "epoch", progress)
    with bar:
        for epoch in range(1, epochs + 1):
            order = torch.stack([torch.randperm(len(train), generator=g) for g in orders])  # (R, N)
            seen: dict[str, Tensor] = {}
            replicates.train()
            order = order.to(device)
            labels = _rows(train.labels, order)  # (R, N)
            parts = zip(order.split(batch_size, dim=1), labels.split(batch_size, dim=1), strict=True)
            done = 0
            for index, targets in parts:  # (R, B)
                batch = Batch(_rows(train.inputs, index), targets, index)
                if augment is not None:
                    batch = Batch(_augmented(augment, batch.inputs, augmentations), batch.labels, index)
                _collect(seen, improve(batch), done, len(train))
                done += index.shape[1]
            if epoch % val_per_epoch == 0 or epoch == epochs:
                recorded.append(epoch)
                row = {f"train_{k}": v for k, v in _means(seen).items()}
                for name, split in splits.items():
                    row |= {f"{name}_{k}": v for k, v in evaluate(replicates, split, step=step).items()}
                for name, values in row.items():
                    columns.setdefault(name, []).append(values.tolist())
                bar.set_postfix({k: f"{v.mean().item():.3f}" for k, v in row.items()})
            bar.update()
    return Fit(History(recorded, seeds, columns), replicates)


P = ParamSpec("P")
T = TypeVar("T")


def _explained(function: Callable[P, T]) -> Callable[P, T]:
    """Let a function of a model and a split that fails inside the model say which layer does not fit."""

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except (RuntimeError, TypeError, AttributeError, IndexError):
            given = inspect.signature(function).bind(*args, **kwargs).arguments
            model = given["model"]
            owner = model.template if isinstance(model, Replicates) else model
            try_model(owner, given["split"].inputs[:2])
            raise

    return checked


@_explained
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
    _check_model(model)
    check_step(step)
    if batch_size is not None:
        check_whole("batch_size", batch_size, 1, remedy="leave it out, or write for example batch_size=1000")
    if isinstance(model, Replicates):
        count, forward = len(model), model.__call__
    else:
        count, owner = 1, model

        def forward(inputs: Tensor) -> Tensor:
            return owner(inputs[0].clone()).unsqueeze(0)  # a module may overwrite what it is given

    batch_size = batch_size or max(1, EVALUATION_BATCH // count)
    seen: dict[str, Tensor] = {}
    with evaluating(model), torch.no_grad():
        for start in range(0, len(split), batch_size):
            part = split[start : start + batch_size]
            index = torch.arange(start, start + len(part), device=part.labels.device)
            batch = Batch(*(t.expand(count, *t.shape) for t in (part.inputs, part.labels, index)))
            metrics = _metrics(step, forward, batch)
            _collect(seen, metrics, start, len(split))
    return _means(seen)


def make_optimizer(factory: OptimizerFactory, replicates: Replicates) -> Optimizer:
    """Make the optimizer of stacked parameters, and refuse one that would mix replicates.

    The factory is first tried on copies, see :func:`~hw2utils.independence.check_optimizer`, which says what
    is refused with a ValueError; what it makes last is what trains.

    >>> from functools import partial
    >>> r = Replicates(lambda: nn.Linear(2, 1), [0])
    >>> type(make_optimizer(partial(torch.optim.SGD, lr=0.1), r)).__name__
    'SGD'
    """
    check_factory(factory)
    check_optimizer(
        factory,
        dict(replicates.named_parameters()),
        known=lambda optimizer: plain_descent(optimizer) is not None,
    )
    made = factory(replicates.named_parameters())
    if isinstance(factory, type) and isinstance(made, torch.optim.Optimizer):
        rate, name = made.defaults.get("lr"), type(made).__name__
        raise ValueError(
            "optimizer: expected a function of parameters that says the learning rate, got the class "
            f"{name}, which would take lr={rate}; write "
            f"functools.partial({optimizer_name(type(made))}, lr={rate})"
        )
    return made


def _check_model(model: Any) -> None:
    if isinstance(model, nn.Module | Replicates):
        return
    if isinstance(model, Fit):
        remedy = "pass result.replicates for all seeds, or result.model(seed) for one"
    elif callable(model):
        remedy = "call it first, model()"
    else:
        remedy = "pass result.model(seed) or result.replicates of what fit returned"
    raise ValueError(f"model: expected a torch module or replicates, got {kind(model)}; {remedy}")


def _augmented(
    augment: Callable[[Tensor, list[torch.Generator]], Tensor],
    inputs: Tensor,
    generators: list[torch.Generator],
) -> Tensor:
    changed = augment(inputs, generators)
    if not isinstance(changed, Tensor) or changed.shape != inputs.shape:
        raise ValueError(
            f"augment: expected new inputs of the shape given, {tuple(inputs.shape)}, got {kind(changed)}; "
            "return one changed input for each"
        )
    return changed


def _check_fit(template: nn.Module, step: Any, splits: Mapping[str, Split], device: torch.device) -> None:
    """Try the model on two examples of each split, and check labels where the step knows what it needs."""
    train = splits["train"]
    outputs = try_model(template, train.inputs[:2].to(device))  # two: a model may squeeze a single one away
    alike = (train.inputs.shape[1:], train.inputs.dtype)
    for place, split in splits.items():
        own = outputs
        if (split.inputs.shape[1:], split.inputs.dtype) != alike:
            own = try_model(template, split.inputs[:2].to(device))
        if isinstance(step, CheckedStep):
            name = place if place == "train" else f"evaluate_on[{place!r}]"
            step.check(f"{name}.labels", own, split.labels)
    if _are_pixels(train.inputs) and keeps_whole(template, train.inputs[:2].to(device)):
        warnings.warn(
            "train: its inputs are whole numbers from 0 to 255, as unscaled pixels are; with ordinary "
            "learning rates a network then diverges or learns nothing. Divide them by 255, or normalise them "
            "as datasets.fashion_mnist() does. If they are meant so, silence this with "
            "warnings.filterwarnings('ignore', message='train: its inputs')",
            stacklevel=3,
        )
    squeezed = makes_probabilities(template, outputs) if isinstance(step, CheckedStep) else ""
    if squeezed:
        classes = outputs.shape[-1]
        least = math.log(math.e + classes - 1) - 1
        warnings.warn(
            f"model: its outputs lie between 0 and 1 ({squeezed}), but the loss applies a softmax to them "
            f"once more; with {classes} classes it can then not fall below {least:.2f}. Leave the last layer "
            "out: the model gives logits, and logits.softmax(-1) gives probabilities when you want them",
            stacklevel=3,
        )


def _are_pixels(inputs: Tensor) -> bool:
    """Tell whether inputs look like bytes turned into floats: whole numbers from 0 to 255, some above 20.

    Measured features are hardly ever all whole, so large values alone are no sign.
    """
    for part in (inputs[:10], inputs):  # the first decides for nearly all other data
        low, high = part.aminmax()
        if low < 0 or high > 255 or bool(part.frac().any()):
            return False
    return bool(high > 20)


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
            descent = plain if _is_plain(optimizer) else None
            logits, backward = replicates.trace(batch.inputs)
            metrics, gradient = closed.differentiate(logits, batch)
            _check_metrics(metrics, batch)
            backward(gradient.mul_(1 / batch.index.shape[1]), descent)
            if descent is None:
                update()
            return metrics

        return in_closed_form

    def by_autograd(batch: Batch) -> dict[str, Tensor]:
        metrics = _metrics(step, replicates, batch)
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


def plain_descent(optimizer: Optimizer) -> Descent | None:
    """Tell how an optimizer moves each parameter, if it is torch's SGD without momentum, else give None.

    What it does is then known: p ← (1 − lr · weight_decay) p − lr · gradient, and training may do it while it
    computes the gradient. The two numbers are read anew at each call, so they may change. An optimizer that
    differs in anything else from a new SGD (an option, a hook, a method put in place of its own) is none of
    these, and neither is any while a hook watches all optimizers.

    >>> weight = torch.ones(1, requires_grad=True)
    >>> plain_descent(torch.optim.SGD([weight], lr=0.5, weight_decay=0.1))(weight)
    (0.95, 0.5)
    >>> plain_descent(torch.optim.SGD([weight], lr=0.5, momentum=0.9)) is None
    True
    """
    if not _is_plain(optimizer):
        return None
    sgd = cast(torch.optim.SGD, optimizer)
    groups = {parameter: group for group in sgd.param_groups for parameter in group["params"]}

    def move(parameter: Tensor) -> tuple[float, float] | None:
        group = groups.get(parameter)
        return None if group is None else (1 - group["lr"] * group["weight_decay"], group["lr"])

    return move


def _is_plain(optimizer: Optimizer) -> bool:
    if type(optimizer) is not torch.optim.SGD or any(_hooks_on_all_optimizers()):
        return False
    parts, options = _usual_sgd()
    own = vars(optimizer)
    if len(own) != len(parts) + len(CONTENTS) or not parts.items() <= own.items():
        return False
    for group in optimizer.param_groups:
        if not (group.keys() <= options.keys() | FREE_OPTIONS and options.items() <= group.items()):
            return False
        if type(group["lr"]) not in (int, float) or type(group["weight_decay"]) not in (int, float):
            return False
    return True


@cache
def _usual_sgd() -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the parts of a new SGD, and the options of it that decide what it does."""
    usual = torch.optim.SGD([torch.zeros(1)])
    return (
        {name: value for name, value in vars(usual).items() if name not in CONTENTS},
        {name: value for name, value in usual.param_groups[0].items() if name not in FREE_OPTIONS},
    )


@cache
def _hooks_on_all_optimizers() -> tuple[Any, Any]:
    """Give torch's dictionaries of such hooks; True for one that is not where we know it to be."""
    home = vars(import_module("torch.optim.optimizer"))
    return home.get("_global_optimizer_pre_hooks", True), home.get("_global_optimizer_post_hooks", True)


def _metrics(step: Step, forward: Forward, batch: Batch) -> dict[str, Tensor]:
    """Call a step, and say so where it is a loss, which takes the model or the batch for a tensor."""
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
    _check_metrics(metrics, batch)
    return metrics


def _check_metrics(metrics: Mapping[str, Tensor], batch: Batch) -> None:
    expected = tuple(batch.index.shape)
    found = metrics if isinstance(metrics, Mapping) else {}
    shapes = {k: tuple(v.shape) if isinstance(v, Tensor) else kind(v) for k, v in found.items()}
    got = shapes if isinstance(metrics, Mapping) else kind(metrics)
    if "loss" not in shapes or any(shape != expected for shape in shapes.values()):
        raise ValueError(
            "step: expected a dictionary with 'loss' and one value per replicate and example, "
            f"shape {expected}, for each name, got {got}; do not average inside a step (reduction='none')"
        )


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
