"""What makes seeds independent runs: modules and optimizers that give each seed numbers of its own."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from hw2utils._checks import kind
from hw2utils.optimizers import Rule


class Optimizer(Protocol):
    """What updates parameters from their gradients, as torch.optim's optimizers do."""

    def step(self) -> Any:
        """Apply one update."""


OptimizerFactory = Callable[[Iterable[tuple[str, Tensor]]], Optimizer]

ELEMENTWISE: frozenset[type] = frozenset(
    {
        torch.optim.SGD,
        torch.optim.Adam,
        torch.optim.AdamW,
        torch.optim.RMSprop,
        torch.optim.Adagrad,
        torch.optim.Adadelta,
        torch.optim.NAdam,
        torch.optim.RAdam,
        torch.optim.Adamax,
        torch.optim.Rprop,
        torch.optim.ASGD,
    }
)
"""Torch's optimizers that treat every number of a parameter alike, whatever their options."""

CONTENTS = frozenset({"defaults", "param_groups", "state"})
"""What an optimizer holds for its parameters; the rest of it is the same for all of its kind."""

NEIGHBOURS = (1.0, 1e6, float("nan"))
"""What the gradients of all seeds but the first are multiplied by while an optimizer is tried."""


def check_modules(modules: Sequence[nn.Module], seeds: Sequence[int]) -> None:
    """Check that modules, one for each seed, can be trained in stacked parameters, each seed on its own.

    Raises ValueError for one and the same module twice, for parameters that differ between seeds in name,
    shape, dtype or in being trained, and for those that a stacked copy cannot stand for: with hooks, or two
    over the same memory. Warns when two seeds start from the same weights, unless the trained ones are
    constants (such as zeros), which somebody chose.

    >>> check_modules([nn.Linear(2, 1), nn.Linear(2, 1)], [0, 1])
    >>> net = nn.Linear(2, 1)
    >>> check_modules([net, net], [0, 1])
    Traceback (most recent call last):
    ...
    ValueError: model: expected a new module for each seed, got the same Linear again, so that ...
    """
    if len(set(modules)) < len(modules):
        raise ValueError(
            f"model: expected a new module for each seed, got the same {type(modules[0]).__name__} again, so "
            "that all seeds would start from its weights; make it inside the function, for example "
            "lambda: nn.Sequential(...)"
        )
    first = dict(modules[0].named_parameters())
    for name, p in first.items():
        _check_parameter(name, p)
    _check_memory(first)
    described = _describe(modules[0])
    for module, seed in zip(modules[1:], seeds[1:], strict=True):
        other = _describe(module)
        if other != described:
            name = next(n for n in {**described, **other} if described.get(n) != other.get(n))
            raise ValueError(
                f"model: expected the same parameters for every seed, got {name!r} as "
                f"{described.get(name, 'missing')} for seed {seeds[0]} and as {other.get(name, 'missing')} "
                f"for seed {seed}; train different architectures in calls of their own"
            )
    if len(modules) > 1:
        _warn_of_equal_starts(modules, seeds)


def check_optimizer(factory: OptimizerFactory, parameters: Mapping[str, Tensor]) -> None:
    """Check that an optimizer moves each seed as if no other were there, by trying it on copies.

    ``parameters`` are stacked, (R, …) each; they stay as they are. Gradients are made up: those of the other
    seeds once as usual, once very large and once NaN, and the first seed's path must be the same, number by
    number, over two steps. So the factory is called more than once. Torch's own elementwise rules are known
    to pass and are not stepped.

    One seed's parameters alone must get the same options as they get among the others: a factory that chooses
    by ``p.ndim`` takes a bias, (R, outputs) here, for a weight. What an optimizer of one's own chooses while
    it steps cannot be told from a rule written for stacked parameters.

    Raises ValueError for an optimizer whose path or options differ, one that fails, needs a closure, or has
    none of the parameters that its factory was given.

    >>> check_optimizer(lambda named: torch.optim.Adam(named), {"w": torch.ones(2, 3)})
    >>> check_optimizer(lambda named: torch.optim.Adafactor(named), {"w": torch.ones(2, 3)})
    Traceback (most recent call last):
    ...
    ValueError: optimizer: expected one that moves each seed by its own gradients, got Adafactor, ...
    """
    if not parameters:
        raise ValueError(
            "model: expected at least one parameter to train, got none, or frozen ones alone; leave "
            "requires_grad as True for the layers that shall learn, for example for a new last layer"
        )
    usual: list[Tensor] = []
    for factor in NEIGHBOURS:
        copies = {key: _copy(p) for key, p in parameters.items()}
        optimizer = _make(factory, copies)
        name = type(optimizer).__name__
        if not usual:
            _check_choice(factory, parameters, optimizer, copies)
        try:
            if is_elementwise(optimizer) and not any(map(has_hooks, copies.values())):
                return
            path = _path(optimizer, list(copies.values()), factor)
        except Exception as error:
            if usual:  # a gradient that no finite run has: to stop there is its right
                continue
            raise ValueError(_failure(name, error)) from error
        if not usual:
            usual = path
        elif not all(torch.equal(one, other) for one, other in zip(usual, path, strict=True)):
            _check_repeatable(factory, parameters, usual)
            raise ValueError(
                f"optimizer: expected one that moves each seed by its own gradients, got {name}, whose step "
                "for one seed changes with the gradients of the others, as with a norm over a whole tensor; "
                "to clip gradients write optimizer=clipped(partial(torch.optim.SGD, lr=0.1), max_norm=1.0) "
                "with hw2utils.clipping, else use SGD, Adam, RMSprop or another elementwise rule"
            )


def is_elementwise(optimizer: Optimizer) -> bool:
    """Tell whether an optimizer is one of torch's that treat every number alike, just as torch made it.

    >>> weight = torch.ones(1, requires_grad=True)
    >>> is_elementwise(torch.optim.Adam([weight])), is_elementwise(torch.optim.Adafactor([weight]))
    (True, False)
    """
    return type(optimizer) in ELEMENTWISE and is_untouched(optimizer)


def is_untouched(optimizer: Optimizer) -> bool:
    """Tell whether one of torch's elementwise optimizers has no hook and no method put in place of its own.

    >>> optimizer = torch.optim.SGD([torch.ones(1)])
    >>> before = is_untouched(optimizer)
    >>> _ = optimizer.register_step_post_hook(lambda *_: None)
    >>> before, is_untouched(optimizer)
    (True, False)
    """
    if any(_hooks_on_all_optimizers()):
        return False
    parts, own = _usual_parts(type(optimizer)), vars(optimizer)
    return len(own) == len(parts) + len(CONTENTS) and parts.items() <= own.items()


@cache
def _usual_parts(made: type) -> dict[str, Any]:
    """Give the parts of a new optimizer of a class, all but those for its parameters."""
    return {name: value for name, value in vars(made([torch.zeros(1)])).items() if name not in CONTENTS}


@cache
def _hooks_on_all_optimizers() -> tuple[Any, Any]:
    """Give torch's dictionaries of such hooks; True for one that is not where we know it to be."""
    home = vars(import_module("torch.optim.optimizer"))
    return home.get("_global_optimizer_pre_hooks", True), home.get("_global_optimizer_post_hooks", True)


def has_hooks(tensor: Tensor) -> bool:
    """Tell whether a tensor has a hook, which nothing but autograd calls.

    >>> weight = torch.ones(1, requires_grad=True)
    >>> _ = weight.register_hook(lambda gradient: 2 * gradient)
    >>> has_hooks(weight), has_hooks(torch.ones(1))
    (True, False)
    """
    return bool(tensor._backward_hooks or getattr(tensor, "_post_accumulate_grad_hooks", None))


@contextmanager
def seeded_everywhere(seed: int) -> Iterator[None]:
    """Seed torch's global generators, those of CUDA devices too, then put them back as they were.

    >>> with seeded_everywhere(0):
    ...     first = torch.rand(1)
    >>> with seeded_everywhere(0):
    ...     bool(torch.rand(1) == first)
    True
    """
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices=devices):
        if torch.accelerator.is_available():
            torch.manual_seed(seed)
        else:  # the same, without a note, with a trace of all callers, for each device that is not there
            torch.default_generator.manual_seed(seed)
        yield


def _check_parameter(name: str, parameter: Tensor) -> None:
    if has_hooks(parameter):
        raise ValueError(
            f"model: expected parameters without hooks, got one on {name!r}, which would not be called, as "
            "all seeds' parameters are trained in one tensor; to clip gradients use hw2utils.clipping.clipped"
        )


def _check_memory(parameters: Mapping[str, Tensor]) -> None:
    spans = []
    for name, p in parameters.items():
        last = sum((size - 1) * stride for size, stride in zip(p.shape, p.stride(), strict=True))
        if p.numel() and not p.is_meta:
            spans.append((p.data_ptr(), p.data_ptr() + (last + 1) * p.element_size(), name))
    for (_, end, one), (start, _, other) in pairwise(sorted(spans)):
        if start < end:
            raise ValueError(
                f"model: expected parameters with numbers of their own, got {one!r} and {other!r} as two "
                "views of the same memory, which stacked copies would part; give both layers the same "
                "nn.Parameter, or use the one weight twice in forward"
            )


def _describe(module: nn.Module) -> dict[str, str]:
    return {
        name: f"{tuple(p.shape)} {p.dtype}{'' if p.requires_grad else ' frozen'}"
        for name, p in module.named_parameters()
    }


def _warn_of_equal_starts(modules: Sequence[nn.Module], seeds: Sequence[int]) -> None:
    groups: dict[tuple[Any, ...], list[tuple[int, list[Tensor]]]] = {}
    for module, seed in zip(modules, seeds, strict=True):
        state = [t.detach() for t in (*module.parameters(), *module.buffers()) if not t.is_meta]
        glimpse = tuple(number for t in state for number in t.flatten()[:8].tolist())
        groups.setdefault(glimpse, []).append((seed, state))
    trained = [p.detach() for p in modules[0].parameters() if p.requires_grad and not p.is_meta]
    for (seed, state), *others in groups.values():
        for twin, twins in others:
            chosen = all(not p.numel() or p.min() == p.max() for p in trained)
            if not chosen and all(map(torch.equal, state, twins)):
                warnings.warn(
                    f"model: seeds {seed} and {twin} start from the same weights, so they are no independent "
                    "runs; initialise a new module in the function (no copy of one network, and no "
                    "torch.manual_seed there). If all seeds shall start from one checkpoint, silence this "
                    "with warnings.filterwarnings('ignore', message='model: seeds')",
                    stacklevel=5,
                )
                return


def _copy(parameter: Tensor) -> Tensor:
    """Copy a stacked parameter, with a second seed beside a lonely one."""
    copied = parameter.detach().clone()  # (R, …)
    return (copied if len(copied) > 1 else torch.cat([copied, copied])).requires_grad_()


def _make(factory: OptimizerFactory, parameters: Mapping[str, Tensor]) -> Optimizer:
    """Call a factory and check that what it made can be stepped and moves the parameters given to it."""
    example = "write for example functools.partial(torch.optim.SGD, lr=0.01)"
    try:
        optimizer = factory(iter(parameters.items()))
    except Exception as error:
        raise ValueError(
            "optimizer: expected a function that makes an optimizer when called with named parameters, "
            f"stacked over seeds, shape (R, …), got one that stopped with: {error}; {example}"
        ) from error
    if not callable(getattr(optimizer, "step", None)):
        raise ValueError(
            f"optimizer: expected a function that makes an optimizer, got one that makes {kind(optimizer)}; "
            f"{'write in_place(rule)' if isinstance(optimizer, Rule) else example}"
        )
    groups = getattr(optimizer, "param_groups", None)
    if groups is not None:
        held = {id(p) for group in groups for p in group["params"]}
        if held.isdisjoint(map(id, parameters.values())):
            raise ValueError(
                "optimizer: expected an optimizer of the parameters that its function is given, got one of "
                f"others, which would train nothing here; {example}"
            )
    return optimizer


def _check_choice(
    factory: OptimizerFactory,
    parameters: Mapping[str, Tensor],
    optimizer: Optimizer,
    copies: Mapping[str, Tensor],
) -> None:
    """Refuse a factory that gives a seed's parameters other options alone than among those of others."""
    chosen = _options(optimizer, copies)
    alone = {name: p[0].detach().clone().requires_grad_() for name, p in parameters.items()}
    try:
        other = _options(factory(iter(alone.items())), alone)
    except Exception:  # written for stacked parameters and no others
        return
    if other == chosen:
        return
    again = {key: _copy(p) for key, p in parameters.items()}
    if _options(_make(factory, again), again) != chosen:
        raise _unrepeatable(optimizer)
    name = next(name for name in chosen if chosen[name] != other[name])
    stacked, single = chosen[name], other[name]
    raise ValueError(
        "optimizer: expected one that chooses parameters and their options by name, got "
        f"{type(optimizer).__name__}, which gives {name!r} {_difference(stacked, single)}, but for one seed "
        f"alone {_difference(single, stacked)}; parameters are stacked over seeds here, shape (R, …), so "
        "that p.ndim and p.shape are others; write for example name.endswith('bias') in place of p.ndim == 1"
    )


def _options(optimizer: Optimizer, parameters: Mapping[str, Tensor]) -> dict[str, dict[str, str] | None]:
    """Give what an optimizer would do with each parameter, as its groups say; None: nothing."""
    found = {
        id(p): {key: repr(value) for key, value in group.items() if key not in ("params", "param_names")}
        for group in getattr(optimizer, "param_groups", ())
        for p in group["params"]
    }
    return {name: found.get(id(p)) for name, p in parameters.items()}


def _difference(one: dict[str, str] | None, other: dict[str, str] | None) -> str:
    """Write the options of one that the other has not."""
    if one is None:
        return "no place among its parameters"
    found = [f"{key}={value}" for key, value in one.items() if other is None or other.get(key) != value]
    return ", ".join(found)


def _path(optimizer: Optimizer, parameters: Sequence[Tensor], factor: float) -> list[Tensor]:
    """Give the first seed's parameters after each of two steps, (…) each."""
    path = []
    with seeded_everywhere(0):  # for an optimizer that adds noise, which it may draw on a device
        for size in (1.0, -0.5):
            gradients = []
            for p in parameters:
                gradient = (p.detach() + 0.01).mul_(size)  # (R, …)
                gradient[1:] *= factor
                gradients.append(gradient)
                p.grad = None
            # By autograd, which calls the hooks that a factory may have put on the parameters
            torch.autograd.backward([p.view_as(p) for p in parameters], gradients)
            optimizer.step()
            path += [p[0].detach().clone() for p in parameters]
    return path


def _check_repeatable(
    factory: OptimizerFactory, parameters: Mapping[str, Tensor], usual: Sequence[Tensor]
) -> None:
    """Refuse an optimizer that goes another way on the very same gradients, whatever the neighbours do."""
    copies = {key: _copy(p) for key, p in parameters.items()}
    optimizer = _make(factory, copies)
    again = _path(optimizer, list(copies.values()), NEIGHBOURS[0])
    if not all(torch.equal(one, other) for one, other in zip(usual, again, strict=True)):
        raise _unrepeatable(optimizer)


def _unrepeatable(optimizer: Optimizer) -> ValueError:
    return ValueError(
        "optimizer: expected a function that makes the same optimizer at each call, as it is called more "
        f"than once, got {type(optimizer).__name__} with other steps for the same gradients; let all "
        "that changes, such as a rate, a counter or its own generator, begin anew inside the function"
    )


def _failure(name: str, error: Exception) -> str:
    closure = isinstance(error, TypeError) and "closure" in str(error)
    return (
        "optimizer: expected one that steps by gradients alone, on parameters stacked over seeds, shape "
        f"(R, …); {name} {'needs a closure' if closure else f'failed on copies of these: {error}'}; use SGD, "
        "Adam, RMSprop or another elementwise rule"
    )
