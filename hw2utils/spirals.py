"""Two spirals that wind into each other: points of two classes that no simple border separates."""

from __future__ import annotations

import math

import torch

from hw2utils._checks import check_whole
from hw2utils.datasets import Split
from hw2utils.replicates import generator


def two_spirals(size: int, seed: int, stream: str) -> Split:
    """Draw points, (size, 2), and to which of the spirals each belongs; a seed and a stream give the same.

    Each spiral winds 1.35 times around the other, within a square of half side 2; the points are blurred with
    a standard deviation of 0.03.

    Raises ValueError for a size below 1.

    >>> points = two_spirals(50, seed=0, stream="example")
    >>> points.inputs.shape, sorted(set(points.labels.tolist()))
    (torch.Size([50, 2]), [0, 1])
    """
    check_whole("size", size, 1, remedy="for example size=500")
    draw = generator(seed, stream)
    turn = 0.5 + 8.5 * torch.rand(size, generator=draw)  # (size,) radians
    labels = torch.randint(2, (size,), generator=draw)
    angle = turn + math.pi * labels
    points = turn.unsqueeze(1) * torch.stack([angle.cos(), angle.sin()], 1) / 5
    return Split(points + 0.03 * torch.randn(size, 2, generator=draw), labels)
