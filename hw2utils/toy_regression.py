"""The homework's toy regression: five examples, a network of fourteen numbers, many seeds at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from hw2utils._checks import check_tensor, check_whole, is_number, kind
from hw2utils._numbers import check_numbers
from hw2utils.optimizers import Params, Rule
from hw2utils.replicates import check_seeds, generator
from hw2utils.statistics import Interval, proportion_interval

INPUTS = torch.tensor(
    [[0.7, 0.3, 0.7], [0.4, 1.0, 0.4], [0.2, 1.1, 0.1], [0.4, 0.7, 0.2], [0.1, 0.5, 0.3]],
    dtype=torch.float64,
)
"""The five examples, shape (5, 3)."""

Loss = Callable[[Tensor, Tensor], Tensor]


def make_labels(inputs: Tensor) -> Tensor:
    """Compute 0.8·a³ + 0.1·b² + 0.5·c + 4 from the columns a, b, c; inputs (N, 3) to labels (N,).

    Raises ValueError for another shape, or numbers that are not finite.

    >>> [round(label, 4) for label in make_labels(INPUTS).tolist()]
    [4.6334, 4.3512, 4.1774, 4.2002, 4.1758]
    """
    _check_inputs(inputs)
    a, b, c = inputs.unbind(dim=1)
    return 0.8 * a**3 + 0.1 * b**2 + 0.5 * c + 4


def draw_parameters(seeds: Sequence[int], *, dtype: torch.dtype = torch.float64) -> Params:
    """Draw the network of each seed from a standard normal: weights, and one bias number per layer.

    Returns ``hidden`` (R, 3, 3), ``hidden_bias`` (R,), ``output`` (R, 3) and ``output_bias`` (R,) for R
    seeds. A seed's numbers do not depend on which seeds are drawn beside it.

    Raises ValueError for bad seeds.

    >>> {name: tuple(p.shape) for name, p in draw_parameters(range(2)).items()}
    {'hidden': (2, 3, 3), 'hidden_bias': (2,), 'output': (2, 3), 'output_bias': (2,)}
    """
    drawn = torch.stack(
        [
            torch.randn(14, dtype=torch.float64, generator=generator(seed, "initialisation"))
            for seed in check_seeds(seeds)
        ]
    ).to(dtype)  # (R, 14)
    hidden, hidden_bias, output, output_bias = drawn.split([9, 1, 3, 1], dim=1)
    return {
        "hidden": hidden.reshape(-1, 3, 3).clone(),
        "hidden_bias": hidden_bias.squeeze(1).clone(),
        "output": output.clone(),
        "output_bias": output_bias.squeeze(1).clone(),
    }


def predict(params: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
    """Run each seed's network on the inputs: (N, 3) to predictions (R, N).

    Hidden values are max(0, inputs · hidden + hidden_bias), the output is linear.

    Raises ValueError for inputs of another shape, or numbers that are not finite.

    >>> predict(draw_parameters(range(4)), INPUTS).shape
    torch.Size([4, 5])
    """
    _check_inputs(inputs)
    _check_parameters(params)
    hidden = torch.clamp(inputs @ params["hidden"] + params["hidden_bias"][:, None, None], min=0)  # (R, N, 3)
    return (hidden * params["output"][:, None, :]).sum(dim=-1) + params["output_bias"][:, None]  # (R, N)


def squared_error(predictions: Tensor, labels: Tensor) -> Tensor:
    """Average the squared error of each seed: predictions (R, N) and labels (N,) to losses (R,).

    Raises ValueError for other shapes, such as (N, 1) against (N,), which would silently become (N, N).

    >>> squared_error(torch.tensor([[1.0, 2.0]]), torch.tensor([1.0, 4.0])).tolist()
    [2.0]
    """
    _check_pair(predictions, labels)
    return (predictions - labels).square().mean(dim=-1)


def broadcast_squared_error(predictions: Tensor, labels: Tensor) -> Tensor:
    """Average over all pairs of a prediction and a label, as (N, 1) − (N,) does by mistake.

    Predictions (R, N) and labels (N,) to losses (R,). It is what the homework's loss computes: it equals
    the mean squared distance of the predictions from the labels' mean, plus the labels' variance.

    Raises ValueError for other shapes.

    >>> broadcast_squared_error(torch.tensor([[1.0, 4.0]]), torch.tensor([1.0, 4.0])).tolist()
    [4.5]
    """
    _check_pair(predictions, labels)
    return (predictions.unsqueeze(-1) - labels).square().mean(dim=(-2, -1))


@dataclass(frozen=True)
class Descent:
    """What :func:`descend` recorded.

    ``losses`` is (updates + 1, R): row t is the loss after t updates, NaN after a seed has stopped.
    ``steps`` is (R,): updates made until the loss was first below the threshold, or ``limit`` where it never
    was. ``reached`` is (R,), true where it was. ``params`` are those after the last update.
    """

    losses: NDArray[np.float64]
    steps: NDArray[np.int64]
    reached: NDArray[np.bool_]
    limit: int
    params: Params

    @property
    def success(self) -> float:
        """Give the share of seeds that reached the threshold, a fraction."""
        return float(self.reached.mean())


def descend(
    rule: Rule,
    params: Mapping[str, Tensor],
    inputs: Tensor = INPUTS,
    labels: Tensor | None = None,
    *,
    loss: Loss = squared_error,
    threshold: float = 0.1,
    limit: int = 1000,
    stop: bool = True,
    watch: Callable[[int, Params], None] | None = None,
) -> Descent:
    """Update every seed's network until its loss is below the threshold or ``limit`` updates were made.

    ``params`` are stacked over seeds, as :func:`draw_parameters` makes them, and are not changed. ``loss``
    maps predictions (R, N) and labels (N,) to one value per seed. With ``stop=False`` seeds go on after
    they reached the threshold, so that one sees whether they stay. ``watch`` is called with the number of
    updates and the parameters, before the first update and after each.

    A diverged seed is recorded as it is (infinite or NaN loss) and does not disturb the others.

    Raises ValueError for a threshold that is not positive, a limit below 1, or a loss that does not give one
    value per seed; and as the rule and :func:`predict` do.

    >>> from hw2utils.optimizers import sgd
    >>> run = descend(sgd(lr=0.05), draw_parameters(range(3)), limit=500)
    >>> run.losses.shape[1], bool((run.losses[0] > 0.1).all())
    (3, True)
    """
    if not isinstance(rule, Rule):
        name = getattr(rule, "__name__", "sgd")
        raise ValueError(
            f"rule: expected a rule of hw2utils.optimizers with its learning rate, got {kind(rule)}; write "
            f"for example {name if name in ('adam', 'momentum', 'nesterov', 'rmsprop') else 'sgd'}(lr=0.05)"
        )
    _check_parameters(params)
    if not is_number(threshold) or not threshold > 0:
        raise ValueError(f"threshold: expected a positive loss, got {threshold!r}; the homework uses 0.1")
    check_whole("limit", limit, 1, remedy="the homework uses 1000")
    labels = make_labels(inputs) if labels is None else labels
    current = {name: p.detach().clone() for name, p in params.items()}
    state = rule.init(current)
    losses = []
    reached = torch.zeros(len(current["output_bias"]), dtype=torch.bool)
    steps = torch.full(reached.shape, limit)
    with _one_thread():
        for step in range(limit + 1):
            if watch is not None:
                watch(step, current)
            value, grads = _value_and_gradients(current, inputs, labels, loss)
            losses.append(torch.where(reached, torch.nan, value) if stop else value)
            first = ~reached & (value < threshold)
            steps[first] = step
            reached |= first
            if step == limit or (stop and bool(reached.all())):
                break
            moved, state = rule.update(grads, state, current)
            if stop:  # a seed that has stopped keeps its parameters
                moved = {
                    name: torch.where(reached.view(-1, *[1] * (p.dim() - 1)), current[name], p)
                    for name, p in moved.items()
                }
            current = moved
    history = torch.stack(losses).to(torch.float64).numpy()  # (updates + 1, R)
    return Descent(history, steps.numpy(), reached.numpy(), limit, current)


def is_constant(
    params: Mapping[str, Tensor], inputs: Tensor = INPUTS, *, within: float = 1e-9
) -> NDArray[np.bool_]:
    """Tell which seeds' networks give one number for all inputs (N, 3), as one of dead neurons does; (R,).

    ``within`` is the largest spread (largest prediction minus smallest) that counts as none. A diverged
    network (NaN, infinite) gives no number and is not constant.

    Raises ValueError as :func:`predict` does.

    >>> alive = draw_parameters([1])
    >>> bool(is_constant(alive)[0]), bool(is_constant({**alive, "output": torch.zeros(1, 3).double()})[0])
    (False, True)
    """
    predictions = predict(params, inputs)  # (R, N)
    spread = predictions.max(dim=1).values - predictions.min(dim=1).values
    return (spread <= within).numpy()


def first_below(losses: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Count the updates until the loss is first below a threshold; losses (updates + 1, R) to (R,).

    It is infinite where that never happens, so that medians need no number in its place.

    Raises ValueError for losses of another shape, or a threshold that is not positive.

    >>> first_below(np.array([[0.5, 0.5], [0.05, 0.4], [0.2, 0.3], [0.05, 0.2]]), 0.1).tolist()
    [1.0, inf]
    """
    below = _below(losses, threshold)
    return np.where(below.any(axis=0), below.argmax(axis=0), np.inf)


def stays_below(losses: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Count the updates after which the loss is below a threshold to the end; (updates + 1, R) to (R,).

    It is infinite where the last loss is not below. The losses must go on after the first crossing, as
    :func:`descend` records them with ``stop=False``.

    Raises ValueError as :func:`first_below` does.

    >>> stays_below(np.array([[0.5, 0.5], [0.05, 0.4], [0.2, 0.3], [0.05, 0.2]]), 0.1).tolist()
    [3.0, inf]
    """
    below = _below(losses, threshold)
    from_end = np.logical_and.accumulate(below[::-1], axis=0).sum(axis=0)  # how many of the last are below
    return np.where(from_end > 0, len(below) - from_end, np.inf)


def rises(losses: NDArray[np.float64], updates: ArrayLike) -> NDArray[np.bool_]:
    """Tell which seeds' loss rises at least once in the first updates; losses (U + 1, R) to (R,).

    ``updates`` is one number for all seeds or one for each, and may be infinite. A loss that becomes
    infinite or NaN has risen.

    Raises ValueError for losses of another shape, or a number of updates that is negative or NaN.

    >>> losses = np.array([[3.0, 3.0], [1.0, 2.0], [2.0, 1.0]])
    >>> rises(losses, 2).tolist(), rises(losses, 1).tolist()
    ([True, False], [False, False])
    """
    losses = _check_losses(losses)
    before = check_numbers("updates", updates)
    if before.shape not in ((), losses.shape[1:]) or not (before >= 0).all():
        raise ValueError(
            f"updates: expected a number from 0 up, or one for each of {losses.shape[1]} seeds, got "
            f"{kind(updates)} of shape {before.shape}; write for example 10"
        )
    finite = np.nan_to_num(losses, nan=np.inf, posinf=np.inf)
    with np.errstate(invalid="ignore"):  # infinity minus infinity: the loss had risen before
        rising = np.diff(finite, axis=0) > 0  # (U, R)
    counted = rising & (np.arange(1, len(losses))[:, None] <= before)
    return np.asarray(counted.any(axis=0))


def share(seeds: ArrayLike) -> Interval:
    """Estimate the share of seeds for which booleans (R,) are true, a fraction, with Wilson's interval.

    Raises ValueError for anything but booleans, one for each seed.

    >>> print(share(np.array([True, False, True, True])))
    0.75 [0.301, 0.954], n = 4
    """
    flags = np.asarray(seeds)
    if flags.dtype != np.bool_ or flags.ndim != 1 or flags.size == 0:
        raise ValueError(
            f"seeds: expected one boolean for each seed, got {flags.dtype} of shape {flags.shape}; "
            "write for example losses[-1] < 0.1"
        )
    return proportion_interval(int(flags.sum()), flags.size)


def _below(losses: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    if not is_number(threshold) or not threshold > 0:
        raise ValueError(f"threshold: expected a positive loss, got {threshold!r}; the homework uses 0.1")
    return _check_losses(losses) < threshold  # NaN is not below


def _check_losses(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    array = check_numbers("losses", losses)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(
            f"losses: expected (updates + 1, seeds), got shape {array.shape}; write descend(…).losses"
        )
    return array


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch use one thread: for products this small, waiting for others costs many times the work."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _value_and_gradients(params: Params, inputs: Tensor, labels: Tensor, loss: Loss) -> tuple[Tensor, Params]:
    leaves = {name: p.requires_grad_() for name, p in params.items()}
    value = loss(predict(leaves, inputs), labels)  # (R,)
    if value.shape != leaves["output_bias"].shape:
        raise ValueError(
            f"loss: expected one value per seed, shape {tuple(leaves['output_bias'].shape)}, got "
            f"{tuple(value.shape)}; average over the examples only"
        )
    # the sum's gradient is each seed's own, since no seed's loss depends on another's parameters
    found = torch.autograd.grad(value.sum(), list(leaves.values()))
    for p in params.values():
        p.requires_grad_(False)
    return value.detach(), dict(zip(leaves, found, strict=True))


def _check_parameters(params: Mapping[str, Tensor]) -> None:
    names = ("hidden", "hidden_bias", "output", "output_bias")
    if not isinstance(params, Mapping) or not set(names) <= set(params):
        got = list(params) if isinstance(params, Mapping) else kind(params)
        raise ValueError(
            f"params: expected a dictionary with {', '.join(names)}, got {got}; write "
            "draw_parameters(range(10))"
        )


def _check_inputs(inputs: Tensor) -> None:
    check_tensor("inputs", inputs)
    if inputs.dim() != 2 or inputs.shape[1] != 3:
        raise ValueError(f"inputs: expected shape (examples, 3), got {tuple(inputs.shape)}; use INPUTS")
    if not inputs.isfinite().all():
        raise ValueError("inputs: expected finite numbers, got NaN or infinity; clean the data first")


def _check_pair(predictions: Tensor, labels: Tensor) -> None:
    check_tensor("predictions", predictions)
    check_tensor("labels", labels)
    if predictions.dim() != 2 or labels.shape != predictions.shape[1:]:
        raise ValueError(
            f"labels: expected predictions (seeds, N) and labels (N,), got {tuple(predictions.shape)} and "
            f"{tuple(labels.shape)}; other shapes would be broadcast, so squeeze or flatten them"
        )
