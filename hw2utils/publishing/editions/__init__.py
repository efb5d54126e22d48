"""Editions: the built book as one archive and on paper."""
