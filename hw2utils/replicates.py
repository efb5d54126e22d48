"""Models of one architecture trained side by side, one for each seed, with paired randomness."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call

from hw2utils._trial import check_built
from hw2utils.dense import Dense, Descent, Scale, dense_layers, run_dense, trace_dense


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
    bad = [s for s in seeds if isinstance(s, bool) or not isinstance(s, int) or s < 0]
    if not len(seeds) or bad:
        raise ValueError(
            f"seeds: expected whole numbers from 0 up, got {bad or 'none'}; for ten use range(10)"
        )
    if len(set(seeds)) < len(seeds):
        raise ValueError(
            f"seeds: expected different seeds, got {list(seeds)}; a repeated seed is the same run twice"
        )
    return list(seeds)


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
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(seed, "initialisation"))
        module = model()
    if not isinstance(module, nn.Module):
        raise ValueError(
            "model: expected a function that returns a new torch module, got one that returns "
            f"{type(module).__name__}; {remedy}"
        )
    check_built(module)
    return module


class Replicates:
    """Hold one model per seed with stacked parameters, shape (R, …) each, and run them at once.

    ``model`` is a function that returns a new, randomly initialised module. Calling the replicates with
    inputs (R, B, …) gives outputs (R, B, …): replicate i sees inputs[i] only. A stack of flatten, linear,
    elementwise and dropout layers runs as batched matrix products; any other module runs one replicate after
    the other. Either way a replicate's numbers do not depend on how many run beside it.

    ``template`` is one such module; it holds the mode and the architecture, its own weights are not used.

    Raises ValueError for bad seeds or a ``model`` that does not build modules.

    >>> r = Replicates(lambda: nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), seeds=[0, 1, 2])
    >>> r(torch.zeros(3, 5, 2, 2)).shape
    torch.Size([3, 5, 2])
    """

    def __init__(self, model: Callable[[], nn.Module], seeds: Sequence[int]) -> None:
        self.seeds = check_seeds(seeds)
        modules = [initialise(model, seed) for seed in self.seeds]
        self.template = modules[0]
        self._layers = dense_layers(self.template)
        self._stacks: dict[bool, list[Dense | Scale | nn.Module]] = {}  # in training mode, and not
        self._parameters = {
            name: _stack([dict(m.named_parameters())[name].detach() for m in modules]).requires_grad_(
                p.requires_grad
            )
            for name, p in self.template.named_parameters()
        }
        self._buffers = {
            name: torch.stack([dict(m.named_buffers())[name] for m in modules])
            for name, _ in self.template.named_buffers()
        }
        self._dropout = [generator(seed, "dropout") for seed in self.seeds]
        self.train()

    def __len__(self) -> int:
        return len(self.seeds)

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield each trainable parameter's name and stacked tensor, shape (R, …)."""
        return ((name, p) for name, p in self._parameters.items() if p.requires_grad)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self._parameters.values():
            parameter.grad = None

    @property
    def training(self) -> bool:
        """Tell whether the replicates are in training mode (dropout active)."""
        return self.template.training

    def train(self, mode: bool = True) -> Replicates:
        """Switch to training mode, or to evaluation mode with ``mode=False``."""
        self.template.train(mode)
        return self

    def eval(self) -> Replicates:
        """Switch to evaluation mode."""
        return self.train(False)

    def to(self, device: str | torch.device) -> Replicates:
        """Move all parameters and buffers to a device, in place."""
        self.template.to(device)
        self._parameters = {
            name: p.detach().to(device).requires_grad_(p.requires_grad)
            for name, p in self._parameters.items()
        }
        self._buffers = {name: b.to(device) for name, b in self._buffers.items()}
        self._stacks.clear()
        return self

    def module(self, index: int) -> nn.Module:
        """Copy replicate ``index`` out as an ordinary module.

        >>> Replicates(lambda: nn.Linear(2, 1), [4, 9]).module(1).weight.shape
        torch.Size([1, 2])
        """
        module = copy.deepcopy(self.template)
        state = {name: v[index].detach() for name, v in {**self._parameters, **self._buffers}.items()}
        module.load_state_dict(state)
        return module

    def __call__(self, inputs: Tensor) -> Tensor:
        """Run replicate i on inputs[i]; inputs (R, B, …) to outputs (R, B, …)."""
        self._check(inputs)
        if self._layers is None:
            return self._one_by_one(inputs)
        return run_dense(inputs, self._dense())

    def trace(self, inputs: Tensor) -> tuple[Tensor, Callable[[Tensor, Descent | None], None]]:
        """Run as a call does; return the outputs, without a graph, and their backward pass.

        The backward pass takes the gradient with respect to the outputs, (R, B, …), and None, once, and puts
        the parameters' gradients in the place of those they had; given a :data:`~hw2utils.dense.Descent` in
        place of None, it moves the parameters at once and leaves no gradients.

        >>> r = Replicates(lambda: nn.Linear(2, 1), [0, 1])
        >>> outputs, backward = r.trace(torch.ones(2, 3, 2))
        >>> backward(torch.ones_like(outputs), None)
        >>> dict(r.named_parameters())["bias"].grad.tolist()
        [[3.0], [3.0]]
        """
        self._check(inputs)
        if self._layers is not None:
            return trace_dense(inputs, self._dense())
        with torch.enable_grad():
            outputs = self._one_by_one(inputs)

        def backward(gradient: Tensor, descent: Descent | None) -> None:
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

    def _dense(self) -> list[Dense | Scale | nn.Module]:
        if self.training not in self._stacks:
            layers: list[Dense | Scale | nn.Module] = []
            for name, layer in self._layers or ():
                if isinstance(layer, nn.Linear):
                    weight, bias = self._parameters[f"{name}.weight"], self._parameters.get(f"{name}.bias")
                    layers.append(Dense(weight, bias))
                elif not isinstance(layer, nn.Dropout):
                    layers.append(layer)
                elif self.training and layer.p > 0:
                    layers.append(Scale(partial(self._kept, rate=layer.p)))
            self._stacks[self.training] = layers
        return self._stacks[self.training]

    def _kept(self, values: Tensor, rate: float) -> Tensor:
        keep = torch.empty(values.shape, dtype=values.dtype)  # (R, B, features)
        for row, draw in zip(keep, self._dropout, strict=True):
            row.bernoulli_(1 - rate, generator=draw)
        return keep.div_(1 - rate).to(values.device)

    def _one_by_one(self, inputs: Tensor) -> Tensor:
        state = {name: v.unbind() for name, v in {**self._parameters, **self._buffers}.items()}
        outputs = []
        for index, draw in enumerate(self._dropout):
            own = {name: values[index] for name, values in state.items()}
            with torch.random.fork_rng(devices=[]):
                torch.set_rng_state(draw.get_state())
                outputs.append(functional_call(self.template, own, (inputs[index],)))
                draw.set_state(torch.get_rng_state())
        return torch.stack(outputs)


def _stack(tensors: list[Tensor]) -> Tensor:
    stacked = torch.stack(tensors)
    if stacked.dim() != 3:
        return stacked
    # A weight's gradient comes out of the batched product laid out as (R, inputs, outputs); a parameter
    # with those strides takes it without a copy, which would cost as much as the product itself.
    return stacked.transpose(1, 2).contiguous().transpose(1, 2)  # (R, outputs, inputs)
