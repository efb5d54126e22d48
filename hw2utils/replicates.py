"""Models of one architecture trained side by side, one for each seed, with paired randomness."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from hw2utils._checks import is_whole
from hw2utils._dense import Dense, Scale, batched_now, dense_layers, run_dense, settings, trace_dense
from hw2utils._descent import Move
from hw2utils._trial import check_built
from hw2utils.copying import copy_module, plain_for_computed, refers_to_itself, renew_weights
from hw2utils.independence import check_modules, has_hooks, seeded_everywhere


def stream_seed(seed: int, stream: str) -> int:
    """Derive the seed of one stream of randomness (``order``, ``dropout``, …) from a replicate's seed.

    Streams are independent of each other, so that arms that differ in one (say, dropout) share the rest.

    >>> stream_seed(0, "order") == stream_seed(0, "order") != stream_seed(0, "dropout")
    True
    """
    return int.from_bytes(hashlib.sha256(f"{seed}/{stream}".encode()).digest()[:7])


def generator(seed: int, stream: str) -> torch.Generator:
    """Make the CPU generator of one stream of one seed.

    >>> a, b = generator(3, "order"), generator(3, "order")
    >>> torch.equal(torch.randperm(5, generator=a), torch.randperm(5, generator=b))
    True
    """
    return torch.Generator().manual_seed(stream_seed(seed, stream))


def check_seeds(seeds: Sequence[int]) -> list[int]:
    """Return the seeds as a list of int, or say what is wrong with them.

    Raises ValueError for none, for a duplicate, or for one that is not a whole number from 0 up.

    >>> check_seeds(range(3))
    [0, 1, 2]
    """
    if isinstance(seeds, int | str) or not isinstance(seeds, Sequence):
        raise ValueError(
            f"seeds: expected a sequence of whole numbers, got {seeds!r}; for ten seeds use range(10)"
        )
    bad = [s for s in seeds if not is_whole(s) or s < 0]
    if not len(seeds) or bad:
        raise ValueError(
            f"seeds: expected whole numbers from 0 up, got {bad or 'none'}; for ten use range(10)"
        )
    if len(set(seeds)) < len(seeds):
        raise ValueError(
            f"seeds: expected different seeds, got {list(seeds)}; a repeated seed is the same run twice"
        )
    return [int(seed) for seed in seeds]


def initialise(model: Callable[[], nn.Module], seed: int) -> nn.Module:
    """Build a model whose initial weights depend on the seed alone; the global generator is left untouched.

    >>> a, b = (initialise(lambda: nn.Linear(2, 1), 5) for _ in range(2))
    >>> torch.equal(a.weight, b.weight)
    True
    """
    remedy = "write for example lambda: nn.Sequential(...)"
    if isinstance(model, nn.Module) or not callable(model):
        raise ValueError(
            "model: expected a function that returns a new torch module, got "
            f"{'one such module' if callable(model) else type(model).__name__}; {remedy}"
        )
    with seeded_everywhere(stream_seed(seed, "initialisation")):
        module = model()
    if not isinstance(module, nn.Module):
        raise ValueError(
            "model: expected a function that returns a new torch module, got one that returns "
            f"{type(module).__name__}; {remedy}"
        )
    check_built(module)
    return module


class Replicates:
    """One model per seed with stacked parameters, shape (R, …) each, all run at once.

    ``model`` is a function that returns a new, randomly initialised module. Calling the replicates with
    inputs (R, B, …) gives outputs (R, B, …): replicate i sees inputs[i] only. A stack of flatten, linear,
    elementwise and dropout layers runs as batched matrix products. Any other module, and one with hooks, tied
    weights, masks or parametrisations, runs as torch runs it, one replicate after the other. Either way a
    replicate's numbers do not depend on how many run beside it.

    ``template`` is the first seed's module; it holds the mode and the architecture, and the stacked
    parameters take the place of its own weights.

    Raises ValueError for bad seeds, a ``model`` that does not build modules, and modules that
    :func:`~hw2utils.independence.check_modules` refuses.

    >>> r = Replicates(lambda: nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), seeds=[0, 1, 2])
    >>> r(torch.zeros(3, 5, 2, 2)).shape
    torch.Size([3, 5, 2])
    """

    def __init__(self, model: Callable[[], nn.Module], seeds: Sequence[int]) -> None:
        self.seeds = check_seeds(seeds)
        modules = [initialise(model, seed) for seed in self.seeds]
        check_modules(modules, self.seeds)
        with_state = [layer for m in modules for layer in m.modules() if list(layer.buffers(recurse=False))]
        if len(set(with_state)) < len(with_state):  # a part that several share
            modules = [copy_module(module) for module in modules]
        self.template = modules[0]
        self._modules = modules  # each with its own buffers, hooks and masks
        described = [settings(dense_layers(module)) for module in modules]
        if described[0] is not None and all(other == described[0] for other in described):
            self._modules = [self.template] * len(modules)  # nothing but weights tells them apart
        named = [dict(m.named_parameters()) for m in modules]
        self._parameters = {
            name: _stack([own[name].detach() for own in named]).requires_grad_(p.requires_grad)
            for name, p in self.template.named_parameters()
        }
        self._places = [_places(module) for module in self._modules]
        self._generators: dict[torch.device, list[torch.Generator]] = {}
        self.train()

    def __len__(self) -> int:
        return len(self.seeds)

    def __deepcopy__(self, memo: dict[int, Any]) -> Replicates:
        if self._layers is None and any(map(refers_to_itself, self._distinct())):
            raise TypeError(
                "replicates: expected modules that can be copied, got one with a function that refers to the "
                "module itself; make a subclass of nn.Module instead, or take .module(index) for each"
            )
        memo |= plain_for_computed(self._distinct())
        other = memo[id(self)] = object.__new__(type(self))
        vars(other).update(copy.deepcopy(vars(self), memo))
        return other

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield each trainable parameter's name and stacked tensor, shape (R, …)."""
        return ((name, p) for name, p in self._parameters.items() if p.requires_grad)

    @property
    def hooked(self) -> bool:
        """Tell whether a stacked parameter has a hook, which nothing but autograd calls."""
        return any(map(has_hooks, self._parameters.values()))

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self._parameters.values():
            parameter.grad = None

    @property
    def training(self) -> bool:
        """Tell whether the replicates are in training mode (dropout active)."""
        return self.template.training

    def modules(self) -> Iterator[nn.Module]:
        """Yield each layer of each module that runs here, at all depths."""
        return (layer for module in self._distinct() for layer in module.modules())

    def train(self, mode: bool = True) -> Replicates:
        """Switch to training mode, or to evaluation mode with ``mode=False``."""
        for module in self._distinct():
            module.train(mode)
        self._find_layers()
        return self

    def eval(self) -> Replicates:
        """Switch to evaluation mode."""
        return self.train(False)

    def to(self, device: str | torch.device) -> Replicates:
        """Move all parameters and buffers to a device, in place."""
        for module in self._distinct():
            module.to(device)
        self._parameters = {
            name: p.detach().to(device).requires_grad_(p.requires_grad)
            for name, p in self._parameters.items()
        }
        self._stacks.clear()
        return self

    def module(self, index: int) -> nn.Module:
        """Copy replicate ``index`` out as an ordinary module, with its hooks, masks and parametrisations.

        A module with a function that refers to the module itself, as a ``forward`` written as a lambda may,
        has no independent copy. Then this is the very module that runs here, with the weights of now.

        >>> Replicates(lambda: nn.Linear(2, 1), [4, 9]).module(1).weight.shape
        torch.Size([1, 2])
        """
        module = self._modules[index]
        if self._layers is not None or not refers_to_itself(module):
            module = copy_module(module)
        with torch.no_grad():
            for name, p in module.named_parameters():
                p.grad = None
                p.copy_(self._parameters[name][index])
        renew_weights(module)
        return module

    def __call__(self, inputs: Tensor) -> Tensor:
        """Run replicate i on inputs[i]; inputs (R, B, …) to outputs (R, B, …)."""
        self._check(inputs)
        if self._layers is None or not batched_now(inputs, self._layers):
            return self._one_by_one(inputs)
        return run_dense(inputs, self._stack(self._layers))

    def trace(self, inputs: Tensor) -> tuple[Tensor, Callable[[Tensor, Move | None], None]]:
        """Run as a call does; return the outputs, without a graph, and their backward pass.

        The backward pass takes the gradient with respect to the outputs, (R, B, …), and None, once, and puts
        the parameters' gradients in the place of those they had; given a :data:`~hw2utils._descent.Move` in
        place of None, it moves the parameters at once and leaves no gradients.

        >>> r = Replicates(lambda: nn.Linear(2, 1), [0, 1])
        >>> outputs, backward = r.trace(torch.ones(2, 3, 2))
        >>> backward(torch.ones_like(outputs), None)
        >>> dict(r.named_parameters())["bias"].grad.tolist()
        [[3.0], [3.0]]
        """
        self._check(inputs)
        if self._layers is not None and batched_now(inputs, self._layers):
            return trace_dense(inputs, self._stack(self._layers))
        with torch.enable_grad():
            outputs = self._one_by_one(inputs)

        def backward(gradient: Tensor, descent: Move | None) -> None:
            self.zero_grad()
            outputs.backward(gradient)
            if descent is not None:
                with torch.no_grad():
                    for parameter in self._parameters.values():
                        if parameter.grad is not None and (move := descent(parameter)) is not None:
                            parameter.mul_(move[0]).sub_(parameter.grad, alpha=move[1])
                self.zero_grad()

        return outputs.detach(), backward

    def _check(self, inputs: Tensor) -> None:
        if len(inputs) != len(self):
            raise ValueError(
                f"inputs: expected {len(self)} replicates in the first dimension, got shape "
                f"{tuple(inputs.shape)}; use inputs.expand({len(self)}, ...) to show all the same batch"
            )

    def _distinct(self) -> list[nn.Module]:
        return list(dict.fromkeys(self._modules))

    def _find_layers(self) -> None:
        """Find out anew whether a batched run does what the modules do: a hook may have come since."""
        alike = all(module is self.template for module in self._modules)
        self._layers = dense_layers(self.template) if alike else None
        self._dropouts = [layer for _, layer in self._layers or () if isinstance(layer, nn.Dropout)]
        self._stacks: dict[tuple[float, ...], list[Dense | Scale | nn.Module]] = {}  # by the rates in force

    def _stack(self, layers: Sequence[tuple[str, nn.Module]]) -> list[Dense | Scale | nn.Module]:
        drops = tuple(layer.p if layer.training else 0.0 for layer in self._dropouts)
        if drops not in self._stacks:
            rates = iter(drops)
            stack: list[Dense | Scale | nn.Module] = []
            for name, layer in layers:
                if isinstance(layer, nn.Linear):
                    weight, bias = self._parameters[f"{name}.weight"], self._parameters.get(f"{name}.bias")
                    stack.append(Dense(weight, bias))
                elif not isinstance(layer, nn.Dropout):
                    stack.append(layer)
                elif rate := next(rates):
                    stack.append(Scale(partial(self._kept, rate=rate)))
            self._stacks[drops] = stack
        return self._stacks[drops]

    def _kept(self, values: Tensor, rate: float) -> Tensor:
        if rate == 1:
            return torch.zeros_like(values)
        keep = torch.empty(values.shape, dtype=values.dtype)  # (R, B, features)
        for row, draw in zip(keep, self._draws(keep.device), strict=True):
            row.bernoulli_(1 - rate, generator=draw)
        return keep.div_(1 - rate).to(values.device)

    def _draws(self, device: torch.device) -> list[torch.Generator]:
        """Give each replicate's own generator on a device."""
        if device not in self._generators:
            self._generators[device] = [
                torch.Generator(device).manual_seed(stream_seed(seed, "dropout")) for seed in self.seeds
            ]
        return self._generators[device]

    def _one_by_one(self, inputs: Tensor) -> Tensor:
        parameters = {name: p.unbind() for name, p in self._parameters.items()}
        devices = [d for d in {torch.device("cpu"), inputs.device} if _global_generator(d) is not None]
        outputs = []
        for index, (module, places) in enumerate(zip(self._modules, self._places, strict=True)):
            own = {place: parameters[name][index] for place, name in places.items()}
            with ExitStack() as stack:
                for device in devices:
                    stack.enter_context(_standing_in(self._draws(device)[index]))
                # A copy, as a module may overwrite what it is given, and others may be given the same
                values = inputs[index].clone()
                outputs.append(functional_call(module, own, (values,), tie_weights=False))
        return torch.stack(outputs)


@contextmanager
def _standing_in(own: torch.Generator) -> Iterator[None]:
    """Let a device's global generator draw what its own one would, and move that one on."""
    everyones = _global_generator(own.device)
    assert everyones is not None
    before = everyones.get_state()
    everyones.set_state(own.get_state())
    try:
        yield
        own.set_state(everyones.get_state())
    finally:
        everyones.set_state(before)


def _global_generator(device: torch.device) -> torch.Generator | None:
    if device.type == "cpu":
        return torch.default_generator
    if device.type == "meta":
        return None
    every = getattr(torch.get_device_module(device), "default_generators", ())
    return every[device.index] if every else None


def _places(module: nn.Module) -> dict[str, str]:
    """Give each place of a parameter in a module, and the name it has where it comes first.

    Torch's own tying leaves a layer that stands in two places with the tensor that was lent to it.
    """
    names = {id(p): name for name, p in module.named_parameters()}
    return {
        f"{prefix}.{own}".lstrip("."): names[id(p)]
        for prefix, owner in module.named_modules()
        for own, p in owner.named_parameters(recurse=False, remove_duplicate=False)
    }


def _stack(tensors: list[Tensor]) -> Tensor:
    stacked = torch.stack(tensors)
    if stacked.dim() != 3:
        return stacked
    # A weight's gradient comes out of the batched product laid out as (R, inputs, outputs); a parameter
    # with those strides takes it without a copy, which would cost as much as the product itself.
    return stacked.transpose(1, 2).contiguous().transpose(1, 2)  # (R, outputs, inputs)
