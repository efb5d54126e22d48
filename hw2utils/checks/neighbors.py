"""The prediction of k nearest neighbours, question 2."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from hw2utils.checks.exercise import Answer, Exercise, Seen, numbers
from hw2utils.neighbors import nearest, vote


def _cloud(count: int, seed: int) -> Tensor:
    """Draw points whose features have different spreads, so that other distances choose other neighbours."""
    draws = torch.Generator().manual_seed(seed)
    return torch.randn(count, 3, generator=draws).double() * torch.tensor([3.0, 1.0, 1.5]).double() + 1


def _probe(answer: Answer) -> Seen:
    train, asked = _cloud(60, 201), _cloud(80, 202)
    pair = (train.sum(dim=1) + torch.sin(3 * train[:, 0]) > 4).long() * 2  # (60,): classes 0 and 2
    three = (train[:, 0] > 1).long() + (train[:, 1] > 1).long()  # (60,): classes 0, 1 and 2
    cases = {
        "own": (train, three, train, 1),
        "one": (train, three, asked, 1),
        "five": (train, pair, asked, 5),
        "fifteen": (train, pair, asked, 15),
        "three": (train, three, _decided(train, three, asked, 7), 7),
        "most": (train, pair, asked, 59),
    }
    return {
        name: numbers(answer(points.clone(), labels.clone(), queries.clone(), k), (len(queries),))
        for name, (points, labels, queries, k) in cases.items()
    }


def _decided(train: Tensor, labels: Tensor, queries: Tensor, k: int) -> Tensor:
    """Pick the queries, (Q, F), whose vote has one winner."""
    votes = torch.nn.functional.one_hot(labels[nearest(train, queries, k)]).sum(dim=1)  # (Q, classes)
    first, second = votes.topk(2, dim=1).values.unbind(1)
    return queries[first > second]


def predict(train: Tensor, labels: Tensor, queries: Tensor, k: int) -> Tensor:
    """Predict classes, (Q,), by the vote of the k nearest of ``train``, (N, F), with ``labels``, (N,).

    >>> points, classes = torch.tensor([[0.0], [1.0], [5.0]]), torch.tensor([0, 0, 1])
    >>> predict(points, classes, torch.tensor([[4.0]]), 1).tolist()
    [1]
    """
    return vote(labels, nearest(train, queries, k), [k])[0]


def _ranked(
    distances: Callable[[Tensor, Tensor], Tensor], *, skip: int = 0, more: int = 0, farthest: bool = False
) -> Answer:
    """Make a prediction with other distances, (Q, N), or other neighbours of them."""

    def answer(train: Tensor, labels: Tensor, queries: Tensor, k: int) -> Tensor:
        order = distances(queries, train).argsort(dim=1, descending=farthest)
        return labels[order[:, skip : k + skip + more]].mode(dim=1).values

    return answer


def _averaged(train: Tensor, labels: Tensor, queries: Tensor, k: int) -> Tensor:
    return labels[nearest(train, queries, k)].double().mean(dim=1).round()


def _weighted(train: Tensor, labels: Tensor, queries: Tensor, k: int) -> Tensor:
    found = nearest(train, queries, k)  # (Q, k)
    weights = 1 / (torch.cdist(queries, train).gather(1, found) + 1e-9)
    votes = torch.zeros(len(queries), 3).double().scatter_add_(1, labels[found], weights)
    return votes.argmax(dim=1)


def _euclidean(queries: Tensor, train: Tensor) -> Tensor:
    return torch.cdist(queries, train)


EXERCISES = (
    Exercise(
        "q2-knn",
        _probe,
        predict,
        {
            "manhattan": _ranked(lambda q, x: torch.cdist(q, x, p=1)),
            "farthest": _ranked(_euclidean, farthest=True),
            "skips-nearest": _ranked(_euclidean, skip=1),
            "one-more": _ranked(_euclidean, more=1),
            "nearest-only": lambda x, y, q, k: y[nearest(x, q, 1)[:, 0]],
            "product": _ranked(lambda q, x: -(q @ x.T)),
            "average": _averaged,
            "median": lambda x, y, q, k: y[nearest(x, q, k)].median(dim=1).values,
            "positions": lambda x, y, q, k: nearest(x, q, k)[:, 0],
            "first-feature": _ranked(lambda q, x: (q[:, None, 0] - x[None, :, 0]).abs()),
            "signed": _ranked(lambda q, x: (q[:, None] - x[None]).sum(dim=2)),
            "weighted": _weighted,
            "last-neighbor": lambda x, y, q, k: y[nearest(x, q, k)[:, -1]],
        },
        public="hw2utils.neighbors.vote",
    ),
)
