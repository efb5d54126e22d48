"""Random changes of training images, drawn for each image anew and computed for a whole batch at once.

An augmentation is a list of steps, as in ``torchvision.transforms.Compose``, given to
:func:`hw2utils.training.fit` as ``augment``. Each step has the meaning, the default settings and the
distribution of the torchvision transform that its docstring names as its source. The difference: torchvision
draws once per call, so that a batch handed to it is changed as one; here every image draws its own.

A step always takes the same number of random draws per image, whatever its settings. Two lists of the same
steps that differ in settings therefore see the same draws, seed by seed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from hw2utils._checks import check_tensor, is_number, kind
from hw2utils.datasets import MEAN, STD

INTERPOLATIONS = ("nearest", "bilinear")
"""How to read a pixel between pixels; the first is the default, as it is for tensors in torchvision."""

MARGIN = 0.01
"""How far pixels may lie outside 0 to 1 before the mean and standard deviation are taken to be wrong."""


@dataclass(frozen=True)
class Rotation:
    """A rotation of each image about its centre, counter-clockwise, by an angle uniform in ±``degrees``.

    ``degrees`` may also be a pair (low, high). What comes from outside the image is black.

    Raises ValueError for a negative number, or a pair that is not ascending and finite.
    Source: ``torchvision.transforms.RandomRotation``.

    >>> Rotation(30).degrees, Rotation((-10, 20)).degrees
    (30, (-10, 20))
    """

    degrees: float | tuple[float, float]

    def __post_init__(self) -> None:
        _around(self.degrees, "degrees", 0.0)

    def matrices(self, generators: Sequence[torch.Generator], count: int, size: tuple[int, int]) -> Tensor:
        """Draw ``count`` maps per generator from new pixel positions to old ones, shape (R, count, 3, 3).

        Positions are (x, y, 1) in pixels from the image's centre, x to the right and y downwards; ``size`` is
        (height, width) in pixels. Float64, on the CPU.

        >>> Rotation((90, 90)).matrices([torch.Generator()], 1, (28, 28))[0, 0, :2, :2].round().abs().tolist()
        [[0.0, 1.0], [1.0, 0.0]]
        """
        (draw,) = _uniform(generators, count, 1)
        return _inverse_similarity(-_between(draw, _around(self.degrees, "degrees", 0.0)))


@dataclass(frozen=True)
class Affine:
    """A rotation, a scaling and a shift of each image, all at random, about its centre.

    The angle is uniform in ±``degrees``, or in a pair (low, high); positive is clockwise. ``translate`` gives
    the largest horizontal and vertical shift as fractions of width and height; shifts are whole pixels, the
    nearest to a uniform draw. The scale is uniform in ``scale``. Black comes from outside the image.

    Raises ValueError for a negative number of degrees, shifts outside 0 to 1, scales that are not positive
    and ascending, or anything not finite.
    Source: ``torchvision.transforms.RandomAffine``.

    >>> Affine(20, translate=(0.1, 0.1), scale=(0.9, 1.1))
    Affine(degrees=20, translate=(0.1, 0.1), scale=(0.9, 1.1))
    """

    degrees: float | tuple[float, float]
    translate: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        _around(self.degrees, "degrees", 0.0)
        if not _is_pair(self.translate) or not all(0 <= fraction <= 1 for fraction in self.translate):
            raise ValueError(
                "translate: expected two fractions from 0 to 1, of the width and of the height, got "
                f"{self.translate!r}; for example translate=(0.1, 0.1)"
            )
        if not _is_pair(self.scale) or not 0 < self.scale[0] <= self.scale[1]:
            raise ValueError(
                "scale: expected two positive factors, the smaller first, got "
                f"{self.scale!r}; for example scale=(0.9, 1.1)"
            )

    def matrices(self, generators: Sequence[torch.Generator], count: int, size: tuple[int, int]) -> Tensor:
        """Draw ``count`` maps per generator from new pixel positions to old ones; see :class:`Rotation`.

        >>> Affine(0, scale=(2, 2)).matrices([torch.Generator()], 1, (28, 28))[0, 0].diagonal().tolist()
        [0.5, 0.5, 1.0]
        """
        angle, x, y, scale = _uniform(generators, count, 4)
        height, width = size
        across, down = self.translate[0] * width, self.translate[1] * height  # pixels
        return _inverse_similarity(
            _between(angle, _around(self.degrees, "degrees", 0.0)),
            _between(x, (-across, across)).round(),
            _between(y, (-down, down)).round(),
            _between(scale, self.scale),
        )


@dataclass(frozen=True)
class Jitter:
    """A change of each image's brightness and contrast by random factors, in random order.

    Brightness multiplies the pixels; contrast multiplies their distance from the image's mean; after each, on
    the scale from 0 to 1, what lies outside is clamped. A factor is uniform in 1 ± the number given, not
    below 0, or in a pair (low, high). Which of the two comes first is a fair coin, which matters only where
    something is clamped.

    Raises ValueError for a negative number, or a pair that is not ascending, finite and from 0 up.
    Source: ``torchvision.transforms.ColorJitter``.

    >>> Jitter(brightness=0.2, contrast=(0.5, 1))
    Jitter(brightness=0.2, contrast=(0.5, 1))
    """

    brightness: float | tuple[float, float] = 0.0
    contrast: float | tuple[float, float] = 0.0

    def __post_init__(self) -> None:
        _around(self.brightness, "brightness", 1.0)
        _around(self.contrast, "contrast", 1.0)

    def change(self, pixels: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """Draw factors and apply them, in place, to pixels (R, B, 1, H, W) on the scale from 0 to 1.

        >>> pixels = torch.full((1, 1, 1, 2, 2), 0.5)
        >>> Jitter(brightness=(0.5, 0.5)).change(pixels, [torch.Generator()]).flatten().tolist()
        [0.25, 0.25, 0.25, 0.25]
        """
        draws = _uniform(generators, pixels.shape[1], 3).to(pixels)[
            ..., None, None, None
        ]  # (3, R, B, 1, 1, 1)
        brightness = _between(draws[0], _around(self.brightness, "brightness", 1.0))
        contrast = _between(draws[1], _around(self.contrast, "contrast", 1.0))
        contrast_first = draws[2] < 0.5
        for is_contrast in (contrast_first, ~contrast_first):
            factor = torch.where(is_contrast, contrast, brightness)
            kept = torch.where(is_contrast, 1 - contrast, 0)  # how much of the mean stays in every pixel
            offset = kept * pixels.mean(dim=(-3, -2, -1), keepdim=True)
            pixels = pixels.mul_(factor).add_(offset).clamp_(0, 1)
        return pixels


@dataclass(frozen=True)
class Noise:
    """Independent Gaussian noise on every pixel, clamped to the scale from 0 to 1.

    ``sigma`` is the noise's standard deviation on that scale.

    Raises ValueError for a negative or not finite ``sigma``.
    Source: ``torchvision.transforms.v2.GaussianNoise``.

    >>> Noise(0.1).sigma
    0.1
    """

    sigma: float = 0.1

    def __post_init__(self) -> None:
        if not _is_number(self.sigma) or self.sigma < 0:
            raise ValueError(
                "sigma: expected a standard deviation from 0 up, for pixels from 0 to 1, got "
                f"{self.sigma!r}; for example sigma=0.1"
            )

    def change(self, pixels: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """Add noise, in place, to pixels (R, B, 1, H, W) on the scale from 0 to 1.

        >>> pixels = torch.full((1, 1, 1, 2, 2), 0.5)
        >>> Noise(0).change(pixels, [torch.Generator()]).flatten().tolist()
        [0.5, 0.5, 0.5, 0.5]
        """
        noise = torch.stack(
            [torch.randn(pixels.shape[1:], generator=g, dtype=pixels.dtype) for g in generators]
        )
        return pixels.add_(noise.to(pixels.device), alpha=self.sigma).clamp_(0, 1)


class Augmentation:
    """A random change of every image of a batch, step after step; made for the ``augment`` of ``fit``.

    Calling it maps normalised images (R, B, 1, H, W) and one CPU generator per replicate to new ones of that
    shape; the argument is left as it was. ``mean`` and ``std`` are those the images were normalised with: the
    steps work on pixels from 0 to 1, and the result is normalised again. Replicate i draws from its own
    generator only, whatever stands beside it.

    Successive geometric steps become one map, so that pixels are looked up once. torchvision looks them up
    after each step. With its default, ``"nearest"``, each look-up misplaces pixels by up to half a pixel in
    either direction, so two are coarser than one; and what one step moves out of the frame is lost there,
    while here a later step can bring it back.

    Raises ValueError when made from bad arguments, and when called with images of another shape or type,
    images not normalised with ``mean`` and ``std``, or generators that do not match.

    >>> augment = Augmentation(*HOMEWORK, Noise(0.05))
    >>> black = torch.full((2, 5, 1, 28, 28), -MEAN / STD)
    >>> augment(black, [torch.Generator().manual_seed(seed) for seed in (0, 1)]).shape
    torch.Size([2, 5, 1, 28, 28])
    """

    def __init__(
        self,
        *steps: Rotation | Affine | Jitter | Noise,
        mean: float = MEAN,
        std: float = STD,
        interpolation: str = "nearest",
    ) -> None:
        for step in steps:
            if not isinstance(step, Rotation | Affine | Jitter | Noise):
                raise ValueError(
                    f"steps: expected Rotation, Affine, Jitter or Noise, got {step!r}; "
                    "for the homework's list write Augmentation(*HOMEWORK)"
                )
        if not _is_number(mean):
            raise ValueError(f"mean: expected a number, got {mean!r}; for Fashion-MNIST mean={MEAN}")
        if not _is_number(std) or std <= 0:
            raise ValueError(f"std: expected a positive number, got {std!r}; for Fashion-MNIST std={STD}")
        if interpolation not in INTERPOLATIONS:
            raise ValueError(
                f"interpolation: expected one of {INTERPOLATIONS}, got {interpolation!r}; "
                f"for torchvision's default write {INTERPOLATIONS[0]!r}"
            )
        self.steps = steps
        self.mean, self.std = mean, std
        self.interpolation = interpolation

    def __repr__(self) -> str:
        settings = f"mean={self.mean}, std={self.std}, interpolation={self.interpolation!r}"
        return f"Augmentation({', '.join([*map(repr, self.steps), settings])})"

    def __call__(self, inputs: Tensor, generators: list[torch.Generator]) -> Tensor:
        """Change normalised images (R, B, 1, H, W), with one CPU generator for each of the R replicates."""
        _check_batch(inputs, generators)
        pixels = (inputs * self.std).add_(self.mean)
        self._check_scale(pixels)
        count, size = pixels.shape[1], (pixels.shape[3], pixels.shape[4])
        matrices: Tensor | None = None  # the geometric steps not yet applied, as one
        for step in self.steps:
            if isinstance(step, Rotation | Affine):
                later = step.matrices(generators, count, size)
                matrices = later if matrices is None else matrices @ later
            else:
                if matrices is not None:
                    pixels, matrices = _look_up(pixels, matrices, self.interpolation), None
                pixels = step.change(pixels, generators)
        if matrices is not None:
            pixels = _look_up(pixels, matrices, self.interpolation)
        return pixels.sub_(self.mean).div_(self.std)

    def _check_scale(self, pixels: Tensor) -> None:
        low, high = (value.item() for value in pixels.aminmax())
        if not (low >= -MARGIN and high <= 1 + MARGIN):
            raise ValueError(
                f"inputs: expected images normalised with mean={self.mean} and std={self.std}, got pixels "
                f"that would reach from {low:.3g} to {high:.3g}, not from 0 to 1; give Augmentation the mean "
                "and std that the images were loaded with, as in fashion_mnist(normalize=(mean, std))"
            )


def _look_up(pixels: Tensor, matrices: Tensor, interpolation: str) -> Tensor:
    """Read images (R, B, 1, H, W) at the positions that matrices (R, B, 3, 3) give for every pixel."""
    height, width = pixels.shape[3:]
    across = torch.arange(width, dtype=torch.float64) - (width - 1) / 2  # (W,) pixels from the centre
    down = torch.arange(height, dtype=torch.float64) - (height - 1) / 2  # (H,)
    unit = torch.tensor([2 / width, 2 / height], dtype=torch.float64)  # grid_sample: the image from -1 to 1
    x, y, shift = (matrices.flatten(0, 1)[:, :2] * unit[:, None]).to(pixels).unbind(-1)  # (R·B, 2) each
    # The grid as a sum of a row and a column, (R·B, 2, H, W): cheaper than affine_grid's product for each
    # pixel, and rounded alike whatever the batch's size, so that "nearest" never depends on neighbours.
    row = x[..., None] * across.to(pixels) + shift[..., None]  # (R·B, 2, W)
    column = y[..., None] * down.to(pixels)  # (R·B, 2, H)
    grid = (row[:, :, None, :] + column[:, :, :, None]).permute(0, 2, 3, 1)
    moved = nn.functional.grid_sample(
        pixels.flatten(0, 1), grid, mode=interpolation, padding_mode="zeros", align_corners=False
    )
    return moved.view_as(pixels)


def _inverse_similarity(
    degrees: Tensor, x: Tensor | float = 0.0, y: Tensor | float = 0.0, scale: Tensor | float = 1.0
) -> Tensor:
    """Invert "turn clockwise by degrees, scale, then shift by (x, y)": (R, B) each to (R, B, 3, 3)."""
    cosine, sine = degrees.deg2rad().cos() / scale, degrees.deg2rad().sin() / scale
    zero, one = torch.zeros_like(cosine), torch.ones_like(cosine)
    entries = [cosine, sine, -cosine * x - sine * y, -sine, cosine, sine * x - cosine * y, zero, zero, one]
    return torch.stack(entries, dim=-1).unflatten(-1, (3, 3))


def _uniform(generators: Sequence[torch.Generator], count: int, draws: int) -> Tensor:
    """Draw from 0 to 1 for ``count`` images per generator: float64, (draws, R, count)."""
    rows = [torch.rand(count, draws, generator=g, dtype=torch.float64) for g in generators]
    return torch.stack(rows).permute(2, 0, 1)


def _between(draw: Tensor, ends: tuple[float, float]) -> Tensor:
    return ends[0] + (ends[1] - ends[0]) * draw


def _around(value: Any, name: str, centre: float) -> tuple[float, float]:
    """Read a number as ``centre ± number``, and a pair as itself; factors (``centre`` 1) stop at 0."""
    lowest = 0.0 if centre else -math.inf
    if _is_number(value) and value >= 0:
        return max(centre - value, lowest), centre + value
    if _is_pair(value) and lowest <= value[0] <= value[1]:
        return value[0], value[1]
    example = "0.2 or (0.8, 1.2)" if centre else "30 or (-30, 30)"
    floor = " from 0 up" if centre else ""
    raise ValueError(
        f"{name}: expected a number from 0 up, or a pair{floor} with the smaller first, got {value!r}; "
        f"for example {name}={example.replace(' or ', f' or {name}=')}"
    )


def _is_number(value: Any) -> bool:
    return is_number(value) and math.isfinite(value)


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2 and all(map(_is_number, value))


def _check_batch(inputs: Tensor, generators: list[torch.Generator]) -> None:
    check_tensor("inputs", inputs)
    if inputs.dim() != 5 or inputs.shape[2] != 1 or not inputs.numel():
        raise ValueError(
            "inputs: expected images of shape (replicates, batch, 1, height, width), got "
            f"{tuple(inputs.shape)}; for one replicate write images.unsqueeze(0)"
        )
    if not inputs.is_floating_point():
        raise ValueError(
            f"inputs: expected normalised floating-point images, got {inputs.dtype}; load them with "
            "datasets.fashion_mnist(normalize=(mean, std))"
        )
    if isinstance(generators, torch.Generator) or not isinstance(generators, Sequence):
        raise ValueError(
            f"generators: expected a list of {len(inputs)} CPU torch.Generators, one per replicate, got "
            f"{kind(generators)}; write for one replicate [generator]"
        )
    wrong = [g for g in generators if not isinstance(g, torch.Generator) or g.device.type != "cpu"]
    if wrong or len(generators) != len(inputs):
        raise ValueError(
            f"generators: expected {len(inputs)} CPU torch.Generators, one per replicate, got "
            f"{len(generators)}{f', among them {wrong[0]!r}' if wrong else ''}; "
            "make them with replicates.generator(seed, 'augmentation')"
        )


HOMEWORK = (
    Rotation(30),
    Affine(20, translate=(0.1, 0.1), scale=(0.9, 1.1)),
    Jitter(brightness=0.2, contrast=0.2),
)
"""The homework's list, question 5 c. The normalisation that follows it there is in :class:`Augmentation`."""
