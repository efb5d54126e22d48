"""Question 1 b once more, in plain PyTorch: one training curve, two fates; false labels and the weights.

It shares no code with the book: the four files are read here, the data are drawn and the loop written out.
Prints a JSON object: for each quantity the value of each seed.
``python q1_judging.py [SEEDS] [EPOCHS] [IMAGES] [IMAGE EPOCHS]``
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

SEEDS, EPOCHS, IMAGES, IMAGE_EPOCHS = (
    int(sys.argv[place]) if len(sys.argv) > place else default
    for place, default in enumerate((10, 15, 400, 40), 1)
)
POINTS, FEATURES, FALSE = 300, 1000, 0.4
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 14, 2, 14, 2)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8)
    small = pixels.mean(axis=(2, 4)).reshape(-1, 196)  # every four pixels made one
    return (torch.tensor(small, dtype=torch.float32) / 255 - 0.2860) / 0.3530, torch.tensor(labels).long()


def made_up(count, gap):
    """Draw points of two classes, their first feature moved to either side."""
    y = torch.randint(0, 2, (count,))
    x = torch.randn(count, FEATURES)
    x[:, 0] += gap * (2 * y - 1)
    return x, y


def descend(x, y, hidden, rate, epochs, look):
    """Train on whole batches of 50; give the model and what look finds after each epoch."""
    model = nn.Sequential(nn.Linear(x.shape[1], hidden), nn.ReLU(), nn.Linear(hidden, int(y.max()) + 1))
    seen = []
    for _ in range(epochs):
        for rows in torch.randperm(len(x))[: len(x) // 50 * 50].split(50):
            slopes = torch.autograd.grad(
                nn.functional.cross_entropy(model(x[rows]), y[rows]), list(model.parameters())
            )
            with torch.no_grad():
                for weights, slope in zip(model.parameters(), slopes, strict=True):
                    weights -= rate * slope
        seen.append(look(model))
    return model, np.array(seen)


@torch.no_grad()
def right(model, x, y):
    return 100 * (model(x).argmax(1) == y).double().mean().item()


@torch.no_grad()
def loss(model, x, y):
    return nn.functional.cross_entropy(model(x), y).item()


def size(model):
    """Give the sum over the layers of the logarithm of the squared norm of the weights."""
    return sum(weights.square().sum().log().item() for weights in model.parameters() if weights.ndim == 2)


torch.set_num_threads(1)  # so small a network gains nothing by more
images, classes = read("train")
test = read("t10k")
found = {
    "test accuracy, a rule minus none": [],
    "test loss without a rule, end minus first epoch": [],
    "log of squared norms, false minus true labels": [],
    "test accuracy with false labels, earlier minus end": [],
}
for seed in range(3100, 3100 + SEEDS):
    torch.manual_seed(10_000 + seed)
    fates = {}
    for gap, rate in ((2.0, 0.03), (0.0, 0.05)):
        x, y = made_up(POINTS, gap)
        new = made_up(1000, gap)
        _, seen = descend(x, y, 32, rate, EPOCHS, lambda m, new=new: (right(m, *new), loss(m, *new)))
        fates[gap] = seen
    order = torch.randperm(60_000)
    mine, val = order[:IMAGES], order[-2000:]
    x, y = images[mine], classes[mine]
    true, _ = descend(x, y, 64, 0.2, IMAGE_EPOCHS, lambda m: 0)
    wrong = torch.randperm(IMAGES)[: round(FALSE * IMAGES)]
    y = y.clone()
    y[wrong] = (y[wrong] + torch.randint(1, 10, (len(wrong),))) % 10
    false, seen = descend(
        x, y, 64, 0.2, IMAGE_EPOCHS, lambda m, v=val: (right(m, images[v], classes[v]), right(m, *test))
    )
    seen = seen[1::2]  # the book looks at every second epoch
    values = (
        fates[2.0][-1, 0] - fates[0.0][-1, 0],
        fates[0.0][-1, 1] - fates[0.0][0, 1],
        size(false) - size(true),
        seen[seen[:, 0].argmax(), 1] - seen[-1, 1],
    )
    for name, value in zip(found, values, strict=True):
        found[name].append(float(value))
    print(f"seed {seed}: " + ", ".join(f"{value:.3f}" for value in values), file=sys.stderr)
print(json.dumps(found))
