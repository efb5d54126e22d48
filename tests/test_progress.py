"""The progress bar where people train: notebooks with and without widgets, the book, terminals, scripts."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import papermill
import pytest
import tiny_notebooks

from hw2utils._progress import progress_bar

pytestmark = pytest.mark.processes

TRAIN = """from functools import partial
import torch
from torch import nn
from hw2utils.datasets import Split
from hw2utils.training import fit
data = Split(torch.randn(20, 4), torch.arange(20) % 2)
fit(lambda: nn.Linear(4, 2), data, seeds=[0], epochs=3, optimizer=partial(torch.optim.SGD, lr=0.1){})
None
"""
STRICT = """import os
import warnings
warnings.simplefilter("error")
os.environ.pop("TQDM_DISABLE", None)
"""
WITHOUT_WIDGETS = "import sys\nsys.modules['ipywidgets'] = None"


def outputs(folder: Path, *prepare: str) -> tuple[list[dict], list[dict], list[dict]]:
    """Train in a kernel whose warnings are errors: as it comes, with progress=False, and as the book does."""
    book = "os.environ['TQDM_DISABLE'] = '1'\n"
    cells = TRAIN.format(""), TRAIN.format(", progress=False"), book + TRAIN.format("")
    source = tiny_notebooks.write(folder / "fit.ipynb", STRICT, *prepare, *cells)
    target = folder / "out.ipynb"
    papermill.execute_notebook(str(source), str(target), kernel_name="python3", progress_bar=False)
    executed = json.loads(target.read_text(encoding="utf-8"))["cells"]
    plain, refused, published = (cell["outputs"] for cell in executed[-3:])
    return plain, refused, published


def test_a_notebook_shows_a_widget(tmp_path):
    shown, refused, published = outputs(tmp_path)
    assert [out["output_type"] for out in shown] == ["display_data"]
    assert "application/vnd.jupyter.widget-view+json" in shown[0]["data"]
    assert "epoch" in "".join(shown[0]["data"]["text/plain"])
    assert refused == published == []


def test_a_notebook_without_widgets_shows_text_and_asks_for_nothing(tmp_path):
    shown, refused, published = outputs(tmp_path, WITHOUT_WIDGETS)
    assert {(out["output_type"], out["name"]) for out in shown} == {("stream", "stderr")}
    text = "".join(line for out in shown for line in out["text"])
    assert "3/3" in text and "train_acc" in text
    assert "IProgress" not in text and "Warning" not in text
    assert refused == published == []


def test_a_script_is_quiet_into_a_file_and_shows_a_bar_in_a_terminal():
    command = [sys.executable, "-W", "error", "-c", TRAIN.format("")]
    environment = {k: v for k, v in os.environ.items() if k != "TQDM_DISABLE"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert (done.stdout, done.stderr) == ("", "")
    control, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 120))
    with subprocess.Popen(command, stderr=terminal, env=environment) as process:
        os.close(terminal)
        text = b""
        try:
            while part := os.read(control, 4096):
                text += part
        except OSError:  # the other end is closed: Linux says so with an error
            pass
    os.close(control)
    assert process.returncode == 0
    assert b"3/3" in text


@pytest.mark.parametrize(("value", "quiet"), [("1", True), ("0", False), ("", False)])
def test_the_environment_is_asked_only_where_the_argument_is_none(value, quiet, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", value)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    for show, disabled in ((None, quiet), (True, False), (False, True)):
        with progress_bar(1, "epoch", show) as bar:
            assert bar.disable is disabled


def test_a_script_that_has_imported_ipykernel_is_no_notebook():
    command = [sys.executable, "-c", "import ipykernel.zmqshell\n" + TRAIN.format(", progress=True")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "" and "3/3" in done.stderr
