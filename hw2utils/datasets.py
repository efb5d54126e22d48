"""Fashion-MNIST, shipped with the package, as tensors in memory."""

from __future__ import annotations

import gzip
import hashlib
import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from hw2utils._checks import check_tensor, check_whole, is_number
from hw2utils._files import written_whole

MD5 = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}
"""Checksums of the four original files, as published in ``torchvision.datasets.FashionMNIST.resources``."""

DIRECTORY = Path(__file__).parent / "data" / "fashion_mnist"
"""Where the four files live inside the package."""

MEAN, STD = 0.2860, 0.3530
"""Mean and standard deviation of the 60,000 training images' pixels, on the scale from 0 to 1."""

CLASSES = {
    "en": (
        "T-shirt",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    "fa": ("تی‌شرت", "شلوار", "پلیور", "پیراهن زنانه", "کت", "صندل", "پیراهن", "کفش ورزشی", "کیف", "نیم‌بوت"),
}
"""Class names in the order of the labels 0 to 9, in both languages of the book."""


class DataError(RuntimeError):
    """A data file is missing, truncated or altered."""


@dataclass(frozen=True)
class Split:
    """One split of a data set.

    ``inputs`` has shape (N, …) and ``labels`` shape (N,), dtype int64 for classes. A slice or a tensor of
    positions in brackets gives a smaller split; a split is not itself a sequence of pairs.

    Raises ValueError for anything but two tensors with one label per input, TypeError for a loop over the
    split or a single position.

    >>> split = Split(torch.zeros(4, 1, 28, 28), torch.tensor([0, 1, 0, 1]))
    >>> len(split), split[1:3].labels.tolist()
    (4, [1, 0])
    """

    inputs: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        for name, values in (("inputs", self.inputs), ("labels", self.labels)):
            check_tensor(name, values, f"{name} as a torch tensor")
            if not values.ndim:
                raise ValueError(
                    f"{name}: expected a row for each example, got a single number; keep the first "
                    "dimension, for example with split[5:6]"
                )
        if len(self.inputs) != len(self.labels):
            raise ValueError(
                f"labels: expected as many labels as inputs ({len(self.inputs)}), got {len(self.labels)}; "
                "pass one label per input"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> NoReturn:
        raise TypeError(
            "split: expected no loop over it and no unpacking, since a Split is two tensors and not a "
            "sequence of pairs; write inputs, labels = split.inputs, split.labels, or for one example "
            "after the other zip(split.inputs, split.labels)"
        )

    def __getitem__(self, index: Tensor | slice) -> Split:
        if isinstance(index, str | tuple) or index is None:
            raise TypeError(
                f"index: expected a slice or a tensor of positions, got {index!r}; write for example "
                "split[:10], or index split.inputs and split.labels themselves"
            )
        if isinstance(index, bool) or getattr(index, "ndim", None) == 0 or hasattr(index, "bit_length"):
            raise TypeError(
                f"index: expected a slice or a tensor of positions, got {index!r}; write split[[{index}]] "
                f"for a split of one example, or split.inputs[{index}] and split.labels[{index}]"
            )
        return Split(self.inputs[index], self.labels[index])

    def to(self, device: str | torch.device) -> Split:
        """Move both tensors to a device.

        >>> Split(torch.zeros(1, 2), torch.zeros(1)).to("cpu").inputs.device.type
        'cpu'
        """
        return Split(self.inputs.to(device), self.labels.to(device))

    def subset(self, size: int, *, seed: int = 0) -> Split:
        """Draw ``size`` examples without replacement, stratified by label, in their original order.

        Raises ValueError when ``size`` is not a whole number from 1 to the number of examples, or when the
        labels are not classes.

        >>> labels = torch.arange(10).repeat(6)
        >>> Split(torch.zeros(60, 2), labels).subset(20).labels.bincount().tolist()
        [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
        """
        check_whole("size", size, 1, len(self), remedy=_number_of_examples(size, len(self)))
        if size == len(self):
            return self  # indexing would copy all images
        return self[stratified_indices(self.labels, size, seed=seed)]


@dataclass(frozen=True)
class Splits:
    """The training, validation and test splits; ``validation`` is None when none was carved out."""

    train: Split
    validation: Split | None
    test: Split


def fashion_mnist(
    *,
    validation: int = 10_000,
    normalize: tuple[float, float] | None = (MEAN, STD),
    seed: int = 0,
    directory: Path | str | None = None,
) -> Splits:
    """Load Fashion-MNIST from the packaged files.

    The validation split is carved from the 60,000 training images: stratified by class, the same on every
    machine for one ``seed``. Images have shape (N, 1, 28, 28): float32 with ``(pixel / 255 - mean) / std``
    for ``normalize=(mean, std)``, raw uint8 from 0 to 255 for ``normalize=None``. Labels are int64, (N,).

    Raises DataError when a file is missing or is not the original, ValueError for an impossible argument.
    Source: Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747.

    >>> data = fashion_mnist(validation=5_000, normalize=None)
    >>> data.train.inputs.shape, data.validation.inputs.dtype, len(data.test)
    (torch.Size([55000, 1, 28, 28]), torch.uint8, 10000)
    """
    remedy = "at least 10000 must remain for training"
    if isinstance(validation, float) and 0 < validation < 1:
        remedy = f"for that share write validation={round(60_000 * validation)}"
    check_whole("validation", validation, 0, 50_000, remedy=remedy)
    check_whole("seed", seed, 0, remedy="for example seed=0")
    if normalize is not None and not _is_scale(normalize):
        raise ValueError(
            f"normalize: expected (mean, std), two numbers with std > 0, or None for raw pixels, got "
            f"{normalize!r}; use {(MEAN, STD)}"
        )
    folder = DIRECTORY if directory is None else Path(directory)
    images, labels = _read(folder, "train-images-idx3-ubyte.gz"), _read(folder, "train-labels-idx1-ubyte.gz")
    chosen = torch.zeros(len(labels), dtype=torch.bool)
    chosen[stratified_indices(labels, validation, seed=seed)] = True
    test = Split(_read(folder, "t10k-images-idx3-ubyte.gz"), _read(folder, "t10k-labels-idx1-ubyte.gz"))
    train, held_out = (Split(_pixels(images[m], normalize), labels[m]) for m in (~chosen, chosen))
    return Splits(
        train=train,
        validation=held_out if validation else None,
        test=Split(_pixels(test.inputs, normalize), test.labels),
    )


def stratified_indices(labels: Tensor, size: int, *, seed: int = 0) -> Tensor:
    """Choose ``size`` positions whose labels keep the proportions of ``labels`` (N,), in ascending order.

    Classes get their exact share rounded down; what remains goes to the largest remainders, lower labels
    first. Returns int64 of shape (size,).

    Raises ValueError for labels that are not whole numbers from 0 up, one per example, or a size that is not
    a whole number from 0 to their number.

    >>> stratified_indices(torch.tensor([0, 0, 1, 1, 1, 1]), 3).shape
    torch.Size([3])
    """
    check_tensor("labels", labels)
    if labels.ndim != 1 or labels.is_floating_point() or (len(labels) and int(labels.min()) < 0):
        raise ValueError(
            "labels: expected one class number from 0 up per example, shape (N,), to draw the same share of "
            f"each class, got {labels.dtype} of shape {tuple(labels.shape)}; for labels that are no classes "
            "write split[torch.randperm(len(split))[:size]]"
        )
    check_whole("size", size, 0, len(labels), remedy=_number_of_examples(size, len(labels)))
    counts = labels.bincount()
    share = counts.double() * size / len(labels)
    quota = share.floor().long()
    leftover = size - int(quota.sum())
    quota[torch.argsort(quota - share, stable=True)[:leftover]] += 1
    draw = torch.Generator().manual_seed(seed)
    picked = []
    for label, wanted in enumerate(quota.tolist()):
        positions = (labels == label).nonzero().flatten()
        picked.append(positions[torch.randperm(len(positions), generator=draw)[:wanted]])
    return torch.cat(picked).sort().values


def place_raw_files(root: Path | str = "../data") -> Path:
    """Copy the four files to where torchvision and d2l look for them, so that both run without a network.

    Afterwards ``torchvision.datasets.FashionMNIST(root, download=True)`` finds verified archives and
    downloads nothing; d2l's ``load_data_fashion_mnist`` uses the root ``../data``. Files that are already
    right are left alone. Returns the folder ``root/FashionMNIST/raw``. Raises DataError like
    :func:`fashion_mnist`.

    >>> import tempfile
    >>> sorted(p.suffix for p in place_raw_files(tempfile.mkdtemp()).iterdir())
    ['.gz', '.gz', '.gz', '.gz']
    """
    raw = Path(root) / "FashionMNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for name, expected in MD5.items():
        target = raw / name
        if (
            target.exists()
            and hashlib.md5(target.read_bytes(), usedforsecurity=False).hexdigest() == expected
        ):
            continue
        _verified_bytes(DIRECTORY, name)
        with written_whole(target) as draft:
            shutil.copyfile(DIRECTORY / name, draft)
    return raw


def _number_of_examples(size: Any, available: int) -> str:
    """Write what to ask for instead of an impossible number of examples."""
    if isinstance(size, float) and 0 < size < 1:
        return f"for that share write {round(available * size)}"
    return f"there are {available} examples: ask for some of them, or for all"


def _is_scale(normalize: Any) -> bool:
    """Tell whether a value is a mean and a positive standard deviation."""
    pair = isinstance(normalize, tuple | list) and len(normalize) == 2
    return pair and all(is_number(n) and math.isfinite(n) for n in normalize) and normalize[1] > 0


def _verified_bytes(folder: Path, name: str) -> bytes:
    path = folder / name
    remedy = "reinstall hw2utils, or restore the file with `git checkout -- hw2utils/data`"
    if not path.is_file():
        raise DataError(f"{path}: the file is missing (expected MD5 {MD5[name]}); {remedy}")
    content = path.read_bytes()
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != MD5[name]:
        raise DataError(
            f"{path}: expected MD5 {MD5[name]}, found {found} ({len(content)} bytes); "
            f"the file is truncated or altered: {remedy}"
        )
    return content


def _read(folder: Path, name: str) -> Tensor:
    content = gzip.decompress(_verified_bytes(folder, name))
    dimensions = content[3]
    shape = [int.from_bytes(content[4 * k : 4 * k + 4]) for k in range(1, dimensions + 1)]
    array = np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)
    if dimensions == 1:
        return torch.from_numpy(array.astype(np.int64))  # (N,)
    return torch.from_numpy(array.copy()).unsqueeze(1)  # (N, 1, 28, 28)


def _pixels(images: Tensor, normalize: tuple[float, float] | None) -> Tensor:
    if normalize is None:
        return images
    mean, std = normalize
    return images.float().sub_(255 * mean).mul_(1 / (255 * std))
