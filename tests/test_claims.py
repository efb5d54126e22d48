import copy

import numpy as np
import pytest
import yaml
from repository import ROOT

from hw2utils.reporting import claims
from hw2utils.reporting.cards import verdict_card
from hw2utils.reporting.claims import Case, ClaimError, judge, load, verdict
from hw2utils.reporting.intervals import STATISTICS, interval
from hw2utils.reporting.records import RECORD_MIME
from hw2utils.statistics import Interval

TEXT = {"fa": "متن", "en": "text"}
ENTRY = {
    "chapter": "q9",
    "place": TEXT,
    "statement": {"fa": "الف از `ب` بهتر است", "en": "a is better than `b`"},
    "scope": {"kind": "always", "source": TEXT},
    "criterion": TEXT,
    "cases": {
        "main": {"name": TEXT, "role": "part", "relation": "above", "threshold": 0.5, "unit": "points"}
    },
    "expected": "holds",
    "explanation": {"fa": "چون", "en": "because"},
}
MAIN = ENTRY["cases"]["main"]


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
    values = [0.9, 1.1] * 5
    shown = judge("C-9", main=values)._repr_mimebundle_()
    assert 'data-verdict="holds"' in shown["text/html"]
    assert shown["text/plain"].startswith("C-9 — تکلیف: الف از `ب` بهتر است اندازه‌گیری: +۱٫۰")
    assert "Measured: +1.0 [+0.9, +1.1] percentage points. Holds." in shown["text/plain"]
    assert shown[RECORD_MIME]["cases"]["main"]["values"] == values


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
    own = np.linspace(-1, 1, 10) * 0.2079  # whose interval is ± 0.1
    published = {"cases": {"main": {"values": (own + 1).tolist()}}}
    html = card(published, main=own + mean)
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
        ({"cases": {"a": {**MAIN, "unit": "km"}}}, r"C-9.cases.a.unit: expected one of .*'km'"),
        ({"cases": {"a": {**MAIN, "relation": ">"}}}, r"C-9.cases.a.relation: .*'>'"),
        ({"cases": {"a": {**MAIN, "role": "voter"}}}, r"C-9.cases.a.role: .*'voter'"),
        ({"cases": {"a": {**MAIN, "statistic": "median"}}}, r"C-9.cases.a.statistic: .*'median'"),
        ({"cases": {"a": {**MAIN, "colour": 1}}}, r"C-9.cases.a: .*unknown \['colour'\]"),
        ({"cases": {"a": {**MAIN, "role": "beyond"}}}, r"C-9.cases.a.why: expected, for a case beyond"),
        ({"cases": {"a": {**MAIN, "why": TEXT}}}, r"C-9.cases.a.why: expected, for a case beyond"),
        ({"cases": {"a": {**MAIN, "part": "b"}}}, r"C-9.cases.a.part: expected one of \[\], whose names"),
        (
            {"cases": {"a": {**MAIN, "statistic": "share", "threshold": 100}}},
            "which a share can hold and can fail",
        ),
        (
            {"cases": {"a": {**MAIN, "statistic": "ratio", "threshold": 0}}},
            "which a ratio can hold and can fail",
        ),
        ({"cases": {"a": {**MAIN, "relation": "within", "threshold": -1}}}, "expected one between 0 and inf"),
        ({"scope": {"kind": "mostly", "source": TEXT}}, r"C-9.scope.kind: expected one of .*'mostly'"),
        ({"scope": "some"}, r"C-9.scope: expected the fields \['kind', 'source'\], got 'some'"),
        ({"parts": {"b": {"name": TEXT, "scope": "most"}}}, r"C-9.parts.b.scope: .*'most'"),
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
        ("C-9", {"main": []}, "evidence for C-9, case main: values: expected one number per seed"),
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


# --- roles ----------------------------------------------------------------------------------------

UP, DOWN, ACROSS = [2.0, 3.0] * 5, [-3.0, -2.0] * 5, [-9.0, 10.0] * 5  # beside a threshold of 0.5


def judged(claims_file, kind, cases, **evidence):
    """Judge evidence on cases given by what differs from the one case of the entry."""
    names = {field: {c[field] for c in cases.values() if field in c} for field in ("part", "condition")}
    claims_file(
        scope={"kind": kind, "source": TEXT},
        parts={name: {"name": TEXT} for name in names["part"]},
        conditions=dict.fromkeys(names["condition"], TEXT),
        cases={key: {**MAIN, **changes} for key, changes in cases.items()},
    )
    return verdict(judge("C-9", **evidence).content)


CONDITION = {"role": "condition"}
BEYOND = {"role": "beyond", "why": TEXT}


@pytest.mark.parametrize(
    ("kind", "cases", "evidence", "expected"),
    [
        ("some", {"a": CONDITION, "b": CONDITION}, {"a": UP, "b": DOWN}, "holds"),
        ("some", {"a": CONDITION, "b": CONDITION}, {"a": DOWN, "b": DOWN}, "not shown here"),
        ("always", {"a": CONDITION, "b": CONDITION}, {"a": UP, "b": DOWN}, "depends"),
        ("usually", {"a": CONDITION, "b": CONDITION, "c": CONDITION}, {"a": UP, "b": DOWN, "c": UP}, "holds"),
        ("always", {"a": {}, "b": {}}, {"a": UP, "b": DOWN}, "in part"),
        ("always", {"a": {}, "b": {}}, {"a": ACROSS, "b": DOWN}, "refuted"),
        ("always", {"a": {}, "b": BEYOND}, {"a": UP, "b": DOWN}, "holds"),
        ("always", {"a": BEYOND}, {"a": UP}, "undecided"),
        ("some", {"a": BEYOND}, {"a": UP}, "undecided"),
        (
            "some",  # two measurements of one condition must hold together
            {key: {**CONDITION, "condition": "both"} for key in "ab"},
            {"a": UP, "b": DOWN},
            "not shown here",
        ),
        (
            "always",  # one part in two conditions, another in one
            {"a": {**CONDITION, "part": "p"}, "b": {**CONDITION, "part": "p"}, "c": {}},
            {"a": DOWN, "b": DOWN, "c": UP},
            "in part",
        ),
    ],
)
def test_cases_vote_by_their_role(claims_file, kind, cases, evidence, expected):
    assert judged(claims_file, kind, cases, **evidence).verdict == expected


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [(UP, "undecided"), (DOWN, "refuted"), (ACROSS, "undecided")],
    ids=["holds", "fails", "undecided"],
)
@pytest.mark.parametrize("kind", ["always", "usually", "some"])
def test_a_declared_part_that_nothing_measures_counts_as_undecided(claims_file, kind, evidence, expected):
    claims_file(
        scope={"kind": kind, "source": TEXT},
        parts={"a": {"name": TEXT, "scope": "always"}, "silent": {"name": TEXT}},
        cases={"a": MAIN, "b": {**MAIN, **BEYOND}},
    )
    found = verdict(judge("C-9", a=evidence, b=UP).content)
    assert found.claim.unmeasured == ["silent"] and found.parts["silent"] == "undecided"
    assert found.verdict == expected
    assert evidence is ACROSS or "Undecided: text." in verdict_card(found)


REPORT = {**MAIN, "statistic": "proportion", "threshold": 50}


@pytest.mark.parametrize(
    ("seeds", "expected"),
    [(900, "holds"), (510, "undecided"), (300, "depends"), (55, "undecided"), (10, "refuted")],
)
def test_a_report_of_one_run_is_refuted_only_where_it_is_rare_over_the_seeds(claims_file, seeds, expected):
    claims_file(scope={"kind": "run", "source": TEXT}, cases={"main": REPORT})
    found = verdict(judge("C-9", main=[100] * seeds + [0] * (1000 - seeds)).content)
    assert found.verdict == expected
    card = verdict_card(found)
    assert "<td>above 50</td><td>at most 5</td>" in card


def test_a_common_part_beside_one_that_depends_on_the_seed(claims_file):
    claims_file(scope={"kind": "run", "source": TEXT}, cases={"a": REPORT, "b": REPORT})
    found = verdict(judge("C-9", a=[100] * 90 + [0] * 10, b=[100] * 30 + [0] * 70).content)
    assert (found.parts, found.verdict) == ({"a": "holds", "b": "depends"}, "depends")
    assert "30.0 [21.9, 39.6]" in verdict_card(found)


@pytest.mark.parametrize("changes", [{"statistic": "mean"}, {"relation": "below"}, {"threshold": 4}])
def test_a_report_of_one_run_counts_seeds(claims_file, changes):
    claims_file(scope={"kind": "run", "source": TEXT}, cases={"main": {**REPORT, **changes}})
    with pytest.raises(ClaimError, match=r"C-9.cases.main: expected in a report of one run the proportion"):
        load()


def test_a_reading_judges_the_evidence_of_a_case_once_more_for_another_part(claims_file):
    reading = {"name": TEXT, "of": "main", "relation": "below", "threshold": 4}
    claims_file(cases={"main": MAIN}, readings={"again": reading})
    record = judge("C-9", main=UP).content
    assert list(record["cases"]) == ["main"]
    found = verdict(record)
    assert (found.cases, found.verdict) == ({"main": "holds", "again": "holds"}, "holds")
    assert verdict(judge("C-9", main=[7.0, 8.0] * 5).content).verdict == "in part"
    with pytest.raises(ClaimError, match=r"expected the cases \['main'\], got \['main', 'again'\]"):
        judge("C-9", main=UP, again=UP)
    claims_file(cases={"main": MAIN}, readings={"again": {**reading, "of": "other"}})
    with pytest.raises(ClaimError, match=r"C-9.readings.again.of: expected one of \['main'\], got 'other'"):
        load()


def test_a_part_may_have_a_scope_of_its_own(claims_file):
    claims_file(parts={"a": {"name": TEXT, "scope": "some"}}, cases={"a": MAIN})
    assert verdict(judge("C-9", a=DOWN).content).verdict == "not shown here"


def test_the_same_number_from_all_seeds_decides_only_where_the_claim_says_why(claims_file):
    found = verdict(judge("C-9", main=[2.0] * 10).content)
    assert (found.unexplained, found.verdict) == ({"main"}, "undecided")
    assert "a spread of zero settles nothing" in verdict_card(found)
    claims_file(cases={"main": {**MAIN, "constant": {"fa": "زیرا", "en": "since it may"}}})
    found = verdict(judge("C-9", main=[2.0] * 10).content)
    assert (found.unexplained, found.verdict) == (set(), "holds")
    assert "All seeds gave the same number. since it may" in verdict_card(found)
    claims_file(cases={"main": {**MAIN, "statistic": "proportion"}})  # whose interval is not of the spread
    found = verdict(judge("C-9", main=[100] * 10).content)
    assert (found.unexplained, found.verdict) == (set(), "holds")


@pytest.mark.parametrize(
    ("statistic", "values", "message"),
    [
        ("share", [101.0, 99.0], "expected from 0 to 100, as a share is, got 101"),
        ("proportion", [50.0, 100.0], "expected 0 or 100 for each seed"),
        ("nonnegative", [-1.0, 1.0], "expected from 0 to inf, as a nonnegative is, got -1"),
        ("ratio", [0.0, 1.0], "expected ratios above 0"),
    ],
)
def test_evidence_that_its_kind_cannot_have_is_refused(claims_file, statistic, values, message):
    claims_file(cases={"main": {**MAIN, "statistic": statistic}})
    with pytest.raises(ClaimError, match=f"evidence for C-9, case main: values: {message}"):
        judge("C-9", main=values)


# --- the book's claims ----------------------------------------------------------------------------

VOTING = {
    f"{claim.id} {key}": case
    for claim in load(ROOT / "book").values()
    for key, case in claim.cases.items()
    if case.role != "beyond"
}


def evidence_about(case, centre):
    """Make ten numbers that a case's seeds could give, their mean about a given one."""
    if case.statistic == "proportion":
        count = min(max(round(2000 * centre / 100), 0), 2000)
        return [100.0] * count + [0.0] * (2000 - count)
    low, high = STATISTICS[case.statistic][0]
    spread = 1e-3 * min(1, abs(centre - low), abs(high - centre))
    return [centre - spread, centre + spread] * 5


def sides(case):
    """Give a number beside a case's threshold on which it holds, and one on which it fails, both possible."""
    low, high = (
        edge if np.isfinite(edge) else case.threshold + sign * 2 * max(1, abs(case.threshold))
        for edge, sign in zip(STATISTICS[case.statistic][0], (-1, 1), strict=True)
    )
    above, below = (case.threshold + high) / 2, (case.threshold + low) / 2
    if case.relation == "within":
        return 0 if low < 0 else below, above
    if case.rare is not None:
        below = case.rare / 2
    return (above, below) if case.relation == "above" else (below, above)


@pytest.mark.parametrize("case", VOTING.values(), ids=VOTING)
def test_every_case_that_votes_can_hold_and_can_fail(case):
    for centre, expected in zip(sides(case), ("holds", "refuted"), strict=True):
        found = interval(case.statistic, evidence_about(case, centre))
        assert case.verdict(found) == expected, (centre, found)


def test_every_case_says_in_both_languages_what_would_have_refuted_it():
    claim = load(ROOT / "book")["C-5d1"]
    cases = {key: {"unit": case.unit, "values": UP} for key, case in claim.cases.items()}
    html = verdict_card(verdict({"name": "C-5d1", "cases": cases}, {"C-5d1": claim}))
    for shown in ("Refuted if it is", "at most", "رد اگر بازه", "حداکثر"):
        assert shown in html


def test_the_books_claims_are_complete():
    found = load()
    assert {"C-5b1", "C-5b2", "C-5b3"} <= set(found)
    assert all(claim.expected in claims.VERDICTS for claim in found.values())
