"""Fail when a test was skipped for a reason that does not hold on the machine that runs the tests.

Usage: python .ci/skipped.py JUNIT_XML
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree

# Reasons that no test machine without special hardware can mend.
ALLOWED = ("needs a CUDA device",)


def skipped(report: str) -> list[str]:
    """Name every test of a JUnit report that was skipped or expected to fail without an allowed reason."""
    found = []
    for case in ElementTree.parse(report).iter("testcase"):
        for mark in case.iter("skipped"):
            reason = mark.get("message") or "no reason given"
            if not any(allowed in reason for allowed in ALLOWED):
                found.append(f"{case.get('classname')}::{case.get('name')}: {reason}")
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        problems = skipped(sys.argv[1])
    except (OSError, ElementTree.ParseError) as error:
        sys.exit(f"{sys.argv[1]}: expected a JUnit report written by `make test`: {error}")
    if problems:
        sys.exit("These tests were skipped but can run here:\n  " + "\n  ".join(problems))
    print("No test was skipped that can run here.")
