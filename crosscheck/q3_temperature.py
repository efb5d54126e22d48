"""Question 3 c once more, as a plain PyTorch loop: whom the student sides with where its teacher errs.

It shares no code with the book: the files are read here, and the loss is written out. Prints a JSON object:
for each quantity the value of each seed.
``python q3_temperature.py [SEEDS] [TEACHER EPOCHS] [STUDENT EPOCHS]``
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

SEEDS, TEACHER_EPOCHS, STUDENT_EPOCHS = (
    int(sys.argv[place]) if len(sys.argv) > place else default for place, default in enumerate((6, 20, 20), 1)
)
TEACHER, STUDENT = 4000, 2000
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 784)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8)
    return (torch.tensor(pixels) / 255 - 0.2860) / 0.3530, torch.tensor(labels, dtype=torch.int64)


def train(model, update, loss_of, count, *, epochs, batch):
    """Descend on a loss of the rows of a batch; an incomplete batch is dropped."""
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(count).split(batch):
            if len(rows) == batch:
                update.zero_grad()
                loss_of(rows).backward()
                update.step()
    return model.eval()


def taught(seed, x, y, v, alpha, t, factor):
    """Train a student on α · cross-entropy + factor · divergence at temperature t."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))
    p = (v / t).softmax(1)

    def loss_of(rows):
        z = model(x[rows])
        far = (p[rows] * (p[rows].log() - (z / t).log_softmax(1))).sum(1).mean()
        return alpha * nn.functional.cross_entropy(z, y[rows]) + factor * far

    update = torch.optim.Adam(model.parameters(), lr=0.002)
    return train(model, update, loss_of, len(x), epochs=STUDENT_EPOCHS, batch=100)


torch.set_num_threads(1)  # so small a network gains nothing by more
inputs, labels = read("train")
names = [
    "label's share, large minus small alpha, t = 1",
    "label's share, t = 10 minus 1, no factor",
    "label's share, t = 10 minus 1, with the factor",
]
found = {name: [] for name in names}
for seed in range(3900, 3900 + SEEDS):
    torch.manual_seed(seed)
    mine = torch.randperm(60_000)[: TEACHER + STUDENT]
    x, y = inputs[mine[:TEACHER]], labels[mine[:TEACHER]]
    teacher = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10))
    update = torch.optim.SGD(teacher.parameters(), lr=0.01, momentum=0.9)

    def own_loss(rows, x=x, y=y, teacher=teacher):
        return nn.functional.cross_entropy(teacher(x[rows]), y[rows])

    train(teacher, update, own_loss, TEACHER, epochs=TEACHER_EPOCHS, batch=64)
    x, y = inputs[mine[TEACHER:]], labels[mine[TEACHER:]]
    with torch.no_grad():
        v = teacher(x)
    disputed = v.argmax(1) != y

    def share(alpha, t, factor, seed=seed, x=x, y=y, v=v, disputed=disputed):
        answers = taught(seed, x, y, v, alpha, t, factor)(x).argmax(1)
        return 100 * (answers == y)[disputed].double().mean().item()

    cool = share(0.5, 1, 1)
    values = (share(2.5, 1, 1) - share(0.02, 1, 1), share(0.5, 10, 1) - cool, share(0.5, 10, 100) - cool)
    for name, value in zip(names, values, strict=True):
        found[name].append(value)
    print(f"seed {seed}: {', '.join(f'{value:+.1f}' for value in values)}", file=sys.stderr)
print(json.dumps(found))
