"""JupyterLab and Notebook 7, served by one program on this machine alone, with settings of their own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

WAIT = 90  # seconds; a busy machine is slow
PLACES = {"JupyterLab": "lab/tree", "Notebook": "notebooks"}
"""Where each of the two opens a notebook, below the server's address."""

QUIET = {"apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}


@contextmanager
def serve(root: Path, notebooks: Path, settings: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Serve a folder of notebooks and give the address; what the programs write goes below ``root``.

    ``settings`` maps names of JupyterLab's plugins, such as ``notebook-extension/tracker``, to theirs.
    """
    folders = {name: root / name.lower() for name in ("CONFIG", "DATA", "RUNTIME")}
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    for name, values in {**QUIET, **(settings or {})}.items():
        file = root / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    environment = {
        **os.environ,
        **{f"JUPYTER_{name}_DIR": str(folder) for name, folder in folders.items()},
        "JUPYTERLAB_SETTINGS_DIR": str(root / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(root / "workspaces"),
        "IPYTHONDIR": str(root / "ipython"),
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "jupyter", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={notebooks}"]
    command += ["--IdentityProvider.token=", "--ServerApp.password=", "--LabApp.news_url="]
    log = root / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, cwd=root, stdout=output, stderr=output)
    try:
        _wait_for(f"{address}/api/status", process, log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers, or fail with what it said."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=WAIT).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the Jupyter server did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")
