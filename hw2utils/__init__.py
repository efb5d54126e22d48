"""The tested package behind the audited homework book."""

__version__ = "0.1.0"
