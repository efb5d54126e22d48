import gzip
import hashlib
import shutil

import pytest
import torch
import torchvision

from hw2utils import datasets
from hw2utils.datasets import DataError, Split, fashion_mnist, place_raw_files, stratified_indices


@pytest.fixture(scope="module")
def raw():
    return fashion_mnist(normalize=None)


def test_checksums_are_those_torchvision_publishes():
    assert dict(torchvision.datasets.FashionMNIST.resources) == datasets.MD5


def test_splits_are_disjoint_stratified_and_cover_the_training_images(raw):
    assert raw.train.labels.bincount().tolist() == [5000] * 10
    assert raw.validation.labels.bincount().tolist() == [1000] * 10
    whole = fashion_mnist(validation=0, normalize=None)
    assert whole.validation is None
    digests = [
        sorted(hashlib.md5(i.numpy().tobytes()).hexdigest() for i in images)
        for images in (torch.cat([raw.train.inputs, raw.validation.inputs]), whole.train.inputs)
    ]
    assert digests[0] == digests[1]


def test_the_split_is_the_same_on_every_machine(raw):
    def digest(split):
        return hashlib.md5(split.inputs.numpy().tobytes() + split.labels.numpy().tobytes()).hexdigest()

    assert digest(raw.validation) == "690e791855ed49c3a89b753a594a8303"
    assert digest(raw.test) == "5ba1cb8af53c013fa1eeac8e97828e7d"
    other = fashion_mnist(normalize=None, seed=1)
    assert digest(other.validation) != digest(raw.validation)


def test_normalised_pixels_have_mean_zero_and_unit_deviation(raw):
    data = fashion_mnist(validation=0)
    assert data.train.inputs.dtype == torch.float32
    assert abs(data.train.inputs.mean().item()) < 1e-3
    assert abs(data.train.inputs.std().item() - 1) < 1e-3
    expected = (raw.test.inputs[:5].float() / 255 - 0.5) / 0.25
    shifted = fashion_mnist(normalize=(0.5, 0.25)).test.inputs[:5]
    torch.testing.assert_close(shifted, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("damage", ["missing", "truncated", "altered"])
def test_a_damaged_file_is_named_with_checksums_and_remedy(tmp_path, damage):
    for name in datasets.MD5:
        shutil.copy(datasets.DIRECTORY / name, tmp_path)
    victim = tmp_path / "train-labels-idx1-ubyte.gz"
    content = victim.read_bytes()
    if damage == "missing":
        victim.unlink()
    elif damage == "truncated":
        victim.write_bytes(content[:1000])
    else:  # a valid archive of other labels
        victim.write_bytes(gzip.compress(gzip.decompress(content)[::-1]))
    with pytest.raises(DataError) as caught:
        fashion_mnist(directory=tmp_path)
    message = str(caught.value)
    assert str(victim) in message
    assert datasets.MD5[victim.name] in message
    assert "git checkout" in message
    if damage != "missing":
        assert hashlib.md5(victim.read_bytes()).hexdigest() in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"validation": -1}, "validation: expected a whole number from 0 to 50000"),
        ({"validation": 60_000}, "validation: expected a whole number from 0 to 50000"),
        ({"normalize": (0.3, 0.0)}, "std > 0"),
    ],
)
def test_impossible_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        fashion_mnist(**arguments)


def test_subset_is_stratified_ordered_and_repeatable(raw):
    small = raw.train.subset(1003)
    counts = small.labels.bincount()
    assert counts.sum() == 1003
    assert counts.min() == 100
    assert torch.equal(small.labels, raw.train.subset(1003).labels)
    assert not torch.equal(small.inputs, raw.train.subset(1003, seed=1).inputs)
    with pytest.raises(ValueError, match="size: expected a whole number from 1 to 50000"):
        raw.train.subset(0)
    with pytest.raises(ValueError, match="size: expected a whole number from 0 to 3"):
        stratified_indices(torch.tensor([0, 0, 1]), 4)


def test_uneven_classes_keep_their_proportions():
    labels = torch.tensor([0] * 70 + [1] * 20 + [2] * 10)
    chosen = stratified_indices(labels, 11)
    assert labels[chosen].bincount().tolist() == [8, 2, 1]
    assert torch.equal(chosen, chosen.sort().values)


def test_a_split_with_unequal_lengths_is_refused():
    with pytest.raises(ValueError, match=r"as many labels as inputs \(3\), got 2"):
        Split(torch.zeros(3, 2), torch.zeros(2))


def test_torchvision_and_d2l_run_without_a_network(tmp_path, monkeypatch, raw):
    def refuse(*args, **kwargs):
        raise OSError("the network is off")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    monkeypatch.setattr("socket.socket.connect", refuse)
    place_raw_files(tmp_path / "data")
    theirs = torchvision.datasets.FashionMNIST(tmp_path / "data", train=False, download=True)
    assert torch.equal(theirs.data.unsqueeze(1), raw.test.inputs)
    assert torch.equal(theirs.targets, raw.test.labels)

    from d2l import torch as d2l

    monkeypatch.setattr(d2l, "get_dataloader_workers", lambda: 0)  # workers would open sockets
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    _, test_batches = d2l.load_data_fashion_mnist(256)
    images, labels = next(iter(test_batches))
    assert torch.equal(labels, raw.test.labels[:256])
    torch.testing.assert_close(images, raw.test.inputs[:256].float() / 255)


def test_placed_files_that_are_right_are_left_alone_and_wrong_ones_replaced(tmp_path):
    folder = place_raw_files(tmp_path)
    right, wrong = (folder / name for name in list(datasets.MD5)[:2])
    before = right.stat().st_mtime_ns
    wrong.write_bytes(b"half a download")
    place_raw_files(tmp_path)
    assert right.stat().st_mtime_ns == before
    assert hashlib.md5(wrong.read_bytes()).hexdigest() == datasets.MD5[wrong.name]
