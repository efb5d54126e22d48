"""The kernel in which chapters run, started by its path: nothing of the user's own reaches it.

It reads no configuration and runs no start-up file, keeps every output until it is read, and turns a failing
shell command into an exception. It imports nothing of the package, of which the notebook may have its own.
"""

import sys
from typing import Any

if __name__ == "__main__":
    del sys.path[0]  # the folder of this file, which is no place of modules

from ipykernel.kernelapp import IPKernelApp


def make_strict(shell: "Any") -> None:
    """Let a failing shell command raise, as any other error in a cell does.

    The tests send its text to kernels of their own, so it needs nothing from outside.
    """
    import subprocess

    from IPython.utils.text import LSString, SList

    system = shell.system

    # The odd name keeps `{name}` in a command from meaning this function's variable.
    def strict_system(_hw2_command: str) -> None:
        system(_hw2_command)
        status = shell.user_ns.get("_exit_code", 0)
        if status:
            raise subprocess.CalledProcessError(status, _hw2_command)

    def strict_getoutput(_hw2_command: str, split: bool = True, depth: int = 0) -> "Any":
        command = shell.var_expand(_hw2_command, depth=1)
        done = subprocess.run(command, shell=True, check=True, stdout=subprocess.PIPE, text=True)
        return SList(done.stdout.splitlines()) if split else LSString(done.stdout)

    shell.system, shell.getoutput = strict_system, strict_getoutput


class ClosedKernelApp(IPKernelApp):  # type: ignore[misc,unused-ignore]
    """Run IPython's kernel without the user's settings."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """Read no configuration."""

    def _run_startup_files(self) -> None:
        pass

    def init_iopub(self, context: Any) -> None:
        """Keep outputs that are written faster than they are read; by default some of them are dropped."""
        context.sndhwm = 0
        super().init_iopub(context)

    def init_shell(self) -> None:
        """Make shell commands strict once there is a shell."""
        super().init_shell()
        make_strict(self.shell)


if __name__ == "__main__":
    ClosedKernelApp.launch_instance()
