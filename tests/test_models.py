import pytest
import torch
from torch import nn

from hw2utils.models import layer_table, mlp, parameter_count, width_for


def test_the_deep_network_of_the_homework():
    model = mlp([784, 128, 64, 32, 16, 10], dropout=0.5)
    kinds = [type(layer).__name__ for layer in model]
    assert kinds == ["Flatten", *["Linear", "ReLU", "Dropout"] * 4, "Linear"]
    assert parameter_count(model) == 111_514
    assert model(torch.zeros(3, 1, 28, 28)).shape == (3, 10)


@pytest.mark.parametrize("parameters", [805, 79_510, 111_514])
def test_width_for_is_the_closest_width(parameters):
    width = width_for(parameters)

    def distance(hidden):
        return abs(parameter_count(mlp([784, hidden, 10])) - parameters)

    assert width >= 1
    assert distance(width) == min(distance(max(1, width + step)) for step in (-1, 0, 1))


def test_layer_table_counts_and_shapes_and_keeps_the_mode():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2 * 26 * 26, 10))
    table = layer_table(model, (1, 28, 28))
    assert table == [("Conv2d", (2, 26, 26), 20), ("Flatten", (1352,), 0), ("Linear", (10,), 13_530)]
    assert model.training


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mlp([784]), "sizes: expected a list of inputs"),
        (lambda: mlp([784, 0, 10]), "each at least 1"),
        (lambda: mlp([4, 2], dropout=1.0), r"dropout: expected a rate in \[0, 1\), got 1.0"),
        (lambda: mlp([4, 2], dropout=-0.1), "dropout: expected a rate"),
        (lambda: width_for(100), "parameters: expected at least 805"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
