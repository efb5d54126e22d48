"""Question 3 a once more, in plain PyTorch: a small network alone, distilled, and with classes shuffled.

It shares no code with the book: the four files are read here, teacher, student and losses are written out.
The temperature and the share of the true labels are those that the book's validation chose. Prints a JSON
object: for each quantity the value of each seed.
``python q3_teacher.py [SEEDS] [IMAGES] [TEACHER EPOCHS] [EPOCHS]``
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

SEEDS, IMAGES, TEACHER_EPOCHS, EPOCHS = (
    int(sys.argv[place]) if len(sys.argv) > place else default
    for place, default in enumerate((10, 1000, 60, 40), 1)
)
ALPHA, TEMPERATURE = 0.1, 4.0
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 784)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8)
    return (torch.tensor(pixels) / 255 - 0.2860) / 0.3530, torch.tensor(labels, dtype=torch.int64)


def train(model, seed, x, loss, epochs):
    """Train on x, (images, 784); ``loss`` maps the outputs and the rows of a batch to a number."""
    torch.manual_seed(seed + 10_000)
    update = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(64):
            if len(rows) < 64:
                continue
            update.zero_grad()
            loss(model(x[rows]), rows).backward()
            update.step()
    return model.eval()


def student(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))


def with_labels(y):
    return lambda z, rows: nn.functional.cross_entropy(z, y[rows])


def with_teacher(y, logits):
    """Give the loss that weighs the true labels by ALPHA and the teacher by the rest, times t squared."""

    def loss(z, rows):
        soft = (logits[rows] / TEMPERATURE).softmax(1)
        apart = nn.functional.kl_div((z / TEMPERATURE).log_softmax(1), soft, reduction="batchmean")
        hard = nn.functional.cross_entropy(z, y[rows])
        return ALPHA * hard + (1 - ALPHA) * TEMPERATURE**2 * apart

    return loss


def shuffle_others(logits):
    """Keep each image's largest logit in its place, shuffle the nine others."""
    mixed = logits.clone()
    for row in mixed:
        others = torch.tensor([c for c in range(10) if c != row.argmax()])
        row[others] = row[others[torch.randperm(9)]]
    return mixed


def right(model):
    with torch.no_grad():
        return 100 * (model(test[0]).argmax(1) == test[1]).double().mean().item()


torch.set_num_threads(1)  # so small a network gains nothing by more, and loses where cores are shared
inputs, labels = read("train")
test = read("t10k")
gain, shuffled = "test accuracy, distilled minus alone", "test accuracy, distilled minus shuffled"
found = {gain: [], shuffled: []}
for seed in range(30_000, 30_000 + SEEDS):
    torch.manual_seed(seed)
    mine = torch.randperm(60_000)[:IMAGES]
    x, y = inputs[mine], labels[mine]
    layers = [nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, 10)]
    teacher = train(nn.Sequential(*layers), seed, x, with_labels(y), TEACHER_EPOCHS)
    with torch.no_grad():
        logits = teacher(x)
    losses = with_labels(y), with_teacher(y, logits), with_teacher(y, shuffle_others(logits))
    alone, distilled, misled = (right(train(student(seed), seed, x, loss, EPOCHS)) for loss in losses)
    found[gain].append(distilled - alone)
    found[shuffled].append(distilled - misled)
    print(f"seed {seed}: {found[gain][-1]:+.2f}, {found[shuffled][-1]:+.2f} points", file=sys.stderr)
print(json.dumps(found))
