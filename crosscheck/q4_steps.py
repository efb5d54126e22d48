"""Question 4 once more, in NumPy alone: how many steps gradient descent and momentum take on the toy.

It shares no code with the book: own draws, gradients written out by hand. Prints a JSON object: for each
quantity the value of each network. ``python q4_steps.py [NETWORKS]``
"""

import json
import sys

import numpy as np

NETWORKS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
LIMIT, ENOUGH = 1000, 0.1
X = np.array([[0.7, 0.3, 0.7], [0.4, 1.0, 0.4], [0.2, 1.1, 0.1], [0.4, 0.7, 0.2], [0.1, 0.5, 0.3]])
Y = 0.8 * X[:, 0] ** 3 + 0.1 * X[:, 1] ** 2 + 0.5 * X[:, 2] + 4


def draw(rng):
    return [rng.normal(size=(NETWORKS, *shape)) for shape in ((3, 3), (), (3,), ())]


def loss_and_gradients(hidden, hidden_bias, output, output_bias):
    """Give the squared error of each network, (R,), and its derivatives."""
    before = np.einsum("ni,rij->rnj", X, hidden) + hidden_bias[:, None, None]  # (R, 5, 3)
    after = np.maximum(before, 0)
    error = np.einsum("rnj,rj->rn", after, output) + output_bias[:, None] - Y  # (R, 5)
    by_error = 2 * error / len(Y)  # (R, 5)
    by_before = by_error[:, :, None] * output[:, None, :] * (before > 0)  # (R, 5, 3)
    gradients = [
        np.einsum("ni,rnj->rij", X, by_before),
        by_before.sum(axis=(1, 2)),
        np.einsum("rnj,rn->rj", after, by_error),
        by_error.sum(axis=1),
    ]
    return (error**2).mean(axis=1), gradients


def steps_to_threshold(start, rate, momentum):
    """Count the updates until the loss is first below the threshold, LIMIT where it never is, (R,).

    Also tells which networks got there, which were above it again later, and which rose in the first ten.
    """
    weights = [w.copy() for w in start]
    velocity = [np.zeros_like(w) for w in weights]
    steps = np.full(NETWORKS, LIMIT)
    waiting = np.ones(NETWORKS, dtype=bool)
    left, rose, before = ~waiting, ~waiting, np.full(NETWORKS, np.inf)
    with np.errstate(over="ignore", invalid="ignore"):  # the large rates blow up
        for step in range(LIMIT + 1):
            loss, gradients = loss_and_gradients(*weights)
            arrived = waiting & (loss < ENOUGH)
            left |= ~waiting & ~(loss < ENOUGH)
            rose |= (step <= 10) & (loss > before * (1 + 1e-6))
            before = loss
            steps[arrived] = step
            waiting &= ~arrived
            kept = 1 - rate if momentum else 0
            velocity = [rate * g + kept * v for g, v in zip(gradients, velocity, strict=True)]
            weights = [w - v for w, v in zip(weights, velocity, strict=True)]
    return steps, ~waiting, left, rose


def near(run, stated):
    steps, reached = run[:2]
    return 100.0 * (reached & (steps >= stated / 2) & (steps <= 2 * stated))


start = draw(np.random.default_rng(4))
rates = (1, 0.1, 0.05, 0.01, 0.001)
sgd = {rate: steps_to_threshold(start, rate, momentum=False) for rate in rates}
momentum = {rate: steps_to_threshold(start, rate, momentum=True) for rate in rates}
found = {
    "never, SGD 1": 100.0 * ~sgd[1][1],
    "about 15 steps, SGD 0.1": near(sgd[0.1], 15),
    "about 150 steps, SGD 0.01": near(sgd[0.01], 150),
    "about 800 steps, SGD 0.001": near(sgd[0.001], 800),
    "steps, SGD 0.05 minus 0.1": sgd[0.05][0] - sgd[0.1][0],
    "never, momentum 1": 100.0 * ~momentum[1][1],
    "about 15 steps, momentum 0.1": near(momentum[0.1], 15),
    "about 20 steps, momentum 0.01": near(momentum[0.01], 20),
    "about 60 steps, momentum 0.001": near(momentum[0.001], 60),
}
for rate in (0.1, 0.01, 0.001):
    ratio = np.maximum(sgd[rate][0], 1) / np.maximum(momentum[rate][0], 1)
    found[f"log2 of SGD's steps over momentum's, {rate}"] = np.log2(ratio)
found["swings early on, SGD 0.1"] = 100.0 * sgd[0.1][3]
found["leaves again, SGD 0.1"] = 100.0 * sgd[0.1][2]
found["percent of top speed at the threshold, momentum 0.001"] = 100 * (1 - 0.999 ** momentum[0.001][0])
print(json.dumps({name: values.tolist() for name, values in found.items()}))
