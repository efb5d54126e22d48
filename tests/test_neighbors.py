import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from hw2utils.neighbors import nearest, vote


def blobs(count=300, features=5, seed=0):
    draw = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    return torch.randn(count, features, generator=draw) + labels[:, None].float(), labels


def test_neighbours_are_scikit_learns():
    train, _ = blobs()
    queries, _ = blobs(50, seed=1)
    reference = NearestNeighbors(n_neighbors=20, algorithm="brute").fit(train.numpy())
    expected = reference.kneighbors(queries.numpy(), return_distance=False)
    assert (nearest(train, queries, 20).numpy() == expected).all()


def test_votes_for_every_k_are_scikit_learns():
    train, labels = blobs()
    queries, _ = blobs(200, seed=1)
    ks = [51, 1, 4, 300]
    predictions = vote(labels, nearest(train, queries, 300), ks)
    for k, ours in zip(ks, predictions, strict=True):
        reference = KNeighborsClassifier(k, algorithm="brute").fit(train.numpy(), labels.numpy())
        assert (ours.numpy() == reference.predict(queries.numpy())).all(), k


def test_excluding_oneself_is_leaving_one_out():
    train, _ = blobs(40)
    found = nearest(train, train, 39, exclude_self=True)
    assert not (found == torch.arange(40)[:, None]).any()
    for i in range(40):
        rest = torch.arange(40) != i
        others = nearest(train[rest], train[i : i + 1], 3)
        assert (torch.arange(40)[rest][others] == found[i, :3]).all()


def test_the_block_does_not_change_the_answer():
    train, _ = blobs()
    queries, _ = blobs(70, seed=1)
    assert torch.equal(nearest(train, queries, 9, block=7), nearest(train, queries, 9))


def test_each_example_is_its_own_nearest_in_spite_of_rounding():
    draw = torch.Generator().manual_seed(2)
    twins = torch.rand(200, 784, generator=draw).repeat_interleave(3, dim=0)
    twins[:, 0] += torch.arange(600) * 1e-4  # three near copies of each, far from the origin
    assert torch.equal(nearest(twins + 10, twins + 10, 1).flatten(), torch.arange(600))


def test_images_are_flattened():
    train, _ = blobs(20, 4)
    assert torch.equal(nearest(train.view(20, 1, 2, 2), train.view(20, 1, 2, 2), 3), nearest(train, train, 3))


def test_a_tie_goes_to_the_lowest_class():
    assert vote(torch.tensor([2, 1, 0]), torch.tensor([[0, 1, 2]]), [1, 2, 3]).flatten().tolist() == [2, 1, 0]


good = torch.zeros(4, 2)
some = torch.zeros(4, 1, dtype=torch.int64)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nearest(good, good, 0), "count: expected a whole number from 1 to 4, got 0"),
        (lambda: nearest(good, good, 5), "from 1 to 4, got 5; there are 4 training examples: ask for fewer"),
        (lambda: nearest(good, good, 4, exclude_self=True), "from 1 to 3.*got 4"),
        (lambda: nearest(good, good, 2.0), "got 2.0"),
        (lambda: nearest(good, good + 1, 1, exclude_self=True), "exclude_self: expected the training"),
        (lambda: nearest(good, torch.zeros(4, 3), 1), r"queries: expected examples like train's, \(2,\)"),
        (lambda: nearest(good, good.double(), 1), "got .*float64"),
        (lambda: nearest(good.int(), good.int(), 1), "train: expected floating point features"),
        (lambda: nearest(good[0], good, 1), r"train: expected examples of shape \(N, …\)"),
        (lambda: nearest(good[:0], good, 1), r"got \(0, 2\)"),
        (lambda: nearest(good, good * np.nan, 1), "queries: expected finite features"),
        (lambda: nearest(good / 0, good, 1), "train: expected finite features"),
        (lambda: vote(torch.zeros(4), some, [1]), "labels: expected one whole number"),
        (lambda: vote(torch.tensor([0, 5]), some, [1], classes=3), "classes 0 to 2, got 0 to 5"),
        (lambda: vote(torch.tensor([0, -1]), some, [1]), "got -1 to 0"),
        (lambda: vote(torch.tensor([0, 1]), some + 2, [1]), "neighbors: expected positions 0 to 1, got 2"),
        (lambda: vote(torch.tensor([0, 1]), some[:, 0], [1]), r"neighbors: expected positions of shape"),
        (lambda: vote(torch.tensor([0, 1]), some, [0]), r"ks: .* 1 to the 1 neighbours found, got \[0\]"),
        (lambda: vote(torch.tensor([0, 1]), some, [2]), r"got \[2\]; ask nearest for more"),
        (lambda: vote(torch.tensor([0, 1]), some, []), "got none"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
