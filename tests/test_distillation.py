from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from hw2utils.calibration import expected_calibration_error, reliability
from hw2utils.datasets import Split
from hw2utils.distillation import (
    distillation_loss,
    distillation_step,
    divergence,
    loss_factors,
    soften,
    teacher_logits,
)
from hw2utils.models import mlp
from hw2utils.replicates import Replicates
from hw2utils.steps import Batch
from hw2utils.training import evaluate, fit

SGD = partial(torch.optim.SGD, lr=0.1)


def draws(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def toy(size=40, seed=0):
    inputs = draws(size, 6, seed=seed)
    return Split(inputs, (inputs[:, 0] > 0).long() + (inputs[:, 1] > 0).long())


def student():
    return mlp([6, 5, 3]).double()


class Infinite(nn.Module):
    def forward(self, inputs):
        return inputs * torch.inf


# --- the loss -------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.5, 1, 4.0, 20.0])
def test_divergence_equals_torch(temperature):
    ours, theirs = draws(7, 5, seed=1) * 3, draws(7, 5, seed=2) * 3
    expected = nn.KLDivLoss(reduction="none", log_target=False)(
        (ours / temperature).log_softmax(-1), (theirs / temperature).softmax(-1)
    ).sum(-1)
    torch.testing.assert_close(divergence(ours, theirs, temperature), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("convention", "hard", "soft"),
    [("homework", 0.3, 1.0), ("hinton", 0.3, 16.0), ("mixture", 0.3, 0.7 * 16)],
)
def test_loss_equals_torchs_parts(convention, hard, soft):
    ours, theirs, labels = draws(7, 5, seed=1), draws(7, 5, seed=2), torch.arange(7) % 5
    kl = nn.KLDivLoss(reduction="batchmean")((ours / 4).log_softmax(-1), (theirs / 4).softmax(-1))
    expected = hard * nn.functional.cross_entropy(ours, labels) + soft * kl
    loss = distillation_loss(ours, theirs, labels, temperature=4.0, alpha=0.3, convention=convention)
    assert loss.shape == (7,)
    torch.testing.assert_close(loss.mean(), expected, rtol=1e-12, atol=0)
    assert loss_factors(convention, alpha=0.3, temperature=4.0) == pytest.approx((hard, soft))


def test_a_single_class_pair_in_closed_form():
    # two classes with logit differences a and b: both softmaxes are logistic functions of difference / t
    a, b, t = 1.5, -0.5, 2.0
    p, q = (1 / (1 + np.exp(-d / t)) for d in (b, a))
    expected = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    found = divergence(torch.tensor([a, 0.0]).double(), torch.tensor([b, 0.0]).double(), t)
    assert found.item() == pytest.approx(expected, rel=1e-12)


def test_gradients_are_right():
    theirs, labels = draws(4, 5, seed=2), torch.tensor([0, 4, 2, 2])
    for convention in ("homework", "hinton", "mixture"):
        loss = partial(distillation_loss, temperature=3.0, alpha=0.4, convention=convention)
        ours = draws(4, 5, seed=1).requires_grad_()
        assert torch.autograd.gradcheck(lambda z, f=loss: f(z, theirs, labels), ours)
        assert torch.autograd.gradgradcheck(lambda z, f=loss: f(z, theirs, labels), ours)


def test_gradient_in_closed_form_and_none_for_the_teacher():
    ours, theirs = draws(4, 5, seed=1).requires_grad_(), draws(4, 5, seed=2).requires_grad_()
    divergence(ours, theirs, 3.0).sum().backward()
    torch.testing.assert_close(ours.grad, ((soften(ours, 3.0) - soften(theirs, 3.0)) / 3.0).detach())
    assert theirs.grad is None


def test_hot_gradient_is_the_difference_of_centred_logits():
    # Hinton et al. 2015, eq. 4: for high t the gradient tends to (z − v) / (classes · t²), z, v centred
    ours, theirs, t = draws(4, 5, seed=1).requires_grad_(), draws(4, 5, seed=2), 1e4
    divergence(ours, theirs, t).sum().backward()
    centred = [z - z.mean(-1, keepdim=True) for z in (ours.detach(), theirs)]
    torch.testing.assert_close(ours.grad * t**2, (centred[0] - centred[1]) / 5, rtol=1e-2, atol=1e-3)


def test_softening_raises_the_entropy():
    logits = draws(50, 10)
    entropies = [-(p * p.log()).sum(-1) for p in (soften(logits, t) for t in (0.5, 1.0, 2.0, 8.0))]
    assert all((b > a).all() for a, b in pairwise(entropies))


# --- the step -------------------------------------------------------------------------------------


def test_alone_is_the_limit_without_a_soft_part():
    settings = {
        "seeds": [0, 1],
        "optimizer": SGD,
        "epochs": 3,
        "batch_size": 8,
        "evaluate_on": {"val": toy(seed=3)},
    }
    step = distillation_step(draws(40, 3), temperature=2.0, alpha=1.0, convention="mixture")
    plain, mixed = fit(student, toy(), **settings).history, fit(student, toy(), step=step, **settings).history
    for column in ("train_loss", "train_acc", "val_loss", "val_acc"):
        np.testing.assert_allclose(mixed[column], plain[column], rtol=1e-9)


def test_step_equals_a_plain_loop():
    split, teacher = toy(), draws(2, 40, 3)
    step = distillation_step(teacher, temperature=3.0, alpha=0.5, convention="hinton")
    index = torch.tensor([[3, 0, 7], [9, 39, 1]])
    replicates = Replicates(student, [4, 9])
    batch = Batch(split.inputs[index], split.labels[index], index)
    found = step(replicates.__call__, batch)
    for i in range(2):
        z, v = replicates.module(i)(split.inputs[index[i]]), teacher[i, index[i]]
        kl = nn.KLDivLoss(reduction="none")((z / 3).log_softmax(-1), (v / 3).softmax(-1)).sum(-1)
        hard = nn.functional.cross_entropy(z, split.labels[index[i]], reduction="none")
        torch.testing.assert_close(found["loss"][i], 0.5 * hard + 9 * kl)
        torch.testing.assert_close(found["soft"][i], kl)
        torch.testing.assert_close(found["hard"][i], hard)


def test_evaluation_ignores_the_teacher():
    other = toy(size=60, seed=5)  # more examples than the teacher has logits for
    step = distillation_step(draws(40, 3) * 100, temperature=2.0, alpha=0.5)
    model = student()
    assert evaluate(model, other, step=step) == evaluate(model, other)


def test_each_replicate_has_its_own_teacher():
    teachers = draws(3, 40, 3)
    settings = {"optimizer": SGD, "epochs": 2, "batch_size": 8}
    make = partial(distillation_step, temperature=2.0, alpha=0.5)
    together = fit(student, toy(), seeds=[5, 6, 7], step=make(teachers), **settings).history
    single = fit(student, toy(), seeds=[6], step=make(teachers[1]), **settings).history
    np.testing.assert_allclose(together["train_loss"][:, 1], single["train_loss"][:, 0], rtol=1e-9)
    shared = fit(student, toy(), seeds=[5, 6, 7], step=make(teachers[0]), **settings).history
    assert not np.allclose(shared["train_loss"][:, 1], single["train_loss"][:, 0])
    np.testing.assert_allclose(shared["train_loss"][:, 0], together["train_loss"][:, 0], rtol=1e-9)


def test_teacher_logits_in_evaluation_mode_without_gradients():
    replicates = Replicates(lambda: mlp([6, 5, 3], dropout=0.5).double(), [0, 1])
    logits = teacher_logits(replicates, toy(), batch_size=7)
    assert logits.shape == (2, 40, 3)
    assert not logits.requires_grad
    assert replicates.training
    module = replicates.module(1).eval()
    torch.testing.assert_close(logits[1], module(toy().inputs).detach())
    module.train()
    module[3].eval()
    torch.testing.assert_close(teacher_logits(module, toy()), logits[1])
    assert [layer.training for layer in module] == [True, True, True, False, True]


# --- refusals -------------------------------------------------------------------------------------

Z = torch.zeros(4, 3)
Y = torch.zeros(4, dtype=torch.long)
LOSS = partial(distillation_loss, temperature=2.0, alpha=0.5)
REFUSED = {
    "t = 0": (lambda: soften(Z, 0), "temperature: expected a finite number above 0, got 0"),
    "t < 0": (lambda: LOSS(Z, Z, Y, temperature=-1.0), "temperature"),
    "t infinite": (lambda: divergence(Z, Z, float("inf")), "temperature"),
    "t NaN": (lambda: divergence(Z, Z, float("nan")), "temperature"),
    "t a word": (lambda: soften(Z, "2"), "temperature"),
    "alpha < 0": (lambda: LOSS(Z, Z, Y, alpha=-0.1), "alpha: expected a finite number from 0 up"),
    "alpha NaN": (lambda: LOSS(Z, Z, Y, alpha=float("nan")), "alpha"),
    "alpha infinite": (lambda: LOSS(Z, Z, Y, alpha=float("inf")), "alpha"),
    "alpha > 1": (lambda: LOSS(Z, Z, Y, alpha=1.1, convention="mixture"), "from 0 to 1"),
    "convention": (lambda: LOSS(Z, Z, Y, convention="hintom"), "convention: expected one of"),
    "NaN teacher": (lambda: LOSS(Z, Z * float("nan"), Y), "teacher_logits: expected finite"),
    "infinite teacher": (lambda: distillation_step(Z - float("inf"), temperature=1, alpha=0), "finite"),
    "NaN logits": (lambda: soften(Z * float("nan"), 2.0), "logits: expected finite"),
    "integers": (lambda: soften(Y.view(2, 2), 2.0), "floating-point"),
    "one class": (lambda: soften(Z[:, :1], 2.0), "at least two classes"),
    "other shape": (lambda: LOSS(Z, Z[:1], Y), "expected the shape of student_logits"),
    "one-hot": (lambda: LOSS(Z, Z, Z.long()), "labels: expected one for each example"),
    "no class": (lambda: LOSS(Z, Z, Y + 3), "labels: expected classes 0 to 2"),
    "dimensions": (lambda: distillation_step(Z[0], temperature=2.0, alpha=0.5), "N, classes"),
    "empty split": (lambda: teacher_logits(nn.Identity(), Split(Z[:0], Y[:0])), "at least one"),
    "diverged teacher": (lambda: teacher_logits(Infinite(), Split(Z + 1, Y)), "teacher: expected finite"),
    "inputs with NaN": (lambda: teacher_logits(nn.Identity(), Split(Z / 0, Y)), "split: expected finite"),
    "no bin": (lambda: reliability(Z + 1 / 3, Y, bins=0), "bins"),
    "logits": (lambda: expected_calibration_error(Z + 2, Y), "softmax"),
    "NaN probabilities": (lambda: expected_calibration_error(Z / 0, Y), "softmax"),
    "label shape": (lambda: reliability(Z + 1 / 3, Y[:3]), "labels: expected shape"),
    "label range": (lambda: reliability(Z + 1 / 3, Y - 1), "labels: expected classes"),
    "no rows": (lambda: reliability(Z[:0], Y[:0]), "N ≥ 1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused(name):
    act, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        act()


@pytest.mark.parametrize("shape", [(39, 3), (3, 40, 3), (40, 4)])
def test_logits_that_do_not_fit_are_refused_while_training(shape):
    step = distillation_step(draws(*shape), temperature=2.0, alpha=0.5)
    with pytest.raises(ValueError, match="teacher_logits: expected"):
        fit(student, toy(), seeds=[0, 1], optimizer=SGD, epochs=1, batch_size=40, step=step)


def test_a_diverged_student_is_recorded():
    step = distillation_step(draws(40, 3), temperature=2.0, alpha=0.5)
    with pytest.warns(UserWarning, match="fit: 1 of 1 seeds diverged, .*: seed 0 by epoch 2"):
        broken = fit(
            student, toy(), seeds=[0], optimizer=partial(torch.optim.SGD, lr=1e300), epochs=6, step=step
        )
    assert not np.isfinite(broken.history.final("train_loss")).all()


def test_a_diverged_teacher_is_recorded_and_disturbs_no_other():
    run = partial(fit, student, toy(), seeds=[3, 5], optimizer=SGD, epochs=2, batch_size=16)
    teachers = Replicates(student, [3, 5])
    whole = teacher_logits(teachers, toy())
    dict(teachers.named_parameters())["1.weight"].data[0] = torch.inf
    logits = teacher_logits(teachers, toy())
    assert not logits[0].isfinite().any() and torch.equal(logits[1], whole[1])
    settings = {"temperature": 2.0, "alpha": 0.5}
    with pytest.warns(UserWarning, match="fit: 1 of 2 seeds diverged, .*: seed 3 by epoch 1"):
        taught = run(step=distillation_step(logits, **settings)).history
    expected = run(step=distillation_step(whole, **settings)).history
    assert taught.diverged() == {3: 1} and expected.diverged() == {}
    np.testing.assert_array_equal(taught["train_loss"][:, 1], expected["train_loss"][:, 1])


# --- calibration ----------------------------------------------------------------------------------


def test_calibration_error_in_closed_form():
    # 10 predictions at .95 of which 8 are right, 10 at .55 of which 7 are right
    p = torch.tensor([[0.95, 0.05]] * 10 + [[0.55, 0.45]] * 10, dtype=torch.float64)
    y = torch.tensor([0] * 8 + [1] * 2 + [0] * 7 + [1] * 3)
    assert expected_calibration_error(p, y, bins=10).item() == pytest.approx((0.15 + 0.15) / 2)
    assert expected_calibration_error(p, y, bins=1).item() == pytest.approx(0.0)  # they cancel
    curve = reliability(p, y, bins=10)
    assert curve.count.tolist() == [0, 0, 0, 0, 0, 10, 0, 0, 0, 10]
    assert curve.accuracy[[5, 9]].tolist() == pytest.approx([0.7, 0.8])
    assert curve.confidence[0].isnan()


def test_calibration_of_replicates_equals_each_alone():
    p, y = draws(3, 50, 4).softmax(-1), torch.arange(50) % 4
    together = expected_calibration_error(p, y)
    assert together.tolist() == [expected_calibration_error(row, y).item() for row in p]


def test_certainty_falls_into_the_last_bin():
    p = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert reliability(p, torch.tensor([0, 0]), bins=4).count.tolist() == [0, 0, 0, 2]


def test_bins_are_closed_above():
    p = torch.tensor([[0.5, 0.5], [0.75, 0.25]])
    assert reliability(p, torch.tensor([0, 0]), bins=4).count.tolist() == [0, 1, 1, 0]
