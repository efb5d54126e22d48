"""Run the plain scripts of this folder and print the book's published numbers beside theirs.

``python -m crosscheck [SCRIPT …]``; ends with 1 where a number of the book and of its script differ by more
than three standard errors.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

FOLDER = Path(__file__).resolve().parent
PUBLISHED = FOLDER.parent / "book" / "published"
MOST = 3.0
"""Standard errors of the difference that still pass for agreement."""


@dataclass(frozen=True)
class Estimate:
    """Hold a mean, its standard error and the number of values behind it."""

    mean: float
    error: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Estimate:
        """Estimate the mean of values, one a seed.

        >>> Estimate.of([1.0, 3.0])
        Estimate(mean=2.0, error=1.0, n=2)
        """
        array = np.asarray(values, dtype=float)
        return cls(float(array.mean()), float(array.std(ddof=1) / math.sqrt(array.size)), array.size)

    def __str__(self) -> str:
        return f"{self.mean:9.3f} ± {self.error:.3f} (n = {self.n})"


def case(chapter: str, claim: str, name: str) -> Estimate:
    """Read a claim's evidence from a published run."""
    return Estimate.of(_results(chapter)["verdicts"][claim]["cases"][name]["values"])


def log_case(chapter: str, claim: str, name: str) -> Estimate:
    """Read the logarithms of a claim's evidence, ratios, from a published run."""
    values = _results(chapter)["verdicts"][claim]["cases"][name]["values"]
    return Estimate.of([math.log(value) for value in values])


def last_row(chapter: str, figure: str, name: str) -> Estimate:
    """Read the last row, in percent, of fractions (epochs, seeds) that a published figure draws."""
    with np.load(PUBLISHED / chapter / "figures" / f"{figure}.npz") as arrays:
        return Estimate.of(100 * arrays[f"{figure}/{name}"][-1])


def told(chapter: str, place: str) -> Estimate:
    """Read a mean from an interval that a note of a published run gives."""
    found = _value(_results(chapter)["values"], place)
    n = int(found["n"])
    half = (float(found["high"]) - float(found["low"])) / 2
    return Estimate(float(found["mean"]), half / float(stats.t.ppf(0.975, n - 1)), n)


def _results(chapter: str) -> dict[str, Any]:
    return dict(json.loads((PUBLISHED / chapter / "results.json").read_text(encoding="utf-8")))


def _value(values: Any, place: str) -> Any:
    for name in place.split("/"):
        values = values[int(name)] if isinstance(values, list) else values[name]
    return values


def book_numbers(script: str) -> dict[str, Estimate]:
    """Give the book's estimate of each quantity a script measures that the book measures too."""
    if script == "q1_judging":
        return {
            "test accuracy, a rule minus none": case("q1b_judging", "C-1b1", "test"),
            "test loss without a rule, end minus first epoch": case("q1b_judging", "C-1b1", "grown"),
            "log of squared norms, false minus true labels": told("q1b_judging", "q1b-norms/excess"),
            "test accuracy with false labels, earlier minus end": case("q1b_judging", "C-1b2", "over"),
        }
    if script == "q2_neighbors":
        logs = {"0-1 loss": "variance_high", "squared error": "squared_variance_high"}
        return {
            "squared bias, k = 1, sets of 50": case("q2a_neighbors", "C-2a3", "few_squared"),
            "squared bias, k = 1, sets of 200": case("q2a_neighbors", "C-2a3", "many_squared"),
        } | {
            f"log of variance, {loss}, k = 15 over 101": log_case("q2a_neighbors", "C-2a1", name)
            for loss, name in logs.items()
        }
    if script == "q4_broadcast":
        places = {"learned, right loss": "right", "learned, 5×5 loss": "wrong"}
        return {name: told("q4e_broadcast", f"q4e-learned/everyone/{key}") for name, key in places.items()}
    if script == "q5_plain":
        names = {"test accuracy": "after", "test accuracy one step earlier": "before"}
        return {name: last_row("q5b_history", "q5b-stump", array) for name, array in names.items()}
    if script == "q5_decay":
        return {
            "test accuracy, decay minus none": case("q5d_weight_decay", "C-5d1", "better"),
            "gap in loss with few images, decay minus none": case("q5d_weight_decay", "C-5d2", "few_loss"),
        }
    if script == "q5_augmentation":
        cases = {
            "test minus training accuracy, augmented": ("C-5c1", "gap"),
            "test accuracy, augmented minus plain": ("C-5c3", "accuracy"),
            "larger steps bring back, minus half": ("C-5c3", "quick"),
        }
        return {name: case("q5c_augmentation", *place) for name, place in cases.items()}
    if script == "q2_penalties":
        return {
            "linear, penalty 300 minus none": case("q2b_regularisation", "C-2b1", "much_linear"),
            "linear, fresh noise minus seen": case("q2b_regularisation", "C-2b2", "memory_linear"),
            "linear, noise added": case("q2b_regularisation", "C-2b2", "test_noise_linear"),
            "one factor": case("q2c_weights", "C-2c5", "factor_independent"),
        }
    if script == "q5_pairs":
        effects = {
            f"main effect of {letter}, {told_of}": told(
                "q5e_pairs", f"q5e-interactions/{key}/of/{place}/effect"
            )
            for told_of, key in (("upright", "plain"), ("turned", "turned"))
            for place, letter in enumerate("ADL")
        }
        upright, turned = (case("q5e_pairs", "C-5e3", name) for name in ("few_test", "few_turned"))
        return effects | {
            "DL minus the better other, upright": upright,
            "AL minus the better other, turned": turned,
        }
    if script == "q4_momentum":
        momentum = {
            "never, momentum 1": ("C-4.6", "never"),
            "about 15 steps, momentum 0.1": ("C-4.9", "about"),
            "about 20 steps, momentum 0.01": ("C-4.8", "about"),
            "about 60 steps, momentum 0.001": ("C-4.7", "about"),
            "arrives alive, momentum 0.001": ("C-4.7", "learned"),
            "loss rises, momentum minus SGD, both 0.01": ("C-4.13", "rises_same01"),
            "loss rises, momentum 0.01 minus SGD 0.1": ("C-4.13", "rises_speed01"),
        }
        return {name: case("q4b_momentum", *place) for name, place in momentum.items()}
    claims = {
        "never, SGD 1": ("C-4.1", "never"),
        "about 15 steps, SGD 0.1": ("C-4.4", "about"),
        "about 150 steps, SGD 0.01": ("C-4.2", "about"),
        "about 800 steps, SGD 0.001": ("C-4.3", "about"),
        "steps, SGD 0.05 minus 0.1": ("C-4.5", "steps"),
        "log2 of SGD's steps over momentum's, 0.1": ("C-4.10", "first_1"),
        "log2 of SGD's steps over momentum's, 0.01": ("C-4.10", "first_01"),
        "log2 of SGD's steps over momentum's, 0.001": ("C-4.10", "first_001"),
        "swings early on, SGD 0.1": ("C-4.4", "swing"),
        "leaves again, SGD 0.1": ("C-4.11", "sgd1"),
        "percent of top speed at the threshold, momentum 0.001": ("C-4.12", "speed"),
    }
    comparison = ("C-4.10", "C-4.11", "C-4.12")
    return {
        name: case("q4c_comparison" if claim in comparison else "q4a_gradient_descent", claim, key)
        for name, (claim, key) in claims.items()
    }


def apart(book: Estimate, script: Estimate) -> float:
    """Give the difference of two independent estimates in its standard errors.

    >>> apart(Estimate(1.0, 0.3, 10), Estimate(2.0, 0.4, 10))
    -2.0
    """
    error = math.hypot(book.error, script.error)
    difference = book.mean - script.mean
    return round(difference / error, 2) if error else (0.0 if abs(difference) < 1e-9 else math.inf)


def compare(script: str, found: dict[str, Sequence[float]], book: dict[str, Estimate]) -> bool:
    """Print the numbers of a script beside the book's; tell whether none differs."""
    agreed = True
    for name, values in found.items():
        own = Estimate.of(values)
        if name not in book:
            print(f"{script}  {name:44} {'—':28} {own}")
            continue
        far = apart(book[name], own)
        agreed = agreed and abs(far) <= MOST
        word = "agree" if abs(far) <= MOST else "DIFFER"
        print(f"{script}  {name:44} {book[name]!s:28} {own!s:28} {far:+.1f} s.e.  {word}")
    return agreed


def main(arguments: Sequence[str]) -> int:
    """Run the scripts named, or all."""
    known = sorted(path.stem for path in FOLDER.glob("q*.py"))
    wrong = [name for name in arguments if name not in known]
    if wrong:
        print(f"crosscheck: expected scripts of {', '.join(known)}, got {wrong[0]!r}", file=sys.stderr)
        return 2
    agreed = True
    print(f"{'script':9} {'quantity':44} {'the book':28} {'the script':28}")
    for script in arguments or known:
        run = subprocess.run([sys.executable, FOLDER / f"{script}.py"], stdout=subprocess.PIPE, text=True)
        if run.returncode:
            print(f"{script} ended with status {run.returncode}", file=sys.stderr)
            agreed = False
            continue
        agreed = compare(script, json.loads(run.stdout), book_numbers(script)) and agreed
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
