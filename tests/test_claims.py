import copy

import pytest
import yaml

from hw2utils.reporting import claims
from hw2utils.reporting.claims import Case, ClaimError, combine, judge, load
from hw2utils.reporting.records import RECORD_MIME
from hw2utils.statistics import Interval

TEXT = {"fa": "متن", "en": "text"}
ENTRY = {
    "chapter": "q9",
    "place": TEXT,
    "statement": {"fa": "الف از `ب` بهتر است", "en": "a is better than `b`"},
    "criterion": TEXT,
    "cases": {"main": {"name": TEXT, "relation": "above", "threshold": 0.5, "unit": "points"}},
    "expected": "holds",
    "explanation": {"fa": "چون", "en": "because"},
}


@pytest.fixture
def claims_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(**changes):
        entry = copy.deepcopy(ENTRY) | changes
        (tmp_path / "claims.yml").write_text(yaml.safe_dump({"C-9": entry}), encoding="utf-8")

    write()
    return write


@pytest.mark.parametrize(
    ("relation", "interval", "verdict"),
    [
        ("above", (0.6, 1.0), "holds"),
        ("above", (0.5, 1.0), "undecided"),
        ("above", (0.1, 0.5), "refuted"),
        ("below", (0.1, 0.4), "holds"),
        ("below", (0.1, 0.6), "undecided"),
        ("below", (0.5, 0.6), "refuted"),
        ("within", (-0.4, 0.4), "holds"),
        ("within", (-0.6, 0.4), "undecided"),
        ("within", (0.5, 0.9), "refuted"),
        ("within", (-0.9, -0.5), "refuted"),
    ],
)
def test_a_case_holds_only_if_the_whole_interval_does(relation, interval, verdict):
    low, high = interval
    assert Case(TEXT, relation, 0.5, "points").verdict(Interval((low + high) / 2, low, high, 10)) == verdict


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        (["holds"], "holds"),
        (["refuted", "refuted"], "refuted"),
        (["holds", "refuted", "undecided"], "depends"),
        (["refuted", "undecided"], "undecided"),
    ],
)
def test_cases_combine(cases, verdict):
    assert combine(cases) == verdict


def test_the_verdict_follows_the_data(claims_file):
    values = [0.9, 1.0, 1.1] * 4
    card = judge("C-9", main=values)
    record = card._repr_mimebundle_()[RECORD_MIME]
    assert (record["verdict"], record["expected"]) == ("holds", "holds")
    case = record["cases"][0]
    assert (case["n"], case["mean"], case["values"]) == (12, pytest.approx(1.0), values)
    assert 0.9 < case["low"] < 1 < case["high"] < 1.1
    assert judge("C-9", main=[-v for v in values]).verdict == "refuted"


def test_the_card_shows_both_languages_the_numbers_and_the_reason(claims_file):
    html = judge("C-9", main=[0.9, 1.0, 1.1] * 4).html()
    assert 'id="verdict-C-9"' in html and 'data-verdict="holds"' in html
    for shown in ("برقرار", "holds", "+1.00 [+0.95, +1.05]", '<code dir="ltr">b</code>', "because", "چون"):
        assert shown in html
    assert "exploratory" not in html


def test_few_seeds_are_labelled_exploratory_and_one_is_undecided(claims_file):
    card = judge("C-9", main=[5.0, 5.1, 5.2])
    assert card.verdict == "holds" and "exploratory" in card.html()
    assert judge("C-9", main=[5.0]).verdict == "undecided"


def test_a_verdict_other_than_the_published_one_says_so_and_drops_the_reason(claims_file):
    html = judge("C-9", main=[-1.0, -1.1] * 5).html()
    assert "The published run had another verdict: holds" in html
    assert "because" not in html


def test_a_claim_that_cannot_be_tested_has_a_card_too(claims_file):
    claims_file(cases={}, expected="not testable")
    card = judge("C-9")
    assert card.verdict == "not testable"
    assert "آزمون‌ناپذیر" in card.html() and "because" in card.html()


def test_an_edited_file_is_read_again(claims_file):
    assert load()["C-9"].expected == "holds"
    claims_file(expected="refuted")
    assert load()["C-9"].expected == "refuted"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"expected": "maybe"}, r"C-9.expected: expected one of .* got 'maybe'"),
        ({"extra": 1}, r"unknown \['extra'\]"),
        ({"statement": {"fa": "متن"}}, "C-9.statement: expected text in both languages"),
        ({"cases": {}}, "C-9.cases: expected cases unless the claim is not testable"),
        ({"cases": {"a": {**ENTRY["cases"]["main"], "unit": "km"}}}, r"C-9.cases.a: .*'km'"),
        ({"cases": {"a": {**ENTRY["cases"]["main"], "relation": ">"}}}, r"C-9.cases.a: .*'>'"),
    ],
)
def test_a_bad_entry_is_named(claims_file, changes, message):
    claims_file(**changes)
    with pytest.raises(ValueError, match=message):
        load()


@pytest.mark.parametrize(
    ("identifier", "evidence", "message"),
    [
        ("C-8", {"main": [1.0]}, "did you mean 'C-9'"),
        ("C-9", {"other": [1.0]}, r"expected the cases \['main'\], got \['other'\]"),
        ("C-9", {"main": [1.0, float("nan")]}, "evidence for C-9: values: expected finite numbers"),
        ("C-9", {"main": []}, "evidence for C-9: values: expected one number per seed"),
    ],
)
def test_bad_evidence_is_refused(claims_file, identifier, evidence, message):
    with pytest.raises(ClaimError, match=message):
        judge(identifier, **evidence)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ClaimError, match="found none in"):
        load(tmp_path / "none.yml")


def test_a_folder_of_claims_is_read_file_by_file_and_none_may_be_stated_twice(tmp_path):
    folder = tmp_path / "claims"
    folder.mkdir()
    for name, identifier in {"q2": "C-2", "q1": "C-1"}.items():
        (folder / f"{name}.yml").write_text(yaml.safe_dump({identifier: ENTRY}), encoding="utf-8")
    assert list(load(tmp_path)) == ["C-1", "C-2"]
    (folder / "q3.yml").write_text(yaml.safe_dump({"C-1": ENTRY}), encoding="utf-8")
    with pytest.raises(ClaimError, match=r"q3\.yml: C-1 is stated twice"):
        load(tmp_path)


def test_the_books_claims_are_complete():
    found = load()
    assert {"C-5b1", "C-5b2", "C-5b3"} <= set(found)
    assert all(claim.expected in claims.VERDICTS for claim in found.values())
