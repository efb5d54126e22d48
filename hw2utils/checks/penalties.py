"""What keeps weights small and networks honest: an L2 penalty, weight decay in a step, dropout."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hw2utils.checks.exercise import Answer, Exercise, Misfit, Seen, numbers

# --- an L2 penalty --------------------------------------------------------------------------------

_Parameters = Mapping[str, Tensor]


def _probe_penalty(answer: Answer) -> Seen:
    draws = torch.Generator().manual_seed(210)
    shapes = {"0.weight": (3, 2), "0.bias": (3,), "2.weight": (1, 3), "2.bias": (1,)}
    drawn = {name: torch.randn(shape, generator=draws).double() for name, shape in shapes.items()}
    seen = {}
    for case, strength in {"zero": 0.0, "one": 1.0, "small": 0.01}.items():
        params = {name: p.clone().requires_grad_() for name, p in drawn.items()}
        plain = sum(((p - 1) ** 2).sum() for p in params.values())
        found = answer(plain, params, strength)
        seen[case] = numbers(found, ())
        if not isinstance(found, Tensor) or not found.requires_grad:
            raise Misfit("no-gradient")
        steps = torch.autograd.grad(found, list(params.values()), allow_unused=True)
        flat = [torch.zeros_like(p) if g is None else g for p, g in zip(params.values(), steps, strict=True)]
        seen[f"gradient-{case}"] = numbers(torch.cat([g.flatten() for g in flat]), (13,))
    return seen


def penalised(loss: Tensor, parameters: _Parameters, strength: float) -> Tensor:
    """Add to a loss ``strength`` times the sum of squares of all weights; biases are left alone.

    ``parameters`` are named as ``named_parameters()`` names them.

    >>> penalised(torch.tensor(1.0), {"weight": torch.ones(2), "bias": torch.ones(1)}, 0.5).item()
    2.0
    """
    return loss + strength * sum((w**2).sum() for name, w in parameters.items() if name.endswith("weight"))


def _with_penalty(term: Callable[[list[Tensor]], Tensor], *, biases: bool = False) -> Answer:
    def answer(loss: Tensor, parameters: _Parameters, strength: float) -> Tensor:
        chosen = [w for name, w in parameters.items() if biases or name.endswith("weight")]
        return loss + strength * term(chosen)

    return answer


def _squares(weights: list[Tensor]) -> Tensor:
    return torch.cat([w.flatten() for w in weights]).square().sum()


_PENALTY: dict[str, Answer] = {
    "biases": _with_penalty(_squares, biases=True),
    "biases-only": lambda loss, ps, strength: (
        loss + strength * _squares([p for name, p in ps.items() if name.endswith("bias")])
    ),
    "no-penalty": lambda loss, ps, strength: loss,
    "half": _with_penalty(lambda ws: _squares(ws) / 2),
    "absolute": _with_penalty(lambda ws: torch.cat([w.flatten() for w in ws]).abs().sum()),
    "norm": _with_penalty(lambda ws: _squares(ws).sqrt()),
    "norms": _with_penalty(lambda ws: torch.stack([w.norm() for w in ws]).sum()),
    "mean": _with_penalty(lambda ws: torch.cat([w.flatten() for w in ws]).square().mean()),
    "sum-squared": _with_penalty(lambda ws: torch.cat([w.flatten() for w in ws]).sum().square()),
    "first-layer": _with_penalty(lambda ws: ws[0].square().sum()),
    "rewards": _with_penalty(lambda ws: -_squares(ws)),
    "detached": _with_penalty(lambda ws: _squares(ws).detach()),
    "alone": lambda loss, ps, strength: penalised(0 * loss, ps, strength),
    "not-scaled": lambda loss, ps, strength: penalised(loss, ps, 1.0),
    "strength-squared": lambda loss, ps, strength: penalised(loss, ps, strength**2),
}


# --- weight decay in a step -----------------------------------------------------------------------


def _probe_decay(answer: Answer) -> Seen:
    draws = torch.Generator().manual_seed(510)
    weights, grads = (torch.randn(2, 3, generator=draws).double() for _ in range(2))
    cases = {
        "no-decay": (weights, grads, 0.1, 0.0),
        "no-gradient": (weights, 0 * grads, 0.5, 0.3),
        "both": (weights, grads, 0.5, 0.3),
        "small": (weights, grads, 0.1, 0.01),
    }
    seen = {}
    for name, (w, g, lr, decay) in cases.items():
        given = w.clone(), g.clone()
        seen[name] = numbers(answer(*given, lr, decay), (2, 3))
        if not torch.equal(given[1], g):
            raise Misfit("changed-arguments")
    return seen


def decayed_step(weights: Tensor, grads: Tensor, lr: float, decay: float) -> Tensor:
    """Make a step of gradient descent with weight decay, as ``torch.optim.SGD(weight_decay=decay)`` does.

    >>> decayed_step(torch.ones(1), torch.zeros(1), 0.5, 0.5).tolist()
    [0.75]
    """
    return weights - lr * (grads + decay * weights)


_DECAY: dict[str, Callable[[Tensor, Tensor, float, float], Tensor]] = {
    "no-rate": lambda w, g, lr, d: w - lr * g - d * w,
    "after-step": lambda w, g, lr, d: (w - lr * g) * (1 - lr * d),
    "grows": lambda w, g, lr, d: w - lr * (g - d * w),
    "twice": lambda w, g, lr, d: w - lr * (g + 2 * d * w),
    "half": lambda w, g, lr, d: w - lr * (g + d * w / 2),
    "sign": lambda w, g, lr, d: w - lr * (g + d * w.sign()),
    "squares": lambda w, g, lr, d: w - lr * (g + d * w**2),
    "gradient-decays": lambda w, g, lr, d: w - lr * (1 - d) * g,
    "no-decay": lambda w, g, lr, d: w - lr * g,
    "step-only": lambda w, g, lr, d: -lr * (g + d * w),
    "uphill": lambda w, g, lr, d: w + lr * (g + d * w),
    "rate-squared": lambda w, g, lr, d: w - lr * g - lr**2 * d * w,
    "rate-on-decay": lambda w, g, lr, d: w - g - lr * d * w,
}


# --- dropout --------------------------------------------------------------------------------------

_SIZE, _CALLS = (200, 200), 10


def _probe_dropout(answer: Answer) -> Seen:
    """Describe what dropout does to many ones: the share dropped, what is left, masks, evaluation."""
    seen: dict[str, NDArray[np.float64]] = {}
    ones = torch.ones(_SIZE)
    for case, rate in {"quarter": 0.25, "most": 0.7}.items():
        torch.manual_seed(520)
        np.random.seed(520)  # noqa: NPY002 a student may draw with it
        random.seed(520)
        given = ones.clone()
        made = np.stack([numbers(answer(given, rate, True), _SIZE) for _ in range(_CALLS)])
        if not torch.equal(given, ones):
            raise Misfit("changed-arguments")
        dropped = made == 0  # (calls, rows, columns)
        seen |= _told(case, made)
        alike = [(dropped == dropped[:, :1]).all(), (dropped == dropped[:, :, :1]).all()]
        seen[f"mask-{case}"] = np.array([*alike, (dropped == dropped[:1]).all()], dtype=np.float64)
    seen |= _told("evaluation", numbers(answer(2 * ones, 0.4, False), _SIZE))
    seen["nothing"] = numbers(answer(ones.clone(), 0.0, True), _SIZE)
    return seen


def _told(case: str, made: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Describe numbers: the share that is zero, and mean and spread of the others."""
    left = made[made != 0]
    spread = [left.mean(), left.std()] if left.size else [0.0, 0.0]
    return {f"dropped-{case}": np.array([(made == 0).mean()]), f"left-{case}": np.array(spread)}


def dropout(
    inputs: Tensor,
    rate: float,
    training: bool,
    *,
    kept: Callable[[float], float] = lambda rate: 1 - rate,
    scale: Callable[[float], float] = lambda rate: 1 / (1 - rate),
    evaluating: Callable[[float], float] = lambda rate: 1.0,
    always: bool = False,
    mask: str = "each",
    filling: float = 0.0,
) -> Tensor:
    """Drop a share ``rate`` of the numbers in training and scale the rest up; in evaluation change nothing.

    The other arguments are the mistakes that can be made.

    >>> dropout(torch.ones(3), 0.5, False).tolist()
    [1.0, 1.0, 1.0]
    """
    if not training and not always:
        return inputs * evaluating(rate)
    shape = {"row": (1, inputs.shape[-1]), "column": (len(inputs), 1), "one": (1, 1)}.get(mask, inputs.shape)
    draws = torch.Generator().manual_seed(1) if mask == "same" else None
    on = torch.rand(shape, generator=draws) < kept(rate)
    return torch.where(on, inputs * scale(rate), torch.full_like(inputs, filling))


_DROPOUT: dict[str, Answer] = {
    "not-scaled": partial(dropout, scale=lambda rate: 1.0),
    "scaled-later": partial(dropout, scale=lambda rate: 1.0, evaluating=lambda rate: 1 - rate),
    "scaled-twice": partial(dropout, evaluating=lambda rate: 1 - rate),
    "keeps-rate": partial(dropout, kept=lambda rate: rate),
    "rate-kept": partial(dropout, kept=lambda rate: rate, scale=lambda rate: 1 / rate if rate else 1.0),
    "scaled-by-rate": partial(dropout, scale=lambda rate: 1 / rate if rate else 1.0),
    "scaled-down": partial(dropout, scale=lambda rate: 1 - rate),
    "always": partial(dropout, always=True),
    "never": lambda inputs, rate, training: inputs,
    "turned": lambda inputs, rate, training: dropout(inputs, rate, not training),
    "one-mask": partial(dropout, mask="row"),
    "whole-rows": partial(dropout, mask="column"),
    "same-mask": partial(dropout, mask="same"),
}

EXERCISES = (
    Exercise("q2-penalty", _probe_penalty, penalised, _PENALTY),
    Exercise("q5-decay", _probe_decay, decayed_step, _DECAY),
    Exercise("q5-dropout", _probe_dropout, dropout, _DROPOUT, tolerance=0.08),
)
