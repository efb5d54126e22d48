"""Sources: notebooks and texts as they are written, and what is wrong with them."""
