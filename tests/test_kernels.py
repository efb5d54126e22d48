"""Kernels: what of the user's machine reaches a run, how cells may end, what a page is spared."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from files import put
from tiny_notebooks import PARAMETERS, write

from hw2utils.publishing.execution import Execution, ExecutionError, ExecutionErrors, execute, execute_all
from hw2utils.publishing.execution.environment import kernel_environment

pytestmark = pytest.mark.processes


def outputs(run: Execution) -> list[list[dict]]:
    cells = json.loads(run.notebook.read_text(encoding="utf-8"))["cells"]
    return [cell["outputs"] for cell in cells if cell["cell_type"] == "code"]


def tag(notebook: Path, **tags: str) -> Path:
    """Tag code cells by their number: ``c0="raises-exception"``."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    for number, name in tags.items():
        cells[int(number[1:])]["metadata"]["tags"] = [name]
    notebook.write_text(json.dumps(content), encoding="utf-8")
    return notebook


def chatty(count: int) -> str:
    shown = "display({'a/b': str(i)}, raw=True)"
    return f"from IPython.display import display\nfor i in range({count}):\n    {shown}"


def test_nothing_of_the_users_own_reaches_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernelspec = {
        "argv": ["no-such-python", "{connection_file}"],
        "display_name": "Mine",
        "language": "python",
    }
    put(
        tmp_path / "home",
        {
            "ipython/profile_default/startup/00.py": "leaked = 'start-up file'",
            "ipython/profile_default/ipython_kernel_config.py": "c.IPKernelApp.exec_lines = ['leaked = 1']",
            "mpl/matplotlibrc": "lines.linewidth: 77",
            "start.py": "leaked = 'PYTHONSTARTUP'",
            "jupyter/kernels/python3/kernel.json": json.dumps(kernelspec),
        },
    )
    home = tmp_path / "home"
    for name, value in {
        "IPYTHONDIR": home / "ipython",
        "MATPLOTLIBRC": home / "mpl/matplotlibrc",
        "MPLBACKEND": "pdf",
        "PYTHONOPTIMIZE": "2",
        "PYTHONSTARTUP": home / "start.py",
        "PYTHONHASHSEED": "7",
        "PYTHONWARNINGS": "error",
        "JUPYTER_PATH": home / "jupyter",
        "ATEN_CPU_CAPABILITY": "default",
    }.items():
        monkeypatch.setenv(name, str(value))
    code = (
        "import sys, os, matplotlib, matplotlib.pyplot\n"
        f"print([sys.executable == {sys.executable!r}, sys.flags.optimize, 'leaked' in globals(),"
        " matplotlib.rcParams['lines.linewidth'], matplotlib.get_backend(), os.environ['PYTHONHASHSEED'],"
        " os.environ.get('ATEN_CPU_CAPABILITY'), sys.warnoptions])"
    )
    (shown,) = outputs(execute(write(tmp_path / "book/a.ipynb", code)))
    said = "".join(shown[0]["text"]).strip().replace("module://matplotlib_inline.backend_inline", "inline")
    assert said == "[True, 0, False, 1.5, 'inline', '0', None, []]"
    kept = kernel_environment(1, tmp_path, {"PYTHONPATH": "/x", "PYTHONUTF8": "1", "LANG": "C"})
    assert (kept["PYTHONPATH"], kept["PYTHONUTF8"], kept["LANG"]) == ("/x", "1", "C")


def test_every_output_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More outputs than the sockets hold by default, from a cell that writes faster than they are read."""
    read_slowly(monkeypatch)
    code = chatty(6000).replace("str(i)", "str(i) + 4000 * ' '")
    (shown,) = outputs(execute(write(tmp_path / "a.ipynb", code)))
    assert ["".join(output["data"]["a/b"]).strip() for output in shown] == [str(i) for i in range(6000)]


def read_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each message of a kernel take a millisecond to read."""
    from papermill.clientwrap import PapermillNotebookClient

    read = PapermillNotebookClient.process_message

    def slowed(*arguments: object, **more: object) -> object:
        time.sleep(0.001)
        return read(*arguments, **more)

    monkeypatch.setattr(PapermillNotebookClient, "process_message", slowed)


def test_outputs_that_take_too_long_are_an_error_of_that_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_slowly(monkeypatch)
    monkeypatch.setattr("hw2utils.publishing.execution.kernels.READING_SECONDS", 1)
    notebooks = [write(tmp_path / "chatty.ipynb", "x = 1", chatty(5000)), write(tmp_path / "quiet.ipynb", "")]
    with pytest.raises(ExecutionError, match=r"^chatty, cell 3: its outputs could not be read") as caught:
        execute_all(notebooks)
    assert "chatty" in str(caught.value) and "write less" in str(caught.value)
    assert execute(notebooks[1]).cached


def test_cells_end_as_their_tags_say(tmp_path: Path) -> None:
    good = tag(
        write(
            tmp_path / "good.ipynb", "1 / 0", "raise SystemExit", "never = 1", "print('on', 'never' in dir())"
        ),
        c0="raises-exception",
        c1="raises-exception",
        c2="skip-execution",
    )
    bad = {
        "exits": (
            write(tmp_path / "exits.ipynb", "x = 1", "exit()", "y = 2", "z = 3"),
            2,
            "ended the notebook",
        ),
        "quits": (
            write(tmp_path / "quits.ipynb", "import sys\nsys.exit(3)", "y = 2"),
            1,
            "ended the notebook",
        ),
        "calm": (tag(write(tmp_path / "calm.ipynb", "1 + 1"), c0="raises-exception"), 1, "did not raise"),
        "shell": (write(tmp_path / "shell.ipynb", "x = 1", "!false", "y = 1"), 2, "CalledProcessError"),
    }
    with pytest.raises(ExecutionErrors) as caught:
        execute_all([good, *(notebook for notebook, _, _ in bad.values())])
    errors = {error.chapter: error for error in caught.value.errors}
    assert {name: error.cell for name, error in errors.items()} == {
        name: at for name, (_, at, _) in bad.items()
    }
    for name, (_, _, message) in bad.items():
        assert message in errors[name].message, name
    run = execute(good)
    first, second, third, last = outputs(run)
    assert run.cached and first[0]["ename"] == "ZeroDivisionError" and second[0]["ename"] == "SystemExit"
    assert third == [] and last[0]["text"] in ("on False\n", ["on False\n"])


def test_no_path_of_the_machine_is_kept(tmp_path: Path) -> None:
    code = (
        "import warnings, sys, tempfile, os, pathlib\nwarnings.warn('careful')\n"
        "print(os.getcwd() + '/x', pathlib.__file__, tempfile.gettempdir() + '/y', '/usr/share/doc')\n"
        "warnings"
    )
    notebook = tag(write(tmp_path / "a.ipynb", code, "import json\njson.loads('{')"), c1="raises-exception")
    shown = json.dumps(outputs(execute(notebook)))
    assert "<cell>:2: UserWarning: careful" in shown and "/usr/share/doc" in shown
    for place in (str(tmp_path), "ipykernel_", sys.prefix, sys.base_prefix + "/lib"):
        assert place not in shown, place


def test_a_failure_names_the_parameters_that_were_changed(tmp_path: Path) -> None:
    notebook = write(
        tmp_path / "a.ipynb",
        "if rate == 1: raise ValueError('Axis limits cannot be NaN or Inf')",
        parameters=PARAMETERS,
    )
    with pytest.raises(ExecutionError) as caught:
        execute(notebook, {"rate": 1, "epochs": 4})
    assert "This run had epochs = 4 (published 3, allowed [1, 500]), rate = 1.0 (published 0.5" in str(
        caught.value
    )
    assert "training that diverges" in str(caught.value)


def test_a_disk_that_takes_no_more_is_named_and_the_others_finish(tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk: both end a write with an error of the system."""
    big = write(tmp_path / "big.ipynb", "print('x' * 3_000_000)")
    small = write(tmp_path / "small.ipynb", "x = 1")
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
        "from hw2utils.publishing.execution import execute_all\n"
        f"execute_all([{str(big)!r}, {str(small)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path.cwd())
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "ExecutionError: big: " in last and str(tmp_path / "_build/executed/big") in last
    assert "File too large" in last
    assert execute(small).cached


def test_a_signal_that_ends_the_kernel_is_told_from_exit(tmp_path: Path) -> None:
    code = f"import os\nos.kill(os.getpid(), {int(signal.SIGKILL)})"
    with pytest.raises(ExecutionError, match="kernel died") as caught:
        execute(write(tmp_path / "a.ipynb", "x = 1", code, "y = 2"))
    assert caught.value.cell == 2 and os.path.exists(str(caught.value.notebook))
