import copy

import numpy as np
import pytest
import yaml

from hw2utils.reporting import claims
from hw2utils.reporting.cards import verdict_card
from hw2utils.reporting.claims import Case, ClaimError, combine, judge, load, verdict
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


def card(published=None, **evidence):
    return verdict_card(verdict(judge("C-9", **evidence).content), published)


def test_the_record_holds_evidence_and_the_verdict_follows_from_the_claim_as_it_is_now(claims_file):
    values = [0.9, 1.0, 1.1] * 4
    record = judge("C-9", main=values).content
    assert record["cases"] == {"main": {"unit": "points", "values": values}}
    assert "verdict" not in record and "text" not in str(record)
    judged = verdict(record)
    assert (judged.verdict, judged.claim.expected, judged.cases) == ("holds", "holds", {"main": "holds"})
    assert 0.9 < judged.evidence["main"].low < 1 < judged.evidence["main"].high < 1.1
    claims_file(cases={"main": {**ENTRY["cases"]["main"], "threshold": 3}})
    assert verdict(record).verdict == "refuted"  # an edited threshold needs no new run
    claims_file(cases={"main": {**ENTRY["cases"]["main"], "unit": "nats"}})
    with pytest.raises(
        ClaimError, match=r"C-9: expected evidence for the cases {'main': 'nats'}, got .*points"
    ):
        verdict(record)
    with pytest.raises(ClaimError, match="no such claim is stated any more"):
        verdict(record, {})


def test_the_card_shows_both_languages_the_numbers_and_the_reason(claims_file):
    html = card(main=[0.9, 1.0, 1.1] * 4)
    assert 'id="verdict-C-9"' in html and 'data-verdict="holds"' in html
    for shown in ("برقرار", "holds", "+1.00 [+0.95, +1.05]", '<code dir="ltr">b</code>', "because", "چون"):
        assert shown in html
    assert "exploratory" not in html and "hw2-published" not in html


def test_a_cell_shows_the_card_and_carries_the_record(claims_file):
    shown = judge("C-9", main=[1.0] * 10)._repr_mimebundle_()
    assert 'data-verdict="holds"' in shown["text/html"] and shown["text/plain"].startswith("C-9 — برقرار")
    assert shown[RECORD_MIME]["cases"]["main"]["values"] == [1.0] * 10


def test_few_seeds_are_labelled_exploratory_and_one_is_undecided(claims_file):
    shown = card(main=[5.0, 5.1, 5.2])
    assert 'data-verdict="holds"' in shown and "exploratory" in shown
    assert 'data-verdict="undecided"' in card(main=[5.0])


def test_a_seed_that_diverged_is_kept_and_leaves_its_case_undecided(claims_file):
    record = judge("C-9", main=[1.0, float("nan"), float("inf")])
    assert record.content["cases"]["main"]["values"] == [1.0, None, None]
    shown = record._repr_mimebundle_()["text/html"]
    assert 'data-verdict="undecided"' in shown and "— [−∞, +∞]" in shown and "nan" not in shown


def test_a_verdict_other_than_the_published_one_says_so_and_drops_the_reason(claims_file):
    html = card(main=[-1.0, -1.1] * 5)
    assert "The published run had another verdict: holds" in html
    assert "because" not in html


def test_a_claim_that_cannot_be_tested_has_a_card_too(claims_file):
    claims_file(cases={}, expected="not testable")
    assert "آزمون‌ناپذیر" in card() and "because" in card()


@pytest.mark.parametrize(
    ("mean", "said"),
    [(1.0, None), (1.05, "the mean lies within"), (1.4, "the mean lies outside")],
    ids=["the same", "within", "outside"],
)
def test_other_numbers_are_compared_with_the_published_ones(claims_file, mean, said):
    published = {"cases": {"main": {"n": 10, "mean": 1.0, "low": 0.9, "high": 1.1}}}
    own = np.linspace(-1, 1, 10) * 0.2079  # whose interval is ± 0.1
    html = card(published, main=own - own.mean() + mean)
    assert ("hw2-published" in html) == (said is not None)
    if said:
        assert f"{said} the published run's interval: " in html and "+1.00 [+0.90, +1.10]" in html


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
