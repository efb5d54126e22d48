"""Replication on fresh seeds: the block, the report, what changed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tiny_notebooks import bundle, claim, verdict, write_book

from hw2utils.publishing.cli import main
from hw2utils.publishing.execution import execute
from hw2utils.publishing.execution.published import publish

pytestmark = pytest.mark.processes

PARAMETERS = """seeds: int = 3  # [2, 100] number of seeds
first_seed: int = 0  # [0, 1000000] the seeds are first_seed, first_seed + 1, …
"""
# The effect is 1 on the published seeds; on others it is `later`.
CODE = f"""from IPython.display import display
later = {{later}}
shown = {bundle(verdict("C-1", main=[]))!r}
effect = 1.0 if first_seed == 0 else later
case = shown["application/vnd.hw2utils.record+json"]["cases"]["main"]
case["values"] = [effect - 0.1, effect, effect + 0.1]
display(shown, raw=True)
"""


def hw2(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def make_book(folder: Path, later: float) -> Path:
    code = CODE.replace("{later}", str(later))
    notebook = write_book(folder, code, claims={"C-1": claim("q1_first")}, parameters=PARAMETERS)
    publish(notebook, execute(notebook, progress=False))
    return notebook


@pytest.mark.parametrize(("later", "changed"), [(1.05, 0), (-1.0, 1)], ids=["the same", "turned round"])
def test_claims_are_measured_again_and_set_beside_the_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: float, changed: int
) -> None:
    make_book(tmp_path, later)
    monkeypatch.chdir(tmp_path)
    done = hw2("replicate", "q1", "-o", "out")
    assert done.exit_code == changed, done.output
    assert f"{1 - changed} of 1 as published" in done.stdout
    assert ("C-1: holds -> refuted" in done.stdout) == bool(changed)
    with (tmp_path / "out/effects.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (float(row["published_mean"]), float(row["fresh_mean"])) == pytest.approx((1.0, later))
    report = (tmp_path / "out/report.md").read_text(encoding="utf-8")
    assert ("holds → refuted" in report) == bool(changed) and "+1.00 [+0.75, +1.25]" in report
    assert report.count("| yes |") == changed
    assert (tmp_path / "out/effects.svg").read_text(encoding="utf-8").count('<g id="axes_') == 1
    refused = hw2("replicate", "q1", "-o", "out")
    assert refused.exit_code == 1 and "exists already" in refused.stderr
    persian = hw2("replicate", "q1", "-o", "out", "--overwrite", "--lang", "fa")
    assert persian.exit_code == changed and "تکرار با بذرهای تازه" in (tmp_path / "out/report.md").read_text()


def test_seeds_that_were_looked_at_are_no_fresh_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_book(tmp_path, 1.0)
    monkeypatch.chdir(tmp_path)
    seen = hw2("replicate", "q1", "--first-seed", "29")
    assert seen.exit_code == 1 and "from 30 on, got 29" in seen.stderr
    for option in ("--limit", "--timeout"):
        assert "expected a positive number of seconds" in hw2("replicate", "q1", option, "0").stderr
    assert "'--retry': -1 is not in the range" in hw2("replicate", "q1", "--retry", "-1").stderr
    assert not (tmp_path / "_build/replication").exists()
