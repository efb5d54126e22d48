import math
from functools import partial

import pytest
import torch
from scipy.stats import chi2_contingency, ks_2samp
from torchvision import transforms
from torchvision.transforms import functional as F
from torchvision.transforms import v2

from hw2utils.augmentation import HOMEWORK, Affine, Augmentation, Jitter, Noise, Rotation
from hw2utils.datasets import MEAN, STD, Split
from hw2utils.models import mlp
from hw2utils.training import fit

SIZE, RADIUS = 48, 15
COUNT = 600
ALIKE = 0.001  # seeds are fixed: a test passes or fails for good

on_pixels = partial(Augmentation, mean=0.0, std=1.0)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Hundreds of calls on one small image each: threads would only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def generators(*seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def random_images(count, height=28, width=28, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return torch.rand(count, 1, height, width, generator=draw, dtype=torch.float64)


def dots():
    """Two bright dots, left and right of the centre; no change made here takes one to the other half."""
    place = torch.arange(SIZE) - (SIZE - 1) / 2
    y, x = torch.meshgrid(place, place, indexing="ij")
    return sum((-((x - c) ** 2 + y**2) / 4).exp() for c in (-RADIUS, RADIUS))[None, None]  # (1, 1, 48, 48)


def recover(images):
    """Read from moved dots (N, 1, 48, 48) the clockwise angle, the scale and the shift of the centre."""
    place = torch.arange(SIZE) - (SIZE - 1) / 2
    centres = []
    for half in (slice(None, SIZE // 2), slice(SIZE // 2, None)):
        part = images[:, 0, :, half]
        weight = part.sum(dim=(1, 2))
        x, y = (part.sum(1) * place[half]).sum(1) / weight, (part.sum(2) * place).sum(1) / weight
        centres.append(torch.stack([x, y], dim=1))
    left, right = centres
    x, y = (right - left).T
    shift = (left + right).T / 2
    return {
        "angle": torch.atan2(y, x).rad2deg(),
        "scale": torch.hypot(x, y) / (2 * RADIUS),
        "x": shift[0],
        "y": shift[1],
    }


def by_torchvision(transform, image, count=COUNT):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return torch.cat([transform(image) for _ in range(count)])


def ours(augment, image, count=COUNT):
    return augment(image.expand(1, count, *image.shape[1:]).clone(), generators(0))[0]


def assert_same_distribution(first, second, name=""):
    assert ks_2samp(first, second).pvalue > ALIKE, name


BILINEAR = transforms.InterpolationMode.BILINEAR
AFFINE = {"degrees": 20, "translate": (0.1, 0.1), "scale": (0.9, 1.1)}


@pytest.mark.parametrize(
    ("steps", "transform"),
    [
        ([Rotation(30)], transforms.RandomRotation(30, BILINEAR)),
        ([Rotation((5, 25))], transforms.RandomRotation((5, 25), BILINEAR)),
        ([Affine(**AFFINE)], transforms.RandomAffine(**AFFINE, interpolation=BILINEAR)),
        ([Affine((5, 25))], transforms.RandomAffine((5, 25), interpolation=BILINEAR)),
        (
            [Affine(0, translate=(0.05, 0.12))],
            transforms.RandomAffine(0, translate=(0.05, 0.12), interpolation=BILINEAR),
        ),
        (
            HOMEWORK[:2],
            transforms.Compose(
                [
                    transforms.RandomRotation(30, BILINEAR),
                    transforms.RandomAffine(**AFFINE, interpolation=BILINEAR),
                ]
            ),
        ),
    ],
    ids=["rotation", "rotation-pair", "affine", "affine-pair", "shift", "homework"],
)
def test_movements_are_distributed_as_torchvision_draws_them(steps, transform):
    found = recover(ours(on_pixels(*steps, interpolation="bilinear"), dots()))
    expected = recover(by_torchvision(transform, dots()))
    for name, values in found.items():
        # Shifts are whole pixels, so what is left after rounding is the error of reading the dots.
        digits = 0 if name in "xy" else 1 if name == "angle" else 2
        assert_same_distribution(values.round(decimals=digits), expected[name].round(decimals=digits), name)
        assert values.std().item() == pytest.approx(expected[name].std().item(), rel=0.12, abs=0.02), name


def test_draws_of_one_image_are_independent():
    found = recover(ours(on_pixels(Affine(**AFFINE), interpolation="bilinear"), dots()))
    correlations = torch.corrcoef(torch.stack(list(found.values()))) - torch.eye(4)
    assert correlations.abs().max() < 4 / math.sqrt(COUNT)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("size", [(28, 28), (20, 31)], ids=["square", "wide"])
def test_a_known_movement_equals_torchvision(interpolation, size):
    images = random_images(5, *size)
    mode = transforms.InterpolationMode(interpolation)
    rotated = on_pixels(Rotation((17.3, 17.3)), interpolation=interpolation)(images[None], generators(0))[0]
    assert torch.allclose(rotated, F.rotate(images, 17.3, mode), atol=1e-9)
    moved = on_pixels(Affine((-12.7, -12.7), scale=(1.07, 1.07)), interpolation=interpolation)
    assert torch.allclose(
        moved(images[None], generators(0))[0],
        F.affine(images, -12.7, [0, 0], 1.07, [0.0, 0.0], mode),
        atol=1e-9,
    )


def test_shifts_are_whole_pixels_as_often_as_in_torchvision():
    image, count = random_images(1, 20, 31), 1000
    choices = [(x, y) for x in range(-3, 4) for y in range(-2, 3)]
    moved = torch.stack([F.affine(image[0], 9.1, list(t), 1.0, [0.0]) for t in choices])

    def which(images):
        same = (images[:, None] - moved).abs().amax(dim=(2, 3, 4)) < 1e-9  # (N, choices)
        assert (same.sum(dim=1) == 1).all()
        return same.int().argmax(dim=1)

    settings = {"degrees": (9.1, 9.1), "translate": (0.1, 0.1)}
    found = which(ours(on_pixels(Affine(**settings)), image, count))
    expected = which(by_torchvision(transforms.RandomAffine(**settings), image[0], count)[:, None])
    for direction in (0, 1):
        values = torch.tensor(choices)[:, direction]
        table = torch.stack([torch.bincount(values[drawn] + 3, minlength=7) for drawn in (found, expected)])
        assert chi2_contingency(table[:, table.sum(0) > 0]).pvalue > ALIKE


def test_steps_are_composed_in_the_order_given():
    image = dots()
    turn, move = Rotation((25, 25)), Affine(0, translate=(0.1, 0.1))
    first, second = (
        recover(ours(on_pixels(*steps, interpolation="bilinear"), image, 50))
        for steps in [(turn, move), (move, turn)]
    )
    turned = torch.tensor(25.0).deg2rad()  # undo the later turn, counter-clockwise with y downwards
    x = second["x"] * turned.cos() - second["y"] * turned.sin()
    y = second["x"] * turned.sin() + second["y"] * turned.cos()
    for shift in (first["x"], first["y"], x, y):
        assert (shift - shift.round()).abs().max() < 0.05
    assert (second["x"] - second["x"].round()).abs().max() > 0.2
    assert first["angle"].mean().item() == pytest.approx(-25, abs=0.1)


def test_geometry_is_one_look_up_so_what_comes_back_is_kept():
    images = torch.ones(1, 1, 1, 28, 28)
    there_and_back = on_pixels(Rotation((45, 45)), Rotation((-45, -45)))
    assert there_and_back(images, generators(0)).min() == 1
    twice = F.rotate(F.rotate(images[0], 45), -45)
    assert twice.min() == 0


def plateaus(count):
    """Half of each image at 0.2, half at 0.4: no factor used here clamps them."""
    image = torch.full((1, 1, 8, 8), 0.2)
    image[..., 4:] = 0.4
    return image.expand(count, -1, -1, -1)


def factors(images):
    low, high = images[:, 0, 0, 0], images[:, 0, 0, 7]
    brightness = (low + high) / 2 / 0.3
    return {"brightness": brightness, "contrast": (high - low) / 0.2 / brightness}


@pytest.mark.parametrize(
    "settings",
    [
        {"brightness": 0.2, "contrast": 0.2},
        {"brightness": (0.5, 0.9)},
        {"contrast": (0.4, 1.5)},
        {"brightness": 1.5, "contrast": 0.1},
    ],
    ids=str,
)
def test_factors_are_distributed_as_torchvision_draws_them(settings):
    found = factors(ours(on_pixels(Jitter(**settings)), plateaus(1)))
    expected = factors(by_torchvision(transforms.ColorJitter(**settings), plateaus(1)))
    for name, values in found.items():
        assert_same_distribution(values.round(decimals=5), expected[name].round(decimals=5), name)


def test_jitter_clamps_after_each_factor_and_takes_both_orders():
    image = random_images(1)
    bright, strong = (
        partial(F.adjust_brightness, brightness_factor=1.3),
        partial(F.adjust_contrast, contrast_factor=1.4),
    )
    orders = torch.stack([strong(bright(image)), bright(strong(image))])[:, 0]
    assert (orders[0] - orders[1]).abs().max() > 0.01
    changed = ours(on_pixels(Jitter((1.3, 1.3), (1.4, 1.4))), image, 400)
    same = (changed[:, None] - orders).abs().amax(dim=(2, 3, 4)) < 1e-9  # (N, 2)
    assert (same.sum(dim=1) == 1).all()
    assert 160 < same[:, 0].sum() < 240


def test_noise_is_distributed_as_in_torchvision():
    image = torch.full((1, 1, 100, 100), 0.8)
    changed = ours(on_pixels(Noise(0.15)), image, 2)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        expected = v2.GaussianNoise(sigma=0.15)(image)
    assert_same_distribution(changed[0].flatten(), expected.flatten())
    assert changed.std().item() == pytest.approx(expected.std().item(), rel=0.03)
    assert changed.max() == 1  # clamped
    assert torch.corrcoef(changed.flatten(1))[0, 1].abs() < 0.1


def test_the_list_acts_on_pixels_and_gives_back_normalised_images():
    pixels = random_images(6)[None]
    expected = on_pixels(*HOMEWORK, Noise(0.1))(pixels, generators(0))
    for mean, std in [(MEAN, STD), (0.1307, 0.3081)]:
        augment = Augmentation(*HOMEWORK, Noise(0.1), mean=mean, std=std)
        inputs = (pixels - mean) / std
        before = inputs.clone()
        assert torch.allclose(augment(inputs, generators(0)) * std + mean, expected, atol=1e-9)
        assert torch.equal(inputs, before)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_settings_without_effect_change_nothing(interpolation):
    steps = Rotation(0), Affine(0), Jitter(), Noise(0)
    for images in (random_images(6)[None], random_images(6, 9, 14).float()[None]):
        for chosen in ((), *((step,) for step in steps), steps):
            augment = Augmentation(*chosen, interpolation=interpolation)
            inputs = (images - MEAN) / STD
            assert torch.allclose(augment(inputs, generators(0)), inputs, atol=3e-5)


@pytest.mark.parametrize("step", [*HOMEWORK, Noise(0.1)], ids=lambda step: type(step).__name__)
def test_each_image_draws_its_own(step):
    augment = on_pixels(step, interpolation="bilinear")
    images = random_images(1).expand(2, 30, -1, -1, -1)
    changed = augment(images, generators(0, 1)).flatten(0, 1).flatten(1)
    assert len(changed.unique(dim=0)) == 60
    again = augment(images, generators(0, 1)).flatten(0, 1).flatten(1)
    assert torch.equal(changed, again)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_a_replicate_does_not_depend_on_its_neighbours(interpolation):
    augment = on_pixels(*HOMEWORK, Noise(0.1), interpolation=interpolation)
    images = random_images(3 * 37).float().view(3, 37, 1, 28, 28)
    draws = generators(5, 6, 7)
    beside = [augment(images, draws), augment(images, draws)]  # two batches, to see the generators go on
    assert not torch.equal(*beside)
    for i, seed in enumerate((5, 6, 7)):
        (alone,) = generators(seed)
        for together in beside:
            assert torch.equal(augment(images[i : i + 1], [alone])[0], together[i])


def test_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    on_pixels(*HOMEWORK, Noise(0.1))(random_images(2)[None], generators(0))
    assert torch.equal(before, torch.get_rng_state())


def test_settings_do_not_change_which_draws_are_seen():
    image, count = random_images(1), 20
    plain = ours(on_pixels(Rotation(0), Affine(0), Jitter(), Jitter(0.2)), image, count)
    other = ours(on_pixels(Rotation((0, 0)), Affine(0), Jitter(0, 0), Jitter(0.2)), image, count)
    only = [ours(on_pixels(Noise(0), Jitter(b, 0)), image, count) for b in (0.2, 0.1)]
    assert torch.equal(plain, other)
    first, second = (changed.mean(dim=(1, 2, 3)) / image.mean() - 1 for changed in only)
    assert torch.corrcoef(torch.stack([first, second]))[0, 1] > 0.9


def test_fit_trains_with_the_list_and_a_seed_does_not_depend_on_others():
    draw = torch.Generator().manual_seed(0)
    train = Split(random_images(40).float().sub(MEAN).div(STD), torch.randint(3, (40,), generator=draw))
    run = partial(
        fit,
        partial(mlp, [784, 6, 3]),
        train,
        optimizer=partial(torch.optim.SGD, lr=0.1),
        epochs=2,
        batch_size=16,
    )
    together, alone = (run(seeds=seeds, augment=Augmentation(*HOMEWORK)) for seeds in ([4, 9], [9]))
    plain = run(seeds=[9])
    weights = [result.model(9).state_dict()["1.weight"] for result in (together, alone, plain)]
    assert torch.allclose(weights[0], weights[1], atol=1e-6)
    assert not torch.allclose(weights[1], weights[2], atol=1e-4)


NAN = math.nan


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rotation(-1), "degrees: expected a number from 0 up"),
        (lambda: Rotation(NAN), "degrees: .* got nan"),
        (lambda: Rotation((30, -30)), "degrees: .*the smaller first"),
        (lambda: Rotation("30"), "degrees: .* got '30'"),
        (lambda: Rotation(True), "degrees: "),
        (lambda: Affine(-20), "degrees: "),
        (lambda: Affine(math.inf), "degrees: .* got inf"),
        (lambda: Affine(20, translate=(0.1, 1.1)), "translate: expected two fractions from 0 to 1"),
        (lambda: Affine(20, translate=(-0.1, 0.1)), "translate: "),
        (lambda: Affine(20, translate=(NAN, 0.1)), "translate: "),
        (lambda: Affine(20, translate=0.1), "translate: .* got 0.1"),
        (lambda: Affine(20, scale=(1.1, 0.9)), "scale: expected two positive factors, the smaller first"),
        (lambda: Affine(20, scale=(0, 1)), "scale: "),
        (lambda: Affine(20, scale=(0.9, NAN)), "scale: "),
        (lambda: Jitter(brightness=-0.2), "brightness: expected a number from 0 up"),
        (lambda: Jitter(contrast=-0.2), "contrast: expected a number from 0 up"),
        (lambda: Jitter(contrast=(-0.2, 1)), "contrast: .*pair from 0 up"),
        (lambda: Jitter(brightness=NAN), "brightness: .* got nan"),
        (lambda: Noise(-0.1), "sigma: .* got -0.1"),
        (lambda: Noise(NAN), "sigma: .* got nan"),
        (lambda: Augmentation(HOMEWORK), r"steps: .*write Augmentation\(\*HOMEWORK\)"),
        (lambda: Augmentation(*HOMEWORK, mean=NAN), "mean: .* got nan"),
        (lambda: Augmentation(*HOMEWORK, std=0), "std: expected a positive number, got 0"),
        (lambda: Augmentation(*HOMEWORK, std=NAN), "std: .* got nan"),
        (lambda: Augmentation(*HOMEWORK, interpolation="cubic"), "interpolation: .* got 'cubic'"),
    ],
)
def test_bad_settings_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("inputs", "draws", "message"),
    [
        (
            torch.zeros(5, 1, 28, 28),
            generators(0),
            r"inputs: expected images of shape .* got \(5, 1, 28, 28\)",
        ),
        (torch.zeros(1, 5, 3, 28, 28), generators(0), r"inputs: expected images of shape"),
        (torch.zeros(1, 0, 1, 28, 28), generators(0), r"inputs: expected images of shape"),
        (torch.zeros(1, 5, 1, 28, 28).byte(), generators(0), "inputs: .* got torch.uint8"),
        (torch.full((1, 5, 1, 28, 28), NAN), generators(0), "inputs: .* from nan to nan"),
        (torch.full((1, 5, 1, 28, 28), 255.0), generators(0), "inputs: .*normalised with mean=0.286"),
        (
            torch.full((1, 5, 1, 28, 28), -0.1307 / 0.05),
            generators(0),
            "inputs: .*normalised with mean=0.286",
        ),
        (torch.zeros(2, 5, 1, 28, 28), generators(0), "generators: expected 2 .* got 1"),
        (torch.zeros(2, 5, 1, 28, 28), [*generators(0), 1], "generators: expected 2 .* among them 1"),
    ],
)
def test_bad_calls_are_named(inputs, draws, message):
    with pytest.raises(ValueError, match=message):
        Augmentation(*HOMEWORK)(inputs, draws)
