"""What is timed: each contestant trains the same network on the same images for one epoch.

A contestant's ``prepare`` does what is not timed (imports, data sets, model and optimizer) and returns the
function that is. Ours has nothing to prepare: it builds its models inside the timed call.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset, TensorDataset

from hw2utils import augmentation, models, training
from hw2utils.datasets import MEAN, STD, Split, fashion_mnist, place_raw_files

SIZES = (784, 128, 64, 32, 16, 10)
BATCH = 64
RATE = 0.01
IMAGES = 60_000
FLOOR_BATCHES = (250, 1_000, 6_000, 60_000)

Run = Callable[[], float | None]
"""Timed by whoever calls it, unless it returns the seconds itself."""


@dataclass(frozen=True)
class Workbench:
    """Hold what all contestants share: the images, the network's sizes, and a folder for what they write."""

    folder: Path
    images: int = IMAGES
    batch: int = BATCH
    sizes: tuple[int, ...] = SIZES

    @cached_property
    def split(self) -> Split:
        """Give the training images, normalised float32 (N, 1, 28, 28), and their labels."""
        return fashion_mnist(validation=0).train[: self.images]

    @cached_property
    def raw(self) -> Path:
        """Give the root under which torchvision and d2l find the original files."""
        place_raw_files(self.folder / "data")
        return self.folder / "data"

    def net(self) -> nn.Sequential:
        """Build the network, with new random weights."""
        return models.mlp(self.sizes)

    def with_(self, **changes: Any) -> Workbench:
        """Copy the workbench with other images, batch or sizes; the images already read are shared."""
        other = Workbench(
            **{**{k: getattr(self, k) for k in ("folder", "images", "batch", "sizes")}, **changes}
        )
        other.__dict__["split"] = self.split[: other.images]
        if "raw" in self.__dict__:
            other.__dict__["raw"] = self.raw
        return other


@dataclass(frozen=True)
class Contestant:
    """Name one way to do the work.

    ``title`` is its name for readers, in both languages. ``seeds`` networks are trained in one run.
    ``rounds`` limits the rounds it takes part in. ``package`` is what must be installed besides the book's
    own requirements. ``group`` is ``training``, ``floor`` or ``augmentation`` (images changed, no training).
    """

    name: str
    title: dict[str, str]
    prepare: Callable[[Workbench], Run]
    seeds: int = 1
    rounds: int | None = None
    package: str | None = None
    group: str = "training"


# --- plain PyTorch --------------------------------------------------------------------------------


def plain_loop(bench: Workbench) -> Run:
    """Shuffle the positions, take slices of the tensors, update: the loop most people write by hand."""
    inputs, labels = bench.split.inputs, bench.split.labels
    model = bench.net()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def run() -> None:
        order = torch.randperm(len(inputs))
        for start in range(0, len(inputs), bench.batch):
            index = order[start : start + bench.batch]
            loss = nn.functional.cross_entropy(model(inputs[index]), labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return run


def plain_loops(bench: Workbench, seeds: int) -> Run:
    """Run the plain loop once for each seed, one after the other."""
    runs = [plain_loop(bench) for _ in range(seeds)]

    def run() -> None:
        for one in runs:
            one()

    return run


def _loop_over(bench: Workbench, loader: DataLoader[Any]) -> Run:
    model = bench.net()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def run() -> None:
        for inputs, labels in loader:
            loss = nn.functional.cross_entropy(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return run


def tensor_loader(bench: Workbench) -> Run:
    """Let a DataLoader assemble batches from tensors in memory."""
    dataset = TensorDataset(bench.split.inputs, bench.split.labels)
    return _loop_over(bench, DataLoader(dataset, batch_size=bench.batch, shuffle=True))


def homework(bench: Workbench, *, workers: int, augmented: bool) -> Run:
    """Train as the homework does: images opened and transformed one by one by torchvision, with PIL."""
    from torchvision import transforms
    from torchvision.datasets import FashionMNIST

    changes = [
        transforms.RandomRotation(30),
        transforms.RandomAffine(20, translate=(0.1, 0.1), scale=(0.9, 1.1)),
        transforms.ColorJitter(brightness=0.2, contrast=0.2),
    ]
    steps = [*(changes if augmented else []), transforms.ToTensor(), transforms.Normalize((MEAN,), (STD,))]
    dataset = FashionMNIST(bench.raw, train=True, download=True, transform=transforms.Compose(steps))
    loader = DataLoader(
        Subset(dataset, range(bench.images)), batch_size=bench.batch, shuffle=True, num_workers=workers
    )
    return _loop_over(bench, loader)


# --- libraries ------------------------------------------------------------------------------------


def d2l_epoch(bench: Workbench) -> Run:
    """Call d2l's ``train_epoch_ch3`` with its kind of loader: torchvision images, its number of workers."""
    from d2l import torch as d2l
    from torchvision import transforms
    from torchvision.datasets import FashionMNIST

    dataset = FashionMNIST(bench.raw, train=True, download=True, transform=transforms.ToTensor())
    loader = DataLoader(
        Subset(dataset, range(bench.images)),
        batch_size=bench.batch,
        shuffle=True,
        num_workers=d2l.get_dataloader_workers(),
    )
    model = bench.net()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def run() -> None:
        d2l.train_epoch_ch3(model, loader, nn.CrossEntropyLoss(), optimizer)

    return run


def lightning_fit(bench: Workbench) -> Run:
    """Fit a LightningModule on a DataLoader over tensors, without logger, bar and checkpoints."""
    import lightning

    for name in ("lightning", "lightning.pytorch"):
        logging.getLogger(name).setLevel(logging.ERROR)  # its advice and its summary of the machine

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = bench.net()

        def training_step(self, batch: Sequence[Tensor], _: int) -> Tensor:
            return nn.functional.cross_entropy(self.net(batch[0]), batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=RATE)

    trainer = lightning.Trainer(
        max_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=bench.folder,
    )
    dataset = TensorDataset(bench.split.inputs, bench.split.labels)
    loader = DataLoader(dataset, batch_size=bench.batch, shuffle=True)
    module = Module()

    def run() -> None:
        trainer.fit(module, loader)

    return run


def skorch_fit(bench: Workbench) -> Run:
    """Fit skorch's NeuralNetClassifier, without a validation split."""
    from skorch import NeuralNetClassifier

    inputs, labels = bench.split.inputs.numpy(), bench.split.labels.numpy()
    classifier = NeuralNetClassifier(
        bench.net(),
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.SGD,
        lr=RATE,
        batch_size=bench.batch,
        max_epochs=1,
        train_split=None,
        iterator_train__shuffle=True,
        verbose=0,
        device="cpu",
    ).initialize()

    def run() -> None:
        classifier.partial_fit(inputs, labels)

    return run


def keras_fit(bench: Workbench) -> Run:
    """Fit a Keras model on its torch backend."""
    os.environ["KERAS_BACKEND"] = "torch"
    os.environ.setdefault("KERAS_HOME", str(bench.folder))
    import keras

    if keras.backend.backend() != "torch":
        raise RuntimeError(
            f"expected Keras with the torch backend, got {keras.backend.backend()}; "
            "unset what chose it, or import nothing of Keras before the benchmark"
        )
    hidden = [keras.layers.Dense(size, activation="relu") for size in bench.sizes[1:-1]]
    model = keras.Sequential(
        [
            keras.Input(tuple(bench.split.inputs.shape[1:])),
            keras.layers.Flatten(),
            *hidden,
            keras.layers.Dense(bench.sizes[-1]),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    inputs, labels = bench.split.inputs.numpy(), bench.split.labels.numpy()

    def run() -> None:
        model.fit(inputs, labels, batch_size=bench.batch, epochs=1, verbose=0)

    return run


# --- ours, and the floor --------------------------------------------------------------------------


def ours(bench: Workbench, *, seeds: int, augmented: bool = False) -> Run:
    """Train that many seeds at once with ``hw2utils.training.fit``."""
    augment = augmentation.Augmentation(*augmentation.HOMEWORK) if augmented else None

    def run() -> None:
        training.fit(
            bench.net,
            bench.split,
            seeds=range(seeds),
            epochs=1,
            batch_size=bench.batch,
            optimizer=partial(torch.optim.SGD, lr=RATE),
            augment=augment,
            progress=False,
        )

    return run


def floor(bench: Workbench) -> Run:
    """Multiply the matrices of one epoch's forward and backward pass and do nothing else.

    For each layer, the outputs, the weights' gradient and (but for the first layer) the inputs' gradient, at
    whichever batch size is fastest; the operands stay in place, so nothing is fetched or gathered.
    """

    def run() -> float:
        total = 0.0
        for position, (wide, narrow) in enumerate(pairwise(bench.sizes)):
            times = (
                products_time(wide, narrow, min(batch, bench.images), bench.images, inner=position > 0)
                for batch in FLOOR_BATCHES
            )
            total += min(times)
        return total

    return run


def products_time(
    inputs: int, outputs: int, batch: int, images: int, *, inner: bool, seeds: int | None = None
) -> float:
    """Time one layer's products for that many images, in seconds; with ``seeds``, batched over them."""
    lead = () if seeds is None else (seeds,)
    x, g = torch.randn(*lead, batch, inputs), torch.randn(*lead, batch, outputs)
    w = torch.randn(*lead, inputs, outputs)
    out, to_weight = torch.empty(*lead, batch, outputs), torch.empty(*lead, inputs, outputs)
    to_input = torch.empty(*lead, batch, inputs)
    multiply = torch.mm if seeds is None else torch.bmm
    times = max(1, images // batch)

    def run() -> None:
        for _ in range(times):
            multiply(x, w, out=out)
            multiply(x.mT, g, out=to_weight)
            if inner:
                multiply(g, w.mT, out=to_input)

    best = float("inf")
    for _ in range(2):  # the first also warms up
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best * images / (times * batch)


# --- augmentation alone ---------------------------------------------------------------------------

STACK = 10
"""Seeds whose batches are changed together, as when that many are trained at once."""


def ours_augmentation(bench: Workbench) -> Run:
    """Change every image once by the homework's list, ten seeds' batches at a time."""
    augment = augmentation.Augmentation(*augmentation.HOMEWORK)
    generators = [torch.Generator().manual_seed(seed) for seed in range(STACK)]
    batches = bench.split.inputs.split(STACK * bench.batch)
    stacked = [b[: len(b) // STACK * STACK].unflatten(0, (STACK, -1)) for b in batches if len(b) >= STACK]

    def run() -> None:
        for batch in stacked:
            augment(batch, generators)

    return run


def kornia_augmentation(bench: Workbench) -> Run:
    """Change every image once by the same list with kornia, in batches of the same size."""
    from kornia import augmentation as kornia

    steps = nn.Sequential(
        kornia.RandomRotation(30.0, p=1.0),
        kornia.RandomAffine(20.0, translate=(0.1, 0.1), scale=(0.9, 1.1), p=1.0),
        kornia.ColorJitter(brightness=0.2, contrast=0.2, p=1.0),
    )
    batches = (bench.split.inputs * STD + MEAN).clamp_(0, 1).split(STACK * bench.batch)

    def run() -> None:
        with torch.no_grad():
            for batch in batches:
                steps(batch).sub_(MEAN).div_(STD)

    return run


def _title(fa: str, en: str) -> dict[str, str]:
    return {"fa": fa, "en": en}


def _ours(seeds: int, rounds: int | None = None) -> Contestant:
    fa = f"تابع `fit`، {str(seeds).translate(str.maketrans('0123456789', '۰۱۲۳۴۵۶۷۸۹'))} بذر"
    en = f"`fit`, {seeds} seed{'s' * (seeds > 1)}"
    return Contestant(f"ours-{seeds}", _title(fa, en), partial(ours, seeds=seeds), seeds=seeds, rounds=rounds)


SLOW = 3
"""How many rounds a contestant that takes several seconds is in, at most."""

CONTESTANTS: dict[str, Contestant] = {
    contestant.name: contestant
    for contestant in (
        Contestant(
            "homework-augmented-0",
            _title("تکلیف با داده‌افزایی، بدون کارگر", "homework, augmented, no workers"),
            partial(homework, workers=0, augmented=True),
            rounds=SLOW,
        ),
        Contestant(
            "homework-augmented-2",
            _title("تکلیف با داده‌افزایی، ۲ کارگر", "homework, augmented, 2 workers"),
            partial(homework, workers=2, augmented=True),
            rounds=SLOW,
        ),
        Contestant(
            "homework-0",
            _title("تکلیف، بدون کارگر", "homework, no workers"),
            partial(homework, workers=0, augmented=False),
            rounds=SLOW,
        ),
        Contestant(
            "homework-2",
            _title("تکلیف، ۲ کارگر", "homework, 2 workers"),
            partial(homework, workers=2, augmented=False),
            rounds=SLOW,
        ),
        Contestant(
            "d2l",
            _title("تابع `train_epoch_ch3` در d2l", "d2l's `train_epoch_ch3`"),
            d2l_epoch,
            rounds=SLOW,
            package="d2l",
        ),
        Contestant(
            "keras",
            _title("کتابخانهٔ Keras روی torch", "Keras on torch"),
            keras_fit,
            package="keras",
            rounds=SLOW,
        ),
        Contestant(
            "lightning", _title("کتابخانهٔ Lightning", "Lightning"), lightning_fit, package="lightning"
        ),
        Contestant("skorch", _title("کتابخانهٔ skorch", "skorch"), skorch_fit, package="skorch"),
        Contestant(
            "tensor-loader",
            _title("حلقه با `DataLoader` روی تانسورها", "`DataLoader` over tensors"),
            tensor_loader,
        ),
        Contestant(
            "plain", _title("حلقهٔ ساده روی برش تانسورها", "plain loop over tensor slices"), plain_loop
        ),
        _ours(1),
        _ours(3),
        _ours(10),
        _ours(30),
        _ours(100, rounds=1),
        Contestant(
            "ours-10-augmented",
            _title("تابع `fit`، ۱۰ بذر، با همهٔ داده‌افزایی", "`fit`, 10 seeds, whole augmentation list"),
            partial(ours, seeds=10, augmented=True),
            seeds=10,
        ),
        Contestant(
            "floor", _title("کف: تنها ضرب‌های ماتریسی", "floor: matrix products alone"), floor, group="floor"
        ),
        Contestant(
            "kornia-augmentation",
            _title("فهرست داده‌افزایی با kornia", "the augmentation list with kornia"),
            kornia_augmentation,
            package="kornia",
            group="augmentation",
        ),
        Contestant(
            "ours-augmentation",
            _title("فهرست داده‌افزایی با `Augmentation`", "the augmentation list with `Augmentation`"),
            ours_augmentation,
            group="augmentation",
        ),
    )
}
