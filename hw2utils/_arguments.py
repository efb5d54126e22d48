"""What training refuses before any work: data, steps, augmentation, optimizers and devices that are none."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from hw2utils._checks import did_you_mean, kind
from hw2utils.datasets import Split, Splits
from hw2utils.optimizers import Rule


def check_splits(train: Split, evaluate_on: Any) -> dict[str, Split]:
    """Check the data of a training run and give the splits to evaluate on.

    Raises ValueError that says what to write instead.
    """
    if evaluate_on is not None and not isinstance(evaluate_on, Mapping):
        raise ValueError(
            f"evaluate_on: expected a dictionary of named splits, got {kind(evaluate_on)}; "
            "for example evaluate_on={'val': data.validation}"
        )
    splits = dict(evaluate_on or {})
    for name, split in {"train": train, **{f"evaluate_on[{k!r}]": v for k, v in splits.items()}}.items():
        check_split(name, split)
    if "train" in splits:
        raise ValueError(
            "evaluate_on: expected names other than 'train', whose columns hold the running means; "
            "name it for example 'train_eval'"
        )
    return splits


def check_split(name: str, split: Split) -> None:
    """Check one split of data: a Split with examples, whose inputs are finite and floating-point.

    Raises ValueError that says what to write instead.

    >>> check_split("train", Split(torch.zeros(1, 2), torch.tensor([0])))
    """
    if not isinstance(split, Split):
        if isinstance(split, Splits):
            remedy = "pass one of its parts, such as data.train"
        elif split is None:
            remedy = "fashion_mnist(validation=10_000) carves out a validation split"
        elif isinstance(split, tuple | list) and len(split) == 2:
            remedy = "write Split(inputs, labels)"
        else:
            remedy = "make one with Split(inputs, labels), or take data.train of datasets.fashion_mnist()"
        raise ValueError(f"{name}: expected a Split of inputs and labels, got {kind(split)}; {remedy}")
    if len(split) == 0:
        raise ValueError(f"{name}: expected at least one example, got none; take a larger split")
    if not split.inputs.is_floating_point():
        remedy = "write Split(inputs.float(), labels), and for an embedding .long() in the model's forward"
        if split.inputs.dtype == torch.uint8:
            remedy = (
                "load them with datasets.fashion_mnist(normalize=(mean, std)), or write "
                "Split(inputs.float() / 255, labels)"
            )
        raise ValueError(f"{name}: expected floating-point inputs, got {split.inputs.dtype}; {remedy}")
    if not all(bound.isfinite() for bound in split.inputs.aminmax()):
        raise ValueError(f"{name}: expected finite inputs, got NaN or infinite ones; clean the data first")


def check_step(step: Any) -> None:
    """Refuse a loss, or anything else that cannot be called, where a step belongs.

    Raises ValueError that says what to write instead.
    """
    torchs = isinstance(step, nn.Module) and type(step).__module__.startswith("torch.")
    loss = torchs or (isinstance(step, type) and issubclass(step, nn.Module))
    if not loss and callable(step) and getattr(step, "__module__", "") != "torch.nn.functional":
        return
    raise no_step(step)


def no_step(step: Any) -> ValueError:
    """Make the error for what is no step, with what to write instead.

    >>> str(no_step(3))[:58]
    'step: expected a function of forward and batch that return'
    """
    got = getattr(step, "__name__", type(step).__name__) if callable(step) else kind(step)
    return ValueError(
        "step: expected a function of forward and batch that returns a dictionary with 'loss', one value per "
        f"replicate and example, got {got}; leave it out for classification by cross-entropy, or write for "
        "example lambda forward, batch: {'loss': (forward(batch.inputs).squeeze(-1) - batch.labels) ** 2}"
    )


def check_augment(augment: Any) -> None:
    """Refuse what cannot be called with inputs and generators.

    Raises ValueError that says what to write instead.
    """
    if augment is None:
        return
    if not callable(augment):
        remedy = "write Augmentation(*steps)" if isinstance(augment, tuple | list) else "see augmentation"
        raise ValueError(
            f"augment: expected a function of inputs and generators, got {kind(augment)}; {remedy}"
        )
    try:
        inspect.signature(augment.forward if isinstance(augment, nn.Module) else augment).bind(None, None)
    except TypeError as error:
        raise ValueError(
            "augment: expected a function of two arguments, inputs (R, B, ...) and one generator per "
            f"replicate, got {getattr(augment, '__name__', type(augment).__name__)}, which takes others; "
            "write for example Augmentation(Rotation(30)), or lambda inputs, generators: ..."
        ) from error
    except ValueError:  # a built-in function that does not tell its arguments
        return


def check_factory(factory: Any) -> None:
    """Refuse what is no function that makes an optimizer.

    Raises ValueError that says what to write instead.

    >>> check_factory(lambda named: torch.optim.SGD(named, lr=0.1))
    """
    example = "for example functools.partial(torch.optim.SGD, lr=0.01)"
    if isinstance(factory, Rule):
        raise ValueError(
            f"optimizer: expected a function of parameters, got the rule {factory.name}; write "
            f"in_place({factory.name}(...))"
        )
    if isinstance(factory, torch.optim.Optimizer):
        name = type(factory).__name__
        raise ValueError(
            f"optimizer: expected a function of parameters, got an optimizer, {name}, of a model made "
            "before, while every seed has parameters of its own; write "
            f"functools.partial({optimizer_name(type(factory))}, lr=0.01)"
        )
    if getattr(factory, "__module__", "") == Rule.__module__ and inspect.isfunction(factory):
        name = factory.__name__
        if inspect.signature(factory).return_annotation in (Rule, "Rule"):
            raise ValueError(
                f"optimizer: expected a function of parameters, got {name}, which takes a rate and makes a "
                f"rule; write in_place({name}(lr=0.01))"
            )
        if name == "in_place":
            raise ValueError(
                "optimizer: expected a function of parameters, got in_place, which takes a rule and makes "
                "one; write for example in_place(adam(lr=0.01))"
            )
    if not callable(factory):
        raise ValueError(f"optimizer: expected a function of parameters, got {kind(factory)}; {example}")


def optimizer_name(made: type) -> str:
    """Write how a class of optimizers is reached: torch's own through torch.optim.

    >>> optimizer_name(torch.optim.SGD), optimizer_name(int)
    ('torch.optim.SGD', 'int')
    """
    own = getattr(torch.optim, made.__name__, None) is made
    return f"torch.optim.{made.__name__}" if own else made.__name__


def check_device(device: Any) -> torch.device:
    """Give the device of that name, if this machine and this torch have it.

    Raises ValueError that says what to write instead.

    >>> check_device("cpu")
    device(type='cpu')
    """
    try:
        made = torch.device(device)
    except (RuntimeError, TypeError) as error:
        names = ("cpu", "cuda", "mps", "xpu")
        meant = "cuda" if device == "gpu" else ""
        hint = f"; did you mean {meant!r}?" if meant else did_you_mean(str(device), names)
        raise ValueError(
            f"device: expected 'cpu' or 'cuda', got {device!r}{hint or '; the default is the CPU'}"
        ) from error
    try:
        torch.empty(0, device=made)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(
            f"device: expected one that this machine and this torch have, got {str(made)!r}, which they have "
            "not; write device='cuda' if torch.cuda.is_available() else 'cpu'"
        ) from error
    return made
