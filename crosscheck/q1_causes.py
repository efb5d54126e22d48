"""Question 1 a, causes, once more with scikit-learn and plain torch: trees, imbalance, irrelevant features.

It shares no code with the book: the files are read here, a network is two matrices, every draw is NumPy's.
Prints a JSON object: for each quantity the value of each seed. ``python q1_causes.py [SEEDS] [EPOCHS]``
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.tree import DecisionTreeClassifier

SEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 16
EPOCHS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    """Give images, halved to 14 by 14 and standardised, (N, 196), and labels, (N,)."""
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 14, 2, 14, 2)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8).astype(int)
    return (pixels.mean(axis=(2, 4)).reshape(-1, 196) / 255 - 0.2860) / 0.3530, labels


def take(labels, counts, draw):
    """Draw places of images, so many of each class."""
    order = draw.permutation(len(labels))
    return np.concatenate([order[labels[order] == c][:count] for c, count in enumerate(counts)])


def spoil(labels, draw):
    """Move a fifth of the labels to another class."""
    changed = draw.random(len(labels)) < 0.2
    return np.where(changed, (labels + draw.integers(1, 10, len(labels))) % 10, labels)


def answers(x, y, queries, seed):
    """Train a network of 64 neurons with momentum, and give its answers for the queries."""
    torch.manual_seed(seed)
    first, second = torch.nn.Linear(x.shape[1], 64), torch.nn.Linear(64, 10)
    parameters = [*first.parameters(), *second.parameters()]
    rule = torch.optim.SGD(parameters, lr=0.05, momentum=0.9)
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    for _ in range(EPOCHS):
        for places in torch.randperm(len(x)).split(50):
            loss = torch.nn.functional.cross_entropy(second(first(x[places]).relu()), y[places])
            rule.zero_grad()
            loss.backward()
            rule.step()
    with torch.no_grad():
        return second(first(torch.tensor(queries, dtype=torch.float32)).relu()).argmax(1).numpy()


def main():
    """Measure all quantities for each seed."""
    (x, y), (new, truth) = read("train"), read("t10k")
    new, truth = new[:5000], truth[:5000]
    found = {
        "full tree minus chosen": [],
        "rare classes, uneven minus even": [],
        "irrelevant features cost": [],
    }
    for seed in range(SEEDS):
        draw = np.random.default_rng(seed)
        own = take(y, [100] * 10, draw)
        held = draw.permutation(len(y))[:2000]
        false, false_held = spoil(y[own], draw), spoil(y[held], draw)
        trees = [
            DecisionTreeClassifier(max_leaf_nodes=size, random_state=seed).fit(x[own], false)
            for size in (8, 16, 32, 64, 128, None)
        ]
        best = max(trees[:-1], key=lambda tree: tree.score(x[held], false_held))
        lost = best.score(new, truth) - trees[-1].score(new, truth)
        found["full tree minus chosen"].append(100 * lost)

        rare = draw.permutation(10)[:5]
        counts = np.full(10, 180)
        counts[rare] = 20
        uneven = take(y, counts, draw)
        right_even = answers(x[own], y[own], new, seed) == truth
        right_uneven = answers(x[uneven], y[uneven], new, seed) == truth
        change = [right_uneven[truth == c].mean() - right_even[truth == c].mean() for c in rare]
        found["rare classes, uneven minus even"].append(100 * float(np.mean(change)))

        noise, new_noise = draw.normal(size=(len(own), 200)), draw.normal(size=(len(new), 200))
        burdened = answers(np.hstack([x[own], noise]), y[own], np.hstack([new, new_noise]), seed) == truth
        found["irrelevant features cost"].append(100 * float(right_even.mean() - burdened.mean()))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
