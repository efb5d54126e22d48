"""Question 1 a once more, in plain PyTorch: what networks lose and memorise, with and without false labels.

It shares no code with the book: the four files are read here, the data are drawn and the loop written out.
Prints a JSON object: for each quantity the value of each seed.
``python q1_signs.py [SEEDS] [EPOCHS] [IMAGES]``
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

SEEDS, EPOCHS, IMAGES = (
    int(sys.argv[place]) if len(sys.argv) > place else default
    for place, default in enumerate((10, 120, 500), 1)
)
FALSE, WIDE, NARROW = 0.2, 64, 6
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 14, 2, 14, 2)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8)
    small = pixels.mean(axis=(2, 4)).reshape(-1, 196)  # every four pixels made one
    return (torch.tensor(small, dtype=torch.float32) / 255 - 0.2860) / 0.3530, torch.tensor(labels).long()


def mislabelled(labels):
    """Move a share of the labels to another class."""
    shift = torch.randint(1, 10, labels.shape) * (torch.rand(labels.shape) < FALSE)
    return (labels + shift) % 10


@torch.no_grad()
def right(model, x, y):
    return 100 * (model(x).argmax(1) == y).double().mean().item()


def descend(hidden, x, y, *watched):
    """Train with momentum on whole batches of 50; give the model and accuracies every few epochs."""
    model = nn.Sequential(nn.Linear(196, hidden), nn.ReLU(), nn.Linear(hidden, 10))
    speed = [torch.zeros_like(weights) for weights in model.parameters()]
    seen = []
    for epoch in range(1, EPOCHS + 1):
        for rows in torch.randperm(len(x))[: len(x) // 50 * 50].split(50):
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            slopes = torch.autograd.grad(loss, list(model.parameters()))
            with torch.no_grad():
                for weights, slope, moving in zip(model.parameters(), slopes, speed, strict=True):
                    moving *= 0.9
                    moving += slope
                    weights -= 0.05 * moving
        if epoch % max(1, EPOCHS // 24) == 0:
            seen.append([right(model, *split) for split in watched])
    return model, np.array(seen)


torch.set_num_threads(1)  # so small a network gains nothing by more, and loses where cores are shared
inputs, labels = read("train")
test_inputs, test_labels = read("t10k")
names = ("gap, true labels", "test accuracy lost, a fifth false", "false labels given back, narrow")
found = {name: [] for name in names}
for seed in range(3300, 3300 + SEEDS):
    torch.manual_seed(seed)
    mine, new = torch.randperm(60_000), torch.randperm(10_000)[:2000]
    x, y = inputs[mine[:IMAGES]], labels[mine[:IMAGES]]
    held = inputs[mine[-2 * IMAGES :]], labels[mine[-2 * IMAGES :]]
    model, _ = descend(WIDE, x, y)
    found[names[0]].append(right(model, x, y) - right(model, *held))
    told, judged = mislabelled(y), (held[0], mislabelled(held[1]))
    test = test_inputs[new], test_labels[new]
    _, both = descend(WIDE, x, told, judged, test)
    found[names[1]].append(both[both[:, 0].argmax(), 1] - both[-1, 1])
    model, _ = descend(NARROW, x, told)
    found[names[2]].append(right(model, x[told != y], told[told != y]))
print(json.dumps(found))
