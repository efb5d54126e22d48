"""The form in which records are written; its version, names and limits.

A record is plain JSON: ``schema``, ``kind`` (``note``, ``figure``, ``slider``, ``verdict``, ``quiz``),
``name``, data.
Values JSON lacks are objects with a ``$`` that says what they are: ``number`` (``nan``, ``inf``, ``-inf``),
``interval``, ``pairs`` (a dictionary whose keys are no strings or whose order is to be kept), ``history``,
``term`` and ``each`` (words of the texts), and ``array``, the name of an array that travels beside the JSON,
in NumPy's ``.npz`` format.
"""

from __future__ import annotations

RECORD_MIME = "application/vnd.hw2utils.record+json"
"""The MIME type under which a record travels inside a notebook's outputs."""

SCHEMA = 2
"""The version of this form; what a chapter computes is run again when it rises."""

ARRAYS = "arrays"
"""Where a record's arrays are: base64 of an ``.npz`` file in an output, a file's name in stored results."""

LIMIT = 1_000_000
"""How many bytes the arrays of one figure may take, compressed."""

UNITS = ("points", "percent", "fraction", "nats", "epochs", "steps", "times", "seconds", "count", "plain")
"""Units of values: points are percentage points, times a ratio, plain a number without unit."""

RECORDS_ONLY = "HW2_RECORDS"
"""The environment variable that, set to ``only``, spares a cell the drawing: a build draws for itself."""
