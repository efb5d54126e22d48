"""Decisions: looks at more and more seeds until the claims are settled, and what is written then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from tiny_notebooks import bundle, claim, verdict, write

from hw2utils.publishing.cli import main
from hw2utils.publishing.execution.parameters import declared_parameters
from hw2utils.reporting.claims import Verdict, load
from hw2utils.reporting.criteria import LOOKS, LOOKS_LEVEL, REGISTRY, digest
from hw2utils.reporting.registry import read
from hw2utils.statistics import mean_interval

PARAMETERS = """seeds: int = 10  # [2, 100] number of seeds
first_seed: int = 500  # [0, 1000000] the seeds are first_seed, first_seed + 1, …
"""
# Values of mean 0.4 and spread 1, whatever the number of seeds; the threshold is `edge`.
CODE = f"""from IPython.display import display
import numpy as np
shown = {bundle(verdict("C-1", main=[]))!r}
case = shown["application/vnd.hw2utils.record+json"]["cases"]["main"]
case["values"] = [0.4 + (-1) ** seed for seed in range(first_seed, first_seed + seeds)]
display(shown, raw=True)
"""
WHY = ("--fa", "زیرا چنین است", "--en", "since it is so", "--seen", "none")


def hw2(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture(name="book")
def fixture_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a book of one chapter with one claim."""
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nchapters:\n- file: book/q1_first\n"
    )
    write(tmp_path / "book/q1_first.ipynb", CODE, parameters=PARAMETERS)
    state(tmp_path / "book", 0.0)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "book"


def state(book: Path, edge: float) -> None:
    entry = claim("q1_first")
    entry["cases"]["main"]["threshold"] = edge
    (book / "claims").mkdir(exist_ok=True)
    (book / "claims/q1.yml").write_text(yaml.safe_dump({"C-1": entry}), encoding="utf-8")


def first_decisive(edge: float) -> int | None:
    """Work out by hand at which look the interval excludes the threshold."""
    for seeds in LOOKS:
        values = [0.4 + (-1) ** seed for seed in range(seeds)]
        found = mean_interval(values, confidence=LOOKS_LEVEL)
        if not found.low <= edge <= found.high:
            return seeds
    return None


@pytest.mark.processes
@pytest.mark.parametrize(
    ("edge", "seeds", "told"), [(-3.0, 10, "holds"), (-0.2, 40, "holds"), (0.9, 40, "refuted")]
)
def test_seeds_are_added_until_the_claim_is_settled(book: Path, edge: float, seeds: int, told: str) -> None:
    assert first_decisive(edge) == seeds
    state(book, edge)
    assert hw2("register", "C-1", *WHY).exit_code == 0
    tried = hw2("decide", "q1", "--dry-run")
    assert tried.exit_code == 0 and len(read(book / REGISTRY)) == 1
    done = hw2("decide", "q1")
    assert done.exit_code == 0, done.output
    looks = [n for n in LOOKS if n <= seeds]
    assert [f"{n:>3} seeds  C-1: " in done.stdout for n in LOOKS] == [n in looks for n in LOOKS]
    assert f"{seeds:>3} seeds  C-1: {told}; settled" in done.stdout
    assert ("write refuted into book/claims" in done.stdout) == (told == "refuted")
    assert declared_parameters(book / "q1_first.ipynb")["seeds"].default == seeds
    last = read(book / REGISTRY)[-1]
    assert (last.looks, last.seen) == (tuple(looks), ((500, 499 + seeds),))
    assert load(book)["C-1"].level == LOOKS_LEVEL == pytest.approx(0.9875)
    again = hw2("decide", "q1")
    assert again.exit_code == 1 and f"C-1: has been seen on seeds 500–{499 + seeds}" in again.stderr


@pytest.mark.processes
def test_what_stays_undecided_is_said_and_another_criterion_needs_fresh_seeds(book: Path) -> None:
    state(book, 0.4)
    assert hw2("register", "C-1", *WHY).exit_code == 0
    done = hw2("decide", "q1", "--most", "20")
    assert "20 seeds  C-1: undecided; more seeds may change it: main" in done.stdout
    assert " 40 seeds" not in done.stdout
    assert (
        read(book / REGISTRY)[-1].why["en"] == "Looks at 10, 20 seeds; these cases remain undecided: `main`."
    )
    state(book, 0.3)
    assert hw2("register", "C-1", *WHY).exit_code == 0
    assert load(book)["C-1"].level == 0.95, "the looks were at another criterion"
    assert "write a first_seed into its parameters" in hw2("decide", "q1").stderr


def test_what_cannot_be_decided_is_refused(book: Path) -> None:
    assert "C-1: register its criterion before it is measured" in hw2("decide", "q1").stderr
    write(book / "q1_first.ipynb", CODE, parameters="seeds: int = 10  # [2, 100] number")
    assert "expected the parameters seeds and first_seed" in hw2("decide", "q1").stderr
    write(book / "q1_first.ipynb", CODE, parameters=PARAMETERS)
    (book / "claims/q1.yml").write_text(yaml.safe_dump({"C-1": claim("q2_other")}), encoding="utf-8")
    assert "no claim is stated for it" in hw2("decide", "q1").stderr


def test_a_verdict_is_settled_when_no_undecided_case_could_change_it(tmp_path: Path) -> None:
    entry = claim("q1_first")
    case = entry["cases"]["main"]
    conditions = {name: {**case, "role": "condition"} for name in ("one", "two")}
    found = {}
    for scope in ("always", "some"):
        entry = {**entry, "scope": {**entry["scope"], "kind": scope}, "cases": conditions}
        (tmp_path / "claims.yml").write_text(yaml.safe_dump({"C-1": entry}), encoding="utf-8")
        stated = load(tmp_path)["C-1"]
        for name, values in {"holds": [1e6, 1e6 + 1], "refuted": [-1e6, -1e6 - 1]}.items():
            evidence = {"one": values * 5, "two": [-1e6, 1e6] * 5}
            told = Verdict(stated, evidence, {key: mean_interval(v) for key, v in evidence.items()})
            assert told.undecided == ["two"]
            found[scope, name] = told.settled
    assert found == {
        ("always", "holds"): False,
        ("always", "refuted"): False,
        ("some", "holds"): True,
        ("some", "refuted"): False,
    }


def test_lines_of_looks_are_read_as_they_were_written(tmp_path: Path) -> None:
    line = {"claim": "C-1", "date": "2026-11-27", "seen": [[0, 9]], "why": {"fa": "ا", "en": "a"}}
    form = {"scope": "always", "cases": {}}
    file = tmp_path / "registry.jsonl"
    text = json.dumps({**line, "form": form, "hash": digest(form), "looks": [10]}, ensure_ascii=False) + "\n"
    file.write_text(text, encoding="utf-8")
    (entry,) = read(file)
    assert entry.looks == (10,) and entry.line() == text
