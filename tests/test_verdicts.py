"""The rules of verdicts: the whole truth table, and what must be true of any number of conditions."""

from __future__ import annotations

from itertools import combinations_with_replacement, permutations

import pytest

from hw2utils.reporting.truth_tables import conditions_table, parts_table
from hw2utils.reporting.verdicts import (
    CASE_VERDICTS,
    CONDITIONS_TABLE,
    PARTS_TABLE,
    SCOPES,
    VERDICTS,
    over_conditions,
    over_parts,
    together,
)


@pytest.mark.parametrize("found", CONDITIONS_TABLE, ids=" ".join)
def test_the_table_of_conditions_is_what_the_rules_say(found):
    for order in permutations(found):
        told = (together(order), *(over_conditions(scope, order) for scope in SCOPES))
        assert all(one == stated for one, stated in zip(told, CONDITIONS_TABLE[found], strict=True) if stated)


def test_the_table_of_conditions_is_whole():
    verdicts = (*CASE_VERDICTS, "depends")
    rows = {row for n in (1, 2, 3) for row in combinations_with_replacement(verdicts, n)}
    assert set(CONDITIONS_TABLE) == rows
    for found, told in CONDITIONS_TABLE.items():  # only the seeds of a report of one run can disagree
        left_out = {scope for scope, verdict in zip(SCOPES, told[1:], strict=True) if not verdict}
        assert left_out == (SCOPES.keys() - {"run"} if "depends" in found else set())


@pytest.mark.parametrize("found", PARTS_TABLE, ids=lambda found: " ".join(sorted(found)))
def test_the_table_of_parts_is_what_the_rules_say(found):
    for order in permutations(found):
        assert over_parts(order) == over_parts([*order, *order]) == PARTS_TABLE[found]


def test_the_table_of_parts_is_whole():
    told = {verdict for found in PARTS_TABLE for verdict in found}
    assert told == VERDICTS.keys() - {"in part", "not testable"} and len(PARTS_TABLE) == 2 ** len(told) - 1


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("count", range(1, 8))
def test_what_is_decided_later_never_turns_a_verdict_round(scope, count):
    """An undecided condition that is decided later makes no claim hold that was refuted, and the reverse."""
    opposite = {"holds": "refuted", "refuted": "holds"}
    for found in combinations_with_replacement(CASE_VERDICTS, count):
        if "undecided" in found:
            before, rest = over_conditions(scope, found), list(found)
            rest.remove("undecided")
            for decided in ("holds", "refuted"):
                assert over_conditions(scope, [*rest, decided]) != opposite.get(before)


@pytest.mark.parametrize("count", range(1, 8))
def test_a_hedge_never_makes_a_claim_harder(count):
    """What holds without a hedge also holds as usually, and that also as some."""
    for found in combinations_with_replacement(CASE_VERDICTS, count):
        always, usually, some = (
            over_conditions(scope, found) == "holds" for scope in ("always", "usually", "some")
        )
        assert always <= usually <= some


@pytest.mark.parametrize("count", range(1, 8))
def test_usually_holds_with_a_majority_and_is_refuted_by_one(count):
    for found in combinations_with_replacement(CASE_VERDICTS, count):
        told = over_conditions("usually", found)
        for verdict in ("holds", "refuted"):
            if 2 * found.count(verdict) > count:
                assert told == verdict


@pytest.mark.parametrize("scope", SCOPES)
def test_without_a_vote_everything_is_undecided(scope):
    assert over_conditions(scope, []) == "undecided"


def test_the_home_page_shows_every_row_in_both_languages():
    conditions, parts = conditions_table(), parts_table()
    for lang in ("fa", "en"):
        for found in CONDITIONS_TABLE:
            if len(set(found)) > 1:
                comma = "، " if lang == "fa" else ", "
                assert comma.join(VERDICTS[verdict][lang] for verdict in found) in conditions
    assert parts.count("<tr>") == 2 * (1 + len(PARTS_TABLE))
