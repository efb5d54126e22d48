"""Images of 14 by 14 pixels with flaws, shifts and specks, and the preprocessing that mends each."""

from __future__ import annotations

import torch
from scipy.ndimage import median_filter
from torch import Tensor
from torch.nn.functional import pad

from hw2utils.datasets import Split
from hw2utils.replicates import generator

SIDE = 14
MARGIN = 4
"""Pixels by which a shifted image may lie off the middle, and the empty ground around it."""


def shifted(split: Split, seed: int, stream: str) -> Split:
    """Move each image (N, 196) by up to four pixels each way, on an empty ground of 22 by 22: (N, 484).

    A seed and the name of a stream always give the same moves.

    >>> shifted(Split(torch.zeros(2, 196), torch.zeros(2)), 0, "moves").inputs.shape
    torch.Size([2, 484])
    """
    ground = split.inputs.min().item()
    wide = pad(split.inputs.view(-1, SIDE, SIDE), (MARGIN,) * 4, value=ground)  # (N, 22, 22)
    draw = generator(seed, stream)
    down, right = torch.randint(-MARGIN, MARGIN + 1, (2, len(split)), generator=draw)  # (N,) each
    return Split(_moved(wide, down, right).flatten(1), split.labels)


def centred(split: Split) -> Split:
    """Bring the centre of brightness of each shifted image, (N, 484), to the middle of its ground.

    >>> image = torch.zeros(1, 22, 22)
    >>> image[0, 2, 5] = 1
    >>> found = centred(Split(image.flatten(1), torch.zeros(1))).inputs.view(22, 22)
    >>> [int(place) for place in found.nonzero()[0]]
    [10, 11]
    """
    side = SIDE + 2 * MARGIN
    images = split.inputs.view(-1, side, side)
    ink, places = images - images.min(), torch.arange(float(side))
    total = ink.sum(dim=(1, 2)).clamp(min=1e-6)  # (N,)
    down, right = (
        ((side - 1) / 2 - (ink.sum(dim=other) * places).sum(dim=1) / total).round().long() for other in (2, 1)
    )
    return Split(_moved(images, down, right).flatten(1), split.labels)


def specked(split: Split, seed: int, stream: str, share: float = 0.3) -> Split:
    """Make a share of all pixels black or white, by the flip of a coin.

    >>> grey = Split(torch.tensor([[0.0, 0.5, 0.5, 0.5, 1.0]]), torch.zeros(1))
    >>> set(specked(grey, 0, "specks", share=1.0).inputs.flatten().tolist()) <= {0.0, 1.0}
    True
    """
    draw, shape = generator(seed, stream), split.inputs.shape
    bad = torch.rand(shape, generator=draw) < share
    white = torch.rand(shape, generator=draw) < 0.5
    specks = torch.where(white, split.inputs.max(), split.inputs.min())
    return Split(torch.where(bad, specks, split.inputs), split.labels)


def cleaned(split: Split) -> Split:
    """Put the median of three by three pixels in the place of each, in images (N, 196).

    >>> image = torch.zeros(1, 196)
    >>> image[0, 90] = 1  # one speck
    >>> cleaned(Split(image, torch.zeros(1))).inputs.sum().item()
    0.0
    """
    images = split.inputs.view(-1, SIDE, SIDE).numpy()
    return Split(torch.from_numpy(median_filter(images, size=(1, 3, 3))).flatten(1), split.labels)


def _moved(images: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Move each image, (N, H, W), by its own number of rows and columns; what leaves comes in opposite."""
    steps = zip(images, down.tolist(), right.tolist(), strict=True)
    return torch.stack([torch.roll(image, (y, x), (0, 1)) for image, y, x in steps])
