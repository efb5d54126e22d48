"""The runs of question 5 a and b as a plain PyTorch loop: accuracy after ten epochs on 60,000 images.

It shares no code with the book: the four files are read here, the model, the split and the loop are written
out. Prints a JSON object: for each quantity the value of each seed.
``python q5_plain.py [SEEDS] [EPOCHS] [IMAGES]``
"""

import gzip
import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

SEEDS, EPOCHS, IMAGES = (
    int(sys.argv[place]) if len(sys.argv) > place else default
    for place, default in enumerate((10, 10, 60_000), 1)
)
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 784)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8)
    return (torch.tensor(pixels) / 255 - 0.2860) / 0.3530, torch.tensor(labels, dtype=torch.int64)


def accuracy(model, inputs, labels):
    model.eval()
    with torch.no_grad():
        right = (model(inputs).argmax(dim=1) == labels).double().mean().item()
    model.train()
    return 100 * right


torch.set_num_threads(1)  # so small a network gains nothing by more, and loses where cores are shared
inputs, labels = read("train")
test = read("t10k")
SIZES = {"": (784, 128, 64, 32, 16, 10), "one hidden layer, ": (784, 100, 10)}
found = {f"{name}test accuracy{when}": [] for name in SIZES for when in ("", " one step earlier")}
for seed in range(1000, 1000 + SEEDS):
    for name, sizes in SIZES.items():
        torch.manual_seed(seed)
        mine = torch.randperm(60_000)[:IMAGES]
        x, y = inputs[mine], labels[mine]
        layers = []
        for size, following in pairwise(sizes):
            layers += [nn.Linear(size, following), nn.ReLU()]
        model = nn.Sequential(*layers[:-1])
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for epoch in range(EPOCHS):
            for batch in torch.randperm(IMAGES).split(64):
                short = epoch == EPOCHS - 1 and len(batch) < 64
                earlier = accuracy(model, *test) if short else None
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
                optimizer.step()
        last = accuracy(model, *test)
        found[f"{name}test accuracy"].append(last)
        found[f"{name}test accuracy one step earlier"].append(last if earlier is None else earlier)
        print(f"seed {seed}: {name}{last:.2f}", file=sys.stderr)
print(json.dumps(found))
