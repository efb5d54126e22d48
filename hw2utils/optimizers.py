"""Optimizers from scratch: each rule a pure pair of functions, ``init`` and ``update``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from hw2utils._checks import check_tensor, check_whole, is_number, kind

Params = dict[str, Tensor]
State = dict[str, Any]
"""What a rule carries on: ``steps``, how many it made, and each quantity that it remembers, by name."""
Memory = dict[str, Tensor]
"""What a rule remembers of one parameter: named tensors in its shape."""


@dataclass(frozen=True)
class Rule:
    """An optimizer: ``init(params) -> state`` and ``update(grads, state, params) -> (params, state)``.

    ``update`` is two steps, which can be made one by one: :meth:`updates` says by how much each parameter
    changes, :func:`apply_updates` adds that. ``advance`` is the rule itself, for one parameter: from its
    gradient, what is remembered of it, the parameter and the number of this step, from 1 up, it makes what
    is added to the parameter and what is remembered next.

    No function changes what it is given. Every number of a tensor is treated alike, so parameters of
    many seeds, stacked in the first dimension, are updated at once and do not influence each other: a
    diverged seed (NaN gradients) leaves the rest as they were.

    ``init`` raises ValueError for parameters that are not floating point or not finite; ``update`` for
    gradients whose names or shapes are not exactly the parameters', or a state made for other parameters.

    >>> rule = sgd(lr=0.5)
    >>> params = {"w": torch.tensor([1.0, 2.0])}
    >>> new, state = rule.update({"w": torch.tensor([1.0, 0.0])}, rule.init(params), params)
    >>> new["w"].tolist(), params["w"].tolist(), state
    ([0.5, 2.0], [1.0, 2.0], {'steps': 1})
    """

    name: str
    remembers: tuple[str, ...]
    advance: Callable[[Tensor, Memory, Tensor, int], tuple[Tensor, Memory]]

    def init(self, params: Mapping[str, Tensor]) -> State:
        """Make the state before the first update: zeros in the shape of each parameter."""
        _check_params(params)
        zeros = {
            slot: {name: torch.zeros_like(p, requires_grad=False) for name, p in params.items()}
            for slot in self.remembers
        }
        return {"steps": 0, **zeros}

    def updates(
        self, grads: Mapping[str, Tensor], state: State, params: Mapping[str, Tensor]
    ) -> tuple[Params, State]:
        """Compute what is added to each parameter in one step, in its shape, and the next state.

        Raises ValueError as :meth:`update` does.

        >>> rule, params = sgd(lr=0.5), {"w": torch.tensor([1.0, 2.0])}
        >>> rule.updates({"w": torch.tensor([1.0, 3.0])}, rule.init(params), params)[0]["w"].tolist()
        [-0.5, -1.5]
        """
        _check_match("grads", grads, params)
        self._check_state(state, params)
        steps = state["steps"] + 1
        changes: Params = {}
        new_state: State = {"steps": steps, **{slot: {} for slot in self.remembers}}
        with torch.no_grad():
            for name, p in params.items():
                memory = {slot: state[slot][name] for slot in self.remembers}
                changes[name], memory = self.advance(grads[name], memory, p, steps)
                for slot in self.remembers:
                    new_state[slot][name] = memory[slot]
        return changes, new_state

    def update(
        self, grads: Mapping[str, Tensor], state: State, params: Mapping[str, Tensor]
    ) -> tuple[Params, State]:
        """Move the parameters by one step against their gradients; return them and the next state."""
        changes, new_state = self.updates(grads, state, params)
        return apply_updates(params, changes), new_state

    def _check_state(self, state: State, params: Mapping[str, Tensor]) -> None:
        if not isinstance(state, Mapping) or set(state) != {"steps", *self.remembers}:
            got = list(state) if isinstance(state, Mapping) else kind(state)
            raise ValueError(
                f"state: expected what {self.name} remembers, {['steps', *self.remembers]}, got {got}; "
                "begin with init(params)"
            )
        check_whole("state['steps']", state["steps"], 0, remedy="begin with init(params)")
        for slot in self.remembers:
            _check_match(f"state[{slot!r}]", state[slot], params)


def apply_updates(params: Mapping[str, Tensor], updates: Mapping[str, Tensor]) -> Params:
    """Add to each parameter its update; neither is changed.

    Raises ValueError for updates whose names or shapes are not exactly the parameters'.

    >>> apply_updates({"w": torch.ones(2)}, {"w": torch.tensor([-0.5, 1.0])})["w"].tolist()
    [0.5, 2.0]
    """
    _check_match("updates", updates, params)
    with torch.no_grad():
        return {name: p + updates[name] for name, p in params.items()}


def sgd(lr: float) -> Rule:
    """Make gradient descent: w ← w − lr·g.

    Raises ValueError unless lr is a positive, finite number. Source: Robbins and Monro 1951,
    doi:10.1214/aoms/1177729586; equals ``torch.optim.SGD``.

    >>> sgd(lr=0.1).name
    'sgd'
    """
    lr = _positive("lr", lr)
    return Rule("sgd", (), lambda g, *_: (-lr * g, {}))


def coupled_momentum(lr: float) -> Rule:
    """Make the homework's momentum, whose rate is also one minus its decay: m ← lr·g + (1 − lr)·m, w ← w − m.

    In a constant gradient g the step m tends to g, whatever lr is; with lr = 1 it is gradient descent. It
    equals ``torch.optim.SGD(lr=lr, momentum=1 - lr)``.

    Raises ValueError unless 0 < lr ≤ 1: above 1 the decay would be negative.

    >>> rule = coupled_momentum(lr=0.5)
    >>> params = {"w": torch.zeros(1)}
    >>> rule.update({"w": torch.ones(1)}, rule.init(params), params)[1]["velocity"]["w"].item()
    0.5
    """
    lr = _positive("lr", lr)
    if lr > 1:
        raise ValueError(
            f"lr: expected a rate in (0, 1], since 1 − lr is the decay, got {lr}; "
            "use heavy_ball, whose lr and decay are separate"
        )

    def advance(g: Tensor, memory: Memory, *_: Any) -> tuple[Tensor, Memory]:
        velocity = lr * g + (1 - lr) * memory["velocity"]
        return -velocity, {"velocity": velocity}

    return Rule("coupled_momentum", ("velocity",), advance)


def heavy_ball(lr: float, decay: float = 0.9) -> Rule:
    """Make Polyak's momentum, the rate inside the memory: v ← lr·g + decay·v, w ← w − v.

    With a constant lr its path is that of :func:`momentum`; when lr changes on the way, the steps already
    remembered keep their old rate here, and take the new one there.

    Raises ValueError unless lr is positive and finite, and decay in [0, 1).
    Source: Polyak 1964, doi:10.1016/0041-5553(64)90137-5.

    >>> heavy_ball(lr=0.1).remembers
    ('velocity',)
    """
    lr, decay = _positive("lr", lr), _fraction("decay", decay)

    def advance(g: Tensor, memory: Memory, *_: Any) -> tuple[Tensor, Memory]:
        velocity = lr * g + decay * memory["velocity"]
        return -velocity, {"velocity": velocity}

    return Rule("heavy_ball", ("velocity",), advance)


def momentum(lr: float, decay: float = 0.9) -> Rule:
    """Make momentum as PyTorch writes it, the rate outside the memory: m ← g + decay·m, w ← w − lr·m.

    Raises ValueError unless lr is positive and finite, and decay in [0, 1).
    Source: Sutskever et al. 2013 (ICML); equals ``torch.optim.SGD(lr, momentum=decay)``.

    >>> momentum(lr=0.1).remembers
    ('mean',)
    """
    return _momentum("momentum", lr, decay, look_ahead=False)


def nesterov(lr: float, decay: float = 0.9) -> Rule:
    """Make Nesterov's momentum as PyTorch writes it: m ← g + decay·m, w ← w − lr·(g + decay·m).

    Raises ValueError unless lr is positive and finite, and decay in [0, 1).
    Source: Sutskever et al. 2013 (ICML); equals ``torch.optim.SGD(lr, momentum=decay, nesterov=True)``
    for a decay above 0.

    >>> nesterov(lr=0.1).name
    'nesterov'
    """
    return _momentum("nesterov", lr, decay, look_ahead=True)


def _momentum(name: str, lr: float, decay: float, *, look_ahead: bool) -> Rule:
    lr, decay = _positive("lr", lr), _fraction("decay", decay)

    def advance(g: Tensor, memory: Memory, *_: Any) -> tuple[Tensor, Memory]:
        mean = g + decay * memory["mean"]
        return -lr * (g + decay * mean if look_ahead else mean), {"mean": mean}

    return Rule(name, ("mean",), advance)


def rmsprop(lr: float, decay: float = 0.99, epsilon: float = 1e-8) -> Rule:
    """Make RMSprop: s ← decay·s + (1 − decay)·g², w ← w − lr·g / (√s + epsilon).

    Raises ValueError unless lr and epsilon are positive and finite, and decay in [0, 1).
    Source: Tieleman and Hinton 2012 (Coursera lecture 6.5); equals ``torch.optim.RMSprop(alpha=decay)``.

    >>> rmsprop(lr=0.01).remembers
    ('square',)
    """
    lr, epsilon = _positive("lr", lr), _positive("epsilon", epsilon)
    decay = _fraction("decay", decay)

    def advance(g: Tensor, memory: Memory, *_: Any) -> tuple[Tensor, Memory]:
        square = decay * memory["square"] + (1 - decay) * g * g
        return -lr * g / (square.sqrt() + epsilon), {"square": square}

    return Rule("rmsprop", ("square",), advance)


def adam(lr: float, decays: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8) -> Rule:
    """Make Adam: running means of g and g², both corrected for their start at zero.

    m ← b1·m + (1 − b1)·g, s ← b2·s + (1 − b2)·g², and after t steps
    w ← w − lr·(m / (1 − b1ᵗ)) / (√(s / (1 − b2ᵗ)) + epsilon).

    Raises ValueError unless lr and epsilon are positive and finite, and both decays in [0, 1).
    Source: Kingma and Ba 2015, arXiv:1412.6980; equals ``torch.optim.Adam``.

    >>> rule = adam(lr=0.1)
    >>> params = {"w": torch.zeros(1)}
    >>> new, _ = rule.update({"w": torch.full((1,), 50.0)}, rule.init(params), params)
    >>> round(new["w"].item(), 4)
    -0.1
    """
    return _adam("adam", lr, decays, epsilon, weight_decay=0.0)


def adamw(
    lr: float, decays: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8, weight_decay: float = 0.01
) -> Rule:
    """Make Adam with decoupled weight decay: the parameter shrinks by itself, its gradient stays as it is.

    w ← w − lr·weight_decay·w, less the step of :func:`adam`. With a penalty in the loss the decay would be
    divided by the gradient's size like all the rest; here it is the same for every weight.

    Raises ValueError as :func:`adam` does, and for a weight_decay that is negative or not finite.
    Source: Loshchilov and Hutter 2019, arXiv:1711.05101; equals ``torch.optim.AdamW``.

    >>> rule = adamw(lr=0.1, weight_decay=0.5)
    >>> params = {"w": torch.ones(1)}
    >>> rule.update({"w": torch.zeros(1)}, rule.init(params), params)[0]["w"].item()
    0.949999988079071
    """
    if not is_number(weight_decay) or not 0 <= weight_decay < math.inf:
        raise ValueError(
            f"weight_decay: expected a finite number from 0 up, got {weight_decay!r}; for example 0.01"
        )
    return _adam("adamw", lr, decays, epsilon, weight_decay=float(weight_decay))


def _adam(name: str, lr: float, decays: tuple[float, float], epsilon: float, *, weight_decay: float) -> Rule:
    lr, epsilon = _positive("lr", lr), _positive("epsilon", epsilon)
    if not isinstance(decays, tuple | list) or len(decays) != 2:
        raise ValueError(f"decays: expected two numbers in [0, 1), got {decays!r}; use (0.9, 0.999)")
    first, second = (_fraction(f"decays[{i}]", decay) for i, decay in enumerate(decays))

    def advance(g: Tensor, memory: Memory, p: Tensor, steps: int) -> tuple[Tensor, Memory]:
        mean = first * memory["mean"] + (1 - first) * g
        square = second * memory["square"] + (1 - second) * g * g
        root = (square / (1 - second**steps)).sqrt()
        change = -lr * mean / (1 - first**steps) / (root + epsilon)
        if weight_decay:
            change = change - lr * weight_decay * p
        return change, {"mean": mean, "square": square}

    return Rule(name, ("mean", "square"), advance)


class InPlace:
    """A rule that updates parameters in place from their ``.grad``, as torch.optim's optimizers do.

    >>> weight = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = InPlace(sgd(lr=0.5), [("weight", weight)])
    >>> (2 * weight).sum().backward()
    >>> optimizer.step()
    >>> weight.tolist()
    [0.0]
    """

    def __init__(self, rule: Rule, named_parameters: Iterable[tuple[str, Tensor]]) -> None:
        _check_rule(rule)
        self.rule = rule
        try:
            self.params = dict(named_parameters)
        except (TypeError, ValueError, RuntimeError) as error:
            raise ValueError(
                "named_parameters: expected pairs of a name and a tensor, got others; "
                "write model.named_parameters() instead of model.parameters()"
            ) from error
        self.state = rule.init({name: p.detach() for name, p in self.params.items()})

    def step(self) -> None:
        """Apply one update; raises ValueError for a parameter that has no gradient."""
        grads = {}
        for name, p in self.params.items():
            if p.grad is None:
                raise ValueError(f"{name}: expected a gradient, got none; call backward() before step()")
            grads[name] = p.grad
        changes, self.state = self.rule.updates(grads, self.state, self.params)
        with torch.no_grad():
            for name, p in self.params.items():
                p.add_(changes[name])

    def zero_grad(self) -> None:
        """Forget the gradients, which ``backward()`` would otherwise add to."""
        for p in self.params.values():
            p.grad = None


def in_place(rule: Rule) -> Callable[[Iterable[tuple[str, Tensor]]], InPlace]:
    """Turn a rule into the optimizer factory that :func:`hw2utils.training.fit` takes.

    Raises ValueError for anything but a rule, such as :func:`adam` without its learning rate.

    >>> make = in_place(adam(lr=0.01))
    >>> type(make([("w", torch.zeros(2, requires_grad=True))])).__name__
    'InPlace'
    """
    _check_rule(rule)
    return lambda named_parameters: InPlace(rule, named_parameters)


def _check_rule(rule: object) -> None:
    if isinstance(rule, Rule):
        return
    own = getattr(rule, "__module__", "") == __name__ and hasattr(rule, "__name__")
    name = rule.__name__ if own and hasattr(rule, "__name__") else ""
    got = f"the function {name}, which has no learning rate yet" if name else kind(rule)
    if isinstance(rule, type):
        got = f"the class {rule.__name__}"
    raise ValueError(
        f"rule: expected a rule of hw2utils.optimizers with its learning rate, got {got}; write for example "
        f"in_place({name or 'sgd'}(lr=0.01)), or functools.partial(torch.optim.SGD, lr=0.01) without in_place"
    )


def _check_params(params: Mapping[str, Tensor]) -> None:
    if not isinstance(params, Mapping) or not params:
        raise ValueError(
            f"params: expected a non-empty dictionary of named tensors, got {type(params).__name__}; "
            "for example {'weight': torch.zeros(3)}"
        )
    for name, p in params.items():
        if not isinstance(p, Tensor) or not p.is_floating_point():
            found = p.dtype if isinstance(p, Tensor) else type(p).__name__
            raise ValueError(
                f"params[{name!r}]: expected a floating-point tensor, got {found}; use .to(torch.float64)"
            )
        if not p.isfinite().all():
            raise ValueError(
                f"params[{name!r}]: expected finite numbers, got NaN or infinity; draw the parameters anew"
            )


def _check_match(what: str, tensors: Mapping[str, Tensor], params: Mapping[str, Tensor]) -> None:
    if not isinstance(tensors, Mapping):
        raise ValueError(
            f"{what}: expected a dictionary of named tensors, got {kind(tensors)}; give one for each name"
        )
    if tensors.keys() != params.keys():
        raise ValueError(
            f"{what}: expected the parameters' names {list(params)}, got {list(tensors)}; give one each"
        )
    for name, p in params.items():
        check_tensor(f"{what}[{name!r}]", tensors[name])
        if tensors[name].shape != p.shape:
            raise ValueError(
                f"{what}[{name!r}]: expected the parameter's shape {tuple(p.shape)}, got "
                f"{tuple(tensors[name].shape)}; shapes are never broadcast here"
            )


def _positive(name: str, value: float) -> float:
    if not is_number(value) or not 0 < value < math.inf:
        raise ValueError(
            f"{name}: expected a positive, finite number, got {value!r}; for example {name}=0.01"
        )
    return float(value)


def _fraction(name: str, value: float) -> float:
    if not is_number(value) or not 0 <= value < 1:
        raise ValueError(f"{name}: expected a number in [0, 1), got {value!r}; for example 0.9")
    return float(value)
