"""Question 3 a once more, as a plain PyTorch loop: from images to their negatives, and a class never seen.

It shares no code with the book: the four files are read here, the networks, the loss and the loop are written
out. Prints a JSON object: for each quantity the value of each seed.
``python q3_transfer.py [SEEDS] [EPOCHS] [IMAGES] [FEW EPOCHS] [FEW IMAGES]``
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, kl_div

SEEDS, EPOCHS, IMAGES, FEW_EPOCHS, FEW = (
    int(sys.argv[place]) if len(sys.argv) > place else default
    for place, default in enumerate((5, 20, 5000, 60, 500), 1)
)
TEMPERATURE, SNEAKER = 4.0, 7
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    """Give pixels from 0 to 1 and labels."""
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 784)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8)
    return torch.tensor(pixels) / 255, torch.tensor(labels, dtype=torch.int64)


def seen(pixels):
    """Shift and scale as the book does."""
    return (pixels - 0.2860) / 0.3530


def descend(seed, model, x, y, *, epochs, soft=None, hard=0.5):
    """Train with SGD and momentum in whole batches of 50; ``soft`` are the teacher's scores."""
    torch.manual_seed(seed + 10_000)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(50):
            if len(rows) < 50:
                continue
            scores = model(x[rows])
            loss = cross_entropy(scores, y[rows])
            if soft is not None:
                q = (scores / TEMPERATURE).log_softmax(1)
                p = (soft[rows] / TEMPERATURE).softmax(1)
                apart = kl_div(q, p, reduction="batchmean")
                loss = hard * loss + (1 - hard) * TEMPERATURE**2 * apart
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


def student(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))


@torch.no_grad()
def right(model, x, y):
    """Give accuracy in percent."""
    return 100 * (model(x).argmax(1) == y).double().mean().item()


torch.set_num_threads(1)  # so small a network gains nothing by more, and loses where cores are shared
inputs, labels = read("train")
test, answers = read("t10k")
sneakers = test[answers == SNEAKER]
found = {"negatives, distilled minus alone": [], "accuracy on the class never seen": []}
for seed in range(3900, 3900 + SEEDS):
    torch.manual_seed(seed)
    mine = torch.randperm(60_000)[:IMAGES]
    x, y = inputs[mine], labels[mine]
    wide = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 10))
    teacher = descend(seed, wide, seen(x), y, epochs=EPOCHS)
    with torch.no_grad():
        scores = teacher(seen(x))
    dark = seen(1 - x[:FEW])
    alone = descend(seed, student(seed), dark, y[:FEW], epochs=FEW_EPOCHS)
    told = descend(seed, student(seed), dark, y[:FEW], epochs=FEW_EPOCHS, soft=scores[:FEW])
    gain = right(told, seen(1 - test), answers) - right(alone, seen(1 - test), answers)
    rest = y != SNEAKER
    heir = descend(seed, student(seed), seen(x)[rest], y[rest], epochs=EPOCHS, soft=scores[rest], hard=0.0)
    known = right(heir, seen(sneakers), torch.full((len(sneakers),), SNEAKER))
    for name, value in zip(found, (gain, known), strict=True):
        found[name].append(value)
    print(f"seed {seed}: {gain:+.2f} points, {known:.1f}%", file=sys.stderr)
print(json.dumps(found))
