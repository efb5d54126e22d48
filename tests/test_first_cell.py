"""The first cell of the chapters: it installs hw2utils where that is missing, or says what to do."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from repository import ROOT

pytestmark = pytest.mark.processes

FIRST_CELL = (ROOT / "book" / "first_cell.py").read_text("utf-8")
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def wheel(folder: Path, version: str) -> Path:
    """Write a wheel of a package called hw2utils that holds nothing else than its version."""
    file = folder / f"hw2utils-{version}-py3-none-any.whl"
    about = f"hw2utils-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("hw2utils/__init__.py", f"__version__ = {version!r}\n")
        packed.writestr(f"{about}/METADATA", METADATA.format(name="hw2utils", version=version))
        packed.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{about}/RECORD", "")
    return file


@pytest.fixture
def fresh(tmp_path) -> Path:
    """Make an environment with this one's libraries, but without hw2utils; give its Python."""
    venv.create(tmp_path / "venv", symlinks=os.name != "nt")  # pip is among the libraries
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    # A path file's lines are not searched for path files, among them the one of the editable install.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def run(python: Path, folder: Path, before: str = "") -> subprocess.CompletedProcess[str]:
    code = f"{before}\n{FIRST_CELL}\nimport hw2utils\nprint('have', hw2utils.__version__)\n"
    environment = {"PATH": "", "HOME": str(folder), "PYTHONUTF8": "1", **OFFLINE}
    return subprocess.run(
        [python, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


def test_the_first_cell_installs_a_wheel_beside_the_notebook_or_says_what_to_do(fresh, tmp_path):
    folder = tmp_path / "دفترچه ها"
    folder.mkdir()
    missing = run(fresh, folder)
    assert missing.returncode != 0
    assert "Put hw2utils-….whl beside this notebook" in missing.stderr and "فایل" in missing.stderr

    wheel(folder, "0.1.7")
    done = run(fresh, folder)
    assert (done.returncode, done.stdout) == (0, "have 0.1.7\n"), done.stderr
    assert run(fresh, folder).stdout == "have 0.1.7\n"  # a second time nothing is installed

    stale = run(fresh, folder, "import matplotlib; matplotlib.__version__ = '3.9.0'")
    assert stale.returncode != 0 and "restart the kernel" in stale.stderr


def test_the_first_cell_compares_the_versions_of_notebook_and_package(fresh, tmp_path):
    file = wheel(tmp_path, "0.9.0")
    install = [fresh, "-m", "pip", "install", "-q", file]
    subprocess.run(install, check=True, capture_output=True, env={**os.environ, **OFFLINE})
    done = run(fresh, tmp_path)
    assert done.stdout == "have 0.9.0\n" and "hw2utils 0.9.0 ≠ 0.1" in done.stderr
