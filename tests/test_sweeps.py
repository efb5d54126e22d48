"""Sweeps: grids, the table, going on after an interrupt, what is refused before anything runs."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet
from tiny_notebooks import PARAMETERS, bundle, claim, note, verdict, write, write_book

from hw2utils.publishing.cli import main
from hw2utils.publishing.execution import Chapter, execute, sweeps
from hw2utils.publishing.execution.parameters import ParameterError
from hw2utils.publishing.execution.published import publish
from hw2utils.publishing.execution.sweeps import Grid, claim_folder, parse_axis, read_folder, sweep_name
from hw2utils.reporting.declarations import parse_declarations

pytestmark = pytest.mark.processes

RECORDS = f"""import pathlib
pathlib.Path('runs').open('a').write('x')
from IPython.display import display
mime = "application/vnd.hw2utils.record+json"
evidence = {bundle(verdict("C-1", main=[]))!r}
evidence[mime]["cases"]["main"]["values"] = [epochs * rate - 0.5, epochs * rate + 0.5]
display(evidence, raw=True)
found = {bundle(note("found", {"best": "epochs"}, all=[1.5, 2], said="no"))!r}
interval = {{"$": "interval", "mean": 1, "low": 0, "high": 2, "n": 3}}
found[mime]["values"] |= {{"best": epochs, "gain": interval}}
display(found, raw=True)
1 / (epochs - 13)
"""


def hw2(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture(name="book")
def fixture_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a book of one chapter whose run leaves a mark."""
    main_case = {**claim("q1_first")["cases"]["main"], "threshold": -9}
    write_book(tmp_path, RECORDS, claims={"C-1": claim("q1_first", cases={"main": main_case})})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_axes_are_read_by_type() -> None:
    declared = parse_declarations(PARAMETERS)
    assert parse_axis("epochs=1,2,۱۲", declared) == ("epochs", [1, 2, 12])
    assert parse_axis("epochs = 10:0:-4", declared) == ("epochs", [10, 6, 2])
    assert parse_axis("rate=0.1,1e-3", declared) == ("rate", [0.1, 0.001])
    assert (
        parse_axis("seeds=1,2;3", declared) == parse_axis("seeds=۱،۲؛۳", declared) == ("seeds", [[1, 2], [3]])
    )
    assert parse_axis("act=relu,tanh", declared) == ("act", ["relu", "tanh"])
    for text, message in [
        ("epochs", "expected name=value,value or name=start:stop:step"),
        ("epochs=5:5", "holds no value"),
        ("epochs=1:9:0", "holds no value"),
        ("epochs=1,1", "epochs has 1 twice"),
        ("epohs=1", "did you mean 'epochs'"),
        ("epochs=1,x", "expected int, got 'x'"),
        ("epochs=0:3", "0 is outside"),
        ("rate=0.1:0.5:0.1", "start:stop:step is for whole numbers; write the values, such as rate=0.1,0.2"),
    ]:
        with pytest.raises(ParameterError, match=message):
            parse_axis(text, declared)
    grid = Grid(declared, ["epochs=1,2", "rate=0.1,0.2"], [{"act": "relu"}, {"act": "tanh"}])
    assert len(grid) == 8 == len(list(grid)) and list(grid)[5] == {"act": "tanh", "epochs": 1, "rate": 0.2}
    with pytest.raises(ParameterError, match="parameter set 1: 'epochs' is in the grid too"):
        Grid(declared, ["epochs=1"], [{"epochs": 2}])
    with pytest.raises(ParameterError, match="'epochs' is given twice"):
        Grid(declared, ["epochs=1", "epochs=2"])


def test_a_folder_remembers_the_order_of_its_axes(book: Path) -> None:
    """The table is in the grid's order whoever writes it, also `hw2 results` after an array job."""
    chapter = Chapter(book / "q1_first.ipynb")
    grid = Grid(chapter.declared, ["rate=0.1,0.2", "epochs=1,2"])
    claim_folder(book / "out", chapter, grid, overwrite=False)
    claim_folder(book / "out", chapter, grid, overwrite=False)
    _, again = read_folder(book / "out")
    assert list(again) == list(grid)
    turned = Grid(chapter.declared, ["epochs=1,2", "rate=0.1,0.2"])
    assert list(turned) != list(grid) and sweep_name(turned) != sweep_name(grid)


def test_a_sweep_of_nine_leaves_nine_rows_and_the_published_run(book: Path) -> None:
    published = execute(book / "q1_first.ipynb")
    arguments = ["sweep", "q1_first", "--grid", "epochs=1:4", "--grid", "rate=0.1,0.2,0.5", "-o", "out"]
    shown = hw2(*arguments, "--workers", "2")
    assert shown.exit_code == 0, shown.output
    assert "runs      9 of 9 finished" in shown.stdout and "q1_first: run: epochs=1, rate=0.1" in shown.stderr
    assert "q1_first: kept from before: default values" in shown.stderr
    assert not list((book / "_build/executed/q1_first").glob("*.lock"))
    table = read(book / "out/table.csv")
    verdicts = [row for row in table if row["kind"] == "verdict"]
    assert [(row["epochs"], row["rate"]) for row in verdicts] == [
        (str(epochs), str(rate)) for epochs in (1, 2, 3) for rate in (0.1, 0.2, 0.5)
    ]
    first = verdicts[0]
    assert (first["chapter"], first["name"], first["case"], first["unit"]) == (
        "q1_first",
        "C-1",
        "main",
        "points",
    )
    assert (str(round(float(first["mean"]), 9)), first["low"], first["high"], first["n"]) == (
        "0.1",
        first["low"],
        first["high"],
        "2",
    )
    assert first["seeds"] == "[0, 1]" and first["verdict"] == "holds" and len(first["key"]) == 16
    assert float(first["low"]) < 0.1 < float(first["high"])
    columns = ("case", "mean", "low", "high", "n", "unit")
    values = [tuple(row[column] for column in columns) for row in table if row["kind"] == "value"][:4]
    assert values == [
        ("all.0", "1.5", "", "", "", ""),
        ("all.1", "2", "", "", "", ""),
        ("best", "1", "", "", "", "epochs"),
        ("gain", "1", "0", "2", "3", ""),
    ]
    assert published.directory.is_dir() and execute(book / "q1_first.ipynb").cached
    assert len((book / "runs").read_text()) == 9  # epochs = 3 and rate = 0.5 is the published run itself

    again = hw2(*arguments)
    assert again.exit_code == 0 and len((book / "runs").read_text()) == 9
    assert again.stderr.count(": kept from before: ") == 9 and ": run: " not in again.stderr
    assert read(book / "out/table.csv") == table
    other = hw2("sweep", "q1_first", "--grid", "epochs=1,2", "-o", "out")
    assert (
        other.exit_code == 1 and "out: holds something else" in other.stderr and "--overwrite" in other.stderr
    )
    assert read(book / "out/table.csv") == table

    listed = hw2("results", "q1")
    assert not listed.stderr and "no runs in" in hw2("results", "--build", "elsewhere").stderr
    assert listed.stdout.count("q1_first") == 9 and "published" not in listed.stdout
    assert f"{published.key}" in listed.stdout and "default values, numbers of its own" in listed.stdout
    publish(book / "q1_first.ipynb", published)
    assert [line.split()[1] for line in hw2("results").stdout.splitlines() if line.endswith("published")] == [
        published.key
    ]
    assert "epochs=1, rate=0.2" in listed.stdout
    key = first["key"]
    (book / f"_build/executed/q1_first/{key}/results.json").write_text("{}", encoding="utf-8")
    verified = hw2("results", "--verify")
    assert verified.exit_code == 1 and f"{key}  " in verified.stdout
    assert "8 of 9 runs are whole" in verified.stderr
    assert "results.json is not as it was written" in verified.stdout
    assert f"{key}  removed" in hw2("results", "q1_first", "--remove", key).stdout
    assert "has no run" in hw2("results", "q1_first", "--remove", key).stderr
    assert hw2("results", "--remove-others").stdout.count("removed") == 7
    assert [path.name for path in (book / "_build/executed/q1_first").glob("[!.]*")] == [published.key]


def test_a_file_of_sets_and_runs_that_fail(book: Path) -> None:
    (book / "sets.yml").write_text("- {epochs: 12, rate: 1e-1}\n- {epochs: 13}\n", encoding="utf-8")
    shown = hw2("sweep", "q1_first", "-f", "sets.yml", "-p", "act=tanh")
    assert shown.exit_code == 1
    assert "ZeroDivisionError" in shown.stderr and "1 of 2 runs failed" in shown.stderr
    place = next(line for line in shown.stdout.splitlines() if line.startswith("table")).split()[1]
    table = read(Path(place))
    assert {(row["epochs"], row["rate"], row["act"]) for row in table} == {("12", "0.1", "tanh")}
    assert Path(place).parent.parent == book / "_build/sweeps/q1_first"

    damaged = book / f"_build/executed/q1_first/{table[0]['key']}/results.json"
    damaged.write_text(damaged.read_text(encoding="utf-8").replace("1.5", "9.5"), encoding="utf-8")
    subject = Chapter(book / "q1_first.ipynb")
    assert sweeps.write_table(subject, [{"epochs": 12, "rate": 0.1, "act": "tanh"}], Path(place)) == 0
    assert read(Path(place)) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--grid", "epohs=1,2"], "q1_first: unknown parameter 'epohs'; did you mean 'epochs'?"),
        (["--grid", "epochs=1,501"], "501 is outside [1, 500]"),
        (["-f", "bad.yml"], "bad.yml: expected a list"),
        (["-f", "utf16.yml"], "utf16.yml: cannot be read as YAML"),
        (["-f", "sets.yml"], "q1_first: parameter 'epochs': 0 is outside"),
        (["--timeout", "0"], "timeout: expected a positive"),
        (["-f", "twice.yml"], "q1_first: two parameter sets are the same run: epochs=4; give it once"),
        (["-f", "twice.yml", "-p", "rate=0.1"], "twice.yml: set 2 has 'rate', which -p gives too"),
        (["--grid", "epochs=1,2", "-p", "epochs=3"], "q1_first: --grid has 'epochs', which -p gives too"),
        (["-f", "number.yml"], "q1_first: unknown parameter '1'"),
    ],
)
def test_mistakes_stop_a_sweep_before_anything_is_written(
    book: Path, arguments: list[str], message: str
) -> None:
    (book / "bad.yml").write_text("epochs: 3\n", encoding="utf-8")
    (book / "utf16.yml").write_bytes("- {epochs: 3}".encode("utf-16"))
    (book / "sets.yml").write_text("- {epochs: 3}\n- {epochs: 0}\n", encoding="utf-8")
    (book / "twice.yml").write_text("- {epochs: 4}\n- {rate: 0.5, epochs: 4}\n", encoding="utf-8")
    (book / "number.yml").write_text("- {1: 3}\n", encoding="utf-8")
    shown = hw2("sweep", "q1_first", *arguments)
    assert shown.exit_code == 1 and message in shown.stderr, shown.output
    assert not (book / "_build").exists()


def test_an_interrupted_sweep_ends_cleanly_and_goes_on(book: Path) -> None:
    slow = "import os, pathlib, time\npathlib.Path(f'pid{epochs}').write_text(str(os.getpid()))\n" + (
        "while epochs == 2 and not pathlib.Path('go').exists(): time.sleep(0.1)"
    )
    write(book / "q1_first.ipynb", slow, parameters=PARAMETERS)
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    arguments = ["sweep", "q1_first", "--grid", "epochs=1:4", "--workers", "1", "-o", "out"]
    code = f"{heed}\nfrom hw2utils.publishing.cli import main; main({arguments!r})"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    pid, limit = book / "pid2", time.monotonic() + 90
    while not (pid.is_file() and pid.read_text()) and time.monotonic() < limit:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    try:
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode != 0 and "Traceback" not in said and "goes on from here" in said
    assert "Kernel died" not in said and not list((book / "_build/executed/q1_first").glob("failed-*"))
    assert "1 of 3 finished" in said and not (book / "pid3").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    (book / "go").touch()
    shown = hw2(*arguments)
    assert shown.exit_code == 0 and "3 of 3 finished" in shown.stdout
    first = (book / "pid1").read_text()
    assert hw2(*arguments).exit_code == 0 and (book / "pid1").read_text() == first


def test_parquet_where_pyarrow_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,x\n", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert sweeps.write_parquet(table) is None
    monkeypatch.undo()
    file = sweeps.write_parquet(table)
    assert file is not None and parquet.read_table(file).to_pylist() == [{"a": 1, "b": "x"}]


def test_rows_of_results_that_hold_no_number() -> None:
    tagged = '"e": {"$": "number", "of": "nan"}, "f": {"$": "term", "of": "x"}'
    values = '{"a": "text", "b": true, "c": null, "d": 3, ' + tagged + "}"
    results = {"verdicts": {}, "values": {"n": json.loads(values)}, "units": {}}
    found = [(row["name"], row["case"], str(row["mean"])) for row in sweeps.rows(results, {})]
    assert found == [("n", "d", "3"), ("n", "e", "nan")]


def test_two_sweeps_that_end_at_once_leave_one_whole_table(book: Path) -> None:
    execute(book / "q1_first.ipynb")
    subject, place, grid = Chapter(book / "q1_first.ipynb"), book / "table.csv", [{"epochs": 3}]

    def meanwhile() -> Iterator[dict[str, int]]:
        assert sweeps.write_table(subject, grid, place) == 1
        yield from grid

    assert sweeps.write_table(subject, meanwhile(), place) == 1
    once = place.read_bytes()
    sweeps.write_table(subject, grid, place)
    assert once == place.read_bytes() and [path.name for path in book.glob("*table*")] == ["table.csv"]


def test_a_table_that_fails_leaves_what_was_there(book: Path) -> None:
    subject, place = Chapter(book / "q1_first.ipynb"), book / "table.csv"
    place.write_text("before", encoding="utf-8")

    def broken() -> Iterator[dict[str, int]]:
        yield {"epochs": 3}
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        sweeps.write_table(subject, broken(), place)
    assert place.read_text(encoding="utf-8") == "before"
    assert [path.name for path in book.glob(".table*")] == []
