import pytest
import torch
from torch import nn

from hw2utils.datasets import Split
from hw2utils.distillation import teacher_logits
from hw2utils.models import layer_table
from hw2utils.modes import evaluating
from hw2utils.replicates import Replicates
from hw2utils.training import evaluate


def mixed():
    """Half in evaluation mode, as a model whose lower part is kept as it is."""
    return nn.Sequential(nn.Flatten(), nn.Linear(4, 3).eval(), nn.Dropout(0.5), nn.Dropout(0.5).eval())


def modes(model):
    return [layer.training for layer in model.modules()]


DATA = Split(torch.ones(5, 4), torch.zeros(5).long())
USES = {
    "evaluate": lambda model: evaluate(model, DATA),
    "teacher_logits": lambda model: teacher_logits(model, DATA),
    "layer_table": lambda model: layer_table(model, (4,)),
}


@pytest.mark.parametrize("use", ["evaluate", "teacher_logits", "layer_table"])
def test_each_layer_comes_back_in_its_own_mode(use):
    model = mixed()
    before = modes(model)
    USES[use](model)
    assert modes(model) == before == [True, True, False, True, False]


@pytest.mark.parametrize("use", ["evaluate", "teacher_logits"])
def test_the_modules_of_all_replicates_come_back_in_their_own_modes(use):
    replicates = Replicates(lambda: nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3)), [0, 1])
    list(replicates.modules())[1].eval()
    before = modes(replicates)
    USES[use](replicates)
    assert modes(replicates) == before
    assert len(before) == 6
    assert before.count(False) == 1


def test_modes_come_back_after_an_error():
    model = mixed()
    before = modes(model)
    seen = []

    def run():
        with evaluating(model):
            seen.extend(modes(model))
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        run()
    assert seen == [False] * 5
    assert modes(model) == before
