"""Question 5 d once more, as a plain PyTorch loop: weight decay in the homework's run, and with few images.

It shares no code with the book: the four files are read here, the model, the decay and the loop are written
out. Prints a JSON object: for each quantity the value of each seed.
``python q5_decay.py [SEEDS] [EPOCHS] [IMAGES] [FEW EPOCHS] [FEW IMAGES]``
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

SEEDS, EPOCHS, IMAGES, FEW_EPOCHS, FEW = (
    int(sys.argv[place]) if len(sys.argv) > place else default
    for place, default in enumerate((6, 10, 60_000, 80, 1000), 1)
)
HOMEWORK, CHOSEN = 0.001, 0.02
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 784)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8)
    return (torch.tensor(pixels) / 255 - 0.2860) / 0.3530, torch.tensor(labels, dtype=torch.int64)


def network():
    layers = []
    for size, following in ((784, 128), (128, 64), (64, 32), (32, 16)):
        layers += [nn.Linear(size, following), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(16, 10))


def descend(seed, x, y, coefficient, *, epochs, batch, rate, whole):
    """Train, all parameters shrunk by hand before each step; draws depend on the seed alone."""
    torch.manual_seed(seed)
    model = network()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch):
            if whole and len(rows) < batch:
                continue
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            slopes = torch.autograd.grad(loss, list(model.parameters()))
            with torch.no_grad():
                for weights, slope in zip(model.parameters(), slopes, strict=True):
                    weights *= 1 - rate * coefficient
                    weights -= rate * slope
    return model


@torch.no_grad()
def measure(model, x, y):
    """Give accuracy in percent and mean loss."""
    scores = model(x)
    return 100 * (scores.argmax(1) == y).double().mean().item(), nn.functional.cross_entropy(scores, y).item()


torch.set_num_threads(1)  # so small a network gains nothing by more, and loses where cores are shared
inputs, labels = read("train")
test = read("t10k")
found = {"test accuracy, decay minus none": [], "gap in loss with few images, decay minus none": []}
for seed in range(3000, 3000 + SEEDS):
    torch.manual_seed(seed)
    mine = torch.randperm(60_000)
    x, y = inputs[mine[:IMAGES]], labels[mine[:IMAGES]]
    whole_run = {"epochs": EPOCHS, "batch": 64, "rate": 0.01, "whole": False}
    plain, decayed = (descend(seed, x, y, value, **whole_run) for value in (0.0, HOMEWORK))
    gain = measure(decayed, *test)[0] - measure(plain, *test)[0]
    x, y = inputs[mine[:FEW]], labels[mine[:FEW]]
    few_run = {"epochs": FEW_EPOCHS, "batch": 16, "rate": 0.05, "whole": True}
    few = [descend(seed, x, y, value, **few_run) for value in (0.0, CHOSEN)]
    gaps = [measure(model, *test)[1] - measure(model, x, y)[1] for model in few]
    for name, value in zip(found, (gain, gaps[1] - gaps[0]), strict=True):
        found[name].append(value)
    print(f"seed {seed}: {gain:+.2f} points, {gaps[1] - gaps[0]:+.3f} nats", file=sys.stderr)
print(json.dumps(found))
