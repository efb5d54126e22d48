"""Code of others, run so that nothing in it ends or blocks the notebook."""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from hw2utils.checks import check
from hw2utils.checks.confinement import SECONDS, can_fork, run_confined

needs_fork = pytest.mark.skipif(not can_fork(), reason="processes cannot be forked here")
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")


class Rude(BaseException):
    pass


class Unwritable(Exception):
    def __str__(self):
        raise RuntimeError


def raising(error):
    raise error


def forever():
    while True:
        pass


def swallowing():
    """A loop that catches whatever would stop it."""
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(0.01)


def recursing():
    return recursing()


def starting_a_child():
    if os.fork() == 0:
        time.sleep(30)
    forever()


ENDS = {
    "an error": (lambda: 1 / 0, "error"),
    "an error of its own": (lambda: raising(Rude("no")), "error"),
    "an interrupt": (lambda: raising(KeyboardInterrupt()), "error"),
    "an error that cannot be written": (lambda: raising(Unwritable()), "error"),
    "recursion": (recursing, "error"),
    "closed output": (lambda: sys.stdout.close(), "value"),
    "exit": (lambda: sys.exit(3), "ended"),
    "exit at once": (lambda: os._exit(0), "ended"),
    "a kill": (lambda: os.kill(os.getpid(), signal.SIGKILL), "ended"),
    "a crash": (lambda: ctypes.string_at(0), "ended"),
    "closed files": (lambda: os.closerange(0, 256), "ended"),
    "a large list": (lambda: len([0] * 10**10), "memory"),
    "a large array": (lambda: np.ones(10**10).sum(), "memory"),
    "a large tensor": (lambda: torch.ones(10**10).sum().item(), "memory"),
    "growth": (lambda: [bytearray(2**26) for _ in range(10**6)] and 1, "memory"),
    "an endless loop": (forever, "time"),
    "a loop that catches all": (swallowing, "time"),
    "sleep": (lambda: time.sleep(60), "time"),
    "a child of its own": (starting_a_child, "time"),
}


@needs_fork
@pytest.mark.parametrize("name", ENDS)
def test_whatever_code_does_the_notebook_goes_on_and_says_what(name):
    call, kind = ENDS[name]
    if kind == "memory" and not sys.platform.startswith("linux"):
        pytest.skip("memory is limited on Linux only")
    started = time.monotonic()
    # To fill the memory allowed takes a second itself where other programs keep a machine busy.
    outcome = run_confined(call, seconds=SECONDS if kind == "memory" else 1)
    assert outcome.kind == kind
    assert time.monotonic() - started < 30


@needs_fork
def test_nothing_that_was_started_stays_behind(tmp_path):
    note = tmp_path / "pid"

    def starting():
        if (pid := os.fork()) == 0:
            time.sleep(60)
            os._exit(0)
        note.write_text(str(pid))
        return 1

    assert run_confined(starting).value == 1
    pid = int(note.read_text())
    for _ in range(50):  # its parent is gone, so init reaps it in its own time
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            break
        if state == "Z":
            break
        time.sleep(0.1)
    else:
        pytest.fail("the child's child runs on")


@needs_fork
def test_the_notebook_keeps_its_variables_numbers_and_output(capfd):
    values, before = [1], torch.random.get_rng_state()

    def meddling():
        values.append(2)
        torch.manual_seed(1)
        os.environ["MEDDLED"] = "1"
        sys.stdout.write("hello " + "x" * 5000)
        os.write(1, b"past Python")
        return 1

    outcome = run_confined(meddling)
    assert outcome.printed.startswith("hello xxx")
    assert len(outcome.printed) <= 2000
    assert values == [1]
    assert torch.equal(torch.random.get_rng_state(), before)
    assert "MEDDLED" not in os.environ
    assert capfd.readouterr().out == ""


@needs_fork
def test_torch_works_in_the_child_after_many_threads_worked_in_the_parent():
    def train():
        weights = torch.randn(300, 300, requires_grad=True)
        (torch.randn(512, 300) @ weights).relu().sum().backward()
        return int(weights.grad.shape[0]), torch.get_num_threads(), threading.active_count()

    threads = torch.get_num_threads()
    torch.set_num_threads(max(2, threads))
    try:
        train()
        assert run_confined(train).value == [300, 1, 1]
        assert torch.get_num_threads() == max(2, threads)
    finally:
        torch.set_num_threads(threads)


@needs_fork
def test_an_error_names_the_line_of_the_students_own_code():
    def mine(logits, temperature):
        return undefined_name  # noqa: F821

    told = repr(check("q3-softmax", mine))
    assert "NameError: name 'undefined_name' is not defined" in told
    assert "return undefined_name" in told
    assert "mine" in told


@needs_fork
def test_an_error_inside_a_library_names_no_line_of_it():
    told = repr(check("q3-softmax", torch.nn.Softmax(-1)))
    assert "takes 2 positional arguments but 3 were given" in told
    assert "In this line" not in told
    assert "The exercise asks for this" in told


@needs_fork
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda z, t: exit(), "exit()"),
        (lambda z, t: torch.ones(10**10), "too much memory"),
        (recursing, "TypeError"),
    ],
)
def test_a_check_says_so_in_both_languages(answer, said):
    checked = check("q3-softmax", answer)
    assert not checked.passed
    first = checked.sentences[0]
    assert said in first["en"]
    assert first["fa"] != first["en"]
    assert "only time is limited" not in repr(checked)


# --- where no process can be forked ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "kind"), [(lambda: 2, "value"), (lambda: 1 / 0, "error"), (sys.exit, "ended"), (forever, "time")]
)
def test_without_processes_time_is_limited_in_a_thread(call, kind):
    before = threading.active_count()
    outcome = run_confined(call, seconds=0.5, fork=False)
    assert outcome.kind == kind
    assert outcome.limits == ("time",)
    assert not outcome.forked
    assert threading.active_count() == before or kind == "time"


def test_a_loop_in_a_thread_ends_once_its_time_is_over():
    before = set(threading.enumerate())
    run_confined(forever, seconds=0.3, fork=False)
    for _ in range(50):
        if set(threading.enumerate()) <= before:
            return
        time.sleep(0.1)
    pytest.fail("the loop runs on")


def test_without_processes_the_message_says_what_is_not_limited(monkeypatch):
    monkeypatch.setattr("hw2utils.checks.confinement.can_fork", lambda: False)
    told = repr(check("q3-softmax", lambda z, t: 1 / 0))
    assert "only time is limited" in told
    assert "فقط زمان محدود است" in told
    assert "only time is limited" not in repr(check("q3-softmax", lambda z, t: (z / t).softmax(-1)))


@needs_fork
def test_where_memory_cannot_be_limited_the_message_says_so(monkeypatch):
    monkeypatch.setattr("hw2utils.checks.confinement._held_bytes", lambda: None)
    told = repr(check("q3-softmax", lambda z, t: 1 / 0))
    assert "memory is not limited" in told
    assert "only time is limited: code" not in told


# --- in a notebook --------------------------------------------------------------------------------


@pytest.mark.processes
@needs_fork
def test_a_notebooks_kernel_survives_and_shows_both_languages():
    import nbformat
    from nbclient import NotebookClient

    cells = [
        "import torch; from hw2utils.checks import check, summary\n(torch.ones(9, 9) @ torch.ones(9)).sum()",
        "check('q3-softmax', lambda z, t: (z / t).softmax(-1))",
        "check('q3-softmax', lambda z, t: exit())",
        "import os\ncheck('q3-softmax', lambda z, t: os._exit(1))",
        "check('q3-softmax', lambda z, t: z * undefined)",
        "summary('q3').points",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [cell.outputs[0].data for cell in notebook.cells]
    assert [len(cell.outputs) for cell in notebook.cells] == [1] * 6
    assert "Right" in shown[1]["text/html"]
    assert 'dir="rtl"' in shown[1]["text/html"]
    assert "ended the program" in shown[2]["text/plain"]
    assert "ended the program" in shown[3]["text/plain"]
    assert "undefined" in shown[4]["text/plain"]
    assert shown[5]["text/plain"] == "1"
