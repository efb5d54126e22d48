"""Question 1 a, remedies, once more: a plain loop, scikit-learn's trees, and cross-validation by NumPy.

It shares no code with the book: files are read here, data, networks and folds made anew. Prints a JSON
object: for each quantity the value of each seed.
``python q1_remedies.py [SEEDS] [EPOCHS] [IMAGES] [LINEAR SEEDS]``
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.tree import DecisionTreeClassifier
from torch import nn

SEEDS, EPOCHS, IMAGES, LINEAR = (
    int(sys.argv[place]) if len(sys.argv) > place else default
    for place, default in enumerate((6, 40, 500, 30), 1)
)
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    """Give images, halved to 14 by 14 and standardised, (N, 196), and their labels."""
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 14, 2, 14, 2)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8)
    return (pixels.mean(axis=(2, 4)).reshape(-1, 196) / 255 - 0.2860) / 0.3530, labels.astype(int)


def falsify(draw, labels):
    """Give a quarter of the labels another class."""
    moved = (labels + draw.integers(1, 10, len(labels))) % 10
    return np.where(draw.uniform(size=len(labels)) < 0.25, moved, labels)


def network(seed, x, y, dropout):
    """Train a network of 128 hidden neurons; give its accuracy on the test in percent."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(196, 128), nn.ReLU(), nn.Dropout(dropout), nn.Linear(128, 10))
    descent = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    inputs, targets = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(x)).split(50):
            if len(rows) < 50:
                continue
            descent.zero_grad()
            nn.functional.cross_entropy(model(inputs[rows]), targets[rows]).backward()
            descent.step()
    model.eval()
    with torch.no_grad():
        found = model(torch.tensor(tests, dtype=torch.float32)).argmax(dim=1).numpy()
    return 100 * float((found == answers).mean())


def tree(seed, x, y, held_out):
    """Give what cutting a tree back adds to its test accuracy; the held-out part chooses how far."""
    grown = []
    for penalty in (0, 0.002, 0.005, 0.01, 0.02):
        one = DecisionTreeClassifier(ccp_alpha=penalty, random_state=seed).fit(x, y)
        grown.append((one.score(*held_out), 100 * one.score(tests, answers)))
    return max(grown[1:])[1] - grown[0][1]


def least_squares(x, y, queries, penalty):
    """Give the classes that ridge on the columns of zeros and ones answers."""
    middle, targets = x.mean(axis=0), np.eye(10)[y]
    centred = x - middle
    if penalty:
        square = centred.T @ centred + penalty * np.eye(x.shape[1])
        weights = np.linalg.solve(square, centred.T @ (targets - targets.mean(axis=0)))
    else:
        weights = np.linalg.pinv(centred) @ (targets - targets.mean(axis=0))
    return ((queries - middle) @ weights + targets.mean(axis=0)).argmax(axis=1)


def too_low(x, y, order, penalty):
    """Give the estimate of five folds minus the accuracy on the test, in points."""
    turns = []
    for aside in np.array_split(order, 5):
        rest = np.setdiff1d(order, aside)
        turns.append(100 * (least_squares(x[rest], y[rest], x[aside], penalty) == y[aside]).mean())
    actual = 100 * (least_squares(x, y, tests, penalty) == answers).mean()
    return float(np.mean(turns) - actual)


images, labels = read("train")
tests, answers = (part[:2000] for part in read("t10k"))
found = {name: [] for name in ("dropout", "tree", "estimate, no penalty", "estimate, penalty 30")}
for seed in range(SEEDS):
    draw = np.random.default_rng(7000 + seed)
    order = draw.permutation(len(images))
    own, aside = order[:IMAGES], order[-2000:]
    x, y = images[own], falsify(draw, labels[own])
    found["dropout"].append(network(seed, x, y, 0.5) - network(seed, x, y, 0.0))
    found["tree"].append(tree(seed, x, y, (images[aside], falsify(draw, labels[aside]))))
for seed in range(LINEAR):
    draw = np.random.default_rng(8000 + seed)
    own = draw.permutation(len(images))[:300]
    for name, penalty in (("estimate, no penalty", 0), ("estimate, penalty 30", 30)):
        found[name].append(too_low(images[own], labels[own], draw.permutation(300), penalty))
print(json.dumps(found))
