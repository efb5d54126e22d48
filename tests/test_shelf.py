"""The shelf of finished runs: harm is noticed, a read-only disk is enough, one makes a run at a time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tiny_notebooks import figure, write

from hw2utils.publishing.execution import Chapter, environment, execute, shelf
from hw2utils.publishing.execution.published import adopt, is_published, publish
from hw2utils.reporting.catalogue import NotebookError

pytestmark = pytest.mark.processes

COUNT = "import pathlib, time\npathlib.Path('runs').open('a').write('x')\ntime.sleep(1)"


def runs(folder: Path) -> int:
    return len((folder / "runs").read_text(encoding="utf-8"))


def test_harmed_runs_are_made_again_saying_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    notebook = write(tmp_path / "a.ipynb", COUNT, figure("curve"))
    first = execute(notebook)
    picture = first.directory / "figures/curve.npz"
    harms = {
        "results.json is not as it was written": lambda: os.truncate(first.directory / "results.json", 40),
        "curve.npz is not as it was written": lambda: picture.write_bytes(b"altered"),
        "a.ipynb: No such file": lambda: first.notebook.unlink(),
        "manifest.json is missing": lambda: (first.directory / "manifest.json").unlink(),
        "manifest.json cannot be read": lambda: (first.directory / "manifest.json").write_text("{"),
        "does not list results.json": lambda: shelf.write_json(
            first.directory / "manifest.json", {"format": 1, "sha256": {}}
        ),
    }
    for number, (message, harm) in enumerate(harms.items(), start=2):
        harm()
        capfd.readouterr()
        again = execute(notebook)
        assert message in capfd.readouterr().err and not again.cached
        assert runs(tmp_path) == number and picture.read_bytes().startswith(b"PK")
    assert execute(notebook).cached and capfd.readouterr().err == ""


def test_a_run_with_the_published_numbers_is_the_published_one_wherever_it_was_made(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", figure("curve"))
    run = execute(notebook, threads=1)
    assert run.results["machine"] == environment.machine(threads=1)
    publish(notebook, run)
    for part, same in (("machine", True), ("seconds", True), ("parameters", False)):
        shelf.write_json(run.directory / "results.json", {**run.results, part: "another"})
        assert is_published(notebook, run.directory) == same, part


def test_a_published_run_stands_for_ones_own_unless_that_is_there_or_would_be_another(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", COUNT, figure("curve"), parameters="size: int = 1  # [1, 9]")
    publish(notebook, own := execute(notebook))
    assert not adopt(Chapter(notebook).job())
    shelf.remove(own.directory)
    assert adopt(Chapter(notebook).job()) and is_published(notebook, own.directory)
    assert execute(notebook).cached and runs(tmp_path) == 1
    with pytest.raises(NotebookError, match="a: the published run is of other parameters"):
        adopt(Chapter(notebook).job({"size": 2}))
    write(notebook, COUNT, "x = 1", parameters="size: int = 1  # [1, 9]")
    with pytest.raises(NotebookError, match="a: its code, or code it uses, was edited"):
        adopt(Chapter(notebook).job())


def test_a_finished_run_is_used_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = write(tmp_path / "a.ipynb", "x = 1")
    execute(notebook)
    before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))

    def refuse(*unused: object, **more: object) -> None:
        raise OSError(30, "Read-only file system")

    for name in ("mkdir", "utime", "replace", "rename", "unlink"):
        monkeypatch.setattr(os, name, refuse)
    assert execute(notebook).cached
    monkeypatch.undo()
    assert sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*")) == before


def test_one_makes_a_run_and_the_others_wait_for_it(tmp_path: Path) -> None:
    """Two threads and another process ask for the same run at once."""
    notebook = write(tmp_path / "a.ipynb", COUNT)
    code = f"from hw2utils.publishing.execution import execute\nprint(execute({str(notebook)!r}).cached)"
    with ThreadPoolExecutor(2) as pool:
        other = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        both = list(pool.map(lambda _: execute(notebook), range(2)))
        said, _ = other.communicate(timeout=120)
    cached = [run.cached for run in both] + [said.strip() == "True"]
    assert runs(tmp_path) == 1 and cached.count(False) >= 1
    assert both[0].results == both[1].results


def test_who_waits_says_so_and_can_be_stopped(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    directory = tmp_path / "executed/a/key"
    asked = iter([False, False, True])
    with (
        shelf.locked(directory),
        pytest.raises(InterruptedError, match="stopped while waiting"),
        shelf.locked(directory, lambda: next(asked)),
    ):
        pytest.fail("two hold the same right")
    assert capfd.readouterr().err.count("being made elsewhere") == 1


def test_runs_are_listed_verified_and_removed(tmp_path: Path) -> None:
    for chapter, key in [("a", "1"), ("a", "2"), ("b", "3")]:
        folder = tmp_path / "executed" / chapter / key
        folder.mkdir(parents=True)
        (folder / "results.json").write_text("{}\n", encoding="utf-8")
        (folder / f"{chapter}.ipynb").write_text("{}", encoding="utf-8")
        shelf.seal(folder)
    (tmp_path / "executed/a/.running-1").mkdir()
    found = list(shelf.kept_runs(tmp_path))
    assert [(run.chapter, run.key, run.fault) for run in found] == [
        ("a", "1", ""),
        ("a", "2", ""),
        ("b", "3", ""),
    ]
    assert found[0].bytes > 5
    (tmp_path / "executed/a/2/a.ipynb").write_text("[]", encoding="utf-8")
    assert [run.fault for run in shelf.kept_runs(tmp_path, "a", verify=True)] == [
        "",
        "a.ipynb is not as it was written",
    ]
    shelf.remove(found[0].directory)
    assert [run.key for run in shelf.kept_runs(tmp_path)] == ["2", "3"]
    shutil.rmtree(tmp_path / "executed")
    assert list(shelf.kept_runs(tmp_path)) == []
