"""Question 2 a once more, with scikit-learn: bias and variance of nearest neighbours on the made-up problem.

It shares no code with the book: the problem is drawn and the votes are counted here. Prints a JSON object:
for each quantity the value of each repetition. ``python q2_neighbors.py [REPETITIONS] [SETS]``
"""

import json
import sys

import numpy as np
from sklearn.neighbors import NearestNeighbors

REPETITIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 6
SETS = int(sys.argv[2]) if len(sys.argv) > 2 else 151
NOISE, SIDE = 0.1, 25
KS = (1, 15, 101)


def above(points):
    """Tell which points lie above the wave."""
    return points[:, 1] > 0.5 * np.sin(4 * points[:, 0])


def shares(rng, size, ks, queries):
    """Give the share of votes for the upper class, (sets, ks, queries)."""
    found = np.empty((SETS, len(ks), len(queries)))
    for place in range(SETS):
        points = rng.uniform(-1, 1, (size, 2))
        labels = above(points) ^ (rng.random(size) < NOISE)
        near = NearestNeighbors(n_neighbors=max(ks)).fit(points).kneighbors(queries, return_distance=False)
        found[place] = [labels[near[:, :k]].mean(axis=1) for k in ks]
    return found


def squared_parts(votes, truth):
    """Give squared bias and variance in points, (ks,), the part of chance taken off the bias."""
    variance = votes.var(axis=0, ddof=1)
    bias = (votes.mean(axis=0) - truth) ** 2 - variance / len(votes)
    return 100 * bias.mean(axis=1), 100 * variance.mean(axis=1)


def unsteadiness(votes):
    """Give how often a set's class differs from the most frequent one, in points, (ks,)."""
    upper = (votes > 0.5).mean(axis=0)
    return 100 * np.minimum(upper, 1 - upper).mean(axis=1)


found = {
    "squared bias, k = 1, sets of 50": [],
    "squared bias, k = 1, sets of 200": [],
    "log of variance, 0-1 loss, k = 15 over 101": [],
    "log of variance, squared error, k = 15 over 101": [],
}
for repetition in range(REPETITIONS):
    rng = np.random.default_rng(repetition)
    fields = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).reshape(-1, 2)
    queries = 2 * (fields + rng.random(fields.shape)) / SIDE - 1
    truth = np.where(above(queries), 1 - NOISE, NOISE)
    few = squared_parts(shares(rng, 50, (1,), queries), truth)[0]
    votes = shares(rng, 200, KS, queries)
    bias, variance = squared_parts(votes, truth)
    unsteady = unsteadiness(votes)
    values = (few[0], bias[0], np.log(unsteady[1] / unsteady[2]), np.log(variance[1] / variance[2]))
    for name, value in zip(found, values, strict=True):
        found[name].append(float(value))
print(json.dumps(found))
