"""Checks of exercises: right answers pass in several forms, each known mistake is named, in two languages."""

import importlib
import math
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from hw2utils.checks import check, check_run, summary, words
from hw2utils.checks.catalogue import EXERCISES
from hw2utils.checks.exercise import Finding, Misfit, diagnose
from hw2utils.checks.results import _uses_optimizers
from hw2utils.languages import LANGUAGES
from hw2utils.optimizers import Rule
from hw2utils.publishing.sources.cells import notebook_cells
from hw2utils.publishing.sources.lint import lint_file
from hw2utils.publishing.sources.notebooks import read_notebook
from hw2utils.reporting.catalogue import chapters, published_results
from hw2utils.reporting.claims import load

ROOT = Path(__file__).parents[1]
FAULTS = ("F-3b1", "F-3c1", "F-3c2", "F-4.1", "F-4.7", "F-4.9", "F-5b1", "F-5b2")
MISTAKES = [(name, key) for name, exercise in EXERCISES.items() for key in exercise.wrong]


# --- right answers, as students write them --------------------------------------------------------


def rule(remembers, step):
    """A factory of rules: ``step(lr, g, memory, t)`` gives the step and the new memory."""
    return lambda lr: Rule("mine", remembers, lambda g, m, p, t: step(lr, g, m, t))


def by_class(step, *names):
    """An optimizer as a class; ``step(lr, g, memory, t)`` gives the step and changes the memory."""

    class Mine:
        def __init__(self, params, lr):
            self.params, self.lr, self.t = list(params), lr, 0
            self.memory = [{name: torch.zeros_like(p) for name in names} for p in self.params]

        def step(self):
            self.t += 1
            with torch.no_grad():
                for p, memory in zip(self.params, self.memory, strict=True):
                    p += step(self.lr, p.grad, memory, self.t)

    return Mine


def numpy_momentum(lr, beta=0.9, ahead=False):
    def advance(g, memory, p, t):
        mean = beta * memory["m"].numpy() + g.numpy()
        step = -lr * (g.numpy() + beta * mean if ahead else mean)
        return torch.from_numpy(step), {"m": torch.from_numpy(mean)}

    return Rule("numpy", ("m",), advance)


def in_place(lr, g, memory, t):
    memory["m"].mul_(0.9).add_(g)
    return -lr * memory["m"]


def coupled_class(lr, g, memory, t):
    memory["m"] = torch.lerp(memory["m"], g, lr)
    return -memory["m"]


def nesterov_class(lr, g, memory, t):
    old = memory["m"].clone()
    memory["m"] = 0.9 * old + g
    return -lr * (1.9 * g + 0.81 * old)


def rms_class(lr, g, memory, t):
    memory["s"].mul_(0.99).addcmul_(g, g, value=0.01)
    return -lr * g / memory["s"].sqrt().add(1e-8)


def adam_class(lr, g, memory, t):
    memory["m"].lerp_(g, 0.1)
    memory["s"].lerp_(g * g, 0.001)
    return -lr * memory["m"] / (1 - 0.9**t) / ((memory["s"] / (1 - 0.999**t)).sqrt() + 1e-8)


def adam_step(lr, g, m, t):
    mean, square = 0.9 * m["a"] + 0.1 * g, 0.999 * m["b"] + 0.001 * g.pow(2)
    scale = math.sqrt(1 - 0.999**t)
    return -lr * scale / (1 - 0.9**t) * mean / (square.sqrt() + 1e-8 * scale), {"a": mean, "b": square}


def knn_loops(train, labels, queries, k):
    found = []
    for query in queries:
        nearest = sorted(range(len(train)), key=lambda i: float(((train[i] - query) ** 2).sum()))[:k]
        votes = [int(labels[i]) for i in nearest]
        found.append(max(sorted(set(votes)), key=votes.count))
    return found


def knn_sklearn(train, labels, queries, k):
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(k).fit(train.numpy(), labels.numpy()).predict(queries.numpy())


def knn_matrix(train, labels, queries, k):
    order = (train.square().sum(1) - 2 * queries @ train.T).topk(k, largest=False).indices
    return F.one_hot(labels[order], 3).sum(1).argmax(1)


def penalty_loop(loss, parameters, strength):
    total = 0
    for name, value in parameters.items():
        if "bias" not in name:
            total = total + value.pow(2).sum()
    return loss + strength * total


def penalty_dot(loss, parameters, strength):
    flat = torch.cat([p.reshape(-1) for n, p in parameters.items() if p.ndim > 1])
    return strength * flat.dot(flat) + loss


def penalty_norms(loss, parameters, strength):
    return loss + strength * sum(p.norm() ** 2 for n, p in parameters.items() if n.endswith("weight"))


def softmax_shifted(logits, temperature):
    z = (logits - logits.max(-1, keepdim=True).values) / temperature
    return z.exp() / z.exp().sum(-1, keepdim=True)


def softmax_numpy(logits, temperature):
    z = logits.numpy() / temperature
    grown = np.exp(z - z.max(-1, keepdims=True))
    return grown / grown.sum(-1, keepdims=True)


def loss_kl(student, teacher, labels, temperature, alpha):
    soft = F.kl_div(
        F.log_softmax(student / temperature, -1),
        F.softmax(teacher.detach() / temperature, -1),
        reduction="batchmean",
    )
    return alpha * F.cross_entropy(student, labels) + soft


def loss_by_hand(student, teacher, labels, temperature, alpha):
    with torch.no_grad():
        p = (teacher / temperature).softmax(1)
    q = (student / temperature).softmax(1)
    hard = -student.softmax(1)[torch.arange(len(labels)), labels].log()
    return alpha * hard + (p * (p / q).log()).sum(1)  # one number for each example


def loss_targets(student, teacher, labels, temperature, alpha):
    log_p = (teacher.detach() / temperature).log_softmax(-1)
    log_q = (student / temperature).log_softmax(-1)
    soft = F.kl_div(log_q, log_p, log_target=True, reduction="sum") / len(labels)
    return soft + alpha * F.nll_loss(student.log_softmax(-1), labels)


def error_reshaped(predictions, labels):
    if predictions.numel() != labels.numel() or predictions.ndim > 2:
        raise ValueError("counts differ")
    return F.mse_loss(predictions.reshape(-1), labels)


def error_column(predictions, labels):
    if predictions.ndim == 2:
        predictions = predictions[:, 0]
    if predictions.shape != labels.shape:
        raise ValueError(f"{predictions.shape} and {labels.shape}")
    return ((predictions - labels) ** 2).sum() / len(labels)


def error_python(predictions, labels):
    pairs = list(zip(predictions.flatten().tolist(), labels.tolist(), strict=True))  # raises ValueError
    return sum((p - y) ** 2 for p, y in pairs) / len(pairs)


def steps_while(losses):
    step = 0
    while step < len(losses):
        if math.isnan(losses[step]) or math.isinf(losses[step]):
            raise ValueError("diverged")
        if losses[step] < 0.1:
            return step
        step += 1


def steps_enumerate(losses):
    for step, loss in enumerate(losses):
        if not math.isfinite(loss):
            raise ArithmeticError(step)
        if loss < 0.1:
            return step
    return None


def steps_numpy(losses):
    values = np.array(losses)
    bad, low = ~np.isfinite(values), values < 0.1
    first = int(np.argmax(bad | low))
    if not (bad | low).any():
        return None
    if bad[first]:
        raise RuntimeError("diverged")
    return first


def decay_shrunk(weights, grads, lr, decay):
    return (1 - lr * decay) * weights - lr * grads


def decay_torch(weights, grads, lr, decay):
    w = weights.clone().requires_grad_()
    w.grad = grads
    torch.optim.SGD([w], lr=lr, weight_decay=decay).step()
    return w.detach()


def decay_numpy(weights, grads, lr, decay):
    w, g = weights.numpy(), grads.numpy()
    return w - lr * (g + decay * w)


def dropout_bernoulli(inputs, rate, training):
    if not training:
        return inputs
    return inputs * torch.bernoulli(torch.full_like(inputs, 1 - rate)) / (1 - rate)


def dropout_numpy(inputs, rate, training):
    x = inputs.numpy()
    return x * (np.random.rand(*x.shape) >= rate) / (1 - rate) if training else x  # noqa: NPY002


def accuracy_loop(model, batches):
    was = model.training
    model.eval()
    right = total = 0
    for inputs, labels in batches:
        right += (model(inputs).argmax(1) == labels).sum().item()
        total += len(labels)
    model.train(was)
    return right / total


def accuracy_joined(model, batches):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    inputs, labels = (torch.cat(parts) for parts in zip(*batches, strict=True))
    found = model(inputs).argmax(1).eq(labels).double().mean()
    for module, mode in modes.items():
        module.training = mode
    return found


def accuracy_weighted(model, batches):
    before = model.training
    model.train(False)
    shares = [((model(x).argmax(1) == y).float().mean().item(), len(y)) for x, y in batches]
    if before:
        model.train()
    return sum(share * n for share, n in shares) / sum(n for _, n in shares)


RIGHT = {
    "q2-knn": [knn_loops, knn_sklearn, knn_matrix],
    "q2-penalty": [penalty_loop, penalty_dot, penalty_norms],
    "q3-softmax": [softmax_shifted, softmax_numpy, lambda z, t: F.softmax(z / t, dim=-1)],
    "q3-loss": [loss_kl, loss_by_hand, loss_targets],
    "q4-sgd": [
        torch.optim.SGD,
        rule((), lambda lr, g, m, t: (-lr * g, {})),
        by_class(lambda lr, g, memory, t: -g * lr),
    ],
    "q4-coupled": [
        by_class(coupled_class, "m"),
        rule(("v",), lambda lr, g, m, t: (-(n := m["v"] + lr * (g - m["v"])), {"v": n})),
        rule(("v",), lambda lr, g, m, t: (-(n := lr * g + (1 - lr) * m["v"]), {"v": n})),
    ],
    "q4-momentum": [
        partial(torch.optim.SGD, momentum=0.9),
        numpy_momentum,
        by_class(in_place, "m"),
    ],
    "q4-nesterov": [
        partial(torch.optim.SGD, momentum=0.9, nesterov=True),
        partial(numpy_momentum, ahead=True),
        by_class(nesterov_class, "m"),
    ],
    "q4-rmsprop": [
        torch.optim.RMSprop,
        by_class(rms_class, "s"),
        rule(
            ("s",),
            lambda lr, g, m, t: (-lr * g / ((n := m["s"] + (g**2 - m["s"]) / 100) ** 0.5 + 1e-8), {"s": n}),
        ),
    ],
    "q4-adam": [torch.optim.Adam, by_class(adam_class, "m", "s"), rule(("a", "b"), adam_step)],
    "q4-error": [error_reshaped, error_column, error_python],
    "q4-steps": [steps_while, steps_enumerate, steps_numpy],
    "q5-decay": [decay_shrunk, decay_torch, decay_numpy],
    "q5-dropout": [dropout_bernoulli, dropout_numpy, lambda x, rate, training: F.dropout(x, rate, training)],
    "q5-accuracy": [accuracy_loop, accuracy_joined, accuracy_weighted],
}


@pytest.mark.parametrize("name", EXERCISES)
def test_at_least_three_different_right_answers_pass(name):
    assert len(RIGHT[name]) >= 3
    for answer in RIGHT[name]:
        assert diagnose(EXERCISES[name], answer) == Finding("right"), answer


@pytest.mark.parametrize(("name", "key"), MISTAKES)
def test_each_known_mistake_is_named(name, key):
    exercise = EXERCISES[name]
    assert diagnose(exercise, exercise.wrong[key]) == Finding("wrong", key)


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_names_at_least_six_mistakes(name):
    assert len(EXERCISES[name].wrong) >= 6


# Right answers in forms that the exercises leave open.


class OtherNames:
    def __init__(self, model_params, learning_rate):
        self.params, self.rate = list(model_params), learning_rate

    def step(self):
        for p in self.params:
            p.data -= self.rate * p.grad


class Hidden(OtherNames):
    """An optimizer that keeps its rate where nobody can change it."""

    def __init__(self, params, lr):
        self.params, self.step = list(params), lambda: [p.data.sub_(lr * p.grad) for p in self.params]


def steps_asserted(losses):
    for step, loss in enumerate(losses):
        assert math.isfinite(loss)
        if loss < 0.1:
            return step
    return None


def steps_plain_exception(losses):
    for step, loss in enumerate(losses):
        if not math.isfinite(loss):
            raise Exception("diverged")
        if loss < 0.1:
            return step
    return None


def loss_in_32_bits(student, teacher, labels, temperature, alpha):
    return loss_kl(student.float(), teacher.float(), labels, temperature, alpha)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("q4-sgd", OtherNames),
        ("q4-steps", steps_asserted),
        ("q4-steps", steps_plain_exception),
        ("q3-loss", loss_in_32_bits),
        ("q3-softmax", lambda z, t: (z / t).softmax(-1).to_sparse()),
    ],
)
def test_a_right_answer_passes_in_an_unusual_form(name, answer):
    assert diagnose(EXERCISES[name], answer) == Finding("right")


def raising(error, answer):
    """An answer that raises an error where the counts differ."""

    def careful(predictions, labels):
        if predictions.numel() != len(labels):
            raise error
        return answer(predictions, labels)

    return careful


def flat_error(predictions, labels):
    return F.mse_loss(predictions.reshape(-1), labels)


@pytest.mark.parametrize(
    ("name", "answer", "found"),
    [
        ("q4-error", raising(TypeError("counts"), flat_error), Finding("other-error", "three")),
        ("q4-error", lambda p, y: ((p.reshape(y.shape) - y) ** 2).mean(), Finding("other-error", "three")),
        (
            "q4-error",
            lambda p, y: sum((a - b) ** 2 for a, b in zip(p.flatten(), y)) / len(y),  # noqa: B905
            Finding("no-error", "three"),
        ),
        (
            "q4-steps",
            lambda losses: min((i for i, x in enumerate(losses) if x < 0.1)),
            Finding("needless-error", "never"),
        ),
        ("q4-sgd", rule((), lambda lr, g, m, t: (-lr * g.sqrt(), {})), Finding("not-finite", "first")),
    ],
)
def test_what_is_told_of_an_unknown_mistake_is_true(name, answer, found):
    assert diagnose(EXERCISES[name], answer) == found
    told = check(name, answer)
    assert not told.passed
    assert found.kind == "not-finite" or "error" in told.sentences[0]["en"]


def test_no_number_stands_for_never():
    for made_up in (-1, -99, 0, math.inf):
        answer = lambda losses, made_up=made_up: made_up if (n := steps_while(losses)) is None else n  # noqa: E731
        assert diagnose(EXERCISES["q4-steps"], answer).kind != "right"


# Mistakes as students write them, which share nothing with those that checks know.
WRITTEN = {
    ("q4-error", "broadcasts"): lambda p, y: ((p - y) ** 2).mean(),
    ("q4-error", "squeezes"): lambda p, y: (
        F.mse_loss(p.flatten(), y.expand(y.shape)) if p.numel() == len(y) else ((p.view(-1) - y) ** 2).mean()
    ),
    ("q4-momentum", "forgets"): rule(("m",), lambda lr, g, m, t: (-lr * (g + 0.9 * m["m"]), m)),
    ("q4-momentum", "averaged"): rule(
        ("m",), lambda lr, g, m, t: (-lr * (n := g.lerp(m["m"], 0.9)), {"m": n})
    ),
    ("q4-sgd", "uphill"): partial(torch.optim.SGD, maximize=True),
    ("q4-sgd", "penalised"): partial(torch.optim.SGD, weight_decay=0.01),
    ("q4-sgd", "stands"): by_class(lambda lr, g, memory, t: g * 0),
    ("q2-knn", "median"): lambda x, y, q, k: y[torch.cdist(q, x).argsort(1)[:, :k]].median(1).values,
    ("q2-penalty", "no-penalty"): lambda loss, ps, strength: loss,
    ("q3-loss", "mixture-turned"): lambda s, t, y, temperature, alpha: (
        (1 - alpha) * F.cross_entropy(s, y) + alpha * loss_kl(s, t, y, temperature, 0)
    ),
    ("q4-adam", "decoupled"): torch.optim.AdamW,
    ("q4-adam", "penalised"): partial(torch.optim.Adam, weight_decay=0.01),
    ("q4-rmsprop", "summed"): partial(torch.optim.Adagrad, eps=1e-8),
    ("q4-rmsprop", "other-decay"): partial(torch.optim.RMSprop, alpha=0.9),
    ("q3-softmax", "other-axis"): lambda z, t: torch.softmax(z / t, 0),
    ("q3-loss", "sum"): lambda s, t, y, temperature, alpha: (
        alpha * F.cross_entropy(s, y)
        + nn.KLDivLoss(reduction="sum")(
            (s / temperature).log_softmax(1), (t.detach() / temperature).softmax(1)
        )
    ),
    ("q5-dropout", "always"): lambda x, rate, training: F.dropout(x, rate, True),
    ("q5-dropout", "one-mask"): lambda x, rate, training: (
        x * F.dropout(torch.ones(x.shape[1]), rate, training)
    ),
    ("q2-knn", "skips-nearest"): lambda x, y, q, k: (
        torch.cdist(q, x).topk(k + 1, largest=False).indices[:, 1:].apply_(lambda i: int(y[i])).mode(1).values
    ),
}


@pytest.mark.parametrize(("name", "key"), WRITTEN)
def test_a_mistake_is_named_however_it_is_written(name, key):
    assert diagnose(EXERCISES[name], WRITTEN[name, key]) == Finding("wrong", key)


def test_an_unknown_mistake_is_told_by_the_situation_that_shows_it():
    def late_decay(lr):
        return Rule("", ("m",), lambda g, m, p, t: (-lr * (n := g + min(t, 9) / 10 * m["m"]), {"m": n}))

    assert diagnose(EXERCISES["q4-momentum"], late_decay) == Finding("differs", "second")
    assert "in the second step" in repr(check("q4-momentum", late_decay))


@pytest.mark.parametrize(
    ("name", "answer", "key"),
    [
        ("q4-sgd", lambda lr: None, "no-rule"),
        ("q4-sgd", lambda lr: -lr, "no-rule"),
        ("q4-sgd", lambda params, lr: params, "no-optimizer"),
        ("q4-sgd", lambda params, lr: [p.data.sub_(lr * p.grad) for p in params], "no-optimizer"),
        ("q4-sgd", lambda lr: Rule("", (), lambda g, m, p, t: (p.sub_(lr * g) * 0, m)), "changed-arguments"),
        ("q4-sgd", lambda lr: Rule("", (), lambda g, m, p, t: (-lr * g.sum(), m)), "step-shape"),
        ("q4-sgd", lambda lr: Rule("", (), lambda g, m, p, t: -lr * g), "advance-result"),
        ("q4-momentum", lambda lr: Rule("", ("m",), lambda g, m, p, t: (-lr * g, {"v": g})), "memory-names"),
        ("q4-sgd", Hidden, "no-rate-kept"),
        ("q3-softmax", lambda z, t: None, "none"),
        ("q3-softmax", lambda z, t: "half", "no-numbers"),
        ("q3-softmax", lambda z, t: (z / t).softmax(-1).max(), "shape"),
        ("q3-loss", lambda s, t, y, temperature, alpha: 0.3, "no-tensor"),
        ("q2-penalty", lambda loss, ps, strength: loss.detach(), "no-gradient"),
        ("q5-decay", lambda w, g, lr, d: w - lr * g.add_(w, alpha=d), "changed-arguments"),
        (
            "q5-dropout",
            lambda x, rate, training: x.mul_(F.dropout(torch.ones(200, 200), rate)),
            "changed-arguments",
        ),
    ],
)
def test_what_cannot_be_compared_is_explained(name, answer, key):
    with pytest.raises(Misfit) as caught:
        diagnose(EXERCISES[name], answer)
    assert caught.value.key == key
    checked = check(name, answer)
    assert not checked.passed
    assert all(text[lang] for text in checked.sentences for lang in LANGUAGES)


def test_what_torch_loads_for_its_optimizers_is_not_of_the_answers_time():
    named = eval("lambda params, lr: SGD(params, lr)", {"SGD": torch.optim.SGD})
    for answer in (torch.optim.Adam, partial(torch.optim.SGD, momentum=0.9), named, decay_torch):
        assert _uses_optimizers(answer)
    assert not any(map(_uses_optimizers, (OtherNames, softmax_shifted, print, math.sqrt)))
    assert check("q4-sgd", torch.optim.SGD).passed and "torch._dynamo" in sys.modules


@pytest.mark.parametrize("name", EXERCISES)
def test_a_check_takes_less_than_five_seconds_of_a_core(name):
    """The longest is a mistake that is not known, after all known ones were tried."""
    exercise = EXERCISES[name]
    started = time.process_time()
    for answer in (exercise.right, *exercise.wrong.values()):
        exercise.probe(answer)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("name", EXERCISES)
def test_a_check_says_the_same_each_time(name):
    exercise = EXERCISES[name]
    torch.manual_seed(time.time_ns() % 1000)
    once = exercise.probe(exercise.right)
    torch.manual_seed(7)
    again = exercise.probe(exercise.right)
    assert all(np.array_equal(once[key], again[key], equal_nan=True) for key in once)


# --- words ----------------------------------------------------------------------------------------


def test_words_and_exercises_fit_and_read_well():
    assert lint_file(words.FILE) == []
    for name, exercise in EXERCISES.items():
        assert words.situations(name) == list(exercise.probe(exercise.right)), name


def test_the_lint_finds_words_that_do_not_fit(tmp_path):
    folder = tmp_path / "checks"
    folder.mkdir()
    text = words.FILE.read_text(encoding="utf-8")
    changed = text.replace("      manhattan:", "      manhatan:").replace("(fault F-4.9)", "(fault F-4.8)", 1)
    (folder / "words.yml").write_text(changed, encoding="utf-8")
    found = "\n".join(map(str, lint_file(folder / "words.yml")))
    assert "no words for manhattan" in found
    assert "manhatan is none" in found
    assert "pair: " in found  # one language names another fault than the other


@pytest.mark.parametrize("name", EXERCISES)
def test_a_chapter_of_its_question_names_the_check_in_both_languages(name):
    told = [
        cell
        for chapter in chapters(ROOT)
        if chapter.stem.startswith(name.partition("-")[0])
        for cell in notebook_cells(read_notebook(chapter))
        if f"`{name}`" in cell.source or f'check("{name}"' in cell.source
    ]
    assert {cell.language for cell in told} == set(LANGUAGES)


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_the_source_are_named_in_both_languages(fault):
    names = [words.mistake(name, key)[0] for name, key in MISTAKES]
    assert any(fault in told["fa"] and fault in told["en"] for told in names)


@pytest.mark.parametrize(("name", "exercise"), EXERCISES.items())
def test_public_functions_that_are_named_exist(name, exercise):
    if exercise.public:
        module, _, function = exercise.public.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))


# --- what is shown --------------------------------------------------------------------------------


def test_a_result_is_shown_in_both_languages_in_jupyter_and_in_a_terminal():
    checked = check("q4-error", lambda p, y: ((p - y) ** 2).mean())
    bundle = checked._repr_mimebundle_()
    html, plain = bundle["text/html"], bundle["text/plain"]
    assert 'dir="rtl" lang="fa"' in html
    assert 'dir="ltr" lang="en"' in html
    assert "F-4.1" in plain
    assert "راهنمایی" in plain
    assert "Hint" in plain
    assert "<" not in plain
    assert checked.mistake == "broadcasts"


def test_what_a_right_answer_can_be_compared_with_is_named():
    checked = check("q4-momentum", RIGHT["q4-momentum"][0])
    assert checked.passed
    assert "hw2utils.optimizers.momentum" in repr(checked)


@pytest.mark.parametrize("name", ["q4-momentun", "", None, 3])
def test_an_unknown_exercise_is_refused(name):
    with pytest.raises(ValueError, match="name: expected the name of an exercise"):
        check(name, print)


def test_a_call_that_does_not_fit_is_answered_with_what_is_asked_for():
    told = repr(check("q4-sgd", lambda g, memory, p, t: (-0.1 * g, memory)))
    assert "missing 3 required positional arguments" in told
    assert "makes a `Rule` of a learning rate" in told


def test_what_an_answer_printed_is_shown_and_said_to_be_printed():
    def chatty(logits, temperature):
        sys.stdout.write(f"my shape {tuple(logits.shape)}\n")
        return (logits / temperature).softmax(-1)

    checked = check("q3-softmax", chatty)
    assert "Your code printed this:\nmy shape (5,)" in repr(checked)
    assert "کد شما این را نوشت" in checked.html()
    assert "printed" not in repr(check("q3-softmax", softmax_shifted))


def test_a_notebook_without_gradients_is_checked_all_the_same():
    with torch.no_grad():
        assert check("q2-penalty", penalty_loop).passed


def test_what_is_no_function_is_explained():
    checked = check("q3-softmax", torch.zeros(3))
    assert not checked.passed
    assert "the function itself" in repr(checked)


def test_the_summary_counts_what_was_solved_and_keeps_it(monkeypatch):
    monkeypatch.setattr("hw2utils.checks.results._PROGRESS", {})
    assert summary().points == 0
    check("q4-adam", torch.optim.SGD)
    assert summary("q4").state["q4-adam"] == "tried"
    check("q4-adam", torch.optim.Adam)
    check("q4-adam", torch.optim.SGD)  # a later try takes nothing away
    told = summary("q4")
    assert told.state["q4-adam"] == "solved"
    assert (told.points, told.most) == (2, 9)
    shown = told._repr_mimebundle_()
    assert "۱ تمرین از" in shown["text/html"]
    assert "1 of 8 exercises are solved: 2 of 9 points." in shown["text/plain"]
    with pytest.raises(ValueError, match="expected one of q2"):
        summary("q9")


# --- runs of experiments --------------------------------------------------------------------------


def published():
    """A case of the book whose seeds differ, with its claim and values."""
    for claim, stated in load().items():
        results = published_results(stated.chapter) or {}
        for case, found in results.get("verdicts", {}).get(claim, {}).get("cases", {}).items():
            values = np.array(found["values"], dtype=float)
            if np.isfinite(values).all() and np.ptp(values) > 0:
                return claim, case, values
    raise LookupError("no published run")


def test_a_run_agrees_with_itself_and_not_with_one_far_away():
    claim, case, values = published()
    assert check_run(claim, case, values).agrees
    assert check_run(claim, case, values[::2]).agrees
    far = check_run(claim, case, values + 5 * np.ptp(values))
    assert not far.agrees
    assert "does not agree" in repr(far)
    assert "نمی‌خواند" in repr(far)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"claim": "C-9x9"}, "claim: expected one of the book's claims"),
        ({"case": "no such case"}, "case: expected one of the published run's"),
        ({"values": [1.0]}, "values: expected at least two finite numbers"),
        ({"values": [1.0, math.nan]}, "values: expected at least two finite numbers"),
    ],
)
def test_a_run_that_cannot_be_compared_is_refused(change, message):
    claim, case, values = published()
    with pytest.raises(ValueError, match=message):
        check_run(**({"claim": claim, "case": case, "values": values} | change))
