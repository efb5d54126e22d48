"""Run the plain scripts of this folder and print the book's published numbers beside theirs.

``python -m crosscheck [SCRIPT …]``; ends with 1 where a number of the book and of its script differ by more
than three standard errors.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
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


def drawn(chapter: str, figure: str, name: str) -> Estimate:
    """Read fractions, (seeds,), that a published figure draws, in percent."""
    with np.load(PUBLISHED / chapter / "figures" / f"{figure}.npz") as arrays:
        return Estimate.of(100 * arrays[f"{figure}/{name}"])


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


READERS: dict[str, Callable[..., Estimate]] = {
    "case": case,
    "log_case": log_case,
    "last_row": last_row,
    "drawn": drawn,
    "told": told,
}


def book_numbers(script: str) -> dict[str, Estimate]:
    """Give the book's estimate of each quantity a script measures that the book measures too."""
    table = yaml.safe_load((FOLDER / "numbers.yml").read_text(encoding="utf-8"))
    return {name: READERS[reader](*place) for name, (reader, *place) in table[script].items()}


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
