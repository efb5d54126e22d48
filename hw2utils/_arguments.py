"""What training refuses before any work: data, augmentation, optimizers, models and devices that are none."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from hw2utils._checks import check_whole, did_you_mean, kind
from hw2utils._trial import keeps_whole, makes_probabilities, try_model
from hw2utils.datasets import Split, Splits
from hw2utils.optimizers import Rule
from hw2utils.replicates import Replicates
from hw2utils.steps import CheckedStep


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


def check_batch_size(batch_size: Any) -> None:
    """Refuse anything but a whole number from 1 up, or None for what the memory allows.

    Raises ValueError that says what to write instead.

    >>> check_batch_size(None)
    """
    if batch_size is not None:
        check_whole("batch_size", batch_size, 1, remedy="leave it out, or write for example batch_size=1000")


def check_drop_last(drop_last: Any, batch_size: int, examples: int) -> None:
    """Refuse anything but True or False, and True where no batch would be full.

    Raises ValueError that says what to write instead.

    >>> check_drop_last(True, 64, 50)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: batch_size: expected at most 50, ... take a smaller batch_size or leave drop_last out
    """
    if not isinstance(drop_last, bool):
        raise ValueError(f"drop_last: expected True or False, got {drop_last!r}; for example drop_last=True")
    if drop_last and examples < batch_size:
        raise ValueError(
            f"batch_size: expected at most {examples}, the examples there are, with drop_last=True, which "
            f"leaves out a batch that is not full, got {batch_size}; take a smaller batch_size or leave "
            "drop_last out"
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


def check_factory(factory: Any, name: str = "optimizer") -> None:
    """Refuse what is no function that makes an optimizer.

    ``name`` is what the argument is called.

    Raises ValueError that says what to write instead.

    >>> check_factory(lambda named: torch.optim.SGD(named, lr=0.1))
    """
    example = "for example functools.partial(torch.optim.SGD, lr=0.01)"
    if isinstance(factory, Rule):
        raise ValueError(
            f"{name}: expected a function of parameters, got the rule {factory.name}; write "
            f"in_place({factory.name}(...))"
        )
    if isinstance(factory, torch.optim.Optimizer):
        made = type(factory)
        raise ValueError(
            f"{name}: expected a function of parameters, got an optimizer, {made.__name__}, of a model made "
            "before, while every seed has parameters of its own; write "
            f"functools.partial({optimizer_name(made)}, lr=0.01)"
        )
    if getattr(factory, "__module__", "") == Rule.__module__ and inspect.isfunction(factory):
        own = factory.__name__
        if inspect.signature(factory).return_annotation in (Rule, "Rule"):
            raise ValueError(
                f"{name}: expected a function of parameters, got {own}, which takes a rate and makes a "
                f"rule; write in_place({own}(lr=0.01))"
            )
        if own == "in_place":
            raise ValueError(
                f"{name}: expected a function of parameters, got in_place, which takes a rule and makes "
                "one; write for example in_place(adam(lr=0.01))"
            )
    if not callable(factory):
        raise ValueError(f"{name}: expected a function of parameters, got {kind(factory)}; {example}")


def check_rate(factory: Any, name: str = "optimizer") -> None:
    """Refuse a class of torch's optimizers, alone or in a partial, that would choose the rate by itself.

    Raises ValueError that says what to write instead.

    >>> check_rate(partial(torch.optim.SGD, momentum=0.9))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: optimizer: ... write functools.partial(torch.optim.SGD, lr=0.001, momentum=0.9)
    """
    given = factory if isinstance(factory, partial) else partial(factory)
    made = given.func
    if given.args or "lr" in given.keywords:
        return
    if not isinstance(made, type) or not issubclass(made, torch.optim.Optimizer):
        return
    rate = _default_rate(made)
    if rate is not None:
        what = "the class" if made is factory else "a partial of"
        options = "".join(f", {key}={value!r}" for key, value in given.keywords.items())
        raise ValueError(
            f"{name}: expected a function of parameters that says the learning rate, got {what} "
            f"{made.__name__}, which would take lr={rate}; write "
            f"functools.partial({optimizer_name(made)}, lr={rate}{options})"
        )


def _default_rate(made: type) -> Any:
    """Give the rate that a class of optimizers takes where it is given none, or None."""
    for owner in made.__mro__:
        if "__init__" not in vars(owner):
            continue
        taken = inspect.signature(vars(owner)["__init__"]).parameters
        if "lr" in taken:
            default = taken["lr"].default
            return None if default is inspect.Parameter.empty else default
        if not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in taken.values()):
            return None
    return None


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


def check_model(name: str, model: Any) -> None:
    """Refuse anything but a trained module or replicates, where one of them belongs.

    Raises ValueError that says what to write instead.

    >>> check_model("model", nn.Linear(2, 1))
    """
    if isinstance(model, nn.Module | Replicates):
        return
    if hasattr(model, "replicates"):
        remedy = "pass result.replicates for all seeds, or result.model(seed) for one"
    elif callable(model):
        remedy = f"call it first, {name}()"
    else:
        remedy = "pass result.model(seed) or result.replicates of what fit returned"
    raise ValueError(f"{name}: expected a torch module or replicates, got {kind(model)}; {remedy}")


def check_fit(template: nn.Module, step: Any, splits: Mapping[str, Split], device: torch.device) -> None:
    """Try the model on two examples of each split, and check labels where the step knows what it needs.

    Raises ValueError that names the layer or the labels that do not fit. Warns of pixels from 0 to 255, and
    of a softmax before a loss that has its own.
    """
    train = splits["train"]
    outputs = try_model(template, train.inputs[:2].to(device))  # two: a model may squeeze a single one away
    alike = (train.inputs.shape[1:], train.inputs.dtype)
    for place, split in splits.items():
        own = outputs
        if (split.inputs.shape[1:], split.inputs.dtype) != alike:
            own = try_model(template, split.inputs[:2].to(device))
        if isinstance(step, CheckedStep):
            name = place if place == "train" else f"evaluate_on[{place!r}]"
            step.check(f"{name}.labels", own, split.labels)
    if _are_pixels(train.inputs) and keeps_whole(template, train.inputs[:2].to(device)):
        warnings.warn(
            "train: its inputs are whole numbers from 0 to 255, as unscaled pixels are; with ordinary "
            "learning rates a network then diverges or learns nothing. Divide them by 255, or normalise them "
            "as datasets.fashion_mnist() does. If they are meant so, silence this with "
            "warnings.filterwarnings('ignore', message='train: its inputs')",
            stacklevel=3,
        )
    squeezed = makes_probabilities(template, outputs) if isinstance(step, CheckedStep) else ""
    if squeezed:
        classes = outputs.shape[-1]
        least = math.log(math.e + classes - 1) - 1
        warnings.warn(
            f"model: its outputs lie between 0 and 1 ({squeezed}), but the loss applies a softmax to them "
            f"once more; with {classes} classes it can then not fall below {least:.2f}. Leave the last layer "
            "out: the model gives logits, and logits.softmax(-1) gives probabilities when you want them",
            stacklevel=3,
        )


def _are_pixels(inputs: Tensor) -> bool:
    """Tell whether inputs look like bytes turned into floats: whole numbers from 0 to 255, some above 20.

    Measured features are hardly ever all whole, so large values alone are no sign.
    """
    for part in (inputs[:10], inputs):  # the first decides for nearly all other data
        low, high = part.aminmax()
        if low < 0 or high > 255 or bool(part.frac().any()):
            return False
    return bool(high > 20)
