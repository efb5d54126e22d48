"""The update rules of question 4, each tried with gradients that tell its known mistakes apart."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hw2utils.checks.exercise import Answer, Exercise, Misfit, Seen, described
from hw2utils.optimizers import (
    Rule,
    adam,
    adamw,
    coupled_momentum,
    heavy_ball,
    momentum,
    nesterov,
    rmsprop,
    sgd,
)

_Memory = dict[str, Tensor]
_Advance = Callable[[Tensor, _Memory, Tensor, int], tuple[Tensor, _Memory]]
_OPTIMIZER = {"params", "parameters", "named_parameters"}
_RATE = 0.03


# --- what an answer does --------------------------------------------------------------------------


def _probe(answer: Answer) -> Seen:
    """Let an answer make steps: one, two, many, with several parameters, at two rates, small gradients."""
    one, two = _gradients(24, 1), _gradients(24, 2)
    changed = [_RATE] * 12 + [_RATE / 10] * 12
    return {
        "first": _places(answer, one[:1], [_RATE]),
        "second": _places(answer, one[:2], [_RATE] * 2),
        "many": _places(answer, one, [_RATE] * 24),
        "two": _places(answer, two, [_RATE] * 24),
        "changed": _places(answer, two, changed),
        "small": _places(answer, [{k: g * 1e-8 for k, g in grads.items()} for grads in one], [_RATE] * 24),
    }


def _gradients(steps: int, number: int) -> list[dict[str, Tensor]]:
    """Draw gradients of some parameters with 2, 3, … numbers, around 1 and of both signs."""
    draws = torch.Generator().manual_seed(404)
    sizes = {f"w{i}": (2, i + 1) for i in range(number)}
    centre = {name: torch.randn(size, generator=draws).double() for name, size in sizes.items()}
    return [
        {
            name: centre[name] + torch.randn(size, generator=draws).double() * (1 + step / 10)
            for name, size in sizes.items()
        }
        for step in range(steps)
    ]


def _places(
    answer: Answer, gradients: Sequence[Mapping[str, Tensor]], rates: Sequence[float]
) -> NDArray[np.float64]:
    """Give the parameters after each step, less where they began, shape (steps, numbers)."""
    begin = {name: torch.full_like(g, 0.5) for name, g in gradients[0].items()}
    walk = _as_optimizer if _makes_optimizers(answer) else _as_rule
    visited = walk(answer, begin, gradients, rates)
    start = torch.cat([p.flatten() for p in begin.values()])
    return torch.stack([place - start for place in visited]).numpy()


def _makes_optimizers(answer: Answer) -> bool:
    """Tell whether an answer takes parameters, as torch.optim's do, and not a rate, as rules do."""
    if inspect.isclass(answer) and callable(getattr(answer, "step", None)):
        return True
    try:
        first = next(iter(inspect.signature(answer).parameters), "")
    except (TypeError, ValueError):
        return False
    return first in _OPTIMIZER


def _as_rule(
    make: Answer,
    params: dict[str, Tensor],
    gradients: Sequence[Mapping[str, Tensor]],
    rates: Sequence[float],
) -> list[Tensor]:
    rule, used, visited = _made(make, rates[0]), rates[0], []
    state = rule.init(params)
    for grads, rate in zip(gradients, rates, strict=True):
        rule, used = (rule, used) if rate == used else (_made(make, rate), rate)
        given = [{name: p.clone() for name, p in told.items()} for told in (grads, params)]
        changes, state = rule.updates(given[0], state, given[1])
        for told, kept in zip(given, (grads, params), strict=True):
            if any(not _equal(told[name], p) for name, p in kept.items()):
                raise Misfit("changed-arguments")
        for name, p in params.items():
            if not isinstance(changes[name], Tensor) or changes[name].shape != p.shape:
                raise Misfit("step-shape", got=described(changes[name]), expected=str(tuple(p.shape)))
        params = {name: p + changes[name].detach().double() for name, p in params.items()}
        visited.append(torch.cat([p.flatten() for p in params.values()]))
    return visited


def _made(make: Answer, rate: float) -> Rule:
    made = make(rate)
    if not isinstance(made, Rule):
        raise Misfit("no-rule", got=described(made))

    def advance(g: Tensor, memory: _Memory, p: Tensor, t: int) -> tuple[Tensor, _Memory]:
        told = made.advance(g, memory, p, t)
        if not (isinstance(told, tuple | list) and len(told) == 2):
            raise Misfit("advance-result", got=described(told))
        names = list(told[1]) if isinstance(told[1], Mapping) else []
        if set(made.remembers) - set(names):
            got = ", ".join(map(str, names)) or described(told[1])
            raise Misfit("memory-names", got=got, expected=", ".join(made.remembers))
        return told[0], told[1]

    return replace(made, advance=advance)


def _equal(one: Tensor, other: Tensor) -> bool:
    """Tell whether two tensors hold the same numbers; NaN is where NaN is."""
    return one.shape == other.shape and torch.allclose(one, other, rtol=0, atol=0, equal_nan=True)


def _as_optimizer(
    make: Answer,
    begin: dict[str, Tensor],
    gradients: Sequence[Mapping[str, Tensor]],
    rates: Sequence[float],
) -> list[Tensor]:
    params = {name: p.clone().requires_grad_() for name, p in begin.items()}
    for p in params.values():
        p.grad = torch.zeros_like(p)  # a function that steps by itself is told so, not of None
    named = _takes_name(make, "lr")
    given = list(params.values())
    optimizer = make(given, lr=rates[0]) if named else make(given, rates[0])
    if not callable(getattr(optimizer, "step", None)):
        raise Misfit("no-optimizer", got=described(optimizer))
    used, visited = rates[0], list[Tensor]()
    for grads, rate in zip(gradients, rates, strict=True):
        if rate != used:
            _set_rate(optimizer, used, rate)
            used = rate
        for name, p in params.items():
            p.grad = grads[name].clone()
        optimizer.step()
        visited.append(torch.cat([p.detach().flatten().clone() for p in params.values()]))
    return visited


def _takes_name(make: Answer, name: str) -> bool:
    """Tell whether an answer can be given an argument by its name."""
    told = inspect.signature(make).parameters
    return name in told or any(one.kind is inspect.Parameter.VAR_KEYWORD for one in told.values())


def _set_rate(optimizer: Any, old: float, new: float) -> None:
    """Change the rate of an optimizer, wherever it keeps the ``old`` one."""
    places = getattr(optimizer, "param_groups", None) or [getattr(optimizer, "__dict__", {})]
    found = [(place, key) for place in places for key, value in place.items() if _is(value, old)]
    if not found:
        raise Misfit("no-rate-kept")
    for place, key in found:
        place[key] = new


def _is(value: object, rate: float) -> bool:
    return isinstance(value, float) and value == rate


# --- mistakes -------------------------------------------------------------------------------------


def _rule(remembers: tuple[str, ...], advance: _Advance) -> Rule:
    return Rule("mistaken", remembers, advance)


def _uphill(right: Callable[..., Rule], lr: float) -> Rule:
    rule = right(lr)

    def advance(g: Tensor, memory: _Memory, p: Tensor, t: int) -> tuple[Tensor, _Memory]:
        step, memory = rule.advance(g, memory, p, t)
        return -step, memory

    return _rule(rule.remembers, advance)


def _forgets(right: Callable[..., Rule], lr: float) -> Rule:
    rule = right(lr)
    return _rule(rule.remembers, lambda g, old, p, t: (rule.advance(g, old, p, t)[0], old))


def _one_memory(right: Callable[..., Rule], lr: float) -> Rule:
    """Share one memory among all parameters, as a variable outside of the function does."""
    rule, kept = right(lr), dict[str, Any]()

    def advance(g: Tensor, memory: _Memory, p: Tensor, t: int) -> tuple[Tensor, _Memory]:
        old = {slot: _fitted(kept.get(slot, torch.zeros(())), g) for slot in rule.remembers}
        step, new = rule.advance(g, old, p, t)
        kept.update(new)
        return step, memory

    return _rule(rule.remembers, advance)


def _fitted(shared: Tensor, g: Tensor) -> Tensor:
    return shared.mean().expand(g.shape) if shared.shape != g.shape else shared


def _penalised(right: Callable[..., Rule], lr: float) -> Rule:
    rule = right(lr)
    return _rule(rule.remembers, lambda g, m, p, t: rule.advance(g + 0.01 * p, m, p, t))


def _stuck(right: Callable[..., Rule], lr: float) -> Rule:
    rule = right(lr)
    return _rule(rule.remembers, lambda g, m, p, t: rule.advance(g, m, p, 1))


def _late(right: Callable[..., Rule], lr: float) -> Rule:
    rule = right(lr)
    return _rule(rule.remembers, lambda g, m, p, t: rule.advance(g, m, p, t + 1))


def _counts(right: Callable[..., Rule], lr: float) -> Rule:
    rule, calls = right(lr), count(1)
    return _rule(rule.remembers, lambda g, m, p, t: rule.advance(g, m, p, next(calls)))


def _plain(step: Callable[[Tensor, Tensor, float], Tensor], lr: float) -> Rule:
    return _rule((), lambda g, m, p, t: (step(g, p, lr), {}))


def _mean(
    new: Callable[[Tensor, Tensor, float], Tensor], step: Callable[[Tensor, Tensor, float], Tensor], lr: float
) -> Rule:
    """Make a rule with one memory: ``new`` makes it of gradient, old memory and rate, ``step`` the step."""

    def advance(g: Tensor, memory: _Memory, *_: Any) -> tuple[Tensor, _Memory]:
        mean = new(g, memory["mean"], lr)
        return step(g, mean, lr), {"mean": mean}

    return _rule(("mean",), advance)


def _second(
    lr: float,
    *,
    decays: tuple[float, float] = (0.9, 0.999),
    correct: tuple[bool, bool] = (True, True),
    root: bool = True,
    inner: bool = False,
    stored: bool = False,
    of_step: bool = False,
) -> Rule:
    """Make Adam with one of its parts otherwise; without its mean, where the first decay is 0, RMSprop."""
    first, second = decays
    epsilon = 1e-8

    def advance(g: Tensor, memory: _Memory, p: Tensor, t: int) -> tuple[Tensor, _Memory]:
        mean = first * memory["mean"] + (1 - first) * g
        square = second * memory["square"] + (1 - second) * (mean if of_step else g) ** 2
        m = mean / (1 - first**t) if correct[0] else mean
        s = square / (1 - second**t) if correct[1] else square
        outer = (s.sqrt() if root else s) + epsilon
        size = (s + epsilon).sqrt() if inner else outer
        kept = {"mean": m, "square": s} if stored else {"mean": mean, "square": square}
        return -lr * m / size, kept

    return _rule(("mean", "square"), advance)


_rms = partial(_second, decays=(0.0, 0.99), correct=(False, False))


def _summed(lr: float) -> Rule:
    """Add squares up instead of averaging them: this is AdaGrad."""

    def advance(g: Tensor, memory: _Memory, *_: Any) -> tuple[Tensor, _Memory]:
        square = memory["square"] + g * g
        return -lr * g / (square.sqrt() + 1e-8), {"square": square}

    return _rule(("square",), advance)


def _coupled_inside(lr: float) -> Rule:
    return _mean(lambda g, m, lr: lr * g + (1 - lr) * m, lambda g, m, lr: -m, lr)


def _slips(right: Callable[..., Rule], *, memory: bool = True) -> dict[str, Answer]:
    """Give the mistakes that any rule may have."""
    found: dict[str, Answer] = {
        "uphill": partial(_uphill, right),
        "penalised": partial(_penalised, right),
        "stands": partial(_plain, lambda g, p, lr: 0 * g),
    }
    if memory:
        found |= {"forgets": partial(_forgets, right), "one-memory": partial(_one_memory, right)}
    return found


EXERCISES = (
    Exercise(
        "q4-sgd",
        _probe,
        sgd,
        {
            **_slips(sgd, memory=False),
            "no-rate": partial(_plain, lambda g, p, lr: -g),
            "rate-squared": partial(_plain, lambda g, p, lr: -lr * lr * g),
            "sign-only": partial(_plain, lambda g, p, lr: -lr * g.sign()),
            "shortened": partial(_plain, lambda g, p, lr: -lr * g / g.norm()),
            "whole-parameter": partial(_plain, lambda g, p, lr: p - lr * g),
            "remembers": momentum,
            "averages": partial(_plain, lambda g, p, lr: -lr * g / g.numel()),
        },
        public="hw2utils.optimizers.sgd",
    ),
    Exercise(
        "q4-coupled",
        _probe,
        coupled_momentum,
        {
            **_slips(coupled_momentum),
            "undamped": partial(_mean, lambda g, m, lr: lr * g + m, lambda g, m, lr: -m),
            "rate-outside": partial(_mean, lambda g, m, lr: g + (1 - lr) * m, lambda g, m, lr: -lr * m),
            "exchanged": partial(_mean, lambda g, m, lr: (1 - lr) * g + lr * m, lambda g, m, lr: -m),
            "fixed-decay": heavy_ball,
            "rate-twice": partial(_mean, lambda g, m, lr: lr * g + (1 - lr) * m, lambda g, m, lr: -lr * m),
            "whole-gradient": partial(_mean, lambda g, m, lr: g + (1 - lr) * m, lambda g, m, lr: -m),
        },
        public="hw2utils.optimizers.coupled_momentum",
    ),
    Exercise(
        "q4-momentum",
        _probe,
        momentum,
        {
            **_slips(momentum),
            "ball": heavy_ball,
            "coupled": _coupled_inside,
            "averaged": partial(_mean, lambda g, m, lr: 0.9 * m + 0.1 * g, lambda g, m, lr: -lr * m),
            "looks-ahead": nesterov,
            "decays-all": partial(_mean, lambda g, m, lr: 0.9 * (m + g), lambda g, m, lr: -lr * m),
            "rate-twice": partial(_mean, lambda g, m, lr: lr * g + 0.9 * m, lambda g, m, lr: -lr * m),
            "undamped": partial(_mean, lambda g, m, lr: g + m, lambda g, m, lr: -lr * m),
        },
        public="hw2utils.optimizers.momentum",
    ),
    Exercise(
        "q4-nesterov",
        _probe,
        nesterov,
        {
            **_slips(nesterov),
            "no-look-ahead": momentum,
            "ball": partial(_mean, lambda g, m, lr: lr * g + 0.9 * m, lambda g, m, lr: -(lr * g + 0.9 * m)),
            "averaged": partial(
                _mean, lambda g, m, lr: 0.9 * m + 0.1 * g, lambda g, m, lr: -lr * (0.1 * g + 0.9 * m)
            ),
            "whole-memory": partial(_mean, lambda g, m, lr: g + 0.9 * m, lambda g, m, lr: -lr * (g + m)),
            "no-gradient": partial(_mean, lambda g, m, lr: g + 0.9 * m, lambda g, m, lr: -lr * 0.9 * m),
            "no-memory": sgd,
        },
        public="hw2utils.optimizers.nesterov",
    ),
    Exercise(
        "q4-rmsprop",
        _probe,
        rmsprop,
        {
            **_slips(rmsprop),
            "inner-epsilon": partial(_rms, inner=True),
            "last-square": partial(rmsprop, decay=0.0),
            "corrected": partial(_rms, correct=(False, True)),
            "exchanged": partial(rmsprop, decay=1 - 0.99),
            "summed": _summed,
            "no-root": partial(_rms, root=False),
            "other-decay": partial(rmsprop, decay=0.9),
        },
        public="hw2utils.optimizers.rmsprop",
    ),
    Exercise(
        "q4-adam",
        _probe,
        adam,
        {
            **_slips(adam),
            "uncorrected": partial(_second, correct=(False, False)),
            "mean-uncorrected": partial(_second, correct=(False, True)),
            "square-uncorrected": partial(_second, correct=(True, False)),
            "exchanged": partial(adam, decays=(0.999, 0.9)),
            "stuck": partial(_stuck, adam),
            "counts": partial(_counts, adam),
            "late": partial(_late, adam),
            "stored": partial(_second, stored=True),
            "no-root": partial(_second, root=False),
            "inner-epsilon": partial(_second, inner=True),
            "square-of-mean": partial(_second, of_step=True),
            "decoupled": adamw,
        },
        points=2,
        public="hw2utils.optimizers.adam",
    ),
)
