"""Fashion-MNIST, shipped with the package, as tensors in memory."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

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
    """Say that a data file is missing, truncated or altered."""


@dataclass(frozen=True)
class Split:
    """Hold one split of a data set.

    ``inputs`` has shape (N, …) and ``labels`` shape (N,), dtype int64 for classes.

    >>> split = Split(torch.zeros(4, 1, 28, 28), torch.tensor([0, 1, 0, 1]))
    >>> len(split)
    4
    """

    inputs: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        if len(self.inputs) != len(self.labels):
            raise ValueError(
                f"labels: expected as many labels as inputs ({len(self.inputs)}), got {len(self.labels)}; "
                "pass one label per input"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: Tensor | slice) -> Split:
        return Split(self.inputs[index], self.labels[index])

    def to(self, device: str | torch.device) -> Split:
        """Move both tensors to a device.

        >>> Split(torch.zeros(1, 2), torch.zeros(1)).to("cpu").inputs.device.type
        'cpu'
        """
        return Split(self.inputs.to(device), self.labels.to(device))

    def subset(self, size: int, *, seed: int = 0) -> Split:
        """Draw ``size`` examples without replacement, stratified by label, in their original order.

        Raises ValueError when ``size`` is not between 1 and the number of examples.

        >>> labels = torch.arange(10).repeat(6)
        >>> Split(torch.zeros(60, 2), labels).subset(20).labels.bincount().tolist()
        [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
        """
        if not 1 <= size <= len(self):
            raise ValueError(f"size: expected 1 to {len(self)} examples, got {size}; ask for fewer examples")
        if size == len(self):
            return self  # indexing would copy all images
        return self[stratified_indices(self.labels, size, seed=seed)]


@dataclass(frozen=True)
class Splits:
    """Hold the training, validation and test splits; ``validation`` is None when none was carved out."""

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
    if not 0 <= validation <= 50_000:
        raise ValueError(
            f"validation: expected 0 to 50000 images, got {validation}; "
            "at least 10000 must remain for training"
        )
    if normalize is not None and not normalize[1] > 0:
        raise ValueError(f"normalize: expected (mean, std) with std > 0, got {normalize}; use {(MEAN, STD)}")
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

    >>> stratified_indices(torch.tensor([0, 0, 1, 1, 1, 1]), 3).shape
    torch.Size([3])
    """
    if not 0 <= size <= len(labels):
        raise ValueError(f"size: expected 0 to {len(labels)}, got {size}; ask for fewer examples")
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
        temporary = target.with_name(f".{name}.{os.getpid()}")
        shutil.copyfile(DIRECTORY / name, temporary)
        temporary.replace(target)
    return raw


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
