"""Question 2 b and c once more, with NumPy alone: penalties, noise features, and whether L2 shrinks evenly.

It shares no code with the book: the files are read here, ridge is solved by normal equations (the least
squares of coefficient zero by a pseudo-inverse). Prints a JSON object: for each quantity the value of each
seed. ``python q2_penalties.py [SEEDS] [IMAGES] [DATA SETS]``
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np

SEEDS, FEW, SETS = (
    int(sys.argv[place]) if len(sys.argv) > place else default
    for place, default in enumerate((8, 300, 200), 1)
)
LARGER = 300
FILES = Path(__file__).resolve().parents[1] / "hw2utils" / "data" / "fashion_mnist"


def read(part):
    """Give images, halved to 14 by 14 and standardised, (N, 196), and labels as columns of zeros and ones."""
    with gzip.open(FILES / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=np.uint8, offset=16).reshape(-1, 14, 2, 14, 2)
    with gzip.open(FILES / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), dtype=np.uint8, offset=8)
    return (pixels.mean(axis=(2, 4)).reshape(-1, 196) / 255 - 0.2860) / 0.3530, np.eye(10)[labels]


def solve(x, y, coefficient):
    """Give the intercept and the weights of ridge."""
    middle, answers = x.mean(axis=0), y.mean(axis=0)
    x, y = x - middle, y - answers
    if coefficient:
        weights = np.linalg.solve(x.T @ x + coefficient * np.eye(x.shape[1]), x.T @ y)
    else:
        weights = np.linalg.pinv(x) @ y
    return answers - middle @ weights, weights


def score(model, x, y):
    """Give the accuracy in percent."""
    return 100 * float(((model[0] + x @ model[1]).argmax(axis=1) == y.argmax(axis=1)).mean())


def evenly(draw):
    """Give the share of data sets, in percent, in which ridge shrinks four weights by nearly one factor."""
    largest = np.exp(draw.uniform(np.log(0.03), 0))
    count = 0
    for _ in range(SETS):
        x = draw.normal(size=(20, 4))
        true = draw.choice([-1, 1], 4) * np.exp(draw.uniform(np.log(0.1), 0, 4))
        y = x @ true + np.exp(draw.uniform(np.log(0.05), 0)) * draw.normal(size=20)
        penalty = 200 * largest * np.exp(draw.uniform(np.log(0.01), 0))
        free = np.linalg.solve(x.T @ x, x.T @ y)
        factors = np.linalg.solve(x.T @ x + penalty * np.eye(4), x.T @ y) / free
        count += factors.min() > 0 and factors.max() <= 1.5 * factors.min()
    return 100 * count / SETS


images, labels = read("train")
tests, answers = (part[:2000] for part in read("t10k"))
found = {
    "linear, penalty 300 minus none": [],
    "linear, fresh noise minus seen": [],
    "linear, noise added": [],
    "one factor": [],
}
for seed in range(3000, 3000 + SEEDS):
    draw = np.random.default_rng(seed)
    mine = draw.permutation(50_000)[:FEW]
    x, y = images[mine], labels[mine]
    change = score(solve(x, y, LARGER), tests, answers) - score(solve(x, y, 0), tests, answers)
    own = draw.permutation(196)[:50]
    plain = solve(x[:, own], y, 0)
    noise, fresh, new = (draw.normal(size=(count, 100)) for count in (FEW, FEW, len(tests)))
    noisy = solve(np.hstack([x[:, own], noise]), y, 0)
    swapped = score(noisy, np.hstack([x[:, own], fresh]), y) - score(noisy, np.hstack([x[:, own], noise]), y)
    added = score(noisy, np.hstack([tests[:, own], new]), answers) - score(plain, tests[:, own], answers)
    for name, value in zip(found, (change, swapped, added, evenly(draw)), strict=True):
        found[name].append(value)
print(json.dumps(found))
