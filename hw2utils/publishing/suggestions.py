"""Suggest the name that was probably meant."""

from hw2utils._checks import did_you_mean

__all__ = ["did_you_mean"]
