"""The benchmark measures what it says, refuses bad input, and the page is what the stored runs give."""

from __future__ import annotations

import copy
import doctest
import gc
import itertools
import json
import platform
import re
import sys
import tomllib

import pytest
import torch
from click.testing import CliRunner
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from repository import ROOT

sys.path.append(str(ROOT))

from benchmarks import contestants, measuring, page, results, scale
from benchmarks.__main__ import NAMES, main
from benchmarks.contestants import (
    CONTESTANTS,
    IMAGES,
    SIZES,
    Contestant,
    Workbench,
    floor,
    ours,
    products_time,
)

pytestmark = pytest.mark.processes

IMAGES_HERE = 256
STORED = sorted(results.FOLDER.glob("*.json"))
LOCAL = re.compile(r"(?<![\w.<])/[a-z]+/[\w./]+|[A-Z]:\\")


def quiet(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Make a whole run with few images; contestants whose package is missing say so themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            measuring, "GROWTH", {"seeds": (1, 2), "images": (128, 256), "batch": (64,), "width": (1,)}
        )
        patch.setattr(measuring, "PROFILED", (1, 2))
        patch.setattr(measuring, "WARM_UP", 128)
        bench = Workbench(tmp_path_factory.mktemp("bench"), images=IMAGES_HERE)
        gc.freeze()  # each timing collects garbage first; what a test run holds took a second each time
        try:
            return measuring.measure(NAMES, bench, label="tiny", rounds=2, threads=1, say=quiet)
        finally:
            gc.unfreeze()


# --- a run ----------------------------------------------------------------------------------------


def test_every_contestant_is_reported_with_times_or_a_reason(run):
    assert [entry["name"] for entry in run["contestants"]] == list(CONTESTANTS)
    for entry in run["contestants"]:
        contestant = CONTESTANTS[entry["name"]]
        if entry["status"] == "missing":
            assert contestant.package in entry["reason"] and entry["seconds"] == []
        else:
            assert entry["status"] == "measured", entry["reason"]
            assert entry["rounds"] == list(range(1, min(2, contestant.rounds or 2) + 1))
            assert len(entry["cpu_seconds"]) == len(entry["seconds"])
    needed = {"plain", "tensor-loader", "homework-0", "homework-2", "d2l", "ours-1", "ours-100", "floor"}
    assert needed <= results.measured(run).keys()


def test_a_run_says_what_it_ran_on_without_names_of_hosts_and_folders(run):
    assert {"processor", "cores", "memory_gb", "system"} <= run["machine"].keys()
    assert run["versions"]["torch"].startswith(torch.__version__.split("+")[0])
    assert run["settings"] | {"threads": 1, "images": IMAGES_HERE, "rounds": 2} == run["settings"]
    assert run["settings"]["sizes"] == list(SIZES)
    text = json.dumps(run)
    assert not LOCAL.search(text)
    assert f'"{platform.node()}"' not in text


def test_medians_and_ratios_come_from_the_raw_times():
    entry = {"status": "measured", "group": "training"}
    made = {
        "contestants": [
            {**entry, "name": "plain", "seeds": 1, "rounds": [1, 2, 3], "seconds": [1.0, 2.0, 4.0]},
            {**entry, "name": "ours-10", "seeds": 10, "rounds": [1, 3], "seconds": [5.0, 10.0]},
            {**entry, "name": "gone", "seeds": 1, "status": "missing"},
        ]
    }
    found = results.ratio(made, "ours-10", "plain")  # 0.5 / 1 and 1.0 / 4: round 2 is not shared
    assert (found.median, found.low, found.high) == (0.375, 0.25, 0.5)
    assert results.ratio(made, "gone", "plain") is None
    assert results.ratio(made, "floor", "plain") is None
    assert results.summary(made)["ours-10"] == {"median": 0.75, "to_plain": 0.375, "to_floor": None}
    rows = {row["name"]: row for row in results.targets(made)}
    assert (rows["ten-seeds"]["measured"], rows["ten-seeds"]["met"]) == (0.375, True)
    assert rows["floor"]["met"] is None and rows["book-cold"]["met"] is None
    made["contestants"][1]["seconds"] = [5.0, 40.0]
    assert results.targets(made)[1]["met"] is False
    made["book"] = {"cold_seconds": 901.0, "unchanged_seconds": 15.0}
    assert [row["met"] for row in results.targets(made)[-2:]] == [False, True]


def test_a_failure_is_reported_and_the_others_go_on(tmp_path):
    def broken(bench):
        raise OSError("cannot read /home/someone/data.gz: gone")

    def plain(bench):
        return lambda: None

    title = {"fa": "الف", "en": "a"}
    entrants = [
        Contestant("broken", title, broken),
        Contestant("absent", title, broken, package="no_such_package_here"),
        Contestant("good", title, plain, rounds=1),
    ]
    bench = Workbench(tmp_path, images=128)
    entries = measuring.compete(entrants, bench, rounds=2, threads=1, say=quiet)
    assert [entry["status"] for entry in entries] == ["failed", "missing", "measured"]
    assert entries[0]["reason"] == "OSError: cannot read …: gone"
    assert "no_such_package_here" in entries[1]["reason"]
    assert entries[2]["rounds"] == [1]


def test_all_contestants_see_the_same_number_of_threads(tmp_path):
    seen = []

    def prepare(bench):
        return lambda: seen.append(torch.get_num_threads())

    before = torch.get_num_threads()
    entrants = [Contestant(name, {"fa": "", "en": ""}, prepare) for name in ("a", "b")]
    measuring.compete(entrants, Workbench(tmp_path, images=128), rounds=1, threads=3, say=quiet)
    assert seen == [3] * 4  # two warm-ups and one round of two
    assert torch.get_num_threads() == before


def test_the_floor_scales_with_the_images_and_gives_its_own_time(tmp_path):
    bench = Workbench(tmp_path, images=IMAGES)  # the images themselves are not read
    with measuring.thread_count(1):
        small, large = floor(bench.with_(images=2_000))(), floor(bench.with_(images=20_000))()
    assert 3 < large / small < 30


def test_products_of_a_part_are_scaled_to_all_images(monkeypatch):
    ticks = itertools.count()
    monkeypatch.setattr(contestants.time, "perf_counter", lambda: next(ticks))
    assert products_time(4, 3, 1_000, 1_900, inner=True) == 1.9  # one batch of 1,000 took one tick


def test_ours_trains_what_the_others_train(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(contestants.training, "fit", lambda *args, **options: calls.append((args, options)))
    bench = Workbench(tmp_path, images=300)
    ours(bench, seeds=3)()
    ((model, split), options) = calls[0]
    assert [tuple(p.shape) for p in model().parameters() if p.dim() == 2] == [
        (b, a) for a, b in itertools.pairwise(SIZES)
    ]
    assert len(split) == 300 and list(options["seeds"]) == [0, 1, 2]
    assert (options["epochs"], options["batch_size"], options["augment"]) == (1, 64, None)


# --- many runs ------------------------------------------------------------------------------------


def test_a_sweep_of_kept_runs_is_timed_and_tells_of_each(tmp_path):
    one, three = scale.bookkeeping(tmp_path, (1, 3))
    assert (one["finished"], one["told"], three["finished"], three["told"]) == (1, 1, 3, 3)
    assert three["peak_mb"] > 10 and three["cpu_seconds"] > 0
    assert not list((tmp_path / "_build" / "executed" / "q1_first").glob(".*"))


def test_a_cluster_takes_no_less_than_its_longest_chapter_and_no_less_than_its_share():
    found = list(scale.nodes())
    longest = min(row["minutes"] for row in found)
    for row in found:
        assert row["minutes"] >= longest and row["busy"] <= 1
        assert row["reserved_core_hours"] >= row["core_hours"] - 0.01
        assert (row["minutes"] == longest) == (row["nodes"] >= row["enough"])


def test_a_stored_run_of_many_says_its_tables_itself():
    for file in (results.FOLDER / "scale").glob("*.json"):
        stored = json.loads(file.read_text("utf-8"))
        assert file.with_suffix(".md").read_text("utf-8") == scale.markdown(stored)
        assert not LOCAL.search(file.read_text("utf-8"))


# --- tables and the page --------------------------------------------------------------------------


def test_a_stored_run_can_be_read_again_and_holds_its_own_summary(run, tmp_path):
    data, text = results.store(run, tmp_path)
    stored = results.load(data)
    assert stored["summary"] == results.summary(run) and stored["targets"] == results.targets(run)
    table = text.read_text("utf-8")
    assert all(f"| {name} " in table for name in CONTESTANTS)
    assert len({line.count("|") for line in table.splitlines() if line.startswith("| plain ")}) == 1


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("schema",), 0, "schema: expected 1"),
        (("machine",), [], "machine: expected a dict"),
        (("contestants", 0, "status"), "fast", "homework-augmented-0, status: expected measured"),
        (("contestants", 0, "seconds"), [-1.0, 1.0], "seconds: expected one positive number a round"),
        (("contestants", 0, "seconds"), [1.0], "seconds: expected one positive number a round"),
        (("contestants", 0, "seeds"), 0, "seeds: expected a whole number from 1"),
    ],
)
def test_a_damaged_run_is_refused(run, place, value, message):
    damaged = copy.deepcopy(run)
    inner = damaged
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(results.ResultError, match=re.escape(message)):
        results.check(damaged, "x.json")


def test_a_file_that_is_no_run_is_refused(tmp_path):
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(results.ResultError, match=r"x\.json: expected a stored run"):
        results.load(tmp_path / "x.json")


def test_the_page_has_every_contestant_and_target_in_both_languages(run):
    other = {**copy.deepcopy(run), "label": "other", "book": {"cold_seconds": 1.0, "unchanged_seconds": 99.0}}
    fragments, images = page.make([run, other])
    for lang in ("fa", "en"):
        table = fragments["contestants.html"]
        part = table[table.index(f'lang="{lang}"') :]
        for contestant in CONTESTANTS.values():
            if contestant.group != "augmentation":
                assert page.inline_html(contestant.title[lang]) in part
        assert all(target.title[lang] in fragments["targets.html"] for target in results.TARGETS)
        for name in ("contestants", "growth"):
            light, dark = (images[f"{name}.{lang}.{theme}.svg"] for theme in ("light", "dark"))
            assert light.startswith(b"<?xml") and light != dark
    for name in ("figure-contestants.html", "figure-growth.html"):
        alts = re.findall(r'<img class="lang-(\w+) only-light" [^>]*alt="([^"]+)"', fragments[name])
        assert [lang for lang, _ in alts] == ["fa", "en"] and all(len(alt) > 100 for _, alt in alts)
        assert re.search("[آ-ی]", alts[0][1]) and not re.search("[آ-ی]", alts[1][1])
    assert "<td>not measured</td>" in fragments["targets.html"] and "99" in fragments["targets.html"]
    assert 'missed in run <code dir="ltr">other</code>' in fragments["not-ahead.html"]


def test_a_missing_contestant_stands_on_the_page_with_its_reason(run):
    without = copy.deepcopy(run)
    for entry in without["contestants"]:
        if entry["name"] in ("keras", "kornia-augmentation"):
            entry |= {"status": "missing", "reason": "keras is not installed", "rounds": [], "seconds": []}
    fragments, _ = page.make([without])
    assert "not installed <code>keras is not installed</code>" in fragments["contestants.html"]
    assert "kornia was measured in no run" in fragments["augmentation.html"]


def test_where_ours_is_not_ahead_is_said(run):
    slow = copy.deepcopy(run)
    for entry in slow["contestants"]:
        if entry["status"] == "measured":
            first = 5.0 if entry["name"] == "ours-1" else 1.0
            entry["seconds"] = [first * entry["seeds"]] * len(entry["rounds"])
    for point in slow["growth"]:
        point["seconds"] = [(3.0 if point["name"] == "ours-10" else 1.0) * point["seeds"]]
    said = page.honest_list([slow], "en")
    assert 'with one seed, <code dir="ltr">fit</code> is not ahead of &quot;' in said.replace(
        '"plain', "&quot;plain"
    )
    assert "With batch size at 64, ten seeds at once have no clear advantage" in said
    assert 'The target "1 seed against the plain loop" was missed' in said.replace("&quot;", '"')
    assert "Every target" not in said


def test_no_run_makes_no_page():
    with pytest.raises(results.ResultError, match="expected at least one complete run"):
        page.make([])


def test_the_page_is_what_the_stored_runs_give():
    fragments, images = page.make(results.load_complete())
    for name, text in fragments.items():
        assert (page.FRAGMENTS / name).read_text("utf-8") == text, f"{name}: run python -m benchmarks.page"
    assert {path.name for path in page.FRAGMENTS.iterdir()} == set(fragments)
    assert {path.name for path in page.IMAGES.iterdir()} == set(images)
    source = (page.BOOK / "speed.md").read_text("utf-8")
    assert set(re.findall(r":file: speed/(\S+)", source)) == set(fragments)


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_a_stored_run_agrees_with_itself(path):
    stored = results.load(path)
    assert stored["label"] == path.stem
    assert stored["summary"] == results.summary(stored)
    assert stored["targets"] == results.targets(stored)
    assert path.with_suffix(".md").read_text("utf-8") == results.markdown(stored)
    assert not LOCAL.search(path.read_text("utf-8"))


# --- the command ----------------------------------------------------------------------------------


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_command_writes_a_small_run_and_leaves_the_page_alone(tmp_path):
    before = {path: path.stat().st_mtime_ns for path in page.FRAGMENTS.iterdir()}
    options = ("--only", "plain", "--only", "ours-3", "--images", 128, "--rounds", 1, "--threads", 1)
    done = call(*options, "--label", "quick-look", "--output", tmp_path)
    assert done.exit_code == 0, done.output
    stored = results.load(tmp_path / "quick-look.json")
    assert [entry["name"] for entry in stored["contestants"]] == ["plain", "ours-3"]
    assert not results.is_complete(stored)
    assert "ours-3" in done.output and "quick-look.json" in done.output
    assert before == {path: path.stat().st_mtime_ns for path in page.FRAGMENTS.iterdir()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "plian"], "unknown name 'plian'; did you mean 'plain'?"),
        (["--images", 0], "0 is not in the range 128<=x<=60000"),
        (["--images", 70_000], "70000 is not in the range"),
        (["--rounds", 0], "0 is not in the range"),
        (["--threads", 0], "0 is not in the range"),
        (["--label", "../x"], "expected lower-case words joined by hyphens, got '../x'"),
    ],
)
def test_bad_options_are_refused_before_anything_runs(arguments, message):
    done = call(*arguments)
    assert done.exit_code == 2 and message in done.output


def test_what_the_other_libraries_need_is_pinned_within_its_range():
    def pins(path):
        lines = (
            line.split("==") for line in path.read_text("utf-8").splitlines() if not line.startswith("#")
        )
        return {canonicalize_name(line[0]): line[1] for line in lines if len(line) == 2}

    fixed, own = pins(ROOT / "constraints.txt"), pins(ROOT / "benchmarks" / "constraints.txt")
    assert not fixed.keys() & own.keys(), "pinned twice"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = map(Requirement, project["optional-dependencies"]["bench"])
    for requirement in wanted:
        if requirement.name != "hw2utils":
            assert (fixed | own).get(canonicalize_name(requirement.name)) in requirement.specifier, (
                requirement
            )
    packages = {c.package for c in CONTESTANTS.values() if c.package}
    assert packages <= {Requirement(line).name for line in project["optional-dependencies"]["bench"]}


@pytest.mark.parametrize("module", [measuring, results, scale], ids=lambda module: module.__name__)
def test_examples(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted and not outcome.failed
