"""Flaws of images and what mends them."""

from __future__ import annotations

import torch

from hw2utils.datasets import Split
from hw2utils.image_quality import centred, cleaned, shifted, specked


def blocks() -> Split:
    """Two images with a bright block in the middle, which is four by four."""
    images = torch.zeros(2, 14, 14)
    images[:, 5:9, 5:9] = 1
    return Split(images.flatten(1), torch.tensor([3, 4]))


def test_shifting_moves_and_centring_brings_back() -> None:
    plain = blocks()
    away = shifted(plain, 5, "moves")
    assert torch.equal(away.inputs.sum(dim=1), plain.inputs.sum(dim=1)), "nothing is lost"
    assert not torch.equal(away.inputs[0], away.inputs[1]), "each has a move of its own"
    assert torch.equal(away.inputs, shifted(plain, 5, "moves").inputs)
    back = centred(away).inputs
    assert torch.equal(back[0], back[1])
    assert torch.equal(away.labels, plain.labels)


def test_specks_are_a_share_and_the_median_removes_most() -> None:
    plain = blocks()
    dirty = specked(plain, 0, "specks", share=0.2)
    wrong = (dirty.inputs != plain.inputs).float().mean()
    assert 0.05 < wrong < 0.16, "about half of those drawn were of that colour already"
    left = (cleaned(dirty).inputs != plain.inputs).float().mean()
    assert left < wrong / 2
