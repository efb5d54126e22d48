"""Nothing of the homework is left out: every claim has a criterion, every fault a place in the book."""

from pathlib import Path

import pytest

from hw2utils.reporting.claims import ClaimError, load
from hw2utils.reporting.unmeasured import load_unmeasured

BOOK = Path(__file__).parents[2] / "book"

# How many claims and faults each part of the homework makes; they are numbered from 1.
CLAIMS = {
    "1a": 20, "1b": 2, "2a": 8, "2b": 3, "2c": 5, "3a": 7, "3c": 2, "4.": 14,
    "5b": 4, "5c": 6, "5d": 2, "5e": 3,
}  # fmt: skip
FAULTS = {"3b": 1, "3c": 2, "4.": 9, "5b": 3, "5c": 3}


def numbered(kind, counts):
    return [f"{kind}-{part}{n}" for part, count in counts.items() for n in range(1, count + 1)]


def test_every_claim_of_the_homework_is_in_the_book_and_no_other():
    measured = load()
    unmeasured = [entry.id for entry in load_unmeasured(BOOK, measured)]
    assert sorted([*measured, *unmeasured]) == sorted(numbered("C", CLAIMS))


def test_a_claim_is_either_measured_or_listed_as_not_measured_yet(tmp_path):
    assert load_unmeasured(tmp_path, []) == []
    file = tmp_path / "unmeasured.yml"
    file.write_text("C-1: {place: x}", encoding="utf-8")
    with pytest.raises(ClaimError, match=r"C-1: expected the fields \['place', 'statement', 'needed'\]"):
        load_unmeasured(tmp_path, [])
    with pytest.raises(ClaimError, match="C-1: the book measures this claim"):
        load_unmeasured(tmp_path, ["C-1"])


def test_every_claim_is_judged_in_its_chapter():
    missing = [
        f"{claim.id}: not judged in {claim.chapter}"
        for claim in load().values()
        if f'\\"{claim.id}\\"' not in (BOOK / f"{claim.chapter}.ipynb").read_text("utf-8")
    ]
    assert not missing


@pytest.mark.parametrize("fault", numbered("F", FAULTS))
def test_every_fault_has_its_lesson_on_the_page_of_pitfalls_in_both_languages(fault):
    assert (BOOK / "pitfalls.md").read_text("utf-8").count(fault) >= 2


def test_every_verdict_is_explained():
    unfinished = [
        claim.id
        for claim in load().values()
        if min(map(len, claim.explanation.values())) < 40 or "easured yet" in claim.explanation["en"]
    ]
    assert not unfinished
