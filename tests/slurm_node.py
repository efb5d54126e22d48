"""A real SLURM of one node for tests, started and ended by its own process ids."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "scancel", "squeue", "sinfo")
_CONF = """ClusterName=book
SlurmUser=root
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
KillWait=2
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000
PartitionName=normal Nodes=node1 Default=YES MaxTime=INFINITE State=UP
"""


class Slurm:
    """Call the commands of a running SLURM, whose files lie in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *command: object) -> str:
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout.strip()

    def jobs(self) -> list[str]:
        """List the states of what its queue holds, one a task of an array."""
        return self("squeue", "--noheader", "--array", "--format=%T").splitlines()

    def until(self, true: Callable[[], Any], seconds: float = 180) -> Any:
        """Wait until something is true and give it; fail, with the ends of the logs, when it takes longer."""
        end = time.monotonic() + seconds
        while not (found := true()):
            logs = "".join(f"{log.name}\n{log.read_text()[-2000:]}" for log in self.folder.glob("*.log"))
            assert time.monotonic() < end, f"waited {seconds} s in vain\n{logs}"
            time.sleep(0.2)
        return found

    def processes(self) -> list[psutil.Process]:
        """List its daemons, the steps of jobs and what these started: all know its settings by their path."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                known = process.environ().get("SLURM_CONF", "")
                if Path(known).parent == self.folder and process.pid != os.getpid():
                    found.append(process)
        return found


@contextmanager
def slurm_node() -> Iterator[Slurm]:
    """Start munged, slurmctld and slurmd with a key, a socket and ports of their own; end them afterwards.

    Where they or root lack the test fails and says so: who asks for a cluster's tests wants them.
    """
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        pytest.fail(f"not on the PATH: {', '.join(missing)}; apt-get install slurm-wlm munge", pytrace=False)
    if os.geteuid():
        pytest.fail("SLURM's daemons are started by root; run this as root", pytrace=False)
    with tempfile.TemporaryDirectory(prefix="slurm-") as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        folder.chmod(0o755)  # munged wants its socket where others may go and not write
        for inner in ("state", "spool"):
            (folder / inner).mkdir()
        key, sock, conf = folder / "munge.key", folder / "munge.sock", folder / "slurm.conf"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(1024))
        ports = dict(zip(("controller", "node"), _free_ports(2), strict=True))
        conf.write_text(_CONF.format(host=socket.gethostname(), folder=folder, **ports))
        patch.setenv("SLURM_CONF", str(conf))
        slurm = Slurm(folder)
        munged = ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={sock}"]
        munged += [f"--{kind}-file={folder / kind}" for kind in ("pid", "seed")] + [
            f"--log-file={folder / 'munge.log'}"
        ]
        with ExitStack() as daemons:
            daemons.enter_context(_daemon(munged, folder))
            slurm.until(sock.exists, 20)
            daemons.enter_context(_daemon(["slurmctld", "-D"], folder))
            daemons.enter_context(_daemon(["slurmd", "-D", "-N", "node1"], folder))
            asked = ["sinfo", "--noheader", "--format=%t"]
            slurm.until(lambda: subprocess.run(asked, capture_output=True, text=True).stdout == "idle\n", 60)
            yield slurm
            slurm("scancel", "--user=root")
            slurm.until(lambda: not slurm.jobs(), 60)
        _, alive = psutil.wait_procs(slurm.processes(), timeout=20)
        assert not alive, f"still running: {alive}"


@contextmanager
def _daemon(command: list[str], folder: Path) -> Iterator[None]:
    with (folder / f"{command[0]}.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
