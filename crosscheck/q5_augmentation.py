"""Question 5 c once more, as a plain PyTorch loop: what augmentation costs, what a larger step brings back.

It shares no code with the book: files, model, augmentation and the loop are written out. Prints a JSON
object: for each quantity the value of each seed.
``python q5_augmentation.py [SEEDS] [EPOCHS] [IMAGES]``
"""

import gzip
import json
import math
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

SEEDS, EPOCHS, IMAGES = (
    int(sys.argv[place]) if len(sys.argv) > place else default
    for place, default in enumerate((4, 10, 60_000), 1)
)
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8)
    return torch.tensor(pixels) / 255, torch.tensor(labels, dtype=torch.int64)


def augment(images):
    """Turn twice, shift and scale each image at random, then change brightness and contrast."""
    n = len(images)
    first, second, across, down = (torch.empty(n).uniform_(-1, 1) for _ in range(4))
    angle = torch.deg2rad(30 * first + 20 * second)
    size = torch.empty(n).uniform_(0.9, 1.1)
    cosine, sine = angle.cos() / size, angle.sin() / size
    right, below = ((2.8 * shift).round() * 2 / 28 for shift in (across, down))
    rows = torch.stack([torch.stack([cosine, -sine, right], 1), torch.stack([sine, cosine, below], 1)], 1)
    grid = nn.functional.affine_grid(rows, images.shape, align_corners=False)
    images = nn.functional.grid_sample(images, grid, mode="nearest", align_corners=False)
    bright, contrast = (torch.empty(n, 1, 1, 1).uniform_(0.8, 1.2) for _ in range(2))
    brighter_first = torch.rand(n, 1, 1, 1) < 0.5
    for brightens in (brighter_first, ~brighter_first):
        mean = images.mean((1, 2, 3), keepdim=True)
        images = torch.where(brightens, bright * images, mean + contrast * (images - mean)).clamp(0, 1)
    return images


def scaled(images):
    return ((images - 0.2860) / 0.3530).flatten(1)


def network():
    layers, sizes = [], (784, 128, 64, 32, 16)
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(16, 10))


def train(seed, x, y, *, rate, changed):
    """Train one network; give it with its accuracy over the last epoch, in percent, as it was trained."""
    torch.manual_seed(seed)
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    right = math.nan
    for _ in range(EPOCHS):
        order, right = torch.randperm(len(x)), 0
        parts = [x[rows] for rows in order.split(6000)]
        shown = torch.cat([scaled(augment(part) if changed else part) for part in parts])
        for inputs, labels in zip(shown.split(64), y[order].split(64), strict=True):
            scores = model(inputs)
            optimizer.zero_grad()
            nn.functional.cross_entropy(scores, labels).backward()
            optimizer.step()
            right += int((scores.detach().argmax(1) == labels).sum())
    return model, 100 * right / len(x)


@torch.no_grad()
def accuracy(model, x, y):
    return 100 * (model(scaled(x)).argmax(1) == y).double().mean().item()


torch.set_num_threads(1)  # so small a network gains nothing by more, and loses where cores are shared
images, labels = read("train")
test = read("t10k")
found = {}
for seed in range(4000, 4000 + SEEDS):
    torch.manual_seed(seed)
    mine = torch.randperm(60_000)[:IMAGES]
    x, y = images[mine], labels[mine]
    plain, _ = train(seed, x, y, rate=0.01, changed=False)
    own, running = train(seed, x, y, rate=0.01, changed=True)
    quick, _ = train(seed, x, y, rate=0.1, changed=True)
    at_plain, at_own, at_quick = (accuracy(model, *test) for model in (plain, own, quick))
    values = {
        "test minus training accuracy, augmented": at_own - running,
        "test accuracy, augmented minus plain": at_own - at_plain,
        "larger steps bring back, minus half": at_quick - at_own - (at_plain - at_own) / 2,
    }
    for name, value in values.items():
        found.setdefault(name, []).append(value)
    print(f"seed {seed}: {at_plain:.1f} {at_own:.1f} {at_quick:.1f} {running:.1f}", file=sys.stderr)
print(json.dumps(found))
