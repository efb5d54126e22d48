"""Plain scripts that measure numbers of the book once more, without its code."""
