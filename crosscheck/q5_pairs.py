"""Question 5's pairs of regularisers once more, as a plain PyTorch loop: effects with few images.

It shares no code with the book: files, model, augmentation, dropout, turned test images and the loop are
written out. Prints a JSON object: for each quantity the value of each seed.
``python q5_pairs.py [SEEDS] [EPOCHS] [IMAGES]``
"""

import gzip
import json
import math
import sys
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import torch
from torch import nn

SEEDS, EPOCHS, IMAGES = (
    int(sys.argv[place]) if len(sys.argv) > place else default
    for place, default in enumerate((4, 40, 5_000), 1)
)
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8)
    return torch.tensor(pixels) / 255, torch.tensor(labels, dtype=torch.int64)


def move(images, degrees, pixels, scale=0.0):
    """Turn, scale and shift each image at random; what comes from outside is black."""
    n = len(images)
    angle = torch.empty(n).uniform_(-1, 1) * math.radians(degrees[0])
    for more in degrees[1:]:
        angle = angle + torch.empty(n).uniform_(-1, 1) * math.radians(more)
    size = 1 + torch.empty(n).uniform_(-1, 1) * scale
    shift = (torch.empty(n, 2).uniform_(-1, 1) * pixels).round() * 2 / 28
    cosine, sine = angle.cos() / size, angle.sin() / size
    rows = [torch.stack([cosine, -sine, shift[:, 0]], 1), torch.stack([sine, cosine, shift[:, 1]], 1)]
    grid = nn.functional.affine_grid(torch.stack(rows, 1), images.shape, align_corners=False)
    return nn.functional.grid_sample(images, grid, mode="nearest", align_corners=False)


def augment(images):
    """Change images as the homework does: two turns, shift, scale, then brightness and contrast."""
    images = move(images, (30, 20), 2.8, 0.1)
    bright, contrast = (torch.empty(len(images), 1, 1, 1).uniform_(0.8, 1.2) for _ in range(2))
    first = torch.rand(len(images), 1, 1, 1) < 0.5

    def change(pixels, which):
        mean = pixels.mean((1, 2, 3), keepdim=True)
        return torch.where(which, mean + contrast * (pixels - mean), bright * pixels).clamp(0, 1)

    return change(change(images, first), ~first)


def network(rate):
    layers, sizes = [nn.Flatten()], (784, 128, 64, 32, 16)
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(rate)]
    return nn.Sequential(*layers, nn.Linear(16, 10))


def scaled(images):
    return (images - 0.2860) / 0.3530


def accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        right = (model(scaled(images)).argmax(dim=1) == labels).double().mean().item()
    model.train()
    return 100 * right


torch.set_num_threads(1)  # so small a network gains nothing by more, and loses where cores are shared
images, labels = read("train")
test_images, test_labels = read("t10k")
torch.manual_seed(0)
tests = {"upright": test_images, "turned": move(test_images, (30,), 2.8)}
arms = ["".join(letters) for letters in product(("", "A"), ("", "D"), ("", "L"))]
found = {}
for seed in range(2000, 2000 + SEEDS):
    at = {name: {} for name in tests}
    for arm in arms:
        torch.manual_seed(seed)
        mine = torch.randperm(60_000)[:IMAGES]
        x, y = images[mine], labels[mine]
        model = network(0.1 if "D" in arm else 0.0)
        decay = 1e-3 if "L" in arm else 0.0
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, weight_decay=decay)
        for _ in range(EPOCHS):
            for batch in torch.randperm(IMAGES)[: IMAGES - IMAGES % 64].split(64):
                seen = augment(x[batch]) if "A" in arm else x[batch]
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(scaled(seen)), y[batch]).backward()
                optimizer.step()
        for name, shown in tests.items():
            at[name][arm] = accuracy(model, shown, test_labels)
    for name, by_arm in at.items():
        for letter in "ADL":
            total = sum(value if letter in arm else -value for arm, value in by_arm.items())
            found.setdefault(f"main effect of {letter}, {name}", []).append(total / 4)
    upright, turned = at["upright"], at["turned"]
    found.setdefault("DL minus the better other, upright", []).append(
        upright["DL"] - max(upright["AL"], upright["AD"])
    )
    found.setdefault("AL minus the better other, turned", []).append(
        turned["AL"] - max(turned["DL"], turned["AD"])
    )
    print(f"seed {seed}: {at}", file=sys.stderr)
print(json.dumps(found))
