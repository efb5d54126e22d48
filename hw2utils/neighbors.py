"""Nearest neighbours by matrix products: one computation of distances serves every k."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from hw2utils._checks import check_tensor, check_whole, is_whole

BLOCK_BYTES = 128 * 2**20  # of scores held at once: fast enough for matrix products, small beside the data
REFINED = 4  # neighbours whose order is decided by differences, where rounding could swap near twins


def nearest(
    train: Tensor, queries: Tensor, count: int, *, exclude_self: bool = False, block: int | None = None
) -> Tensor:
    """Find the nearest training examples of each query by Euclidean distance, the nearest first.

    ``train`` is (N, …) and ``queries`` (Q, …), floating point, in any unit shared by all features; examples
    are flattened. Returns positions in ``train``, int64, shape (Q, count). With ``exclude_self`` the queries
    must be the training examples themselves and none counts as its own neighbour (leave-one-out). ``block``
    queries are compared at once. Among examples equally far away, any may come first.

    The ranking uses ‖q − x‖² − ‖q‖² = ‖x‖² − 2 q·x, one matrix product, after moving the origin to the
    training mean; the first four are then ordered by the differences q − x themselves, so that an example is
    its own nearest neighbour in spite of rounding.

    Raises ValueError for a count below 1 or above the number of examples (one fewer with ``exclude_self``),
    shapes that do not fit, integers, and NaN or infinite values.
    Source: Cover and Hart 1967, doi:10.1109/TIT.1967.1053964.

    >>> train = torch.tensor([[0.0], [1.0], [5.0]])
    >>> nearest(train, torch.tensor([[4.0], [0.4]]), 2).tolist()
    [[2, 1], [0, 1]]
    >>> nearest(train, train, 1, exclude_self=True).flatten().tolist()
    [1, 0, 1]
    """
    _check_examples("train", train)
    _check_examples("queries", queries)
    if train.shape[1:] != queries.shape[1:] or train.dtype != queries.dtype:
        raise ValueError(
            f"queries: expected examples like train's, {tuple(train.shape[1:])} {train.dtype}, got "
            f"{tuple(queries.shape[1:])} {queries.dtype}; prepare both in the same way"
        )
    if exclude_self and not torch.equal(train, queries):
        raise ValueError(
            "exclude_self: expected the training examples themselves as queries, got others; "
            "pass the same tensor twice or leave exclude_self out"
        )
    available = len(train) - exclude_self
    remedy = f"there are {available} training examples: ask for fewer neighbours or give more examples"
    check_whole("count", count, 1, available, remedy=remedy)
    if block is not None:
        check_whole("block", block, 1, remedy="leave it out for a size that fits the memory")
    if block is None:
        block = max(1, BLOCK_BYTES // (len(train) * train.element_size()))
    center = train.flatten(1).mean(dim=0)
    points, asked = train.flatten(1) - center, queries.flatten(1) - center  # (N, F), (Q, F)
    half = points.square().sum(dim=1) / 2  # (N,)
    wanted = min(max(count, REFINED), available)
    found = torch.empty(len(asked), count, dtype=torch.int64, device=train.device)
    for start in range(0, len(asked), block):
        part = asked[start : start + block]
        scores = torch.addmm(half, part, points.T, alpha=-1)  # (block, N)
        if exclude_self:
            rows = torch.arange(len(part), device=train.device)
            scores[rows, start + rows] = torch.inf
        order = scores.topk(wanted, largest=False).indices  # (block, wanted)
        _refine(points, part, order)
        found[start : start + block] = order[:, :count]
    return found


def _refine(points: Tensor, queries: Tensor, order: Tensor) -> None:
    """Order the first few neighbours by differences instead of the rounded scores."""
    first = order[:, :REFINED]
    distances = (queries[:, None] - points[first]).square().sum(dim=2)  # (block, REFINED)
    order[:, :REFINED] = first.gather(1, distances.argsort(dim=1, stable=True))


def vote(labels: Tensor, neighbors: Tensor, ks: Sequence[int], *, classes: int | None = None) -> Tensor:
    """Predict by majority among the k nearest, for every k at once.

    ``labels`` (N,) are the training examples' classes, int64; ``neighbors`` (Q, count) are positions from
    :func:`nearest`, the nearest first. Returns predicted classes, int64, shape (len(ks), Q). A tie goes to
    the lowest class, as in scikit-learn. ``classes`` is their number, by default what the labels show.

    Raises ValueError for a k below 1 or above the neighbours that were found, or labels out of range.

    >>> vote(torch.tensor([0, 1, 1]), torch.tensor([[0, 1, 2]]), [1, 3]).flatten().tolist()
    [0, 1]
    """
    check_tensor("labels", labels)
    check_tensor("neighbors", neighbors)
    if labels.ndim != 1 or labels.is_floating_point() or not len(labels):
        raise ValueError(
            f"labels: expected one whole number per training example, shape (N,), got {tuple(labels.shape)} "
            f"{labels.dtype}; pass class numbers"
        )
    if classes is not None:
        check_whole("classes", classes, 1, remedy="leave it out to count what the labels show")
    number = int(labels.max()) + 1 if classes is None else classes
    if int(labels.min()) < 0 or int(labels.max()) >= number:
        raise ValueError(
            f"labels: expected classes 0 to {number - 1}, got {int(labels.min())} to {int(labels.max())}; "
            "mend the labels or raise classes"
        )
    if neighbors.ndim != 2 or not neighbors.numel() or neighbors.dtype != torch.int64:
        raise ValueError(
            f"neighbors: expected positions of shape (Q, count), got {tuple(neighbors.shape)} "
            f"{neighbors.dtype}; pass what nearest returned"
        )
    if int(neighbors.min()) < 0 or int(neighbors.max()) >= len(labels):
        raise ValueError(
            f"neighbors: expected positions 0 to {len(labels) - 1}, got {int(neighbors.min())} to "
            f"{int(neighbors.max())}; pass the labels of the examples that were searched"
        )
    found = neighbors.shape[1]
    if not isinstance(ks, Sequence) or isinstance(ks, str):
        raise ValueError(f"ks: expected a list of whole numbers, got {ks!r}; for one k write [{ks!r}]")
    bad = [k for k in ks if not is_whole(k) or not 1 <= k <= found]
    if bad or not len(ks):
        raise ValueError(
            f"ks: expected whole numbers from 1 to the {found} neighbours found, got {bad or 'none'}; "
            "ask nearest for more neighbours"
        )
    nearest_labels = labels[neighbors]  # (Q, count)
    counts = labels.new_zeros(len(neighbors), number)
    predictions = labels.new_empty(len(ks), len(neighbors))
    done = 0
    for place in sorted(range(len(ks)), key=lambda i: ks[i]):
        added = nearest_labels[:, done : ks[place]]
        counts.scatter_add_(1, added, torch.ones_like(added))
        done = ks[place]
        predictions[place] = counts.argmax(dim=1)  # the first of equal counts
    return predictions


def _check_examples(name: str, values: Tensor) -> None:
    check_tensor(name, values)
    if values.ndim < 2 or not values.numel():
        raise ValueError(
            f"{name}: expected examples of shape (N, …) with at least one feature, got "
            f"{tuple(values.shape)}; put one example in each row"
        )
    if not values.is_floating_point():
        raise ValueError(
            f"{name}: expected floating point features, got {values.dtype}; convert with .float()"
        )
    if not bool(torch.isfinite(values).all()):
        raise ValueError(
            f"{name}: expected finite features, got NaN or infinite ones; remove or mend those examples"
        )
