"""Execute chapters, and keep what they produce as files.

Every way to run a chapter (the Sphinx extension, the ``hw2`` command, the tests) goes through this package,
which runs papermill on stale chapters and keeps what they produced under ``_build/executed/<chapter>/<key>``.
The key hashes all a result depends on, so a finished folder is never stale.
"""

from hw2utils.publishing.execution.chapters import execute, execute_all, prepare
from hw2utils.publishing.execution.errors import ExecutionError, ExecutionErrors
from hw2utils.publishing.execution.jobs import Chapter, Finished, Job, stream
from hw2utils.publishing.execution.shelf import Execution

__all__ = [
    "Chapter",
    "Execution",
    "ExecutionError",
    "ExecutionErrors",
    "Finished",
    "Job",
    "execute",
    "execute_all",
    "prepare",
    "stream",
]
