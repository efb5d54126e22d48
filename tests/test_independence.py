import copy
import warnings
from functools import partial

import numpy as np
import pytest
import torch
from plain_loop import toy
from torch import nn

from hw2utils import independence
from hw2utils.clipping import clipped
from hw2utils.independence import check_modules, check_optimizer
from hw2utils.models import mlp
from hw2utils.replicates import Replicates
from hw2utils.training import fit

SGD = partial(torch.optim.SGD, lr=0.1)
NET = mlp([6, 5, 3]).double()


def train(model, optimizer=SGD, seeds=(0, 1, 2), step=None):
    more = {} if step is None else {"step": step}
    return fit(model, toy(), seeds=list(seeds), optimizer=optimizer, epochs=1, **more)


def some_the_same():
    networks = iter([NET, mlp([6, 5, 3]).double(), NET])
    return lambda: next(networks)


def of_different_widths():
    widths = iter([4, 5, 6])
    return lambda: mlp([6, next(widths), 3]).double()


def frozen_now_and_then():
    flags = iter([True, False, True])

    def model():
        network = mlp([6, 5, 3]).double()
        network[1].weight.requires_grad_(next(flags))
        return network

    return model


def tied_by_memory():
    network = mlp([6, 6, 6, 3])
    network[3].weight = nn.Parameter(network[1].weight.t())
    return network


def hooked_parameter():
    network = mlp([6, 5, 3]).double()
    network[1].weight.register_hook(lambda gradient: gradient.clamp(-0.1, 0.1))
    return network


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: NET, "model: expected a new module for each seed, got the same Sequential again"),
        (some_the_same(), "got the same Sequential again"),
        (of_different_widths(), r"'1.weight' as \(4, 6\) torch.float64 for seed 0 and as \(5, 6\)"),
        (
            frozen_now_and_then(),
            r"'1.weight' as \(5, 6\) torch.float64 for seed 0 and as .* frozen for seed 1",
        ),
        (tied_by_memory, "'1.weight' and '3.weight' as two views of the same memory"),
        (hooked_parameter, "got one on '1.weight', which would not be called"),
        (
            lambda: nn.Sequential(nn.Flatten(), nn.LazyLinear(3)),
            r"got LazyLinear \(layer '1'\), .* nn.Linear\(784, 3\)",
        ),
    ],
)
def test_models_that_cannot_be_trained_apart_are_refused(model, message):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torch's word on lazy layers
        with pytest.raises(ValueError, match=message):
            train(model)


def seeded_inside():
    torch.manual_seed(0)
    return mlp([6, 5, 3]).double()


@pytest.mark.parametrize("model", [lambda: copy.deepcopy(NET), seeded_inside], ids=["copies", "seeded"])
def test_equal_starts_are_noticed(model):
    with pytest.warns(UserWarning, match="model: seeds 0 and 1 start from the same weights") as caught:
        train(model)
    assert [entry.filename for entry in caught] == [__file__]


def zeros():
    network = nn.Sequential(nn.Flatten(), nn.Linear(6, 3)).double()
    nn.init.zeros_(network[1].weight)
    nn.init.zeros_(network[1].bias)
    return network


def new_head():
    return nn.Sequential(copy.deepcopy(NET), nn.Linear(3, 3)).double()


def zero_head_on_frozen_features():
    return nn.Sequential(copy.deepcopy(NET).requires_grad_(False), nn.Flatten(), zeros_of(3)).double()


def zeros_of(width):
    head = nn.Linear(width, 3, bias=False)
    nn.init.zeros_(head.weight)
    return head


@pytest.mark.parametrize("model", [zeros, new_head, zero_head_on_frozen_features])
def test_starts_that_somebody_chose_pass(model):
    train(model)  # a warning is an error here


def test_one_checkpoint_for_all_can_be_said_to_be_meant():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="model: seeds")
        train(lambda: copy.deepcopy(NET))


class Wrapped(torch.optim.SGD):
    """SGD that does something to the gradients first."""

    def __init__(self, named, change, **options):
        self.change = change
        super().__init__(named, **options)

    def step(self, closure=None):
        self.change([p for group in self.param_groups for p in group["params"]])
        return super().step(closure)


def clip(parameters, max_norm=1.0):
    nn.utils.clip_grad_norm_(parameters, max_norm)


def clip_what_is_finite(parameters, max_norm=1.0):
    if all(p.grad.isfinite().all() for p in parameters):
        clip(parameters, max_norm)


def wait_for_all(parameters):
    for p in parameters:
        if not p.grad.isfinite().all():
            p.grad.zero_()


def centre(parameters):
    for p in parameters:
        p.grad -= p.grad.mean()


def shrink_by_weight_norm(parameters):
    for p in parameters:
        p.grad += 0.01 * p.detach().norm() * p.detach()


def hooked_tensors(named):
    named = list(named)
    for _, p in named:
        p.register_hook(lambda gradient: gradient / gradient.norm())
    return SGD(named)


MIXING = {
    "clipping": lambda named: Wrapped(named, clip, lr=0.1),
    "rarely clipping": lambda named: Wrapped(named, partial(clip, max_norm=100.0), lr=0.1),
    "clipping unless NaN": lambda named: Wrapped(named, clip_what_is_finite, lr=0.1),
    "rarely clipping, unless NaN": lambda named: Wrapped(
        named, partial(clip_what_is_finite, max_norm=100.0), lr=0.1
    ),
    "waiting for all": lambda named: Wrapped(named, wait_for_all, lr=0.1),
    "centring": lambda named: Wrapped(named, centre, lr=0.1),
    "norm of the weights": lambda named: Wrapped(named, shrink_by_weight_norm, lr=0.1),
    "hooks on tensors": hooked_tensors,
    "Adafactor": torch.optim.Adafactor,
}


@pytest.mark.parametrize("optimizer", MIXING.values(), ids=MIXING)
@pytest.mark.parametrize("seeds", [[0], [0, 1, 2]], ids=len)
def test_optimizers_that_mix_seeds_are_refused(optimizer, seeds):
    with pytest.raises(ValueError, match=r"own gradients, got (Wrapped|Adafactor|SGD), .*clipped\(partial"):
        train(lambda: mlp([6, 5, 3]).double(), optimizer, seeds)


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        (torch.optim.LBFGS, "LBFGS needs a closure"),
        (torch.optim.Muon, "got one that stopped with: Muon only supports 2D"),
        (torch.optim.SparseAdam, "SparseAdam failed on copies of these: .* dense gradients"),
        (lambda named: SGD(NET.parameters()), "got one of others, which would train nothing"),
        (
            clipped(lambda named: SGD(NET.parameters()), max_norm=1.0),
            "got one of others, which would train nothing",
        ),
        (lambda named: 3, "got one that makes an int"),
    ],
)
def test_optimizers_that_cannot_step_are_refused(optimizer, message):
    with pytest.raises(ValueError, match=message):
        train(lambda: mlp([6, 5, 3]).double(), optimizer)


def decay_weights(named):
    """Decay matrices and no vectors, as many scripts do."""
    named = list(named)
    return torch.optim.AdamW(
        [
            {"params": [p for _, p in named if p.ndim >= 2], "weight_decay": 0.1},
            {"params": [p for _, p in named if p.ndim < 2], "weight_decay": 0.0},
        ],
        lr=0.1,
    )


def train_matrices(named):
    return SGD([p for _, p in named if p.dim() > 1])


def slower_for_vectors(named):
    return SGD([{"params": [p], "lr": 0.1 if len(p.shape) > 1 else 0.01} for _, p in named])


CHOOSING = {
    "decay": (decay_weights, r"got AdamW, which gives '1.bias' weight_decay=0.1, but .* weight_decay=0.0; "),
    "left out": (train_matrices, r"got SGD, which gives '1.bias' lr=0.1, .* alone no place among its par"),
    "rate": (
        slower_for_vectors,
        r"got SGD, which gives '1.bias' lr=0.1, but for one seed alone lr=0.01; ",
    ),
    "clipped": (clipped(decay_weights, max_norm=1.0), r"got Clipped, which gives '1.bias' weight_decay=0.1"),
}


@pytest.mark.parametrize("name", CHOOSING)
@pytest.mark.parametrize("seeds", [[0], [0, 1]], ids=len)
def test_a_choice_by_dimensions_is_refused(name, seeds):
    optimizer, message = CHOOSING[name]
    with pytest.raises(ValueError, match=f"optimizer: expected one that chooses .* by name, {message}"):
        train(lambda: mlp([6, 5, 3]).double(), optimizer, seeds)


def test_a_choice_by_name_passes():
    def decayed(named):
        return SGD([{"params": [p], "weight_decay": 0.1 * name.endswith("weight")} for name, p in named])

    train(lambda: mlp([6, 5, 3]).double(), decayed)


def next_rate(rates=iter(range(1, 100))):  # noqa: B008
    return lambda named: torch.optim.Adam(named, lr=next(rates))


def shared_generator(draw=torch.Generator()):  # noqa: B008
    def add_noise(parameters):
        for p in parameters:
            p.grad += torch.randn(p.shape, generator=draw, dtype=p.dtype)

    return lambda named: Wrapped(named, add_noise, lr=0.1)


@pytest.mark.parametrize("optimizer", [next_rate(), shared_generator()], ids=["rate", "generator"])
def test_optimizers_that_differ_from_call_to_call_are_not_said_to_mix_seeds(optimizer):
    with pytest.raises(ValueError, match=r"same optimizer at each call, .* got (Adam|Wrapped) with"):
        train(lambda: mlp([6, 5, 3]).double(), optimizer)


class Noisy(torch.optim.SGD):
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.grad += torch.randn_like(p)
        return super().step(closure)


def in_groups(named):
    named = list(named)
    return torch.optim.Adam(
        [{"params": [p], "lr": torch.tensor(0.01) if name.endswith("bias") else 0.1} for name, p in named]
    )


def rate_for_each_seed(named, seeds=3):
    rates = torch.linspace(0.1, 0.3, seeds)

    def scale(parameters):
        for p in parameters:
            p.grad *= rates.view(-1, *[1] * (p.dim() - 1))

    return Wrapped(named, scale, lr=1.0)


ELEMENTWISE = sorted(independence.ELEMENTWISE, key=lambda kind: kind.__name__)
APART = {
    **{kind.__name__: partial(kind, lr=0.1) for kind in ELEMENTWISE},
    **{
        f"{kind.__name__} otherwise": partial(kind, lr=0.1, weight_decay=0.1, maximize=True, foreach=True)
        for kind in ELEMENTWISE
        if kind is not torch.optim.Rprop
    },
    "amsgrad": partial(torch.optim.AdamW, lr=0.1, amsgrad=True),
    "centred": partial(torch.optim.RMSprop, lr=0.1, centered=True, momentum=0.9),
    "momentum": partial(SGD, momentum=0.9, weight_decay=0.1),
    "clipped numbers": lambda named: Wrapped(
        named, partial(nn.utils.clip_grad_value_, clip_value=0.1), lr=0.1
    ),
    "groups and tensor rates": in_groups,
    "noise": partial(Noisy, lr=0.1),
    "a rate for each seed": rate_for_each_seed,
}


@pytest.mark.parametrize("optimizer", APART.values(), ids=APART)
@pytest.mark.parametrize("believed", [True, False], ids=["believed", "tried"])
def test_optimizers_that_keep_seeds_apart_pass(optimizer, believed, monkeypatch):
    if not believed:
        monkeypatch.setattr(independence, "is_elementwise", lambda _: False)
    replicates = Replicates(lambda: mlp([6, 5, 3]), [0, 1, 2])
    before = {name: p.detach().clone() for name, p in replicates.named_parameters()}
    state = torch.get_rng_state()
    check_optimizer(optimizer, dict(replicates.named_parameters()))
    assert torch.equal(torch.get_rng_state(), state)
    for name, p in replicates.named_parameters():
        assert torch.equal(p, before[name])
        assert p.grad is None


def test_the_optimizer_made_last_is_the_one_that_trains():
    made = []

    def remembered(named):
        made.append(torch.optim.Adam(named, lr=0.1))
        return made[-1]

    result = train(lambda: mlp([6, 5, 3]).double(), remembered)
    held = {id(p) for group in made[-1].param_groups for p in group["params"]}
    assert held == {id(p) for _, p in result.replicates.named_parameters()}


@pytest.mark.parametrize("seeds", [[0], [0, 1]], ids=len)
def test_hooks_that_an_optimizer_puts_on_tensors_are_called(seeds):
    def still(named):
        named = list(named)
        for _, p in named:
            p.register_hook(torch.zeros_like)
        return SGD(named)

    model = lambda: mlp([6, 5, 3]).double()  # noqa: E731
    result = train(model, still, seeds)
    for ours, start in zip(
        result.replicates.named_parameters(), Replicates(model, seeds).named_parameters(), strict=True
    ):
        assert torch.equal(ours[1], start[1])


def test_a_diverged_seed_disturbs_nobody_one_by_one_either():
    def model(broken=None):
        network = nn.Sequential(nn.Flatten(), nn.Linear(6, 4), nn.LayerNorm(4), nn.Linear(4, 3)).double()
        if broken:
            next(flags) and network[1].weight.data.fill_(float("inf"))
        return network

    for optimizer in (SGD, partial(torch.optim.Adam, lr=0.01)):
        flags = iter([False, True, False])
        with pytest.warns(UserWarning, match="fit: 1 of 3 seeds diverged"):
            broken = train(partial(model, True), optimizer)
        sound = train(model, optimizer)
        assert np.isnan(broken.history["train_loss"][:, 1]).all()
        np.testing.assert_array_equal(
            broken.history["train_loss"][:, [0, 2]], sound.history["train_loss"][:, [0, 2]]
        )


def test_modules_of_one_seed_pass():
    check_modules([NET], [0])
