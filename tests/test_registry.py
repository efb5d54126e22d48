"""The registry of criteria: what it holds, what the lint asks of it, and that it is only appended to."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from repository import ROOT
from tiny_notebooks import claim

from hw2utils.publishing.cli import main
from hw2utils.publishing.sources.claims import check_claims, check_history
from hw2utils.reporting.cards import verdict_card
from hw2utils.reporting.claims import ClaimError, load, verdict
from hw2utils.reporting.criteria import REGISTRY, digest, form
from hw2utils.reporting.registry import changes, dishonest, history, read

CRITERION = {"fa": "بیش از ۲ واحد درصد", "en": "above 2 percentage points"}
WHY = ("--fa", "زیرا چنین است", "--en", "since it is so")


def write_claims(book: Path, threshold: float = 2, criterion: dict[str, str] = CRITERION) -> Path:
    entry = claim("q9", criterion=criterion)
    entry["cases"]["main"]["threshold"] = threshold
    file = book / "claims" / "q9.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump({"C-9": entry}, allow_unicode=True), encoding="utf-8")
    return file


def register(*arguments: str) -> str:
    shown = CliRunner().invoke(main, ["register", *arguments])
    return shown.output if shown.exit_code == 0 else f"failed: {shown.output}"


@pytest.fixture(name="book")
def fixture_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a book with one claim, registered."""
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    write_claims(tmp_path / "book")
    assert register("C-9", *WHY, "--seen", "none").startswith("C-9  20")
    return tmp_path / "book"


def faults(book: Path) -> list[str]:
    return [str(finding) for finding in check_claims(book / "claims" / "q9.yml")]


def test_an_edit_in_wording_voids_nothing_and_one_of_a_threshold_does(book):
    assert faults(book) == []
    write_claims(book, criterion={"fa": "بیش از ۲", "en": "more than 2 points"})
    assert faults(book) == []
    write_claims(book, threshold=3)
    registered, named, other = faults(book)
    assert registered.startswith(
        "line 1: registry: C-9: its criterion is not the registered one: `main`: threshold 2 → 3"
    )
    assert "hw2 register C-9 --fa WHY --en WHY --seen FIRST-LAST" in registered
    assert "the threshold 3 of main is not in the criterion (fa)" in named and "(en)" in other
    write_claims(book, threshold=3, criterion={"fa": "بیش از ۳", "en": "above 3"})
    assert register("C-9", *WHY, "--seen", "0-9", "--seen", "20").startswith("C-9  ")
    assert faults(book) == []
    first, last = read(book / REGISTRY)
    assert (first.seen, last.seen, last.why["en"]) == ((), ((0, 9), (20, 20)), "since it is so")
    assert last.hash == digest(form(load(book)["C-9"])) != first.hash


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("C-9", *WHY, "--seen", "0-9"), "C-9: the registry has it as it is"),
        (("C-8", *WHY, "--seen", "0-9"), "C-8: no such claim; there are C-9"),
        (("C-9", *WHY, "--seen", "9-0"), "expected FIRST-LAST such as 0-9, or none, got '9-0'"),
        (("C-9", "--fa", " ", "--en", "why", "--seen", "none"), "why: expected text in both languages"),
        (("C-9", "--fa", "مي شود", "--en", "why", "--seen", "none"), "why (fa): line 1: Arabic letter"),
        (("C-9", *WHY), "Missing option '--seen'"),
    ],
)
def test_a_registration_that_says_nothing_is_refused(book, arguments, message):
    before = (book / REGISTRY).read_text("utf-8")
    if "why" in arguments:
        write_claims(book, threshold=3)
    assert message in register(*arguments)
    assert (book / REGISTRY).read_text("utf-8") == before


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda entry: entry | {"hash": "0"}, "line 1: its hash is 0, its form's is "),
        (lambda entry: {"claim": "C-9"}, "line 1: expected an object with the fields"),
        (lambda entry: entry | {"why": {"en": "why"}}, "line 1: why: expected text in both languages"),
        (lambda entry: entry | {"seen": [3]}, "line 1: "),
    ],
)
def test_a_spoilt_entry_is_named(book, spoil, message):
    file = book / REGISTRY
    file.write_text(json.dumps(spoil(json.loads(file.read_text("utf-8")))) + "\n", encoding="utf-8")
    with pytest.raises(ClaimError, match=message):
        read(file)
    assert message in faults(book)[0]


def test_changes_are_told_in_both_languages():
    old = {"scope": "always", "cases": {"a": {"threshold": 1}, "b": {"threshold": 1}, "c": {"threshold": 1}}}
    new = {"scope": "some", "cases": {"a": {"threshold": -0.5}, "b": {"threshold": -0.5, "role": "beyond"}}}
    assert changes(old, new, "en") == [
        "scope: without a hedge → “can”, “some”",
        "`c`: case taken away",
        "`a`, `b`: threshold 1 → −0.5",
        "`b`: role condition → beyond the claim",
    ]
    assert changes(old, new, "fa")[2] == "`a`، `b`: آستانه ۱ → −۰٫۵"
    assert changes(old, old, "en") == []


def test_a_card_folds_the_history_newest_first():
    claims = load(ROOT / "book")
    values = [-0.3, -0.1] * 5
    cases = {key: {"unit": case.unit, "values": values} for key, case in claims["C-5b2"].cases.items()}
    told = history("C-5b2", ROOT / "book")
    html = verdict_card(verdict({"name": "C-5b2", "cases": cases}, claims), history=told)
    english = html.split('class="lang-en"')[1]
    assert f"set after results had been seen ({len(told)})" in english and "سرگذشت معیار" in html
    shown = [english.index(f"<li>{entry.date} — ") for entry in (told[-1], told[0])]
    assert shown == sorted(shown) and len(told) >= 4
    assert "threshold 0 → −1" in english and "Seen before on seeds 0–9." in english


def test_a_criterion_set_after_the_measuring_must_say_so(book):
    write_claims(book, threshold=3)
    register("C-9", *WHY, "--seen", "40-49")
    first, last = read(book / REGISTRY)
    measured, block = {"name": "C-9", "criterion": first.hash}, range(10)
    assert dishonest(measured, [first], block) is None
    assert dishonest(measured, [first, last], range(45, 55)) is None
    assert "was set after seeds 0–9 had been measured" in (dishonest(measured, [first, last], block) or "")
    assert dishonest({**measured, "criterion": last.hash}, [first, last], block) is None
    assert "is not in the registry" in (dishonest({"name": "C-9"}, [first, last], block) or "")


def test_the_books_registry_has_every_claim_as_it_is():
    assert [str(f) for file in (ROOT / "book/claims").glob("*.yml") for f in check_claims(file)] == []


# --- history --------------------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(name="committed")
def fixture_committed(book: Path) -> Path:
    """Commit the book's registry, with a second entry in a second commit."""
    git(book, "init", "-q", "-b", "main")
    git(book, "add", ".")
    git(book, "commit", "-q", "-m", "first")
    write_claims(book, threshold=3)
    register("C-9", *WHY, "--seen", "0-9")
    git(book, "commit", "-q", "-a", "-m", "second")
    return book / REGISTRY


def test_appended_lines_are_history_as_it_should_be(committed):
    write_claims(committed.parents[1], threshold=4)
    register("C-9", *WHY, "--seen", "0-9")
    assert list(check_history(committed)) == []


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (lambda lines: lines[1:], 1),
        (lambda lines: lines[:1], 2),
        (lambda lines: lines[::-1], 2),
        (lambda lines: [lines[0].replace("since", "because"), lines[1]], 1),
    ],
    ids=["first gone", "last gone", "moved", "changed"],
)
def test_an_entry_changed_moved_or_taken_away_is_found(committed, edit, line):
    lines = committed.read_text("utf-8").splitlines(keepends=True)
    committed.write_text("".join(edit(lines)), encoding="utf-8")
    found = [str(finding) for finding in check_history(committed)]
    assert any(f"history: line {line} of commit " in finding for finding in found)
    git(committed.parent, "commit", "-q", "-a", "-m", "hidden")  # a commit does not hide it
    assert [str(finding) for finding in check_history(committed)] == found


def test_two_branches_may_append(committed):
    book = committed.parents[1]
    first = committed.read_text("utf-8")
    git(book, "checkout", "-q", "-b", "other")
    write_claims(book, threshold=5)
    register("C-9", *WHY, "--seen", "0-9")
    added = committed.read_text("utf-8").removeprefix(first)
    git(book, "commit", "-q", "-a", "-m", "other")
    git(book, "checkout", "-q", "main")
    write_claims(book, threshold=6)
    register("C-9", *WHY, "--seen", "0-9")
    git(book, "commit", "-q", "-a", "-m", "mine")
    git(book, "merge", "-q", "-s", "ours", "other")
    assert len(list(check_history(committed))) == 1
    committed.write_text(committed.read_text("utf-8") + added, encoding="utf-8")
    assert list(check_history(committed)) == []


def test_a_clone_without_the_whole_history_says_so(committed, tmp_path):
    git(tmp_path, "clone", "-q", "--depth", "1", (committed.parents[1]).as_uri(), "clone")
    (finding,) = check_history(tmp_path / "clone" / REGISTRY)
    assert "does not have the whole history" in finding.problem and "--unshallow" in finding.remedy


def test_without_git_it_says_so(book):
    (finding,) = check_history(book / REGISTRY)
    assert finding.problem.startswith("git cannot tell")
