"""Whatever a model is made of, it trains as torch trains it alone, and is given back as it trained."""

import warnings
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_loop import plain_loop, toy
from torch import nn
from torch.nn.utils import parametrizations, prune

from hw2utils._dense import ELEMENTWISE, dense_layers
from hw2utils.datasets import Split
from hw2utils.replicates import Replicates, initialise, stream_seed
from hw2utils.training import evaluate, fit

# Where nothing below a layer wants a gradient, torch says when its hook is called
pytestmark = pytest.mark.filterwarnings("ignore:Full backward hook is firing:UserWarning")

WIDTH = 4
SEEDS = [3, 1]


class OwnLinear(nn.Linear):
    def forward(self, inputs):
        return super().forward(inputs).abs()


def old_weight_norm(layer):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return nn.utils.weight_norm(layer)


def with_hook(register, hook):
    def treat(layer):
        getattr(layer, register)(hook)
        return layer

    return treat


def frozen(layer):
    layer.weight.requires_grad_(False)
    return layer


def patched(layer):
    layer.forward = lambda inputs: nn.functional.linear(inputs, layer.weight) * 2
    return layer


def with_buffer(layer):
    layer.register_buffer("unused", torch.ones(1))
    return layer


TREATMENTS = {
    "as it is": lambda layer: layer,
    "frozen": frozen,
    "forward hook": with_hook("register_forward_hook", lambda _, inputs, outputs: 1.5 * outputs),
    "forward pre-hook": with_hook("register_forward_pre_hook", lambda _, inputs: (inputs[0] + 0.5,)),
    "backward hook": with_hook(
        "register_full_backward_hook",
        lambda _, below, above: tuple(None if g is None else 2 * g for g in below),
    ),
    "backward pre-hook": with_hook("register_full_backward_pre_hook", lambda _, above: (3 * above[0],)),
    "pruned": partial(prune.random_unstructured, name="weight", amount=0.5),
    "weight norm": parametrizations.weight_norm,
    "old weight norm": old_weight_norm,
    "spectral norm": parametrizations.spectral_norm,
    "old spectral norm": nn.utils.spectral_norm,
    "orthogonal": parametrizations.orthogonal,
    "patched": patched,
    "buffer": with_buffer,
}
UNTOUCHED = ("as it is", "frozen")

linear = st.tuples(
    st.just("linear"),
    st.booleans(),  # bias
    st.sampled_from(["new"] * 4 + ["own class", "same object", "same weight"]),
    st.one_of(st.sampled_from(UNTOUCHED), st.sampled_from(sorted(TREATMENTS))),
)
activation = st.tuples(st.just("activation"), st.sampled_from(ELEMENTWISE), st.booleans())  # shared
dropout = st.tuples(st.just("dropout"), st.sampled_from([0.0, 0.4, 1.0]), st.booleans())
other = st.sampled_from([("flatten",), ("batch norm",), ("layer norm",)])
leaf = st.one_of(linear, linear, activation, dropout, other)
nested = st.tuples(st.just("nested"), st.lists(leaf, min_size=1, max_size=3), st.booleans())  # twice
stacks = st.lists(st.one_of(leaf, leaf, nested), min_size=1, max_size=5)


def build(parts):
    """Make the module that a list of parts describes; all layers are WIDTH wide."""
    shared, linears = {}, []

    def layer(kind, *how):
        if kind == "linear":
            bias, origin, treatment = how
            if origin == "same object" and linears:
                return linears[-1]
            made = (OwnLinear if origin == "own class" else nn.Linear)(WIDTH, WIDTH, bias=bias)
            plain = [other for other in linears if type(other) is nn.Linear and "weight" in other._parameters]
            if origin == "same weight" and plain:
                made.weight = plain[-1].weight
                return made
            linears.append(TREATMENTS[treatment](made))
            return linears[-1]
        if kind in ("activation", "dropout"):
            what, again = how
            fresh = nn.Dropout(what) if kind == "dropout" else what()
            return shared.setdefault((kind, what), fresh) if again else fresh
        if kind == "nested":
            inner = nn.Sequential(*(layer(*part) for part in how[0]))
            return nn.Sequential(inner, inner) if how[1] else inner
        return {
            "flatten": nn.Flatten,
            "batch norm": lambda: nn.BatchNorm1d(WIDTH),
            "layer norm": lambda: nn.LayerNorm(WIDTH),
        }[kind]()

    return nn.Sequential(*(layer(*part) for part in parts)).double()


def assert_same_as_alone(replicates, run, model):
    """Compare outputs, gradients and the modules given back with torch's own."""
    inputs = torch.randn(
        len(SEEDS), 5, WIDTH, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    upstream = torch.linspace(-1, 2, inputs.numel(), dtype=torch.float64).view_as(inputs)
    outputs = run(replicates, inputs, upstream)
    stacked = dict(replicates.named_parameters())
    for place, seed in enumerate(SEEDS):
        alone = initialise(model, seed)
        torch.manual_seed(stream_seed(seed, "dropout"))
        expected = alone(inputs[place].clone())
        torch.testing.assert_close(outputs[place], expected, rtol=0, atol=1e-12)
        if expected.requires_grad:
            expected.backward(upstream[place])
        for name, p in alone.named_parameters():
            if p.requires_grad:
                ours = stacked[name].grad
                zero = torch.zeros_like(p)
                found = zero if ours is None else ours[place]
                torch.testing.assert_close(found, zero if p.grad is None else p.grad, rtol=0, atol=1e-12)
        given = replicates.module(place)
        torch.testing.assert_close(given.eval()(inputs[place]), alone.eval()(inputs[place]))


def called(replicates, inputs, upstream):
    outputs = replicates(inputs)
    if outputs.requires_grad:
        outputs.backward(upstream)
    return outputs


def traced(replicates, inputs, upstream):
    outputs, backward = replicates.trace(inputs)
    if list(replicates.named_parameters()):
        backward(upstream, None)
    return outputs


@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(parts=stacks)
def test_outputs_and_gradients_are_torchs_own_whatever_the_stack_is_made_of(parts):
    model = partial(build, parts)
    for run in (called, traced):
        assert_same_as_alone(Replicates(model, SEEDS), run, model)


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_no_touched_layer_takes_the_batched_path(treatment):
    plain = [("linear", True, "new", "as it is"), ("activation", nn.ReLU, False)]
    model = partial(build, [*plain, ("nested", [("linear", True, "new", treatment)], False)])
    assert (dense_layers(model()) is not None) == (treatment in UNTOUCHED)
    for run in (called, traced):
        assert_same_as_alone(Replicates(model, SEEDS), run, model)


def deep(*middle):
    return nn.Sequential(nn.Flatten(), nn.Linear(6, 8), *middle, nn.Linear(8, 3)).double()


def shared_activation():
    relu, drop = nn.ReLU(), nn.Dropout(0.3)
    return deep(relu, drop, nn.Linear(8, 8), relu, drop)


def tied_layer():
    middle = nn.Linear(8, 8)
    return deep(nn.Tanh(), middle, nn.Tanh(), middle)


def tied_weight():
    one, two = nn.Linear(8, 8), nn.Linear(8, 8, bias=False)
    two.weight = one.weight
    return deep(one, nn.Tanh(), two)


def shared_block():
    block = nn.Sequential(nn.Linear(8, 8), nn.ReLU())
    return deep(block, block)


def shared_block_and_its_weight():
    block, other = nn.Sequential(nn.Linear(8, 8)), nn.Linear(8, 8)
    other.weight = block[0].weight
    return deep(block, nn.Tanh(), block, other)


def hooked_stack():
    model = deep(nn.ReLU())
    model.register_forward_hook(lambda _, inputs, outputs: outputs.tanh())
    return model


def stuck_dropout():
    drop = nn.Dropout(0.5).eval()
    drop.train = lambda mode=True: drop
    return deep(nn.ReLU(), drop)


def without_flatten():
    return nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Flatten(), nn.Linear(12, 3)).double()


def another_slope_for_each_seed():
    return deep(nn.LeakyReLU(torch.rand(()).item()))


class Projected(nn.Module):
    """Have a fixed random part that is no parameter and no buffer, and keep what was computed."""

    def __init__(self):
        super().__init__()
        self.projection = torch.randn(6, 8, dtype=torch.float64)
        self.read = nn.Linear(8, 3).double()
        self.kept = []

    def forward(self, inputs):
        self.kept = [self.read(inputs.flatten(1) @ self.projection)]
        return self.kept[0]


class Recorder:
    def __init__(self):
        self.outputs = {}

    def keep(self, module, inputs, outputs):
        self.outputs["last"] = outputs


def recorded():
    model = deep(nn.Tanh())
    model[2].register_forward_hook(Recorder().keep)
    return model


class InPlace(nn.Module):
    def forward(self, inputs):
        return inputs.add_(1).flatten(1)


def overwriting():
    return nn.Sequential(InPlace(), nn.Linear(6, 3)).double()


class Recurrent(nn.Module):
    """Have a layer that keeps the weights of its last run, beside its own."""

    def __init__(self, kind):
        super().__init__()
        self.walk = kind(2, 5, batch_first=True).double()
        self.read = nn.Linear(5, 3).double()

    def forward(self, inputs):
        return self.read(self.walk(inputs.squeeze(1))[0][:, -1])


class KeepsItsWeight(nn.Linear):
    def forward(self, inputs):
        self.last = [self.weight]
        return super().forward(inputs)


def keeps_its_weight():
    return deep(nn.Tanh(), KeepsItsWeight(8, 8))


def with_own_buffers():
    return deep(nn.BatchNorm1d(8), nn.ReLU())


MODELS = {  # whether each takes the batched path
    shared_activation: True,
    stuck_dropout: True,
    partial(deep, nn.ELU(inplace=True)): True,
    partial(deep, nn.Dropout(1.0)): True,
    without_flatten: True,  # in two dimensions it could
    another_slope_for_each_seed: True,  # each one alone could
    tied_layer: False,
    tied_weight: False,
    shared_block: False,
    shared_block_and_its_weight: False,
    hooked_stack: False,
    with_own_buffers: False,
    Projected: False,
    recorded: False,
    overwriting: False,
    partial(Recurrent, nn.GRU): False,
    partial(Recurrent, nn.LSTM): False,
    keeps_its_weight: False,
    **{
        partial(lambda treat: deep(nn.ReLU(), TREATMENTS[treat](nn.Linear(8, 8))), name): name in UNTOUCHED
        for name in TREATMENTS
    },
}


@pytest.mark.parametrize(
    "model", MODELS, ids=lambda m: str(m.args[0]) if isinstance(m, partial) else m.__name__
)
def test_a_fit_is_the_plain_loop_and_gives_back_what_it_trained(model):
    assert (dense_layers(model()) is not None) == MODELS[model]
    settings = {"optimizer": partial(torch.optim.SGD, lr=0.1), "epochs": 2, "batch_size": 16}
    data = toy()
    val = Split(toy(seed=1).inputs, toy(seed=1).labels)
    result = fit(model, data, seeds=[4, 0, 7], evaluate_on={"val": val}, **settings)
    for place, seed in enumerate([4, 0, 7]):
        expected, losses = plain_loop(model, toy(), seed, **settings)
        np.testing.assert_allclose(result.history["train_loss"][:, place], losses, rtol=0, atol=1e-9)
        found = result.model(seed)
        for ours, theirs in zip(found.parameters(), expected.parameters(), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9)
            assert ours.grad is None
        again = evaluate(found, val)
        for name in ("loss", "acc"):
            assert again[name].item() == pytest.approx(result.history[f"val_{name}"][-1, place], abs=1e-9)
    assert torch.equal(data.inputs, toy().inputs)  # whatever a module does to what it is given
    assert torch.equal(val.inputs, toy(seed=1).inputs)


def test_a_part_that_all_seeds_share_keeps_statistics_for_each():
    norm = nn.BatchNorm1d(6).double()

    def model(norm=norm):
        return nn.Sequential(nn.Flatten(), norm, nn.Linear(6, 3)).double()

    settings = {"epochs": 2, "optimizer": partial(torch.optim.SGD, lr=0.1), "evaluate_on": {"val": toy()}}
    shared = fit(model, toy(), seeds=SEEDS, **settings)
    apart = fit(lambda: model(nn.BatchNorm1d(6)), toy(), seeds=SEEDS, **settings)
    np.testing.assert_array_equal(shared.history["val_loss"], apart.history["val_loss"])
    assert not torch.equal(shared.model(3)[1].running_mean, shared.model(1)[1].running_mean)
    assert not norm.running_mean.any()


def test_a_pruned_weight_is_given_back_as_it_is_now():
    def model():
        return deep(prune.l1_unstructured(nn.Linear(8, 8), "weight", amount=0.5))

    layer = (
        fit(model, toy(), seeds=[0], epochs=1, optimizer=partial(torch.optim.SGD, lr=0.1))
        .model(0)
        .get_submodule("2")
    )
    assert torch.equal(layer.weight, layer.weight_orig * layer.weight_mask)
    assert (layer.weight == 0).sum() == 32


def test_hooks_for_all_modules_are_called():
    replicates = Replicates(partial(deep, nn.ReLU()), SEEDS)
    inputs = toy().inputs.expand(2, *toy().inputs.shape)
    plain = replicates(inputs)
    handle = nn.modules.module.register_module_forward_hook(
        lambda module, inputs, outputs: 2 * outputs if isinstance(module, nn.Linear) else None
    )
    try:
        watched, (traced, _) = replicates(inputs), replicates.trace(inputs)
        alone = [replicates.module(place)(values) for place, values in enumerate(inputs)]
    finally:
        handle.remove()
    assert not torch.allclose(watched, plain)
    for outputs in (watched, traced):
        torch.testing.assert_close(outputs, torch.stack(alone))
    assert torch.equal(replicates(inputs), plain)


def test_a_hook_that_comes_later_is_called():
    result = fit(
        partial(deep, nn.ReLU()), toy(), seeds=SEEDS, epochs=1, optimizer=partial(torch.optim.SGD, lr=0.1)
    )
    calls = []
    result.replicates.template[1].register_forward_hook(lambda *_: calls.append(1))
    evaluate(result.replicates, toy())
    assert len(calls) == len(SEEDS)


def test_autocast_runs_what_torch_runs():
    def model():
        return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))

    replicates = Replicates(model, SEEDS)
    inputs = torch.randn(2, 5, 6, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        outputs = replicates(inputs)
        alone = torch.stack([replicates.module(place)(inputs[place]) for place in range(2)])
    assert outputs.dtype == torch.bfloat16
    assert torch.equal(outputs, alone)
    outputs.float().sum().backward()
    assert all(p.grad.dtype == torch.float32 for _, p in replicates.named_parameters())
