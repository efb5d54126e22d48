"""The environment variables of a kernel: what could change a result from outside is left out or set."""

from __future__ import annotations

import importlib.util
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hw2utils.reporting.schema import RECORDS_ONLY

_KEPT = {"PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE"}
_LEFT_OUT = {"ATEN_CPU_CAPABILITY", "NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"}
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def kernel_environment(
    threads: int, settings: Path, outside: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Give the variables a kernel starts with, from those ``outside``, by default of this process.

    ``threads`` is how many it may use; ``settings`` is an empty folder in place of the user's own settings.

    >>> made = kernel_environment(2, Path("empty"), {"PYTHONOPTIMIZE": "2", "HOME": "/home/me"})
    >>> "PYTHONOPTIMIZE" in made, made["HOME"], made["OMP_NUM_THREADS"]
    (False, '/home/me', '2')
    """
    outside = os.environ if outside is None else outside
    kept = {
        name: value
        for name, value in outside.items()
        if not (name.startswith(("IPYTHON", "JUPYTER_")) or name in _LEFT_OUT)
        and (name in _KEPT or not name.startswith("PYTHON"))
    }
    made = {
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": str(settings),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        RECORDS_ONLY: "only",  # pages are drawn and worded when they are built
        "TQDM_DISABLE": "1",  # a page shows results, not progress
        # Other programs run too, so there are more threads than cores at times. Threads that spin while they
        # wait would then take the cores from those that work: two kernels of two threads on two cores ran
        # 2.7 times as long.
        "OMP_WAIT_POLICY": "PASSIVE",
        **dict.fromkeys(_THREADS, str(threads)),
    }
    matplotlib = importlib.util.find_spec("matplotlib")
    if matplotlib is not None and matplotlib.origin is not None:
        made["MATPLOTLIBRC"] = str(Path(matplotlib.origin).with_name("mpl-data") / "matplotlibrc")
    return kept | made


def machine(threads: int) -> dict[str, Any]:
    """Name the kind of machine a run was made on, which decides the last digits of float32.

    >>> sorted(machine(2))
    ['cores', 'processor', 'python', 'system', 'threads']
    """
    return {
        "processor": processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "cores": cores(),
        "threads": threads,
    }


def processor() -> str:
    """Name the processor's model, or its architecture where the system does not tell.

    >>> bool(processor())
    True
    """
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # no Linux
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def cores() -> int:
    """Count the processor cores this process may use.

    >>> cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
