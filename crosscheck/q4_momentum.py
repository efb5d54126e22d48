"""Question 4 b once more, as a plain PyTorch loop: momentum's steps, rises and living networks on the toy.

It shares no code with the book: own draws, one vector of fourteen numbers a network, gradients by autograd.
Prints a JSON object: for each quantity the value of each network. ``python q4_momentum.py [NETWORKS]``
"""

import json
import sys

import torch

NETWORKS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
LIMIT, ENOUGH = 1000, 0.1
X = torch.tensor(
    [[0.7, 0.3, 0.7], [0.4, 1.0, 0.4], [0.2, 1.1, 0.1], [0.4, 0.7, 0.2], [0.1, 0.5, 0.3]], dtype=torch.float64
)
Y = 0.8 * X[:, 0] ** 3 + 0.1 * X[:, 1] ** 2 + 0.5 * X[:, 2] + 4


def answer(w):
    """Predict the five labels from each network's vector: (R, 14) to (R, 5)."""
    hidden = torch.relu(torch.einsum("ni,rij->rnj", X, w[:, :9].reshape(-1, 3, 3)) + w[:, 9, None, None])
    return torch.einsum("rnj,rj->rn", hidden, w[:, 10:13]) + w[:, 13, None]


def descend(start, rate, kept):
    """Give each network its steps to the threshold, whether the loss rose before, and whether it lives."""
    w, step_made = start.clone(), torch.zeros_like(start)
    steps = torch.full((NETWORKS,), LIMIT)
    waiting, rose, apart = (torch.full((NETWORKS,), flag) for flag in (True, False, False))
    before = torch.full((NETWORKS,), torch.inf, dtype=torch.float64)
    for step in range(LIMIT + 1):
        w.requires_grad_()
        said = answer(w)
        loss = (said - Y).square().mean(dim=1)
        (slope,) = torch.autograd.grad(loss.sum(), w)
        loss, said, w = loss.detach(), said.detach(), w.detach()
        rose |= waiting & ~(loss <= before)  # NaN has risen
        arrived = waiting & (loss < ENOUGH)
        steps[arrived] = step
        apart[arrived] = (said.amax(dim=1) - said.amin(dim=1))[arrived] > 1e-9
        waiting &= ~arrived
        if not waiting.any():
            break
        step_made = rate * slope + kept * step_made
        before, w = loss, w - step_made
    return steps, ~waiting, rose, apart


def near(run, stated):
    steps, reached, _, _ = run
    return 100.0 * (reached & (steps >= stated / 2) & (steps <= 2 * stated))


torch.set_num_threads(1)  # products this small gain nothing by more
torch.manual_seed(42)
start = torch.randn(NETWORKS, 14, dtype=torch.float64)
ball = {rate: descend(start, rate, 1 - rate) for rate in (1, 0.1, 0.01, 0.001)}
plain = {rate: descend(start, rate, 0.0) for rate in (0.1, 0.01)}
rose = {rate: 100.0 * ball[rate][2] for rate in ball}
found = {
    "never, momentum 1": 100.0 * ~ball[1][1],
    "about 15 steps, momentum 0.1": near(ball[0.1], 15),
    "about 20 steps, momentum 0.01": near(ball[0.01], 20),
    "about 60 steps, momentum 0.001": near(ball[0.001], 60),
    "arrives alive, momentum 0.001": 100.0 * (ball[0.001][1] & ball[0.001][3]),
    "loss rises, momentum minus SGD, both 0.01": rose[0.01] - 100.0 * plain[0.01][2],
    "loss rises, momentum 0.01 minus SGD 0.1": rose[0.01] - 100.0 * plain[0.1][2],
}
print(json.dumps({name: values.tolist() for name, values in found.items()}))
